import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CallsThatChanged, EarlierChanges } from '../../lib/converge/earlier-changes.ts'
import { ensure } from '../../lib/converge/ensure.ts'
import {
  absent,
  dir,
  file,
  iniFile,
  line,
  link,
  packageFile,
  pkg,
  secret,
  user,
  type Effect,
  type Resource,
} from '../../lib/index.ts'
import { events, ground, onThisMachine, room } from '../support/ensure-here.ts'

onThisMachine(test)

const p = '/etc/x'
const content = (text: string): Effect => ({
  type: 'path',
  path: p,
  state: { type: 'file', content: Buffer.from(text) },
})
const mode = (type: 'file' | 'dir', bits: string): Effect => ({ type: 'path', path: p, state: { type, mode: bits } })
const moved = (name: string, installed: boolean, kept?: true): Effect => ({
  type: 'package',
  name,
  installed,
  ...(kept && { kept }),
})
const key = (value: string) => iniFile(p, { set: { a: { b: value } } })

const rows: readonly [says: string, earlier: Resource, later: Resource, effects: readonly Effect[], why?: string][] = [
  [
    'a line that the content has not',
    file(p, { content: 'a\n' }),
    line(p, { line: 'b' }),
    [content('a\nb\n')],
    'it leaves another content in /etc/x',
  ],
  ['a line that the content has', file(p, { content: 'a\nb\n' }), line(p, { line: 'b' }), [content('a\nb\n')]],
  [
    'a secret that nobody sees',
    file(p, { content: secret('a\n') }),
    line(p, { line: 'b' }),
    [],
    'that is to have another content',
  ],
  [
    'a content without the line',
    line(p, { line: 'b' }),
    file(p, { content: 'a\n' }),
    [content('a\n')],
    'it leaves another content in /etc/x',
  ],
  ['another line', line(p, { line: 'b' }), line(p, { line: 'c' }), [content('b\nc\n')]],
  [
    'the same line, which is to go',
    line(p, { line: 'b' }),
    line(p, { line: 'b', state: 'absent' }),
    [content('')],
    'it leaves another content in /etc/x',
  ],
  [
    'two contents',
    file(p, { content: 'a' }),
    file(p, { content: 'b' }),
    [content('b')],
    'it leaves another content in /etc/x',
  ],
  [
    'another mode',
    file(p, { content: 'a', mode: '0644' }),
    file(p, { content: 'a', mode: '0600' }),
    [mode('file', '0600')],
    'the mode of /etc/x is to be 0644, and 0600',
  ],
  [
    'an owner that only one of them wants',
    dir(p),
    dir(p, { owner: 'eve' }),
    [{ type: 'path', path: p, state: { type: 'dir', mode: '0755', owner: 'eve' } }],
  ],
  ['one mode in two spellings', dir(p, { mode: '755' }), dir(p, { mode: '0755' }), [mode('dir', '0755')]],
  [
    'two modes of a directory',
    dir(p, { mode: '0700' }),
    dir(p, { mode: '0755' }),
    [mode('dir', '0755')],
    'the mode of /etc/x is to be 0700, and 0755',
  ],
  [
    'nothing, and a file',
    absent(p),
    file(p, { content: 'a' }),
    [content('a')],
    '/etc/x is to be nothing at all, and a file',
  ],
  [
    'something in what is to go',
    absent(p, { recursive: true }),
    file(`${p}/y`, { content: 'a' }),
    [],
    'it stands in /etc/x, which is to be nothing at all',
  ],
  [
    'something whose directory goes',
    file(`${p}/y`, { content: 'a' }),
    absent(p, { recursive: true }),
    [],
    'it removes what /etc/x is in',
  ],
  ['two targets of a link', link(p, { to: '/a' }), link(p, { to: '/b' }), [], '/etc/x is to lead to /a, and to /b'],
  ['a directory behind a link', link(p, { to: '/a' }), dir(p), []],
  ['two values of a key', key('1'), key('2'), [], 'two values for key a.b of /etc/x'],
  ['one value of a key', key('1'), key('1'), []],
  [
    'a user who goes and comes',
    user('cat', { state: 'absent' }),
    user('cat'),
    [],
    'user:cat is to be there, and absent',
  ],
  ['a user with more groups', user('cat'), user('cat', { groups: ['docker'] }), []],
  [
    'a package that comes along',
    pkg('b', { state: 'absent' }),
    pkg('a'),
    [moved('a', true), moved('b', true)],
    'pkg:a brings the package b',
  ],
  [
    'a package that has to go',
    packageFile('b', { source: '/b.deb' }),
    pkg('a'),
    [moved('a', true), moved('b', false)],
    'pkg:a removes the package b',
  ],
  [
    'a package that is only configured',
    pkg('b', { state: 'absent' }),
    pkg('a'),
    [moved('a', true), moved('b', true, true)],
  ],
  ['a package that is to stay', pkg('b'), pkg('a'), [moved('a', true), moved('b', true)]],
]
for (const [says, earlier, later, effects, why] of rows)
  test(`A later resource undoes an earlier one: ${says}`, () => {
    const run = new EarlierChanges()
    run.add([{ resource: earlier, effects: [] }], true)
    const told = run.undoneBy([{ resource: later, effects }], (path) => path)
    assert.is(told.length, why === undefined ? 0 : 1, told.join())
    if (why !== undefined) assert.match(told[0] ?? '', `: ${why}. Each apply does both again`)
    assert.equal(
      run.undoneBy([{ resource: later, effects }], (path) => path),
      [],
      'once',
    )
  })

test('what was to be so for a while only, around another change on whatever host, is undone on purpose', () => {
  const [down, up] = [file(p, { content: 'down' }), file(p, { content: 'up' })]
  const tells = (isAppChanged: boolean) => {
    const calls = new CallsThatChanged()
    const [balancer, app] = [new EarlierChanges(calls), new EarlierChanges(calls)]
    balancer.add([{ resource: down, effects: [content('down')] }], true)
    app.add([{ resource: pkg('app'), effects: [] }], isAppChanged)
    return balancer.undoneBy([{ resource: up, effects: [content('up')] }], (path) => path).length
  }
  assert.equal([tells(true), tells(false)], [0, 1])
})

for (const mode of ['check', 'apply'] as const)
  test(`${mode} tells of two ensure calls that undo each other, with both places`, async () => {
    const path = join(room, 'app.conf')
    const context = { ...ground(mode), earlier: new EarlierChanges() }
    const make = (role: string, resource: Resource) => ensure({ ...context, role }, [resource])
    const notes = () => events.flatMap((event) => (event.type === 'note' ? [event] : []))
    await make('one', file(path, { content: 'a\n' }))
    await make('one', line(path, { line: 'a' }))
    assert.equal(notes(), [])
    await make('two', line(path, { line: 'b' }))
    const [note, ...more] = notes()
    assert.equal([more, note?.role], [[], 'two'])
    const place = String.raw`earlier\.test\.ts:\d+:\d+`
    assert.match(note?.message ?? '', new RegExp(`^line:\\S+#b at \\S*${place} undoes file:\\S+ at \\S*${place}: `))
    assert.is(existsSync(path), mode === 'apply')
  })

test.run()
