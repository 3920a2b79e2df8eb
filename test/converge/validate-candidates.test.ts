import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure, type ConvergeContext } from '../../lib/converge/ensure.ts'
import { RolecallError } from '../../lib/errors.ts'
import type { ResourceEvent, RunEvent } from '../../lib/events.ts'
import { Host } from '../../lib/host/host.ts'
import {
  block,
  dir,
  exec,
  file,
  iniFile,
  jsonFile,
  kind,
  line,
  secret,
  sh,
  yamlFile,
  type Resource,
} from '../../lib/index.ts'
import type { Validator } from '../../lib/resources/files/writing/validate.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: what is pending is laid for a validator only where root may mount\n')

const host = await Host.connect('here', { kind: 'local' })
test.after(() => host.close())
let room = ''
let events: RunEvent[] = []
test.before.each(() => {
  room = mkdtempSync(join(tmpdir(), 'validation-'))
  events = []
})
test.after.each(() => rmSync(room, { recursive: true }))

const prediction = () => new Prediction()
const ground = (mode: ConvergeContext['mode']): ConvergeContext => ({
  host,
  role: 'test',
  mode,
  prediction: prediction(),
  emit: (event) => events.push(event),
  signal: new AbortController().signal,
})
const told = () => events.filter((event): event is ResourceEvent => event.type === 'resource')
const check = async (...resources: readonly Resource[]): Promise<readonly string[]> => {
  events = []
  try {
    await ensure(ground('check'), resources)
    return []
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return error.problems.map(({ output = '' }) => output)
  }
}

/** Every kind that takes a validator, with what it would make of what is there. */
const kinds: readonly (readonly [
  name: string,
  live: string,
  make: (path: string, validate: Validator) => Resource,
  wanted: string,
])[] = [
  ['file', 'old\n', (path, validate) => file(path, { content: 'new\n', validate }), 'new\n'],
  ['line', 'a\n', (path, validate) => line(path, { line: 'b', validate }), 'a\nb\n'],
  [
    'block',
    'a\n',
    (path, validate) => block(path, { name: 'x', content: 'b', validate }),
    'a\n# BEGIN rolecall: x\nb\n# END rolecall: x\n',
  ],
  ['jsonFile', '{"a": 1}\n', (path, validate) => jsonFile(path, { set: { a: 2 }, validate }), '{"a": 2}\n'],
  ['yamlFile', 'a: 1\n', (path, validate) => yamlFile(path, { set: { a: 2 }, validate }), 'a: 2\n'],
  ['iniFile', '[a]\nb=1\n', (path, validate) => iniFile(path, { set: { a: { b: '2' } }, validate }), '[a]\nb=2\n'],
]
for (const [name, live, make, wanted] of kinds) {
  test(`${name}: check shows the whole candidate to its validator in a private directory, and leaves nothing behind`, async () => {
    writeFileSync(`${room}/f`, live)
    const [output = ''] = await check(
      make(`${room}/f`, sh`stat -c %a "\${candidate%/*}"; echo "$candidate"; cat "$candidate"; exit 1`),
    )
    const [mode, path = '', ...content] = output.split('\n')
    assert.is(mode, '700')
    assert.not.ok(path.startsWith(room), path)
    assert.is(`${content.join('\n')}\n`, wanted)
    assert.equal([readdirSync(room), readFileSync(`${room}/f`, 'utf8')], [['f'], live])
    assert.equal(await check(make(`${room}/f`, 'test -f {}')), [])
    assert.is(told()[0]?.status, 'changed')
  })
}

const onRoot = (says: string, work: () => Promise<void>) => (root ? test(says, work) : test.skip(says))

onRoot('a candidate that leans on a file which is only pending is accepted, as apply accepts it', async () => {
  const resources = () => [
    file(`${room}/zones`, { content: 'zone\n' }),
    file(`${room}/conf`, { content: 'include zones\n', validate: sh`grep -q zone ${`${room}/zones`}` }),
  ]
  assert.equal(await check(...resources()), [])
  const predicted = told().map(({ status }) => status)
  assert.equal([predicted, readdirSync(room)], [['changed', 'changed'], []])
  await ensure(ground('apply'), resources())
  assert.equal(readdirSync(room).sort(), ['conf', 'zones'])
})

onRoot('one that is refused where all that is pending stands in its place is refused for good', async () => {
  const resources = () => [
    file(`${room}/zones`, { content: 'zone\n' }),
    file(`${room}/conf`, { content: 'x', validate: sh`grep -q other ${`${room}/zones`}` }),
  ]
  await check(...resources())
  assert.equal(
    told().map(({ status }) => status),
    ['changed', 'failed'],
  )
})

for (const mode of ['check', 'apply'] as const)
  test(`${mode}: a validator that the host does not have, and nothing pending brings, is told in the same words`, async () => {
    const conf = (validate: Validator) => [
      dir(`${room}/d`),
      file(`${room}/d/secret`, { content: secret('s3cret') }),
      file(`${room}/d/conf`, { content: 'x', validate }),
    ]
    for (const validate of ['no-such-checker -t {}', sh`no-such-checker -t "$candidate"`]) {
      const problem = await ensure(ground(mode), conf(validate)).catch((error: unknown) => error)
      assert.match(String(problem), /the validator is not on the host; the live file is untouched/)
      assert.match(JSON.stringify(problem), /no-such-checker/)
    }
  })

onRoot('a validator that something pending may bring is taken to come', async () => {
  const conf = file(`${room}/conf`, { content: 'x', validate: `${room}/checker {}` })
  const checker = (content: string) => file(`${room}/checker`, { content, mode: '0755' })
  await ensure(ground('check'), [exec('install', { run: ':', creates: `${room}/never` }), conf])
  assert.is(told().at(-1)?.status, 'changed')
  await ensure(ground('check'), [checker('#!/bin/sh\n'), conf])
  assert.is(told().at(-1)?.status, 'changed')
  await check(checker('#!/bin/sh\nexit 1\n'), conf)
  assert.is(told().at(-1)?.status, 'failed', 'it is run where it is foreseen')
})

onRoot('a validation may say for itself what its refusal means', async () => {
  const failure = { why: 'the test before the restart of it fails', hint: 'correct it' }
  const tested = kind<string, boolean>({
    name: 'tested',
    probe: () => sh`echo`,
    read: () => true,
    plan: (want) => ({
      steps: [{ summary: 'restart it', sh: sh`:` }],
      validation: { sh: sh`grep -q ${want} ${`${room}/f`}`, of: 'service', failure },
    }),
  })
  const whole = file(`${room}/f`, { content: 'new\n' })
  const problem = await ensure(ground('check'), [whole, tested('it', 'old')]).catch((error: unknown) => error)
  assert.match(String(problem), /the test before the restart of it fails/)
  await ensure(ground('check'), [whole, tested('it', 'new')])
  const opaque = exec('anything', { run: ':', creates: `${room}/never` })
  await ensure(ground('check'), [opaque, tested('it', 'old')])
  assert.is(told().at(-1)?.status, 'changed', 'its test may pass once the command has run')
})

test('structured files show the keys that change, but of a secret only the name', async () => {
  writeFileSync(`${room}/a.json`, '{"log": {"level": "info", "size": 1}, "other": true}\n')
  writeFileSync(`${room}/b.yml`, 'password: 0ld-s3cret\nport: 80\n')
  writeFileSync(`${room}/c.ini`, '[a]\nb=1\nc=2\n')
  await check(
    jsonFile(`${room}/a.json`, { set: { log: { level: 'debug' }, list: [1, 2] }, remove: ['other'] }),
    yamlFile(`${room}/b.yml`, { set: { password: secret('n3w-s3cret'), port: 180 } }),
    iniFile(`${room}/c.ini`, { set: { a: { b: '2' } }, remove: [['a', 'c']] }),
  )
  const diffs = told().map(({ diff = '' }) => diff.split('\n').slice(2).join('\n'))
  assert.equal(diffs, [
    '-log.level: "info"\n+log.level: "debug"\n+list: [1, 2]\n-other: true\n',
    '-password: (not shown)\n+password: (not shown)\n-port: 80\n+port: 180\n',
    '-a.b: "1"\n+a.b: "2"\n-a.c: "2"\n',
  ])
  assert.not.match(JSON.stringify(events), /s3cret/)
})

test.run()
