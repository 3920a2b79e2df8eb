import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { Keyring, NO_PASSWORDS } from '../../lib/vault/keyring.ts'
import { openFile } from '../../lib/vault/open-file.ts'
import { readIni } from '../../lib/vault/sops/flat.ts'
import { goRegex } from '../../lib/vault/sops/go-regex.ts'
import { goFloat, goScalar } from '../../lib/vault/sops/go-scalar.ts'
import { literal, plainText } from '../../lib/vault/sops/plain-text.ts'

const test = suite('files of SOPS and age')
const fixtures = join(import.meta.dirname, 'sops')
// A key for these files alone.
const ours = new Keyring(NO_PASSWORDS, { SOPS_AGE_KEY_FILE: join(fixtures, 'key.txt'), XDG_CONFIG_HOME: '/none' })
const nobody = new Keyring(NO_PASSWORDS, { XDG_CONFIG_HOME: '/none', PATH: '/none' })
const bytesOf = (name: string) => readFileSync(join(fixtures, name))

async function opened(name: string, change: (text: string) => string = (text) => text) {
  const result = await openFile(Buffer.from(change(bytesOf(name).toString('utf8'))), name, ours)
  if (result.type === 'failed') return result.problems.map(({ message }) => message).join('; ')
  if (result.type === 'plain') return 'plain'
  if (result.type === 'whole') return result.bytes.toString('utf8')
  return Object.fromEntries(result.secrets.map((secret) => [secret.leaf.path.join('.'), secret.text]))
}

/** Made by the code of SOPS itself (its trees, ciphers and stores) and by the program age. */
const MADE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'db.json': {
    'db.password': 'hunter2 secret',
    'db.port': '5432',
    'db.ratio': '1000',
    'db.on': 'True',
    'list.0': '1',
    'list.1': 'two',
  },
  'regex.yml': { password: 'hunter2 secret' },
  'only-encrypted.yml': { password: 'hunter2 secret' },
  'comment.yml': { password: 'hunter2 secret' },
  'app.env': { PASSWORD: 'hunter2 secret' },
  'comments.yml': {
    'users.0.name': 'ada',
    'users.0.password': 'hunter2 secret',
    'users.1.name': 'bob',
    'users.1.password': 's3cret of bob',
    'only_comments.0': 'hunter2 first',
    'nested.0.0': 'hunter2 inner',
  },
  'go-regex.yml': { 'api-key': 'hunter2 key' },
  'quotes.ini': { 'db.password': 'hunter2 secret' },
  'app.ini': { 'db.password': 'hunter2 secret' },
}
for (const [name, values] of Object.entries(MADE)) {
  test(`every value of a SOPS file is decrypted, and its checksum is right: ${name}`, async () => {
    assert.equal(await opened(name), values)
  })
}

test('numbers, truth values, times, texts of several lines, lists and aliases are opened with their types', async () => {
  const result = await openFile(bytesOf('all.yml'), 'all.yml', ours)
  if (result.type !== 'values') throw new Error(result.type)
  const plain = plainText(result.document, result.secrets, literal)
  for (const line of [
    '    password: "hunter2 with \\"quotes\\""',
    '    port: 5432',
    '    ratio: 1.5',
    '    big: 123456789012345678',
    '    "on": true',
    '    multi: "two\\nlines α\\n"',
    '    oct: 420',
    '    day: "2002-12-14T00:00:00Z"',
    '      token: "abc"',
    '    - 7',
  ])
    assert.ok(plain.includes(`\n${line}`), line)
  assert.is(plain.split('\n').length, bytesOf('all.yml').toString().split('\n').length, 'lines stay where they are')
})

test('comments between the items of a list are encrypted as items, and are none when they are opened', async () => {
  const result = await openFile(bytesOf('comments.yml'), 'comments.yml', ours)
  if (result.type !== 'values') throw new Error(result.type)
  const plain: unknown = parse(plainText(result.document, result.secrets, literal))
  const { users, only_comments, nested } = plain as Record<string, unknown>
  assert.equal(users, [
    { name: 'ada', password: 'hunter2 secret' },
    { name: 'bob', password: 's3cret of bob' },
  ])
  assert.equal([only_comments, nested], [['hunter2 first'], [['hunter2 inner']]])
})

test('the rules of a file are regular expressions of Go', () => {
  const rows: readonly (readonly [source: string, matches: readonly string[], others: readonly string[]])[] = [
    ['^(?:data|stringData)$', ['data', 'stringData'], ['data2', 'data\n']],
    ['(?i)PASS|key$', ['password', 'api_KEY'], ['keys']],
    ['(?i:token)|\\Apass', ['TOKEN', 'password'], ['Password', 'a pass']],
    ['a(?i)b|c', ['aB', 'C'], ['Ab']],
    ['^[[:alpha:]]+$', ['abc'], ['a1', ':']],
    ['(?i)^[a-f[:digit:]]+$', ['AF09'], ['g']],
    ['^meta\\-data\\z', ['meta-data'], ['meta_data']],
    ['\\Qa.b\\E', ['a.b'], ['axb']],
    ['^\\pL+$|^\\p{Greek}', ['émile', 'Ωx'], ['1']],
    ['^\\w+$', ['a_1'], ['é']],
    ['^x{2,3}$|^y{$', ['xx', 'y{'], ['x']],
    ['(?P<name>a)+?', ['a'], ['b']],
    ['^\\x41\\x{42}\\103$', ['ABC'], ['abc']],
  ]
  for (const [source, matches, others] of rows) {
    const shape = goRegex(source)
    if (shape === undefined) throw new Error(source)
    for (const each of matches) assert.ok(shape.test(each), `${source} matches ${each}`)
    for (const each of others) assert.not(shape.test(each), `${source} matches ${each}`)
  }
  for (const source of ['(?U)a+', '(?=a)', '\\1', '[[:^alpha:]]', '(']) assert.is(goRegex(source), undefined, source)
})

test('a JSON file of SOPS is one on a single line, too', async () => {
  const all = await opened('db.json')
  assert.equal(await opened('db.json', (text) => JSON.stringify(JSON.parse(text))), all)
})

test('age files are decrypted, armored and binary', async () => {
  for (const name of ['whole.age', 'binary.age']) {
    const result = await openFile(bytesOf(name), name, ours)
    assert.is(result.type === 'whole' ? result.bytes.toString() : result.type, 'app:\n  password: hunter2 secret\n')
  }
})

test('any change of a SOPS file is noticed', async () => {
  const [first = ''] = /ENC\[AES256_GCM,data:[^\]]*\]/.exec(bytesOf('db.json').toString()) ?? []
  const changed: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['db.json', (text) => text.replace('"password"', '"passwort"'), /was changed, or its name was changed/],
    ['db.json', (text) => text.replace(first, first.replace(/data:../, 'data:AA')), /was changed, or its name/],
    [
      'db.json',
      (text) => text.replace(first, 'hunter2'),
      /is not encrypted, and by the rule of this file it has to be/,
    ],
    ['db.json', (text) => text.replace('2.5', '2.6'), /its checksum does not match/],
    ['regex.yml', (text) => text.replace('example.com', 'example.org'), /its checksum does not match/],
    ['db.json', (text) => text.replace(/"mac": "[^"]*",/, ''), /its checksum does not match/],
    ['db.json', (text) => text.replace('YWdl', 'YWdm'), /the key for age under sops: is damaged/],
  ]
  for (const [name, change, words] of changed) {
    const result = await opened(name, change)
    assert.match(typeof result === 'string' ? result : 'opened', words)
  }
})

test('the error of a file for other keys names its recipients and the places that were searched', async () => {
  for (const [name, words] of [
    ['db.json', /no key of age here opens this file of SOPS/],
    ['whole.age', /no key opens this age file/],
  ] as const) {
    const result = await openFile(bytesOf(name), name, nobody)
    if (result.type !== 'failed') throw new Error(result.type)
    assert.match(result.problems[0]?.message ?? '', words)
    assert.match(result.problems[0]?.hint ?? '', /SOPS_AGE_KEY_FILE/)
  }
})

test('a comment of an INI file is no name, however far it is indented, and blanks without end are read at once', () => {
  const text = `[a]\n  # b = 1\n c : 2\n${' '.repeat(200_000)}\n[sops]\nmac = x\nlastmodified = y\nversion = 3.9.0\n`
  const read = readIni(text)
  if (read === undefined || 'problem' in read) throw new Error(JSON.stringify(read))
  assert.equal(
    read.leaves.map(({ names, text: value }) => [...names, value]),
    [['a', 'c', '2']],
  )
})

test('a text that SOPS did not write is not read as a SOPS file', async () => {
  assert.is((await openFile(Buffer.from('sops: { a: 1 }\nb: 2\n'), 'x.yml', ours)).type, 'plain')
  assert.is((await openFile(Buffer.from('a: 1\n'), 'x.yml', ours)).type, 'plain')
})

test('plain scalars count in the checksum as Go prints them', () => {
  const written = [
    '010',
    '0x1F',
    '1_000',
    '1e3',
    '.5',
    '-.inf',
    '~',
    'True',
    'yes',
    '2002-12-14',
    '1e21',
    '1.10',
    ...[
      '2001-12-14 21:59:43.1 +2',
      '2001-12-14t21:59:43.10-05:00',
      '2002-1-2 3:04:05',
      '2002-13-01',
      '2002-12-14T01:02:03',
    ],
  ]
  assert.equal(written.map(goScalar), [
    ...['8', '31', '1000', '1000', '0.5', '-Inf', undefined, 'True', 'yes', '2002-12-14T00:00:00Z'],
    ...['1000000000000000000000', '1.1'],
    ...[
      '2001-12-14 21:59:43.1 +2',
      '2001-12-14T21:59:43.1-05:00',
      '2002-01-02T03:04:05Z',
      '2002-13-01',
      '2002-12-14T01:02:03',
    ],
  ])
  assert.equal([1e21, 1.5e-7, -2.5e22].map(goFloat), [
    '1000000000000000000000',
    '0.00000015',
    '-25000000000000000000000',
  ])
})

test.run()
