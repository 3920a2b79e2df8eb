import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerImage, type DockerImageOptions } from '../../../lib/resources/docker/image.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { ask, converge, debian, reply, scratch, shells, words } from '../../support/converge-locally.ts'

const load: DockerImageOptions = { source: '/srv/app.tar' }
const absent: DockerImageOptions = { state: 'absent' }

type Row = readonly [says: string, want: DockerImageOptions, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['it is there: nothing to do', {}, 'engine running\nthere\n', []],
  ['it is not: pull it', {}, 'engine running\n', ['pull app:v1']],
  ['it is not, and the archive is: load it', load, 'engine running\narchive\n', ['load app:v1 from app.tar']],
  [
    'neither is there: refused',
    load,
    'engine running\n',
    'refused: there is no archive /srv/app.tar to load app:v1 from',
  ],
  ['it is there, and is to go: remove it', absent, 'engine running\nthere\n', ['remove image app:v1']],
  ['it is to go, and is gone: nothing to do', absent, 'engine running\n', []],
  ['it is to go, and there is no Docker: nothing to do', absent, 'engine none\n', []],
  ['no Docker: refused', {}, 'engine none\n', 'refused: an image needs Docker, and this host has no docker command'],
  [
    'the engine is stopped: refused',
    {},
    'engine stopped\n',
    'refused: an image needs Docker, and its engine is stopped',
  ],
]
for (const [says, want, have, then] of table) {
  test(says, () =>
    assert.equal(words(dockerImage('app:v1', want).evaluate(reply(have), debian, new Prediction())), then),
  )
}

const docker: [string, Effect] = ['pkg:docker.io', { type: 'package', name: 'docker.io', installed: true }]
const starts: [string, Effect] = ['service:docker', { type: 'unit', name: 'docker.service', running: true }]
const image = (exists: boolean): [string, Effect] => ['dockerImage:x', { type: 'image', name: 'app:v1', exists }]
const archive: [string, Effect] = ['download:x', { type: 'path', path: '/srv/app.tar', state: { type: 'file' } }]
const foretold: readonly (readonly [...Row, pending: readonly [string, Effect][]])[] = [
  ['Docker is to come: pull it', {}, 'engine none\n', ['pull app:v1'], [docker]],
  ['Docker is to come: load it', load, 'engine none\n', ['load app:v1 from app.tar'], [docker]],
  ['Docker is to come, and it is to go: nothing to do', absent, 'engine none\n', [], [docker]],
  [
    'the engine is to be started: unknown',
    {},
    'engine stopped\n',
    'unknown: whether app:v1 is there is known only after service:docker',
    [starts],
  ],
  ['the archive is to come: load it', load, 'engine running\n', ['load app:v1 from app.tar'], [archive]],
  ['an earlier one brings it: nothing to do', {}, 'engine running\n', [], [image(true)]],
  ['an earlier one removes it: pull it', {}, 'engine running\nthere\n', ['pull app:v1'], [image(false)]],
  ['something else is to come: as it is', {}, 'engine running\nthere\n', [], [docker, starts]],
]
for (const [says, want, have, then, pending] of foretold) {
  test(`foreseen: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(dockerImage('app:v1', want).evaluate(reply(have), debian, prediction)), then)
  })
}

test('An invalid image is refused before any host is touched', () => {
  for (const name of ['', '-x', 'App:v1', 'a b', 'a:v1:v2', 'a@sha256:12', '$(x)'])
    assert.throws(() => dockerImage(name), /Expected image/, name)
  for (const name of ['app', 'a:v1', 'h.io:5000/a/b_c:V1', `a@sha256:${'0'.repeat(64)}`]) dockerImage(name)
  assert.throws(() => dockerImage('a', { source: 'x.tar' }), /absolute path/)
  assert.is(dockerImage('h.io/a:v1').id, 'dockerImage:h.io/a:v1')
})

for (const shell of shells()) {
  const stage = (docker: string, systemctl = "printf 'active\\nactive\\n'") => {
    const bin = scratch()
    for (const [name, body] of Object.entries({ docker, systemctl, sleep: ':' })) {
      writeFileSync(join(bin, name), `#!/bin/sh\nd=${bin}\n${body}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    return { bin, env: { PATH: `${bin}:${shell.path}` } }
  }

  test(`${shell.name}: a pull is tried again, and is done when the image is there`, async () => {
    const { env } = stage(`case "$1 $2" in 'version '*) ;; 'image inspect') [ -e $d/have ];;
pull*) echo x >>$d/tries; [ "$(wc -l <$d/tries)" -lt 3 ] && { echo 'no route' >&2; exit 1; }; touch $d/have;; esac`)
    const { did, again } = await converge(shell, dockerImage('app:v1'), { env })
    assert.equal([did, words(again)], [['pull app:v1'], []])
  })

  test(`${shell.name}: a pull that never succeeds fails with Docker's message`, async () => {
    const { env } = stage(`case "$1 $2" in 'version '*) ;; *) echo 'no route' >&2; exit 1;; esac`)
    const { failed } = await converge(shell, dockerImage('app:v1'), { env })
    assert.is(failed?.stderr, 'no route\ntried 3 times\n')
  })

  test(`${shell.name}: an archive without the image says what it has`, async () => {
    const path = join(scratch(), "it's an archive.tar")
    writeFileSync(path, '')
    const { env } = stage(
      `case "$1 $2 $3" in version*) ;; 'image inspect'*) exit 1;; "load -i ${path}") echo 'Loaded image: other:v2';; *) exit 9;; esac`,
    )
    const { failed } = await converge(shell, dockerImage('app:v1', { source: path }), { env })
    assert.is(failed?.stderr, `${path} has no image app:v1; it has:\nother:v2\n`)
  })

  test(`${shell.name}: an image is built from its directory, pushed, and a build that fails has its last words`, async () => {
    const context = join(scratch(), "it's a context")
    mkdirSync(context)
    const { bin, env } = stage(`case "$1 $2" in version*) ;; 'image inspect') [ -e $d/have ];;
push*) echo "$*" >>$d/said;; build*) echo "$*" >>$d/said; case $* in *fails*) echo 'step 2 failed'; exit 1;; esac; touch $d/have;; esac`)
    const build = { context, dockerfile: 'prod.Dockerfile', args: { V: 2 }, target: 'web', pull: true, network: 'host' }
    const { did, again } = await converge(shell, dockerImage('app:v1', { build, push: true }), { env })
    assert.equal([did, words(again)], [[`build app:v1 from ${context}, and push it`], []])
    assert.is(
      readFileSync(join(bin, 'said'), 'utf8'),
      `build --tag app:v1 --file ${context}/prod.Dockerfile --build-arg V=2 --target web --pull --network host -- ${context}\npush -q -- app:v1\n`,
    )
    rmSync(join(bin, 'have'))
    const { failed } = await converge(shell, dockerImage('fails:v1', { build: { context } }), { env })
    assert.is(failed?.stderr, 'step 2 failed\n')
    assert.equal(
      words(await ask(shell, dockerImage('app:v2', { build: { context: `${context}/none` } }), { env })),
      `refused: there is no directory ${context}/none to build app:v2 from`,
    )
  })

  test(`${shell.name}: a probe does not start a stopped engine`, async () => {
    const { bin, env } = stage('touch $d/asked', "printf 'inactive\\nactive\\n'; exit 3")
    assert.equal(
      words(await ask(shell, dockerImage('app:v1'), { env })),
      'refused: an image needs Docker, and its engine is stopped',
    )
    assert.not.ok(existsSync(join(bin, 'asked')))
  })
}

test.run()
