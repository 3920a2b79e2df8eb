import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { jsonFile, jsonFormat } from '../../../lib/resources/structured/json-file.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import type { KeysOptions } from '../../../lib/resources/structured/key-options.ts'
import type { Settings } from '../../../lib/resources/kit/tree.ts'
import { CANDIDATE_REFUSED } from '../../../lib/resources/files/writing/write.ts'
import { secret } from '../../../lib/secret.ts'
import { ask, converge, debian, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

const wide = `{
    "bip": "172.7.21.1/24",
    "log-opts": { "max-size":"10m" },   // of every container
    "dns": ["10.0.0.1", "10.0.0.2"],
    "labels": [
        "a"
    ],
    "live-restore": true // last
}
`

const edits: readonly (readonly [says: string, live: string, set: Settings, remove: string[][], then: string])[] = [
  ['a value is replaced where it stands', wide, { bip: '1' }, [], wide.replace('172.7.21.1/24', '1')],
  ['a value that is there is left alone', wide, { bip: '172.7.21.1/24', labels: ['a'] }, [], wide],
  ['undefined leaves a key alone', wide, { bip: undefined, new: undefined }, [], wide],
  ['maps are merged', wide, { 'log-opts': { 'max-file': 3 } }, [], wide.replace('"10m" }', '"10m","max-file":3 }')],
  ['a list on one line stays on one line', wide, { dns: ['::1'] }, [], wide.replace(/\["10.*\]/, '["::1"]')],
  ['a list over several lines stays so', wide, { labels: ['a', 'b'] }, [], wide.replace('"a"', '"a",\n        "b"')],
  [
    'a new key goes to the end, and a comment stays with its line',
    wide,
    { x: { y: [] } },
    [],
    wide.replace('true // last\n', 'true, // last\n    "x": {\n        "y": []\n    }\n'),
  ],
  ['a text takes the place of a map', wide, { 'log-opts': 'none' }, [], wide.replace('{ "max-size":"10m" }', '"none"')],
  ['a key goes with its line and the comment behind it', wide, {}, [['log-opts']], wide.replace(/ +"log-opts.*\n/, '')],
  ['the last key goes, and the comma before it', wide, {}, [['live-restore']], wide.replace(/,\n +"live.*\n/, '\n')],
  ['a key further down goes', wide, {}, [['log-opts', 'max-size']], wide.replace('{ "max-size":"10m" }', '{}')],
  ['what is not there is not removed', wide, {}, [['graph'], ['bip', 'x'], ['labels', '0']], wide],
  [
    'a file on one line stays on one line',
    '{"a":1,"b":[1]}',
    { c: { d: 2 }, b: [] },
    [],
    '{"a":1,"b":[],"c":{"d": 2}}',
  ],
  ['of keys given twice the last one counts', '{"a":1,"a":2}', { a: 3 }, [], '{"a":1,"a":3}'],
  ['and all of them go', '{"a":1,"b":1,"a":2}', {}, [['a']], '{"b":1}'],
  ['an empty map is filled', '{}\n', { a: 1 }, [], '{\n  "a": 1\n}\n'],
  ['an empty file is filled', '', { a: { b: 1 } }, [], '{\n  "a": {\n    "b": 1\n  }\n}\n'],
  ['CRLF stays', '{\r\n\t"a": 1\r\n}\r\n', { b: 2 }, [], '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n'],
  ['set and removed at once', '{ "a": 1, "b": 2 }', { b: 3, c: null }, [['a']], '{ "b": 3, "c": null }'],
]

for (const [says, live, set, remove, then] of edits) {
  test(says, () => {
    const want = { path: '/etc/app', set, remove }
    assert.is(editKeys(jsonFormat, want, live).text, then)
    assert.is(editKeys(jsonFormat, want, then).text, then, 'a second time nothing changes')
  })
}

const is = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const bip: KeysOptions = { set: { bip: '1' } }
const table: readonly (readonly [string, KeysOptions, string, readonly string[] | string])[] = [
  ['As wanted: nothing to do', bip, is('{"bip":"1"}'), []],
  ['Another value: edit', bip, is('{"bip":"2"}'), ['edit /etc/app: set bip']],
  [
    'Several keys: all are named',
    { set: { bip: '1', 'log-opts': { 'a.b': 1 } }, remove: ['graph', ['x', 'y']] },
    is('{"graph":1,"log-opts":{},"x":{"y":1}}'),
    ['edit /etc/app: set bip, log-opts."a.b"; remove graph, x.y'],
  ],
  ['Only removed', { remove: ['bip'] }, is('{"bip":"2"}'), ['edit /etc/app: remove bip']],
  ['No file: make it', bip, 'none 0 4 dir\n', ['create /etc/app: set bip']],
  ['No file and nothing to set: nothing to do', { remove: ['bip'] }, 'none 0 4 dir\n', []],
  [
    'No file, and none may be made: refused',
    { ...bip, create: false },
    'none 0 4 dir\n',
    'refused: /etc/app is not there to be edited',
  ],
  ['Another mode', { ...bip, mode: '0600' }, is('{"bip":"1"}'), ['set mode 0600 of /etc/app (was 0644)']],
  [
    'Broken: refused, with the place',
    bip,
    is('{\n  "bip": "2"\n  "graph": 1\n}'),
    'refused: /etc/app is broken JSON at line 3, column 3: Unexpected token String',
  ],
  [
    'Cut off: refused',
    bip,
    is('{"bip": '),
    'refused: /etc/app is broken JSON at line 1, column 8: Unexpected end of input',
  ],
  ['A list: refused', bip, is('[]'), 'refused: /etc/app has no keys: its JSON is a list'],
  [
    'A link: refused',
    bip,
    'have 0 a1ff 2 0 0 root:root\n',
    'refused: /etc/app is a symbolic link: an edit would put a file in its place',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () =>
    assert.equal(words(jsonFile('/etc/app', want).evaluate(reply(have), debian, new Prediction())), then),
  )
}

test('A change is shown by its keys', () => {
  const set = { bip: '1', hosts: ['one', 'two'], a: { b: { c: true } } }
  const evaluation = jsonFile('/etc/app', { set, remove: ['graph'] }).evaluate(
    reply(is('{"bip":"2","graph":"/data","a":{}}')),
    debian,
    new Prediction(),
  )
  assert.equal('plan' in evaluation && evaluation.plan.changes, [
    {
      label: '/etc/app',
      pairs: [
        ['bip: "2"', 'bip: "1"'],
        ['', 'hosts: ["one", "two"]'],
        ['', 'a.b.c: true'],
        ['graph: "/data"', ''],
      ],
    },
  ])
})

test('A secret is shown nowhere, nor are the values that it replaces, and the content is passed on nowhere', () => {
  const token = secret('hunter2-hunter2')
  const resource = jsonFile('/etc/app', { set: { auth: { token }, all: [token], port: 1 }, remove: ['old'] })
  const have = is('{"auth":{"token":"correct-horse"},"port":2,"old":"battery-staple"}')
  const evaluation = resource.evaluate(reply(have), debian, new Prediction())
  const told = shown([
    resource,
    'plan' in evaluation && evaluation.plan.changes,
    stepsOf(evaluation).map(({ summary: say, sh }) => [say, sh.text]),
  ])
  assert.not.match(told, /hunter2|correct-horse|battery-staple/)
  const changes = JSON.stringify('plan' in evaluation && evaluation.plan.changes)
  assert.match(changes, '["port: 2","port: 1"]')
  assert.match(changes, '["auth.token: (not shown)","auth.token: (secret)"]')
  assert.not.match(JSON.stringify('effects' in evaluation && evaluation.effects), 'content')
  assert.match(Buffer.from(stepsOf(evaluation)[0]?.stdin ?? []).toString(), /"token":"hunter2-hunter2"/)
  const fresh = stepsOf(resource.evaluate(reply('none 0 4 dir\n'), debian, new Prediction()))
  assert.match(fresh[0]?.sh.text ?? '', 'chmod -- 00600')
})

test('A file that an earlier resource will have written is edited as it will be; one that a package may bring is made', () => {
  const after = (effect: Effect) => {
    const prediction = new Prediction()
    prediction.record('file:/etc/app', [effect])
    return jsonFile('/etc/app', bip).evaluate(reply('none 0 4 dir\n'), debian, prediction)
  }
  const state = { type: 'file', content: Buffer.from('{"bip":"1"}'), mode: '0644' } as const
  assert.equal(words(after({ type: 'path', path: '/etc/app', state })), [])
  const unknown = { type: 'path', path: '/etc/app', state: { type: 'file', mode: '0644' } } as const
  assert.match(String(words(after(unknown))), /^unknown: /)
  assert.equal(words(after({ type: 'package', name: 'docker.io', installed: true })), ['create /etc/app: set bip'])
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => jsonFile('etc/app', bip),
    () => jsonFile('/etc/app', { set: { a: Number.NaN } }),
    () => jsonFile('/etc/app', { set: { a: new Date() as unknown as Settings } }),
    () => jsonFile('/etc/app', { set: { a: { b: 1 } }, remove: ['a'] }),
    () => jsonFile('/etc/app', { remove: [[]] }),
    () => jsonFile('/etc/app', { ...bip, mode: 'rw' }),
  ]
  for (const make of wrong) assert.throws(make, (error: unknown) => error instanceof RolecallError)
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('keys are set and the rest of the file stays, its mode too', async () => {
    const path = join(scratch(), "it's daemon.json")
    writeFileSync(path, wide)
    chmodSync(path, 0o640)
    const { did, again } = await converge(shell, jsonFile(path, { set: { bip: "it's $HOME `x`" }, backup: true }))
    assert.equal([did, words(again)], [[`edit ${path}: set bip`], []])
    assert.is(readFileSync(path, 'utf8'), wide.replace('172.7.21.1/24', "it's $HOME `x`"))
    assert.is(statSync(path).mode & 0o7777, 0o640)
    assert.is(readdirSync(join(path, '..')).length, 2)
  })

  it('a new file with a secret is for its owner only', async () => {
    const path = join(scratch(), 'token.json')
    const { again } = await converge(shell, jsonFile(path, { set: { token: secret('hunter2-hunter2') } }))
    assert.equal([words(again), readFileSync(path, 'utf8')], [[], '{\n  "token": "hunter2-hunter2"\n}\n'])
    assert.is(statSync(path).mode & 0o7777, 0o600)
  })

  it('a validator sees the whole candidate', async () => {
    const path = join(scratch(), 'app.json')
    writeFileSync(path, '{"a":1}')
    const refused = await converge(shell, jsonFile(path, { set: { b: 2 }, validate: 'grep -q c {}' }))
    assert.equal([refused.failed?.code, readFileSync(path, 'utf8')], [CANDIDATE_REFUSED, '{"a":1}'])
  })

  it('a broken file is left as it is', async () => {
    const path = join(scratch(), 'app.json')
    writeFileSync(path, '{"a":1}\n##########\n')
    assert.match(String(words(await ask(shell, jsonFile(path, { set: { a: 2 } })))), /line 2, column 1/)
  })
}

test.run()
