import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerCompose } from '../../../lib/resources/docker/compose/compose.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { debian, reply, run, scratch, shells, words } from '../../support/converge-locally.ts'

const FILE = `services:
  web:
    image: app:v1
    env_file:
      - ./web.env
    environment:
      PRICE: 5$$
  db:
    image: redis
    env_file: db.env
`
const IN_JSON = `{
  "services": {
    "web": {
      "env_file": [
        "./web.env"
      ],
      "image": "app:v1"
    },
    "db": {
      "env_file": [
        "db.env"
      ]
    }
  }
}
`

for (const shell of shells()) {
  /** A project that runs as its file says, with a docker-compose that writes down when it is asked. */
  const stage = (file: string) => {
    const at = scratch()
    const app = join(at, 'app')
    const bin = join(at, 'bin')
    for (const dir of [app, bin, join(at, 'run')]) mkdirSync(dir)
    const write = (name: string, text: string) => writeFileSync(join(app, name), text)
    const command = (name: string, body: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    const runs = (web: string) =>
      command(
        'docker',
        `case $1 in compose) exit 1;; ps) printf '%s\\n' 'id1 app:v1 web ${web} Up 2 hours' 'id2 redis db d1 Up 2 hours';; esac`,
      )
    write('docker-compose.yml', file)
    write('web.env', 'A=1\n')
    write('db.env', 'A=1\n')
    runs('w1')
    command('systemctl', "printf 'active\\nactive\\n'")
    command('docker-compose', `echo asked >>'${at}/log'; printf 'web w1\\ndb d1\\n'`)
    const log = join(at, 'log')
    let env: Readonly<Record<string, string>> = { PATH: `${bin}:${shell.path}`, SSH_CLIENT: '10.0.0.1 50000 22' }
    /** What is to be done, and how often compose was asked for that. */
    const look = async () => {
      rmSync(log, { force: true })
      const resource = dockerCompose(app)
      const script = resource.probe(debian).text.replaceAll('/run/rolecall', `${at}/run`)
      const answer = reply((await run(shell, raw(script), undefined, env)).stdout)
      const asked = existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0
      return { says: words(resource.evaluate(answer, debian, new Prediction())), asked }
    }
    const tell = (name: string, value: string) => void (env = { ...env, [name]: value })
    return { app, bin, write, runs, look, tell }
  }
  type UnitContext = ReturnType<typeof stage>

  if (shell.name === 'busybox') {
    test('busybox, which knows whole seconds only: compose is asked each time', async () => {
      const { look } = stage(FILE)
      await look()
      assert.equal(await look(), { says: [], asked: 1 })
    })
    continue
  }

  for (const [language, file] of [
    ['YAML', FILE],
    ['JSON', IN_JSON],
  ] as const)
    test(`${shell.name}: a project in ${language} that nobody has touched is asked for once, also at the next login`, async () => {
      const { look, tell } = stage(file)
      assert.equal(await look(), { says: [], asked: 1 })
      tell('SSH_CLIENT', '10.0.0.1 50001 22')
      assert.equal(await look(), { says: [], asked: 0 })
      assert.equal(await look(), { says: [], asked: 0 })
    })

  const touches: readonly (readonly [what: string, touch: (stage: UnitContext) => void])[] = [
    ['its file is written, with as many bytes', ({ write }) => write('docker-compose.yml', FILE.replace('v1', 'v2'))],
    ['a file of the other usual names comes', ({ write }) => write('docker-compose.override.yml', 'services: {}\n')],
    ['a file of variables in a list is written', ({ write }) => write('web.env', 'A=2\n')],
    ['a file of variables by itself is written', ({ write }) => write('db.env', 'A=2\n')],
    ['.env comes', ({ write }) => write('.env', 'COMPOSE_PROJECT_NAME=app\n')],
    ['a variable of the environment is another', ({ tell }) => tell('http_proxy', 'http://proxy.example')],
    ['docker-compose is another', ({ bin }) => appendFileSync(join(bin, 'docker-compose'), '# another\n')],
  ]
  for (const [what, touch] of touches)
    test(`${shell.name}: compose is asked again when ${what}`, async () => {
      const staged = stage(FILE)
      await staged.look()
      touch(staged)
      assert.equal(await staged.look(), { says: [], asked: 1 })
      assert.equal(await staged.look(), { says: [], asked: 0 })
    })

  test(`${shell.name}: compose is asked about a container that was made from something else`, async () => {
    const { look, runs } = stage(FILE)
    await look()
    runs('w2')
    const otherwise = ['bring up app (web is configured otherwise)']
    assert.equal(await look(), { says: otherwise, asked: 1 })
    runs('w1')
    assert.equal(await look(), { says: [], asked: 0 })
  })

  const others: readonly (readonly [what: string, file: string, env?: string])[] = [
    ['a variable', `${FILE}    image: $IMAGE\n`],
    ['another file that it extends', `${FILE}    extends: { file: other.yml, service: a }\n`],
    ['included files', `include: [other.yml]\n${FILE}`],
    ['files of labels', `${FILE}    label_file: labels\n`],
    ['files of variables in brackets', FILE.replace('env_file: db.env', 'env_file: [db.env]')],
    ['files of variables by an anchor', FILE.replace('env_file: db.env', 'env_file: *files')],
    ['a file of variables that may be missing', FILE.replace('- ./web.env', '- path: ./web.env')],
    ['other files of its own in .env', FILE, 'COMPOSE_FILE=docker-compose.yml:other.yml\n'],
  ]
  for (const [what, file, env] of others)
    test(`${shell.name}: compose is asked each time about a project with ${what}`, async () => {
      const { look, write } = stage(file)
      if (env !== undefined) write('.env', env)
      await look()
      assert.equal(await look(), { says: [], asked: 1 })
    })

  test(`${shell.name}: compose is asked each time about a directory whose project is in one above it`, async () => {
    const { app, look } = stage(FILE)
    rmSync(join(app, 'docker-compose.yml'))
    writeFileSync(join(app, '../docker-compose.yml'), FILE)
    await look()
    assert.equal(await look(), { says: [], asked: 1 })
  })
}

test.run()
