// Hosts: node-03
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerContainer } from '../../lib/resources/docker/container.ts'
import { dockerImage } from '../../lib/resources/docker/image.ts'
import { dockerLogin } from '../../lib/resources/docker/login.ts'
import { dockerNetwork } from '../../lib/resources/docker/network.ts'
import { dockerVolume } from '../../lib/resources/docker/volume.ts'
import { waitFor } from '../../lib/resources/commands/waiting/wait-for.ts'
import { dockerCompose } from '../../lib/resources/docker/compose/compose.ts'
import { file } from '../../lib/resources/files/file.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { secret } from '../../lib/secret.ts'
import { onHost, type Machine } from './ground.ts'

const node = 'node-03'

/** Docker with its data where overlay2 can be; the engine itself is the business of the role. */
const engine = [
  dir('/etc/docker'),
  file('/etc/docker/daemon.json', { content: '{ "data-root": "/data/docker" }\n' }),
  pkg(['docker.io', 'docker-compose']),
  service('docker', { running: true, enabled: true, restartedAfter: ['/etc/docker/daemon.json'] }),
]

/** No registry can be reached: an image is made of the host's own shell and a few tools. `$1` is its name, `$2` a file in it. */
const IMPORT = `import() { d=$(mktemp -d); for f in /bin/sh /bin/sleep /bin/cat /bin/test; do
for l in $f $(ldd $f | grep -o '/[^ ]*'); do mkdir -p $d/\${l%/*}; cp -L $l $d/$l; done; done
echo "$2" >$d/version; tar -C $d -c . | docker import - $1 >/dev/null; rm -r $d; }
`

const project = '/srv/rolecall-test'
const composeFile = (more = '') =>
  file(`${project}/docker-compose.yml`, {
    content: `version: '2.3'
services:
  web:
    image: rolecall/test:v1
    command: ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait']
    healthcheck: { test: ['CMD', '/bin/test', '-e', '/version'], interval: 1s }
  worker:
    image: rolecall/test:v1
    command: ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait']
${more}`,
  })

async function clean(machine: Machine): Promise<void> {
  await machine.sh(`docker ps -aq --filter label=com.docker.compose.project=rolecall-test | xargs -r docker rm -f
docker network rm rolecall-test_default 2>/dev/null; rm -rf ${project}; true`)
}

onHost(node, 'on a host without Docker a compose project is foreseen, and comes up', async (machine) => {
  const all = [...engine, dir(project), composeFile(), dockerCompose(project)]
  const check = await machine.make('check', ...all)
  assert.is(check.at(-1), 'changed: bring up rolecall-test')
  await machine.make('apply', ...engine)
  await machine.sh(`${IMPORT}import rolecall/test:v1 1; import rolecall/test:v2 2`)
  try {
    const { apply, again } = await machine.settle(...all)
    assert.is(apply.at(-1), 'changed: bring up rolecall-test (web is missing, worker is missing)')
    assert.equal(
      again,
      all.map(() => 'ok'),
    )
  } finally {
    await clean(machine)
  }
})

onHost(
  node,
  'what is stopped, killed, removed, paused, ill or configured otherwise comes up again',
  async (machine) => {
    const up = dockerCompose(project, { deadline: 200 })
    try {
      // As a run leaves it with its lock: what compose says is kept there.
      await machine.sh('mkdir -p -m 700 /run/rolecall')
      await machine.make('apply', dir(project), composeFile(), up)
      await machine.sh('[ -s /run/rolecall/compose-rolecall-test ]')
      const container = (service: string) =>
        `$(docker ps -aq --filter label=com.docker.compose.project=rolecall-test --filter label=com.docker.compose.service=${service})`
      const drifts = [
        [`docker stop -t 1 ${container('web')}`, 'web is exited'],
        [`docker kill ${container('worker')}`, 'worker is exited'],
        [`docker rm -f ${container('web')}`, 'web is missing'],
        [`docker pause ${container('worker')}`, 'worker is paused'],
        [`docker tag rolecall/test:v2 rolecall/test:v1`, 'web has an old image, worker has an old image'],
        [
          `docker exec ${container('web')} /bin/sh -c 'echo >/dev/null'; sed -i 's/sleep 600/sleep 601/' ${project}/docker-compose.yml`,
          'web is configured otherwise, worker is configured otherwise',
        ],
      ] as const
      for (const [drift, why] of drifts) {
        await machine.sh(drift)
        const { check, apply, again } = await machine.settle(up)
        assert.equal(check, [`changed: bring up rolecall-test (${why})`])
        assert.equal(apply, check)
        assert.equal(again, ['ok'])
      }
      await machine.sh('docker tag rolecall/test:v1 rolecall/test:v2')
    } finally {
      await clean(machine)
    }
  },
)

onHost(
  node,
  'a service that never gets healthy, or dies again and again, is named with its last words',
  async (machine) => {
    try {
      const ill = composeFile(`  ill:
    image: rolecall/test:v1
    command: ['/bin/sh', '-c', 'echo my last words >&2; sleep 600']
    healthcheck: { test: ['CMD', '/bin/test', '-e', '/nowhere'], interval: 1s, retries: 1 }
`)
      const failed = await machine.make('apply', dir(project), ill, dockerCompose(project, { deadline: 12 }))
      assert.match(failed.at(-1) ?? '', /could not bring up rolecall-test[^]*ill: running, unhealthy[^]*my last words/)
      const dying = composeFile(`  dying:
    image: rolecall/test:v1
    restart: always
    command: ['/bin/sh', '-c', 'echo again and again >&2; sleep 0.2; exit 3']
`)
      const dead = await machine.make('apply', dying, dockerCompose(project, { deadline: 5 }))
      assert.match(dead.at(-1) ?? '', /is not up after 5 s/)
      assert.equal(await machine.make('apply', dockerCompose(project, { services: ['web', 'worker'] })), ['ok'])
      assert.match(
        (await machine.make('check', dockerCompose(project, { services: ['wep'] }))).at(-1) ?? '',
        'rolecall-test has no service wep',
      )
    } finally {
      await clean(machine)
    }
  },
)

onHost(node, 'a project is taken down, with its files and without them', async (machine) => {
  try {
    const down = dockerCompose(project, { state: 'absent' })
    for (const lose of ['true', `rm ${project}/docker-compose.yml`]) {
      await machine.make('apply', dir(project), composeFile(), dockerCompose(project))
      await machine.sh(lose)
      const { check, apply, again } = await machine.settle(down)
      assert.equal(check, ['changed: take down rolecall-test (2 containers)'])
      assert.equal(apply, check)
      assert.equal(again, ['ok'])
    }
    assert.is(await machine.sh('docker network ls -q --filter name=rolecall-test'), '')
  } finally {
    await clean(machine)
  }
})

const archive = '/srv/rolecall-test.tar'
const app = 'rolecall/app:v1'

onHost(node, 'an image is loaded from an archive, and removed', async (machine) => {
  await machine.sh(
    `${IMPORT}import ${app} 1; docker save -o ${archive} ${app}; docker rmi ${app} >/dev/null; docker image inspect rolecall/test:v1 >/dev/null`,
  )
  try {
    const loaded = await machine.settle(dockerImage(app, { source: archive }))
    assert.equal(loaded.check, [`changed: load ${app} from rolecall-test.tar`])
    assert.equal([loaded.apply, loaded.again], [loaded.check, ['ok']])
    const wrong = await machine.make('apply', dockerImage('rolecall/app:v9', { source: archive }))
    assert.match(wrong.at(-1) ?? '', /has no image rolecall\/app:v9; it has:\nrolecall\/app:v1/)
    const gone = await machine.settle(dockerImage(app, { state: 'absent' }))
    assert.equal([...gone.check, ...gone.apply, ...gone.again], [`changed: remove image ${app}`, ...gone.apply, 'ok'])
    assert.match(
      (await machine.make('check', dockerImage(app, { source: '/srv/none.tar' }))).at(-1) ?? '',
      'there is no archive /srv/none.tar',
    )
  } finally {
    await machine.sh(`rm -f ${archive}; docker rmi ${app} 2>/dev/null; true`)
  }
})

onHost(node, 'a pull that does not succeed says so in the words of Docker', async (machine) => {
  const failed = await machine.make('apply', dockerImage('127.0.0.1:9/none:v1'))
  assert.match(failed.at(-1) ?? '', /could not pull 127.0.0.1:9\/none:v1[^]*refused[^]*tried 3 times/)
})

onHost(node, 'a container is made, started, changed in place or made anew, stopped and removed', async (machine) => {
  await machine.sh(`${IMPORT}import ${app} 1; import rolecall/app:v2 2; docker rm -f rolecall-web 2>/dev/null; true`)
  const password = secret('very-s3cret $HOME "quoted"')
  const base = {
    image: app,
    command: ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait'],
    env: { PLAIN: "it's plain", PASSWORD: password },
    labels: { team: 'a b' },
  }
  const web = (more = {}) => dockerContainer('rolecall-web', { ...base, ...more })
  const settles = async (of: ReturnType<typeof web>, step: string) => {
    const { check, apply, again } = await machine.settle(of)
    assert.equal(check, [`changed: ${step}`])
    assert.equal([apply, again], [check, ['ok']])
  }
  const docker = (command: string) => machine.sh(`docker ${command}`)
  try {
    await settles(web(), `run container rolecall-web of ${app}`)
    assert.is(
      await docker('exec rolecall-web /bin/sh -c \'echo "$PASSWORD $PLAIN"\''),
      `${password.reveal()} it's plain`,
    )
    assert.is(await docker(`inspect -f '{{index .Config.Labels "team"}}' rolecall-web`), 'a b')

    await docker('stop -t 1 rolecall-web')
    await settles(web(), 'start container rolecall-web, which is exited')
    await docker('pause rolecall-web')
    await settles(web(), 'unpause container rolecall-web')
    await docker('update --restart always rolecall-web')
    await settles(web(), 'set restart no of container rolecall-web (was always)')
    await settles(
      web({ env: { ...base.env, PASSWORD: secret('another-s3cret') } }),
      'recreate container rolecall-web (it was made from something else)',
    )
    await settles(
      web({ ports: ['127.0.0.1:8080:80'] }),
      'recreate container rolecall-web (it was made from something else)',
    )
    await docker(`tag rolecall/app:v2 ${app}`)
    await settles(
      web({ ports: ['127.0.0.1:8080:80'] }),
      `recreate container rolecall-web (${app} is another image by now)`,
    )
    await docker(`rm -f rolecall-web; docker run -d --name rolecall-web ${app} /bin/sleep 600`)
    await settles(web(), 'recreate container rolecall-web (it was made from something else)')
    await settles(web({ state: 'stopped' }), 'stop container rolecall-web')
    await settles(web({ state: 'absent' }), 'remove container rolecall-web')
    await settles(web({ state: 'stopped' }), `create container rolecall-web of ${app}`)
    await docker('rm rolecall-web')

    const dying = await machine.make('apply', web({ command: ['/bin/sh', '-c', 'echo my last words; exit 3'] }))
    assert.match(dying.at(-1) ?? '', /ended right after its start: exited, exit code 3\nmy last words/)
    const imageless = await machine.make('check', dockerContainer('x1', { image: 'rolecall/none:v1' }))
    assert.match(imageless.at(-1) ?? '', 'there is no image rolecall/none:v1')
  } finally {
    await machine.sh(`docker rm -f rolecall-web; docker rmi ${app} rolecall/app:v2; true`)
  }
})

onHost(node, 'a network and a volume come and go, as check says', async (machine) => {
  const there = [dockerNetwork('rc-net', { subnet: '172.31.7.0/24', internal: true }), dockerVolume('rc-volume')]
  const gone = [dockerNetwork('rc-net', { state: 'absent' }), dockerVolume('rc-volume', { state: 'absent' })]
  try {
    const made = await machine.settle(...there)
    assert.equal([made.apply, made.again], [made.check, ['ok', 'ok']])
    assert.ok(made.check.every((line) => line.startsWith('changed: ')))
    assert.is(
      await machine.sh(
        "docker network inspect -f '{{ .Internal }} {{ range .IPAM.Config }}{{ .Subnet }}{{ end }}' rc-net",
      ),
      'true 172.31.7.0/24',
    )
    await machine.sh('docker volume inspect rc-volume')
    const away = await machine.settle(...gone)
    assert.equal([away.apply, away.again], [away.check, ['ok', 'ok']])
    assert.is(
      await machine.sh('docker network ls -q --filter name=rc-net; docker volume ls -q --filter name=rc-volume'),
      '',
    )
  } finally {
    await machine.sh('docker network rm rc-net; docker volume rm rc-volume; true')
  }
})

/** A registry as far as a login goes: it knows one account. */
const REGISTRY = `import base64, http.server
class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get('Authorization') == 'Basic ' + base64.b64encode(b'robot:first try').decode()
        self.send_response(200 if known else 401)
        self.send_header('WWW-Authenticate', 'Basic realm="rc"')
        self.send_header('Content-Length', '0')
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', 5997), Registry).serve_forever()
`

onHost(node, 'a login is made once, and one that the registry refuses fails without its password', async (machine) => {
  const login = (password: string) => dockerLogin('127.0.0.1:5997', { username: 'robot', password: secret(password) })
  try {
    await machine.make('apply', pkg('python3'), file('/run/rc-registry.py', { content: REGISTRY }))
    await machine.sh('systemd-run --quiet --unit rc-registry python3 /run/rc-registry.py')
    await machine.make('apply', waitFor('the registry', { port: 5997 }))
    const refused = await machine.make('apply', login('second try'))
    assert.match(refused.join('\n'), /401 Unauthorized/)
    assert.not.match(refused.join('\n'), /second try/)
    const made = await machine.settle(login('first try'))
    assert.match(made.check.join(), /^changed: /)
    assert.equal([made.apply, made.again], [made.check, ['ok']])
  } finally {
    await machine.sh('systemctl stop rc-registry; docker logout 127.0.0.1:5997; rm -f /run/rc-registry.py; true')
  }
})

test.run()
