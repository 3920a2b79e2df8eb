import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPublicKey } from '../../lib/transport/keys/public-key.ts'
import { fingerprint, keyType, knownHosts, knownHostsLine, parseKnownHosts } from '../../lib/transport/known-hosts.ts'
import { withAnnouncedKeys } from '../../lib/transport/ssh/announced-keys.ts'

const room = mkdtempSync(join(tmpdir(), 'known-hosts-'))
test.after(() => rmSync(room, { recursive: true }))

function newKey(name: string): { line: string; blob: Buffer } {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(room, name)])
  const line = readFileSync(join(room, `${name}.pub`), 'utf8').trim()
  return { line, blob: Buffer.from(line.split(' ')[1] ?? '', 'base64') }
}

const ours = newKey('ours')
const other = newKey('other')
const judge = (text: string, host = 'node-01', port = 22) =>
  parseKnownHosts([{ path: 'known_hosts', text }]).check(host, port, ours.blob)

const cases: [string, string, string, number, string][] = [
  ['a plain line', `node-01 ${ours.line}`, 'node-01', 22, 'known'],
  ['one of several names', `a,node-01,b ${ours.line}`, 'node-01', 22, 'known'],
  ['a wildcard', `node-* ${ours.line}`, 'node-01', 22, 'known'],
  ['a wildcard with an exception', `node-*,!node-01 ${ours.line}`, 'node-01', 22, 'unknown'],
  ['a port of its own', `[node-01]:2222 ${ours.line}`, 'node-01', 2222, 'known'],
  ['a plain name speaks for another port where nothing else does', `node-01 ${ours.line}`, 'node-01', 2222, 'known'],
  ['a plain name with another key says nothing of another port', `node-01 ${other.line}`, 'node-01', 2222, 'unknown'],
  ['another key', `node-01 ${other.line}`, 'node-01', 22, 'changed'],
  [
    'a revoked key, even when it is also listed',
    `node-01 ${ours.line}\n@revoked * ${ours.line}`,
    'node-01',
    22,
    'revoked',
  ],
  ['a revoked key that is not ours', `node-01 ${ours.line}\n@revoked * ${other.line}`, 'node-01', 22, 'known'],
  ['an empty file', '', 'node-01', 22, 'unknown'],
  ['comments and nonsense', '# node-01\nnonsense\n@strange node-01 x y', 'node-01', 22, 'unknown'],
]

for (const [name, text, host, port, expected] of cases) {
  test(`${name}: ${expected}`, () => assert.is(judge(text, host, port).type, expected))
}

test('the types of a host come in the order of the file, whichever way its lines name it', () => {
  const key = (type: string, ...fields: readonly Buffer[]) => {
    const strings = [Buffer.from(type), ...fields].flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field])
    return `${type} ${Buffer.concat(strings).toString('base64')}`
  }
  const point = (name: string, bytes: number) =>
    key(`ecdsa-sha2-${name}`, Buffer.from(name), Buffer.concat([Buffer.from([4]), Buffer.alloc(bytes)]))
  const text = [
    `* ${point('nistp256', 64)}`,
    `NODE-01 ${key('ssh-ed25519', Buffer.alloc(32))}`,
    `c,node-01 ${point('nistp384', 96)}`,
    `node-0? ${point('nistp521', 132)}`,
  ].join('\n')
  assert.equal(parseKnownHosts([{ path: 'known_hosts', text }]).types('node-01', 22), [
    'ecdsa-sha2-nistp256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ])
})

const more = newKey('more')
const last = newKey('last')
const announced: readonly (readonly [
  name: string,
  before: readonly string[],
  keys: readonly Buffer[],
  after: readonly string[] | undefined,
])[] = [
  ['nothing is new', [`node-01 ${ours.line}\n`], [ours.blob], undefined],
  [
    'a new key is added at the end',
    [`node-01 ${ours.line}\n# end`],
    [ours.blob, more.blob],
    [`node-01 ${ours.line}\n# end\nnode-01 ${more.line}\n`],
  ],
  [
    'a key that is gone is removed, and what is not understood stays',
    [`node-01 ${other.line}\nnonsense\nnode-01 ${ours.line}\n`],
    [ours.blob],
    [`nonsense\nnode-01 ${ours.line}\n`],
  ],
  [
    'all keys come to stand in the first file',
    ['', `node-01 ${ours.line}\nnode-02 ${other.line}\n`],
    [ours.blob, more.blob],
    [`node-01 ${ours.line}\nnode-01 ${more.line}\n`, `node-02 ${other.line}\n`],
  ],
  [
    'beside a mark nothing changes',
    [`node-01 ${ours.line}\n@revoked node-01 ${other.line}`],
    [ours.blob, more.blob],
    undefined,
  ],
  ['beside a pattern nothing changes', [`node-0? ${ours.line}`], [ours.blob, more.blob], undefined],
  ['beside three names nothing changes', [`a,b,node-01 ${ours.line}`], [ours.blob, more.blob], undefined],
  ['beside another name for a new key', [`node-01 ${ours.line}\nb ${more.line}`], [ours.blob, more.blob], undefined],
  [
    'beside another name for an old key',
    [`node-01 ${ours.line}\nnode-01 ${other.line}\nb ${other.line}`],
    [ours.blob],
    undefined,
  ],
  ['a host that was recognised by another file', [`b ${other.line}`], [ours.blob, more.blob], undefined],
]
for (const [name, before, keys, after] of announced)
  test(`keys that a host announces: ${name}`, () => {
    const used = keys[0] ?? ours.blob
    const announcement = { host: 'NODE-01', port: 22, used, keys, isHashed: false }
    assert.equal(withAnnouncedKeys(before, [announcement]), after ?? before)
  })

test('keys that several hosts announce are learned together, and names are hashed where that is wished for', () => {
  const before = `node-01 ${ours.line}\nnode-02 ${other.line}\n`
  const [text = ''] = withAnnouncedKeys(
    [before],
    [
      { host: 'node-01', port: 22, used: ours.blob, keys: [ours.blob, more.blob], isHashed: true },
      { host: 'node-02', port: 22, used: other.blob, keys: [last.blob, other.blob], isHashed: true },
    ],
  )
  assert.is(text.slice(0, before.length), before)
  assert.match(text.slice(before.length), /^\|1\|.*\n\|1\|.*\n$/)
  const known = parseKnownHosts([{ path: 'known', text }])
  assert.is(known.check('node-01', 22, more.blob).type, 'known')
  assert.is(known.check('node-02', 22, last.blob).type, 'known')
  assert.ok(known.hasExactly('node-02', 22, [other.blob, last.blob]))
  assert.not(known.hasExactly('node-02', 22, [other.blob]))
})

test('a file is read again only when it has changed', () => {
  const file = (text: string) => [{ path: 'known_hosts', text }]
  const before = knownHosts(file(`node-01 ${ours.line}`))
  assert.is(knownHosts(file(`node-01 ${ours.line}`)), before)
  assert.is(knownHosts(file(`node-01 ${other.line}`)).check('node-01', 22, ours.blob).type, 'changed')
})

test('a hashed name as ssh-keygen -H writes it is known', () => {
  const file = join(room, 'hashed')
  writeFileSync(file, `node-01 ${ours.line}\n`)
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
  const text = readFileSync(file, 'utf8')
  assert.match(text, /^\|1\|/)
  assert.is(judge(text).type, 'known')
  assert.is(judge(text, 'node-02').type, 'unknown')
})

test('a type of key that is called as what every object has is none', () => {
  for (const type of Object.getOwnPropertyNames(Object.prototype)) {
    const text = (word: string) => Buffer.concat([Buffer.from([0, 0, 0, word.length]), Buffer.from(word)])
    for (const fields of [[], ['x'], ['x', 'y']])
      assert.is(readPublicKey(type, Buffer.concat([type, ...fields].map(text)).toString('base64')), undefined, type)
  }
})

test('a fingerprint is written as ssh-keygen -l writes it', () => {
  const said = execFileSync('ssh-keygen', ['-l', '-f', join(room, 'ours.pub')]).toString()
  assert.ok(said.includes(fingerprint(ours.blob)), said)
  assert.is(keyType(ours.blob), 'ssh-ed25519')
})

test('a line that is added is known from then on, with its port', () => {
  assert.is(judge(knownHostsLine('node-01', 2200, ours.blob), 'node-01', 2200).type, 'known')
})

test('lines crafted to be slow are read as fast as others', () => {
  const host = 'a'.repeat(60)
  const lines = [`${'*a'.repeat(500)}b ${ours.line}`, `|1|${'A'.repeat(1e6)}|AAAA ${ours.line}`, `|1|||| ${ours.line}`]
  assert.is(judge([...lines, ...Array<string>(20_000).fill(`${host} ${other.line}`)].join('\n'), host).type, 'changed')
  assert.is(judge(lines.join('\n'), host).type, 'unknown')
  assert.is(judge(`${'*a'.repeat(20)}* ${ours.line}`, host).type, 'known')
})

test.run()
