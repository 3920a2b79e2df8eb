import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerCompose, type DockerComposeOptions } from '../../../lib/resources/docker/compose/compose.ts'
import type { ComposeWant } from '../../../lib/resources/docker/compose/answer.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { debian, reply, words } from '../../support/converge-locally.ts'

const dir = '/opt/harbor'
const head = 'engine running\ntool v1\ndirectory\nservices\nservice core c1\nservice redis r1\n'
const core = 'container core running healthy c1 sha256:a app:v1\n'
const redis = 'container redis running - r1 sha256:b redis\n'
const up = `${head}${core}${redis}image app:v1 sha256:a\nimage redis:latest sha256:b\nnetwork harbor_default\n`
const empty = head
const docker = service('docker', { running: true })
const since = (core: string, redis: string, engine: string) =>
  up.replace(' app:v1\n', ` app:v1 ${core}\n`).replace(' redis\n', ` redis ${redis}\n`) +
  `unit-start docker.service ${engine}\n`
const noon = '2026-11-23T12:00:00.123456789Z'
const evening = '2026-11-23T18:00:00.123456789Z'

type Row = readonly [says: string, want: DockerComposeOptions, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['all of it runs and is healthy: nothing to do', {}, up, []],
  ['nothing is there: bring it up', {}, empty, ['bring up harbor (core is missing, redis is missing)']],
  ['one is gone: bring it up', {}, `${head}${core}`, ['bring up harbor (redis is missing)']],
  ['another service is gone: no matter', { services: ['core'] }, `${head}${core}`, []],
  [
    'one has ended: bring it up',
    {},
    up.replace('redis running', 'redis exited'),
    ['bring up harbor (redis is exited)'],
  ],
  [
    'the files changed: bring it up',
    {},
    up.replace('service core c1', 'service core c2'),
    ['bring up harbor (core is configured otherwise)'],
  ],
  [
    'the name of its image means another one: bring it up',
    {},
    up.replace('image redis:latest sha256:b', 'image redis:latest sha256:c'),
    ['bring up harbor (redis has an old image)'],
  ],
  [
    'docker-compose has the image in its digest: the image is what is said',
    {},
    up.replace('image redis:latest sha256:b', 'image redis:latest sha256:c').replace(/(service redis) \S+/, '$1 other'),
    ['bring up harbor (redis has an old image)'],
  ],
  ['nobody knows the image: it is left', {}, up.replace('image redis:latest sha256:b\n', ''), []],
  ['one is ill: it is restarted', {}, up.replace(' healthy', ' unhealthy'), ['bring up harbor (core is unhealthy)']],
  ['one still starts: wait', {}, up.replace(' healthy', ' starting'), ['wait for harbor (core is starting)']],
  [
    'one of two of a service has ended: bring it up',
    {},
    `${up}container core exited - c1 sha256:a app:v1\n`,
    ['bring up harbor (core is exited)'],
  ],
  [
    'started after the engine: nothing to do',
    { restartedAfter: [docker] },
    since(noon, noon, 'Mon 2026-11-23 11:59:59.500000 UTC'),
    [],
  ],
  [
    'one was started before the engine: it is started anew',
    { restartedAfter: [docker] },
    since(evening, noon, 'Mon 2026-11-23 17:00:00.500000 UTC'),
    ['bring up harbor (redis is older than the start of docker)'],
  ],
  [
    'the same for a unit that is named: it is started anew',
    { restartedAfter: ['docker'] },
    since(evening, noon, 'Mon 2026-11-23 17:00:00.500000 UTC'),
    ['bring up harbor (redis is older than the start of docker)'],
  ],
  ['the engine never started as a unit: nothing to do', { restartedAfter: [docker] }, since(noon, noon, ''), []],
  ['a service that is not there: refused', { services: ['cor'] }, up, 'refused: harbor has no service cor'],
  ['no directory: refused', {}, 'engine running\ntool v1\n', 'refused: there is no directory /opt/harbor'],
  [
    'no compose: refused',
    {},
    'engine running\ntool none\ndirectory\n',
    'refused: this host has neither docker compose nor docker-compose',
  ],
  [
    'files that compose refuses: refused with its words',
    {},
    'engine running\ntool v2\ndirectory\nobjection services.web: bad\n',
    'refused: compose cannot read the files of harbor: services.web: bad',
  ],
  [
    'no Docker: refused',
    {},
    'engine none\ntool v1\ndirectory\n',
    'refused: a compose project needs Docker, and this host has no docker command',
  ],
  [
    'a stopped engine: refused',
    {},
    'engine stopped\ntool v1\ndirectory\n',
    'refused: a compose project needs Docker, and its engine is stopped',
  ],
  [
    'a file changed after its containers started: they are started anew',
    { restartedAfter: ['/etc/app.conf'] },
    `${up.replace(' app:v1\n', ` app:v1 ${noon}\n`)}path-change ${Math.floor(Date.parse(evening) / 1000)}.500000000 /etc/app.conf\n`,
    ['bring up harbor (core is older than /etc/app.conf)'],
  ],
  ['down, and it runs: take it down', { state: 'absent' }, up, ['take down harbor (2 containers)']],
  ['down, and it is: nothing to do', { state: 'absent' }, 'engine running\ntool v1\ndirectory\n', []],
  [
    'down, and only its network is left: take it down',
    { state: 'absent' },
    'engine running\ntool none\nnetwork harbor_default\n',
    ['take down harbor (0 containers)'],
  ],
  ['down, on a host without Docker: nothing to do', { state: 'absent' }, 'engine none\ntool none\n', []],
]
for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(dockerCompose(dir, want).evaluate(reply(have), debian, new Prediction())), then))
}

const engine: [string, Effect] = ['pkg:docker.io', { type: 'package', name: 'docker.io', installed: true }]
const configured: [string, Effect] = [
  'pkg:docker.io',
  { type: 'package', name: 'docker.io', installed: true, kept: true },
]
const starts: [string, Effect] = ['service:docker', { type: 'unit', name: 'docker.service', running: true }]
const written: [string, Effect] = [
  'file:x',
  { type: 'path', path: `${dir}/docker-compose.yml`, state: { type: 'file' } },
]
const reread: [string, Effect] = ['service:x', { type: 'units', reloaded: true }]
const compose: [string, Effect] = ['pkg:docker-compose', { type: 'package', name: 'docker-compose', installed: true }]
/** The files were written at ten. */
const withoutCompose = (created: string) =>
  `engine running\ntool none\ndirectory\nwritten ${Date.parse('2026-11-23T10:00:00Z') / 1000}\nnamed core\nnamed redis\n` +
  `${core.trimEnd()} ${noon} ${created}\n${redis.trimEnd()} ${noon} ${created}\n`
const project = (exists: boolean): [string, Effect] => ['exec:install', { type: 'project', name: 'harbor', exists }]
const bring = ['bring up harbor']
type Foretold = readonly [
  says: string,
  want: DockerComposeOptions,
  have: string,
  pending: readonly [string, Effect][],
  then: readonly string[] | string,
]
const foretold: readonly Foretold[] = [
  ['Docker is to come: it is brought up', {}, 'engine none\ntool none\n', [engine], bring],
  [
    'Docker and the engine are to come: it is brought up',
    {},
    'engine none\ntool none\ndirectory\n',
    [engine, starts],
    bring,
  ],
  ['down, and Docker is to come: nothing to do', { state: 'absent' }, 'engine none\ntool none\n', [engine], []],
  [
    'a stopped engine is to be started: unknown',
    {},
    'engine stopped\ntool v1\ndirectory\n',
    [starts],
    'unknown: what runs of harbor is known only after service:docker',
  ],
  ['its files are to come: it is brought up', {}, 'engine running\ntool v1\n', [written], bring],
  [
    'its files are to come, and Docker is not: refused',
    {},
    'engine none\ntool none\n',
    [written],
    'refused: a compose project needs Docker, and this host has no docker command',
  ],
  ['compose is to come: it is brought up', {}, 'engine running\ntool none\ndirectory\n', [compose], bring],
  [
    'it runs, and its file is to change: unknown',
    {},
    up,
    [written],
    'unknown: whether file:x changes what runs of harbor',
  ],
  [
    'it runs, and its .env is to come again, with nothing but the name of the project: nothing to do',
    {},
    up,
    [
      [
        'file:env',
        {
          type: 'path',
          path: `${dir}/.env`,
          state: { type: 'file', content: Buffer.from('# name\nCOMPOSE_PROJECT_NAME=harbor\n') },
        },
      ],
    ],
    [],
  ],
  [
    'it runs, and its file only gets another owner: nothing to do',
    {},
    up,
    [['file:x', { type: 'path', path: `${dir}/docker-compose.yml`, state: { type: 'file', kept: true } }]],
    [],
  ],
  [
    'it runs, and a file beside its own is to change: nothing to do',
    {},
    up,
    [['file:y', { type: 'path', path: `${dir}/install.sh`, state: { type: 'file' } }]],
    [],
  ],
  ['something else is to come: nothing to do', {}, up, [engine, starts], []],
  [
    'the engine it must be newer than is to start: it is started anew',
    { restartedAfter: [docker] },
    'engine stopped\ntool v1\ndirectory\n',
    [starts],
    ['start harbor again, after service:docker'],
  ],
  [
    'the engine it must be newer than is to restart: it is started anew',
    { restartedAfter: [docker] },
    up,
    [starts],
    ['start harbor again, after service:docker'],
  ],
  [
    'the same, and an active unit is restarted along with it: nothing to do',
    { restartedAfter: [docker] },
    `${up}follower harbor.service lasting\n`,
    [starts, reread],
    [],
  ],
  [
    'the same, but its file is another by now, and systemd reads it before: it is started anew',
    { restartedAfter: [docker] },
    `${up}follower harbor.service\n`,
    [reread, starts],
    ['start harbor again, after service:docker'],
  ],
  [
    'its file is another by now, and systemd does not read it: nothing to do',
    { restartedAfter: [docker] },
    `${up}follower harbor.service\n`,
    [starts],
    [],
  ],
  [
    'the same, and a container has ended: that unit brings it up, and nothing is left to do',
    { restartedAfter: [docker] },
    `${head}${core}follower harbor.service lasting\n`,
    [starts],
    [],
  ],
  [
    'compose is to come, and its containers are younger than its files and as they name them: nothing to do',
    {},
    withoutCompose(noon),
    [compose],
    [],
  ],
  [
    'the same, and one has ended: it is brought up',
    {},
    withoutCompose(noon).replace('core running', 'core exited'),
    [compose],
    ['bring up harbor (core is exited)'],
  ],
  [
    'compose is to come, and a file is younger: unknown',
    {},
    withoutCompose('2026-11-23T09:00:00.5Z'),
    [compose],
    'unknown: whether pkg:docker-compose changes what runs of harbor',
  ],
  [
    'compose is to come, and a service that is named has no container: unknown',
    {},
    `${withoutCompose(noon)}named db\n`,
    [compose],
    'unknown: whether pkg:docker-compose changes what runs of harbor',
  ],
  [
    'a new package of the engine it must be newer than is to come: unknown',
    { restartedAfter: [docker] },
    up,
    [engine],
    'unknown: whether pkg:docker.io restarts docker.service before it',
  ],
  ['its package is only to be configured: nothing to do', { restartedAfter: [docker] }, up, [configured], []],
  ['an earlier command brings it up: nothing to do', {}, 'engine none\ntool none\n', [engine, project(true)], []],
  ['an earlier one takes it down: it is brought up', {}, up, [project(false)], bring],
]
for (const [says, want, have, pending, then] of foretold) {
  test(`foreseen: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(dockerCompose(dir, want).evaluate(reply(have), debian, prediction)), then)
  })
}

test('The project is named as compose names it', () => {
  assert.is((dockerCompose('/opt/Harbor-v1.8.3/').want as ComposeWant).project, 'harbor-v183')
  assert.is((dockerCompose('/srv/_app').want as ComposeWant).project, 'app')
  assert.is((dockerCompose('/srv/app', { project: 'x_1' }).want as ComposeWant).project, 'x_1')
  assert.is(dockerCompose('/srv/app').id, 'dockerCompose:/srv/app')
})

test('Invalid options are refused before any host is touched', () => {
  assert.throws(() => dockerCompose('srv'), /absolute path/)
  assert.throws(() => dockerCompose('/'), /Expected project/)
  assert.throws(() => dockerCompose('/x', { project: 'A b' }), /Expected project/)
  assert.throws(() => dockerCompose('/x', { services: [] }), /at least one/)
  assert.throws(() => dockerCompose('/x', { services: ['-d'] }), /names of services/)
  assert.throws(() => dockerCompose('/x', { deadline: 0.5 }), /whole seconds/)
})

test.run()
