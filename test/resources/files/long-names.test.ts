import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sshKeyPair } from '../../../lib/resources/tls/ssh-key-pair.ts'
import { user } from '../../../lib/resources/accounts/user.ts'
import { block } from '../../../lib/resources/files/block.ts'
import { dir } from '../../../lib/resources/files/dir.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { link } from '../../../lib/resources/files/link.ts'
import { writeAll } from '../../../lib/resources/files/writing/write.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { iniFile } from '../../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../../lib/resources/structured/json-file.ts'
import { yamlFile } from '../../../lib/resources/structured/yaml-file.ts'
import { lines, raw } from '../../../lib/sh/quote.ts'
import { converge, run, scratch, shells, words } from '../../support/converge-locally.ts'

/** The longest name whose backup has the whole of it, the next one, and the longest of all, of characters of three bytes. */
const names = ['x'.repeat(238), 'x'.repeat(239), '界'.repeat(85)]

/** Kinds that write one file, for its first and its second content. */
const writers: Readonly<Record<string, (path: string, turn: number) => Resource>> = {
  file: (path, turn) => file(path, { content: `${turn}\n`, backup: true }),
  'file in place': (path, turn) => file(path, { content: `${turn}\n`, backup: true, inPlace: true }),
  line: (path, turn) => line(path, { line: `a=${turn}`, match: /^a=/, create: true, backup: true }),
  block: (path, turn) => block(path, { name: 'b', content: `${turn}\n`, create: true, backup: true }),
  jsonFile: (path, turn) => jsonFile(path, { set: { a: turn }, backup: true }),
  yamlFile: (path, turn) => yamlFile(path, { set: { a: turn }, backup: true }),
  iniFile: (path, turn) => iniFile(path, { set: { s: { a: String(turn) } }, backup: true }),
}

for (const shell of shells()) {
  for (const name of names)
    test(`${shell.name}: a file with a name of ${Buffer.byteLength(name)} bytes is written, and the old one is kept`, async () => {
      for (const [kind, of] of Object.entries(writers)) {
        const room = scratch()
        const path = join(room, name)
        for (const turn of [1, 2]) {
          const { failed, again } = await converge(shell, of(path, turn))
          assert.equal([kind, failed?.stderr, words(again)], [kind, undefined, []])
        }
        const [kept = '', ...others] = readdirSync(room).filter((each) => each !== name)
        assert.equal([kind, others], [kind, []])
        assert.match(kept, name.length === 238 ? /^x{238}\.\d{8}T\d{6}~$/ : /-[0-9a-f]{12}\.\d{8}T\d{6}~$/)
        assert.match(readFileSync(join(room, kept), 'utf8'), /1/)
      }
    })

  test(`${shell.name}: files whose names begin with the same 239 bytes are written and kept together`, async () => {
    const room = scratch()
    const paths = ['a', 'b', 'c'].map((end) => join(room, 'x'.repeat(239) + end))
    for (const path of paths) writeFileSync(path, `old ${path.at(-1)}`)
    const writes = paths.map((path) => ({
      path,
      bytes: Buffer.from(`new ${path.at(-1)}`),
      mode: '0644',
      backup: true,
    }))
    const { code, stderr } = await run(shell, lines(raw('m() { :; }'), writeAll(writes)))
    assert.equal([code, stderr], [0, ''])
    assert.equal(
      readdirSync(room)
        .map((name) => readFileSync(join(room, name), 'utf8'))
        .sort(),
      ['new a', 'new b', 'new c', 'old a', 'old b', 'old c'],
    )
  })
}

test('what Linux would refuse as too long is refused before anything is asked', () => {
  const long = `/srv/${'x'.repeat(256)}`
  const deep = '/abcdefghi'.repeat(385)
  for (const make of [
    () => file(long, { content: '' }),
    () => dir(long),
    () => link(long, { to: '/a' }),
    () => file(`/srv/${'界'.repeat(86)}`, { content: '' }),
    () => sshKeyPair(`/srv/${'x'.repeat(252)}`),
  ])
    assert.throws(make, /made of names of at most 255 bytes, got a path with one of 25[68] bytes/)
  assert.throws(() => user('eve', { home: long }), /Expected home of user:eve to be/)
  assert.throws(() => dir(deep), /at most 3840 bytes long, got 3850 bytes/)
  assert.throws(() => link('/srv/a', { to: `/${'a/'.repeat(2048)}` }), /a path of at most 4095 bytes/)
})

test.run()
