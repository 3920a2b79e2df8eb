import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerContainer, type DockerContainerOptions } from '../../../lib/resources/docker/container.ts'
import { configDigest, containerWant } from '../../../lib/resources/docker/container-want.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, debian, probe, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const base: DockerContainerOptions = { image: 'app:v1', restart: 'always' }
const digest = configDigest(containerWant('web', base))
const engine = 'engine running\n'
const image = 'image sha256:a\n'
const seen = (status: string, of = digest, restart = 'always:0', from = 'sha256:a') =>
  `${engine}container ${status} ${from} ${restart} ${of}\n${image}`
const stopped = { ...base, state: 'stopped' } as const
const absent = { ...base, state: 'absent' } as const

type Row = readonly [says: string, want: DockerContainerOptions, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['it runs: nothing to do', base, seen('running'), []],
  ['it is missing: run it', base, engine + image, ['run container web of app:v1']],
  ['it is missing, and is to be stopped: create it', stopped, engine + image, ['create container web of app:v1']],
  ['it has ended: start it', base, seen('exited'), ['start container web, which is exited']],
  ['it was only created: start it', base, seen('created'), ['start container web, which is created']],
  ['it is paused: unpause it', base, seen('paused'), ['unpause container web']],
  ['it dies again and again: start it', base, seen('restarting'), ['start container web, which is restarting']],
  ['it is half removed: make it anew', base, seen('dead'), ['recreate container web (it is dead)']],
  [
    'somebody else made it: make it anew',
    base,
    seen('running', ''),
    ['recreate container web (it was made from something else)'],
  ],
  [
    'its options changed: make it anew',
    { ...base, ports: ['80:80'] },
    seen('running'),
    ['recreate container web (it was made from something else)'],
  ],
  [
    'its image changed: make it anew',
    base,
    seen('running', digest, 'always:0', 'sha256:old'),
    ['recreate container web (app:v1 is another image by now)'],
  ],
  ['its image lost its name: nothing to do', base, seen('running').replace(image, ''), []],
  [
    'another restart policy: set it in place',
    base,
    seen('running', digest, 'no:0'),
    ['set restart always of container web (was no)'],
  ],
  [
    'another restart policy, and stopped: both',
    { ...base, restart: 'on-failure:3' },
    seen('exited'),
    ['set restart on-failure:3 of container web (was always)', 'start container web, which is exited'],
  ],
  ['it is to be stopped, and runs: stop it', stopped, seen('running'), ['stop container web']],
  ['it is to be stopped, and is: nothing to do', stopped, seen('exited'), []],
  ['it is to go, and is there: remove it', absent, seen('running', ''), ['remove container web']],
  ['it is to go, and is gone: nothing to do', absent, engine, []],
  ['it is to go, and there is no Docker: nothing to do', absent, 'engine none\n', []],
  ['no image: refused', base, engine, 'refused: there is no image app:v1 on this host'],
  [
    'no Docker: refused',
    base,
    'engine none\n',
    'refused: a container needs Docker, and this host has no docker command',
  ],
]
for (const [says, want, have, then] of table) {
  test(says, () =>
    assert.equal(words(dockerContainer('web', want).evaluate(reply(have), debian, new Prediction())), then),
  )
}

const docker: [string, Effect] = ['pkg:docker.io', { type: 'package', name: 'docker.io', installed: true }]
const starts: [string, Effect] = ['service:docker', { type: 'unit', name: 'docker.service', running: true }]
const comes: [string, Effect] = ['dockerImage:app:v1', { type: 'image', name: 'app:v1', exists: true }]
const goes: [string, Effect] = ['dockerContainer:x', { type: 'container', name: 'web', exists: false }]
const run = ['run container web of app:v1']
const foretold: readonly (readonly [...Row, pending: readonly [string, Effect][]])[] = [
  ['Docker is to come: run it', base, 'engine none\n', run, [docker]],
  ['Docker and its image are to come: run it', base, 'engine none\n', run, [docker, starts, comes]],
  ['Docker is to come, and it is to go: nothing to do', absent, 'engine none\n', [], [docker]],
  ['its image is to come: run it', base, engine, run, [comes]],
  [
    'it runs, and its image is to come: unknown',
    base,
    seen('running'),
    'unknown: whether dockerImage:app:v1 brings another image for container web',
    [comes],
  ],
  [
    'the engine is to be started: unknown',
    base,
    'engine stopped\n',
    'unknown: whether container web is there is known only after service:docker',
    [starts],
  ],
  ['an earlier one removes it: run it', base, seen('running'), run, [goes]],
  ['something else is to come: as it is', base, seen('running'), [], [docker, starts]],
]
for (const [says, want, have, then, pending] of foretold) {
  test(`foreseen: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(dockerContainer('web', want).evaluate(reply(have), debian, prediction)), then)
  })
}

test('The digest tells what differs, and not the order of names', () => {
  const of = (more: Partial<DockerContainerOptions>) => configDigest(containerWant('web', { ...base, ...more }))
  assert.is(of({ env: { A: '1', B: '2' } }), of({ env: { B: '2', A: '1' } }))
  assert.is(of({ env: { A: '1' } }), of({ env: { A: secret('1') } }))
  const all = [{}, { env: { A: '1' } }, { env: { A: '2' } }, { user: 'x' }, { network: 'x' }, { labels: { a: 'b' } }]
  assert.is(new Set([...all, { command: ['x'] }, { volumes: ['x:/x'] }].map(of)).size, 8)
  assert.is(of({ state: 'stopped' }), of({}))
  assert.is(of({ restart: 'no' }), of({}))
})

const full: DockerContainerOptions = {
  ...base,
  network: ['app', 'backup'],
  ...{ entrypoint: '/bin/tini', cwd: '/srv', mounts: ['type=bind,source=/a,target=/b'], tmpfs: ['/run:size=1m'] },
  ...{ devices: ['/dev/null'], ulimits: { nofile: '1:2' }, sysctls: { 'net.core.somaxconn': 64 } },
  ...{ securityOptions: ['no-new-privileges'], dropCapabilities: ['ALL'], readOnly: true, init: true },
  ...{ hosts: { db: '10.0.0.5' }, dns: ['10.0.0.1'], cpus: 1.5, shmSize: '1m', logDriver: 'local' },
  ...{
    logOptions: { 'max-size': '1m' },
    pid: 'host',
    ipc: 'private',
    groups: ['7'],
    stopSignal: 'SIGINT',
    stopTimeout: 3,
  },
}

test('what docker create has besides is in its command line, and in the digest', () => {
  const [step] = stepsOf(dockerContainer('web', full).evaluate(reply(engine + image), debian, new Prediction()))
  const words =
    '--network app --entrypoint /bin/tini --workdir /srv --mount type=bind,source=/a,target=/b --tmpfs /run:size=1m --device /dev/null --ulimit nofile=1:2 --sysctl net.core.somaxconn=64 --security-opt no-new-privileges --cap-drop ALL --read-only --init --add-host db:10.0.0.5 --dns 10.0.0.1 --cpus 1.5 --shm-size 1m --log-driver local --log-opt max-size=1m --pid host --ipc private --group-add 7 --stop-signal SIGINT --stop-timeout 3'
  assert.ok(step?.sh.text.includes(` ${words} -- app:v1`), step?.sh.text ?? '')
  assert.match(step?.sh.text ?? '', /docker network connect -- backup web \|\|/)
  const of = (want: DockerContainerOptions) => configDigest(containerWant('web', want))
  const names = Object.keys(full).filter((name) => !(name in base))
  const less = names.map((name) => of({ ...full, [name]: undefined }))
  assert.is(new Set([...less, of(full), of(base)]).size, names.length + 2)
})

test('Invalid options are refused before any host is touched', () => {
  const refuse = (more: object, pattern: RegExp) =>
    assert.throws(() => dockerContainer('web', { ...base, ...more }), pattern)
  assert.throws(() => dockerContainer('-x', base), /Expected dockerContainer/)
  refuse({ image: 'A B' }, /Expected image/)
  refuse({ ports: ['80:'] }, /Expected ports/)
  refuse({ volumes: ['/a:b'] }, /Expected volumes/)
  refuse({ env: { 'A B': '1' } }, /names of variables/)
  refuse({ env: { A: secret('line\nbreak') } }, /a text of one line, or a Secret/)
  assert.is(containerWant('web', { image: 'x', restart: 'on-failure:0' }).restart, 'on-failure')
  containerWant('web', { image: 'x', memory: '512M', shmSize: '1G', volumes: ['/data', 'app:/app:ro'] })
  refuse({ volumes: ['data'] }, /such as \/data/)
  refuse({ restart: 'on-failure:x' }, /Expected restart/)
  refuse({ network: 'a b' }, /one word/)
  refuse({ network: [] }, /at least one/)
  refuse({ mounts: ['/a:/b'] }, /such as type=bind/)
  refuse({ ulimits: { nofile: true } }, /a text of one line or a number/)
  refuse({ cpus: '2' }, /a number above 0/)
  refuse({ extraHosts: { a: '1.1.1.1' } }, /unknown option "extraHosts"/)
  refuse({ labels: { 'rolecall.config': 'x' } }, /names of labels/)
})

test('A secret is in no command line, and in no message', () => {
  const evaluation = dockerContainer('web', { ...base, env: { TOKEN: secret('very-s3cret') } }).evaluate(
    reply(engine + image),
    debian,
    new Prediction(),
  )
  const [step] = stepsOf(evaluation)
  assert.not.match(`${step?.summary ?? ''}${step?.sh.text ?? ''}`, 'very-s3cret')
  assert.is(Buffer.from(step?.stdin ?? []).toString(), 'TOKEN=very-s3cret\n')
})

for (const shell of shells()) {
  const stage = (docker: string) => {
    const bin = scratch()
    for (const [name, body] of Object.entries({ docker, systemctl: "printf 'active\\nactive\\n'", sleep: ':' })) {
      writeFileSync(join(bin, name), `#!/bin/sh\nd=${bin}\n${body}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    return { bin, env: { PATH: `${bin}:${shell.path}` } }
  }

  test(`${shell.name}: what Docker says of a container is read`, async () => {
    const { env } = stage(`case "$1 $2" in version*) ;;
'container inspect') echo 'container running sha256:a :0 ';; 'image inspect') echo 'image sha256:a';; esac`)
    const { text } = await probe(shell, dockerContainer('web', base), { env })
    assert.is(text, 'engine running\ncontainer running sha256:a :0 \nimage sha256:a\n')
  })

  test(`${shell.name}: words arrive as they are, and the environment by a file`, async () => {
    const { bin, env } = stage(`case "$1 $2" in version*) ;;
'container inspect') [ -e $d/made ] || exit 1; case $4 in container*) printf 'container running sha256:a no:0 %s\\n' "$(cat $d/made)";; *) echo 'running 0 0';; esac;;
'image inspect') echo 'image sha256:a';;
create*) cat "$3" >$d/env; for w; do case $w in rolecall.config=*) echo "\${w#*=}" >$d/made;; esac; echo "$w"; done >$d/words;; esac`)
    const want = dockerContainer('web', {
      image: 'app:v1',
      command: ['sh', '-c', `echo "it's"`],
      labels: { a: 'b c' },
      env: { A: `it's "$HOME"`, B: secret('s3cret-word') },
    })
    const { did, again } = await converge(shell, want, { env })
    assert.equal([did, words(again)], [run, []])
    assert.is(readFileSync(join(bin, 'env'), 'utf8'), `A=it's "$HOME"\nB=s3cret-word\n`)
    assert.match(readFileSync(join(bin, 'words'), 'utf8'), `a=b c\n--\napp:v1\nsh\n-c\necho "it's"\n`)
  })

  test(`${shell.name}: a container that ends at once fails with its last words`, async () => {
    const { env } =
      stage(`case "$1 $2" in version*) ;; 'image inspect') echo 'image sha256:a';; logs*) echo 'last words';;
'container inspect') [ -e $d/made ] && echo 'exited 0 3';; create*) touch $d/made;; esac`)
    const { failed } = await converge(shell, dockerContainer('web', base), { env })
    assert.is(failed?.stderr, 'container web ended right after its start: exited, exit code 3\nlast words\n')
  })
}

test.run()
