import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, type FileOptions } from '../../../lib/resources/files/file.ts'
import { line } from '../../../lib/resources/files/line.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { ask, converge, debian, reply, scratch, shells, words } from '../../support/converge-locally.ts'

// A file without content and source: its content is nobody's business.

const mode: FileOptions = { mode: '0640', group: 'shadow' }
const none = 'none 0 4 dir\n'
const open = 'have 0 81a4 3 0 0 root:root\n'
const brings: [string, Effect] = ['pkg:app', { type: 'package', name: 'app', installed: true }]
const writes: [string, Effect] = [
  'file:/etc/shadow',
  {
    type: 'path',
    path: '/etc/shadow',
    state: { type: 'file', mode: '0600', owner: 'root', group: 'root', content: Buffer.from('new\n') },
  },
]

const rows: readonly (readonly [
  says: string,
  options: FileOptions,
  have: string,
  pending: readonly [string, Effect][],
  then: readonly string[] | string,
])[] = [
  [
    'owner and mode are set',
    mode,
    open,
    [],
    ['set group shadow of /etc/shadow (was root)', 'set mode 0640 of /etc/shadow (was 0644)'],
  ],
  ['they are as wanted', { mode: '0644', owner: 'root' }, open, [], []],
  ['a mode that is not named stays', { owner: 'root' }, open, [], []],
  ['no such file: refused', mode, none, [], 'refused: there is no file /etc/shadow'],
  ['an empty one is made on wish', { ...mode, create: true }, none, [], ['create /etc/shadow']],
  ['one that is there is not emptied', { create: true }, open, [], []],
  ['a package may bring it: unknown', mode, none, [brings], 'unknown: /etc/shadow may come with pkg:app'],
  [
    'a package may bring it, and else it is made: unknown',
    { create: true },
    none,
    [brings],
    'unknown: /etc/shadow may come with pkg:app',
  ],
  [
    'an earlier resource makes it',
    mode,
    none,
    [writes],
    ['set group shadow of /etc/shadow (was root)', 'set mode 0640 of /etc/shadow (was 0600)'],
  ],
  [
    'an earlier resource removes it',
    mode,
    open,
    [['absent:/etc/shadow', { type: 'path', path: '/etc/shadow', state: { type: 'absent' } }]],
    'refused: there is no file /etc/shadow',
  ],
  [
    'a symbolic link: refused',
    mode,
    'have 0 a1ff 3 0 0 root:root\n',
    [],
    'refused: /etc/shadow is a symbolic link, which has no mode of its own',
  ],
  [
    'a directory: refused',
    mode,
    'have 0 41ed 9 0 0 root:root\n',
    [],
    'refused: /etc/shadow is a directory, not a file',
  ],
  [
    'no directory above: refused',
    mode,
    'none 0 1 absent\n',
    [],
    'refused: /etc/shadow cannot be made: there is no directory /etc',
  ],
]
for (const [says, options, have, pending, then] of rows)
  test(says, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(file('/etc/shadow', options).evaluate(reply(have), debian, prediction)), then)
  })

/** What is foreseen of a resource that comes after others. */
function after(resource: Resource, have: string, ...earlier: (readonly [Resource, string])[]): unknown {
  const prediction = new Prediction()
  for (const [each, there] of earlier) {
    const evaluation = each.evaluate(reply(there), debian, prediction)
    assert.ok('plan' in evaluation)
    prediction.record(each.id, evaluation.effects)
  }
  return words(resource.evaluate(reply(have), debian, prediction))
}

test('what comes after it sees the content that the host has, or that an earlier resource writes', () => {
  const kept = file('/etc/x', { mode: '0600' })
  const edit = line('/etc/x', { line: 'b' })
  const text = 'have 0 81a4 4 0 0 root:root\ncontent\na\nb\n'
  assert.equal(after(edit, text, [kept, open]), [])
  const written: readonly [Resource, string] = [file('/etc/x', { content: 'a\n' }), none]
  assert.equal(after(edit, none, written, [kept, none]), ['edit /etc/x: b'])
  assert.equal(after(file('/etc/x', { content: 'a\n', mode: '0600' }), none, written, [kept, none]), [])
  assert.equal(after(edit, none, [file('/etc/x', { create: true }), none]), ['edit /etc/x: b'])
})

test('a content that is undefined by mistake is refused, and so is what only a content has', () => {
  // @ts-expect-error: in a project with looser types it compiles
  const undefinedContent = () => file('/etc/x', { content: undefined, mode: '0600' })
  assert.throws(undefinedContent, /content of file:\/etc\/x to be a content, or left out/)
  assert.throws(() => file('/etc/x', {}), /content or source, a mode or an owner/)
  assert.throws(() => file('/etc/x', { mode: '0600', validate: 'true {}' }), /validate/)
  assert.throws(() => file('/etc/x', { content: '', create: true }), /create/)
})

for (const shell of shells()) {
  test(`${shell.name}: a file of any size and content keeps it, and gets its mode`, async () => {
    const path = join(scratch(), 'program')
    const bytes = Buffer.alloc(2_000_000, 255)
    writeFileSync(path, bytes)
    chmodSync(path, 0o4755)
    const { ino } = statSync(path)
    const { did, again } = await converge(shell, file(path, { mode: '0750' }))
    assert.equal([did, words(again)], [[`set mode 0750 of ${path} (was 4755)`], []])
    assert.is(Buffer.compare(readFileSync(path), bytes), 0)
    assert.equal([statSync(path).mode & 0o7777, statSync(path).ino], [0o750, ino])
  })

  test(`${shell.name}: an empty file is made, and what is written into it stays`, async () => {
    const path = join(scratch(), 'log')
    const want = file(path, { create: true, mode: '0640' })
    assert.equal((await converge(shell, want)).did, [`create ${path}`])
    assert.equal([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777], ['', 0o640])
    writeFileSync(path, 'a line\n')
    assert.equal((await converge(shell, want)).did, [])
    assert.is(readFileSync(path, 'utf8'), 'a line\n')
  })

  test(`${shell.name}: in a directory of another account a link is not followed`, async () => {
    const dir = join(scratch(), 'open')
    mkdirSync(dir)
    chmodSync(dir, 0o1777)
    writeFileSync(join(dir, 'target'), '')
    symlinkSync('target', join(dir, 'link'))
    const path = join(dir, 'link')
    assert.match(String(words(await ask(shell, file(path, { mode: '0600' })))), /^refused: .* is a symbolic link/)
    assert.is(statSync(join(dir, 'target')).mode & 0o777, 0o644)
  })
}

test.run()
