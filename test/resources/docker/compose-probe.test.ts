import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerCompose, type DockerComposeOptions } from '../../../lib/resources/docker/compose/compose.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { ask, debian, findTool, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

if (findTool('docker-compose') !== undefined)
  process.stdout.write('skipped: a host without compose, because this machine has docker-compose\n')
for (const shell of shells()) {
  /** A directory with a project, and commands that answer as Docker does. */
  const stage = (commands: Readonly<Record<string, string>>) => {
    const bin = scratch()
    const app = join(bin, 'my app')
    mkdirSync(app)
    writeFileSync(join(app, 'docker-compose.yml'), 'services: {}\n')
    const systemctl = { systemctl: "printf 'active\\nactive\\n'" }
    for (const [name, body] of Object.entries({ ...systemctl, ...commands })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    return { app, env: { PATH: `${bin}:${shell.path}` }, log: join(bin, 'log') }
  }
  const answers = (inspected: string, redis = 'redis') => `case $1 in
compose) exit 1;;
version) echo 20.10;;
ps) [ -z '${inspected}' ] || printf 'id1 app:v1\nid2 ${redis}\n';;
inspect) printf '${inspected}';;
network) echo 'network myapp_default';;
image) printf 'app:v1 sha256:a\\nother:v1 sha256:z\\nredis:latest sha256:b\\n';;
esac`
  const hashes = `case $* in *config*--hash*) printf 'web w1\\ndb d1\\n';; esac`
  const both = 'container web running healthy w1 sha256:a app:v1\\ncontainer db running - d1 sha256:b redis\\n'

  test(`${shell.name}: a project that runs as its files say is as wanted, also in a directory with a space`, async () => {
    const { app, env } = stage({ docker: answers(both), 'docker-compose': hashes })
    assert.equal(words(await ask(shell, dockerCompose(app), { env })), [])
    const { app: other, env: also } = stage({
      docker: answers(both.replace('sha256:b', 'sha256:old'), 'sha256:old'),
      'docker-compose': hashes,
    })
    assert.equal(words(await ask(shell, dockerCompose(other), { env: also })), ['bring up myapp (db has an old image)'])
  })

  test(`${shell.name}: containers that are up and well are not inspected, and any other are`, async () => {
    const seen = async (
      web: string,
      options: DockerComposeOptions = {},
      engine = '2026-11-23 09:00:00',
      ids = ['id1', 'id2'],
    ) => {
      const { app, env, log } = stage({
        docker: `case $1 in compose) exit 1;; ps) printf '%s\\n' 'id1 ${web}' 'id2 redis db d1 Up 2 hours';;
inspect) echo asked >"\${0%/*}/log"; printf '${both}';; image) printf 'app:v1 sha256:a\\nredis:latest sha256:b\\n';; esac`,
        systemctl: `case $* in *docker.socket*) printf 'active\\nactive\\n';; *) echo 'ExecMainStartTimestamp=Mon ${engine}.000000 UTC';; esac`,
        'docker-compose': hashes,
      })
      for (const id of ids) {
        const dir = join(app, '../containerd/io.containerd.runtime.v2.task/moby', id)
        mkdirSync(dir, { recursive: true })
        writeFileSync(join(dir, 'init.pid'), '1')
      }
      const resource = dockerCompose(app, options)
      const script = resource.probe(debian).text.replaceAll('/run/containerd/', `'${join(app, '../containerd')}'/`)
      const answer = reply((await run(shell, raw(script), undefined, env)).stdout)
      return { says: words(resource.evaluate(answer, debian, new Prediction())), inspected: existsSync(log) }
    }
    const well = 'app:v1 web w1 Up 5 minutes (healthy)'
    assert.equal(await seen(well), { says: [], inspected: false })
    assert.equal(await seen('app:v1 web w2 Up 5 minutes'), {
      says: ['bring up myapp (web is configured otherwise)'],
      inspected: false,
    })
    for (const other of [
      'app:v1 web w1 Up 5 minutes (unhealthy)',
      'app:v1 web w1 Up 5 seconds (health: starting)',
      'app:v1 web w1 Up 5 minutes (Paused)',
      'app:v1 web w1 Exited (0) 5 minutes ago',
      'app:v1 web w1 Restarting (1) 5 seconds ago',
      'app:v1 web w1 Created',
      'sha256:a web w1 Up 5 minutes (healthy)',
    ])
      assert.ok((await seen(other)).inspected, other)
    const after = { restartedAfter: [service('docker', { running: true })] }
    // busybox knows whole seconds only, in which much may happen.
    if (shell.name === 'busybox') return assert.ok((await seen(well, after)).inspected)
    assert.equal(await seen(well, after), { says: [], inspected: false })
    assert.ok((await seen(well, after, undefined, ['id1'])).inspected, 'nobody knows when the other was started')
    assert.equal(await seen(well, after, '2120-11-23 09:00:00'), {
      says: ['bring up myapp (web is older than the start of docker, db is older than the start of docker)'],
      inspected: false,
    })
  })

  test(`${shell.name}: docker compose is taken where both are`, async () => {
    const v2 = answers(both).replace(
      'compose) exit 1;;',
      `compose) case $* in 'compose version') ;; 'compose -p x -f a.yml config --hash=*') printf 'web w1\\ndb d1\\n';; *) exit 9;; esac;;`,
    )
    const { app, env } = stage({ docker: v2, 'docker-compose': 'exit 1' })
    const withPlugins = { ...env, DOCKER_CONFIG: app }
    assert.equal(
      words(await ask(shell, dockerCompose(app, { project: 'x', files: ['a.yml'] }), { env: withPlugins })),
      [],
    )
  })

  const isBare = findTool('docker-compose') === undefined
  const onBare = (says: string, work: () => Promise<void>) => (isBare ? test(says, work) : test.skip(says))
  onBare(
    `${shell.name}: without compose the files themselves say which services there are, and how old they are`,
    async () => {
      const { app, env } = stage({ docker: answers('') })
      writeFileSync(
        join(app, 'docker-compose.yml'),
        'version: "3"\nservices:\n    web:\n      image: a\n    # db2:\n    "db": {}\nnetworks:\n    x:\n',
      )
      const { stdout } = await run(shell, dockerCompose(app).probe(debian), undefined, env)
      assert.match(stdout.toString(), /^written \d{10}\nnamed web\nnamed db\n/m)
    },
  )

  test(`${shell.name}: docker-compose is not asked where there is no file that it could read`, async () => {
    const { app, env, log } = stage({ docker: answers(''), 'docker-compose': `echo "$*" >>"$0.log"; exit 1` })
    rmSync(join(app, 'docker-compose.yml'))
    const asked = () => existsSync(log.replace(/log$/, 'docker-compose.log'))
    assert.match(
      String(words(await ask(shell, dockerCompose(app), { env }))),
      /there is no compose file in .*\/my app or above it/,
    )
    assert.not.ok(asked())
    writeFileSync(join(app, '.env'), 'COMPOSE_FILE=other.yml\n')
    await ask(shell, dockerCompose(app), { env })
    assert.ok(asked())
  })

  test(`${shell.name}: nothing there, files that are refused, an engine that does not answer: each is told`, async () => {
    const { app, env } = stage({ docker: answers(''), 'docker-compose': hashes })
    assert.equal(words(await ask(shell, dockerCompose(app), { env })), [
      'bring up myapp (web is missing, db is missing)',
    ])
    const refusing = stage({ docker: answers(''), 'docker-compose': 'echo "web is no mapping" >&2; exit 1' })
    assert.match(
      String(words(await ask(shell, dockerCompose(refusing.app), { env: refusing.env }))),
      'web is no mapping',
    )
    const dead = stage({ docker: 'exit 1', 'docker-compose': 'exit 1' })
    assert.match(
      String(words(await ask(shell, dockerCompose(dead.app), { env: dead.env }))),
      'its engine does not answer',
    )
  })

  test(`${shell.name}: a probe does not start a stopped engine`, async () => {
    const { app, env, log } = stage({
      // Without the plugin it asks its engine before it says that it does not know the word.
      docker: '[ "$1 $DOCKER_HOST" = "compose unix:///dev/null" ] || touch "${0%/*}/log"; exit 1',
      systemctl: "printf 'inactive\\nactive\\n'; exit 3",
      'docker-compose': hashes,
    })
    assert.match(String(words(await ask(shell, dockerCompose(app), { env }))), 'its engine is stopped')
    assert.is((await run(shell, dockerCompose(app).probe(debian), undefined, env)).stderr, '')
    assert.not.ok(existsSync(log))
  })

  test(`${shell.name}: the step stays until all is up, and says what it saw last when its time is over`, async () => {
    const later = `n=$(cat "\${0%/*}/n" 2>/dev/null); echo "$n." >"\${0%/*}/n"
case $1 in compose) exit 1;; ps) echo id;; logs) echo last words;;
inspect) case "$n" in ...*) h=healthy;; *) h=starting;; esac; printf "web running $h t /web 0\\ndb running - t /db 0\\n";; esac`
    const begin = async (docker: string, deadline: number) => {
      const { app, env } = stage({ docker, 'docker-compose': 'echo "$*" >>"${0%/*}/log"' })
      const [step] = stepsOf(
        dockerCompose(app, { deadline }).evaluate(
          reply('engine running\ntool v1\ndirectory\nservices\nservice web w1\nservice db d1\n'),
          debian,
          new Prediction(),
        ),
      )
      return step === undefined ? undefined : await run(shell, step.sh, undefined, env)
    }
    assert.is((await begin(later, 20))?.code, 0)
    const failed = await begin(later.replace('...*', 'never'), 1)
    assert.is(failed?.code, 1)
    assert.match(failed?.stderr ?? '', /myapp is not up after 1 s:\nweb: running, starting\nlast words of web:/)
    assert.not.match(failed?.stderr ?? '', 'db:')
  })
}

test.run()
