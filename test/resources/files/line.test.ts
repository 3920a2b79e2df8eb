import { chmodSync, chownSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { editLine, line, type LineOptions, type NoLineOptions } from '../../../lib/resources/files/line.ts'
import { CANDIDATE_REFUSED } from '../../../lib/resources/files/writing/write.ts'
import { secret } from '../../../lib/secret.ts'
import { ask, converge, debian, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: owners, because the tests do not run as root\n')

type Want = Parameters<typeof editLine>[1]
const wants = (want: Partial<Want>): Want => ({ absent: false, line: 'Port 2222', ...want })
const port = /^#?\s*Port\s/

const edits: readonly (readonly [says: string, want: Partial<Want>, live: string, then: string])[] = [
  ['a missing line goes to the end', {}, 'a\nb\n', 'a\nb\nPort 2222\n'],
  ['to the beginning of an empty file', {}, '', 'Port 2222\n'],
  ['a line that is there stays where it is', {}, 'a\nPort 2222\nb\n', 'a\nPort 2222\nb\n'],
  ['twice is as good as once when nothing else stands for it', {}, 'Port 2222\nPort 2222\n', 'Port 2222\nPort 2222\n'],
  ['a line that matches is replaced', { match: port }, 'a\n#Port 22\nb\n', 'a\nPort 2222\nb\n'],
  [
    'of several that match one is left, in the place of the first',
    { match: port },
    '#Port 22\na\nPort 23\n',
    'Port 2222\na\n',
  ],
  [
    'the wanted line among those that match keeps its place',
    { match: port },
    '#Port 22\na\nPort 2222\n',
    'a\nPort 2222\n',
  ],
  ['the line itself counts even when it does not match', { match: /^#Port/ }, 'Port 2222\n#Port 22\n', 'Port 2222\n'],
  ['nothing matches: it goes to the end', { match: port }, 'a\n', 'a\nPort 2222\n'],
  ['after the last line that matches', { after: /^a/ }, 'a1\na2\nb\n', 'a1\na2\nPort 2222\nb\n'],
  ['before the first line that matches', { before: /^b/ }, 'a\nb1\nb2\n', 'a\nPort 2222\nb1\nb2\n'],
  ['after the first line that matches', { after: /^a/, firstMatch: true }, 'a1\na2\nb\n', 'a1\nPort 2222\na2\nb\n'],
  ['before the last line that matches', { before: /^b/, firstMatch: false }, 'a\nb1\nb2\n', 'a\nb1\nPort 2222\nb2\n'],
  ['no first line matches: to the end', { after: /^z/, firstMatch: true }, 'a\n', 'a\nPort 2222\n'],
  ['at the beginning', { before: /^/ }, 'a\n', 'Port 2222\na\n'],
  ['no such place: to the end', { after: /^z/ }, 'a\n', 'a\nPort 2222\n'],
  ['a last line without an end gets one before another follows', {}, 'a\nb', 'a\nb\nPort 2222\n'],
  ['a last line without an end that is replaced keeps none', { match: port }, 'a\nPort 22', 'a\nPort 2222'],
  ['a file with CRLF stays one', {}, 'a\r\nb\r\n', 'a\r\nb\r\nPort 2222\r\n'],
  ['a line with CRLF is seen without it', { match: /^Port 22$/ }, 'a\r\nPort 22\r\n', 'a\r\nPort 2222\r\n'],
  [
    'an expression that remembers is made to forget',
    { match: /^#?Port/g },
    '#Port 1\n#Port 2\n#Port 3\n',
    'Port 2222\n',
  ],
  ['a dollar in the line is nothing special', { line: '$& $1 \\', match: port }, 'Port 22\n', '$& $1 \\\n'],
  ['no such line may be: all that match go', { absent: true, match: port }, 'a\nPort 1\n#Port 2\nPort 2222', 'a\n'],
  ['no such line may be: only the line itself goes', { absent: true }, 'Port 22\nPort 2222\n', 'Port 22\n'],
  ['no such line is there: nothing to do', { absent: true, match: port }, 'a', 'a'],
]

for (const [says, want, live, then] of edits) {
  test(says, () => {
    assert.is(editLine(live, wants(want)), then)
    assert.is(editLine(then, wants(want)), then, 'a second time nothing changes')
  })
}

const is = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const table: readonly (readonly [string, LineOptions | NoLineOptions, string, readonly string[] | string])[] = [
  ['The line is there: nothing to do', { line: 'b' }, is('a\nb\n'), []],
  ['The line is missing: edit', { line: 'b' }, is('a\n'), ['edit /etc/app: b']],
  ['The line is there and may not: edit', { line: 'b', state: 'absent' }, is('a\nb\n'), ['edit /etc/app: remove b']],
  ['A mode on top: chmod', { line: 'b', mode: '0600' }, is('b\n'), ['set mode 0600 of /etc/app (was 0644)']],
  ['No mode: none is managed', { line: 'b' }, 'have 0 8180 2 0 0 root:root\ncontent\nb\n', []],
  ['No file: refused', { line: 'b' }, 'none 0 4 dir\n', 'refused: /etc/app is not there to be edited'],
  ['No file, and it may be made: make it', { line: 'b', create: true }, 'none 0 4 dir\n', ['create /etc/app: b']],
  ['No file and no line wanted: nothing to do', { line: 'b', state: 'absent' }, 'none 0 1 absent\n', []],
  [
    'A link: refused',
    { line: 'b' },
    'have 0 a1ff 2 0 0 root:root\n',
    'refused: /etc/app is a symbolic link: an edit would put a file in its place',
  ],
  [
    'A directory: refused',
    { line: 'b' },
    'have 0 41ed 2 0 0 root:root\n',
    'refused: /etc/app is a directory, not a file',
  ],
  ['Binary: refused', { line: 'b' }, is('a\0\n'), 'refused: /etc/app cannot be edited: it is not text: byte 2 is NUL'],
  [
    'Too large: refused',
    { line: 'b' },
    'have 0 81a4 2000000 0 0 root:root\nother\n',
    'refused: /etc/app cannot be edited: it is larger than 1 MiB',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(line('/etc/app', want).evaluate(reply(have), debian, new Prediction())), then))
}

function after(from: string, effect: Effect, want: LineOptions | NoLineOptions, have = 'none 0 4 dir\n') {
  const prediction = new Prediction()
  prediction.record(from, [effect])
  return line('/etc/default/sysstat', want).evaluate(reply(have), debian, prediction)
}

test('A file that a package may bring is unknown, not an error', () => {
  const pkg = { type: 'package', name: 'sysstat', installed: true } as const
  const unknown = 'unknown: /etc/default/sysstat may come with pkg:sysstat'
  assert.is(words(after('pkg:sysstat', pkg, { line: 'ENABLED="true"' })), unknown)
  assert.is(words(after('pkg:sysstat', pkg, { line: 'ENABLED="false"', state: 'absent' })), unknown)
  assert.equal(words(after('pkg:sysstat', pkg, { line: 'a' }, is('a\n'))), [])
})

test('A symbolic link that comes with a package is no file to be made', () => {
  const said = (path: string, name: string) => {
    const prediction = new Prediction()
    prediction.record(`pkg:${name}`, [{ type: 'package', name, installed: true }])
    return words(line(path, { line: 'a', create: true }).evaluate(reply('none 0 4 dir\n'), debian, prediction))
  }
  const unknown = (path: string, name: string) =>
    `unknown: ${path} comes with pkg:${name} as a symbolic link; name the file it leads to`
  for (const [path, name] of [
    ['/etc/mysql/my.cnf', 'mariadb-server'],
    ['/etc/mysql/my.cnf', 'default-mysql-server'],
    ['/etc/nginx/sites-enabled/default', 'nginx'],
    ['/etc/apache2/mods-enabled/status.conf', 'apache2'],
  ] as const)
    assert.is(said(path, name), unknown(path, name))
  for (const [path, name] of [
    ['/etc/mysql/my.cnf', 'nginx'],
    ['/etc/mysql/conf.d/own.cnf', 'mariadb-server'],
    ['/etc/apache2/sites-enabled/own.conf', 'apache2'],
  ] as const)
    assert.equal(said(path, name), [`create ${path}: a`])
})

test('A file that an earlier resource will have written is edited as it will be', () => {
  const content = Buffer.from('a\n')
  const written = {
    type: 'path',
    path: '/etc/default/sysstat',
    state: { type: 'file', content, mode: '0640' },
  } as const
  const evaluation = after('file:/etc/default/sysstat', written, { line: 'b' })
  assert.equal('plan' in evaluation && evaluation.plan.changes, [
    { before: 'a\n', after: 'a\nb\n', label: '/etc/default/sysstat' },
  ])
  assert.equal('effects' in evaluation && evaluation.effects, [
    {
      type: 'path',
      path: '/etc/default/sysstat',
      state: { type: 'file', mode: '0640', content: Buffer.from('a\nb\n') },
    },
  ])
  assert.equal(words(after('file:/etc/default/sysstat', written, { line: 'a' })), [])
})

test('A secret line is shown nowhere, and is passed on nowhere', () => {
  const resource = line('/etc/app', { line: secret('password=hunter2'), match: /^password=/, create: true })
  const evaluation = resource.evaluate(reply('none 0 4 dir\n'), debian, new Prediction())
  assert.not.match(shown([resource, evaluation, stepsOf(evaluation)[0]?.sh.text]), 'hunter2')
  assert.not.match(JSON.stringify('effects' in evaluation && evaluation.effects), 'content')
  assert.match(stepsOf(evaluation)[0]?.sh.text ?? '', 'chmod -- 00600')
  assert.is(resource.id, 'line:/etc/app#^password=')
})

test('Two lines of one file are two resources', () => {
  assert.is.not(line('/etc/hosts', { line: 'a' }).id, line('/etc/hosts', { line: 'b' }).id)
  assert.equal(line('/etc/hosts', { line: 'a' }).paths, ['/etc/hosts'])
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => line('etc/app', { line: 'a' }),
    () => line('/etc/app', { line: 'a\nb' }),
    () => line('/etc/app', { state: 'absent' }),
    () => line('/etc/app', { line: 'a', insertAfter: /b/, insertBefore: /c/ }),
    () => line('/etc/app', { line: 'a', firstMatch: true }),
    () => line('/etc/app', { state: 'absent', line: 'a', insertAfter: /b/, firstMatch: true } as never),
    () => line('/etc/app', { line: 'a', validate: 'true' }),
  ]
  for (const make of wrong) assert.throws(make, (error: unknown) => error instanceof RolecallError)
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a line is put in, and mode and owner of the file stay', async () => {
    const path = join(scratch(), `it's conf`)
    writeFileSync(path, 'Grüße\r\nPort 22')
    chmodSync(path, 0o640)
    if (root) chownSync(path, 1, 4)
    const { did, again } = await converge(shell, line(path, { line: 'Port 2222', match: /^Port / }))
    assert.equal([did, words(again)], [[`edit ${path}: Port 2222`], []])
    assert.is(readFileSync(path, 'utf8'), 'Grüße\r\nPort 2222')
    assert.is(statSync(path).mode & 0o7777, 0o640)
    if (root) assert.equal([statSync(path).uid, statSync(path).gid], [1, 4])
  })

  it('a file is made on request, and an empty one is filled', async () => {
    const dir = scratch()
    writeFileSync(join(dir, 'empty'), '')
    for (const name of ['new', 'empty']) {
      const { again } = await converge(shell, line(join(dir, name), { line: 'a', create: true }))
      assert.equal([words(again), readFileSync(join(dir, name), 'utf8')], [[], 'a\n'])
    }
    assert.equal(readdirSync(dir).sort(), ['empty', 'new'])
  })

  it('a line is taken out, also the only one', async () => {
    const path = join(scratch(), 'conf')
    writeFileSync(path, 'a\n')
    const { again } = await converge(shell, line(path, { line: 'a', state: 'absent' }))
    assert.equal([words(again), readFileSync(path, 'utf8')], [[], ''])
  })

  it('a validator sees the whole candidate', async () => {
    const path = join(scratch(), 'conf')
    writeFileSync(path, 'a\n')
    const { failed } = await converge(shell, line(path, { line: 'b', validate: 'grep -v a {}' }))
    assert.is(failed, undefined)
    const refused = await converge(shell, line(path, { line: 'c', validate: 'grep -q d {}' }))
    assert.equal([refused.failed?.code, readFileSync(path, 'utf8')], [CANDIDATE_REFUSED, 'a\nb\n'])
  })

  it('a symbolic link is not replaced behind its back', async () => {
    const dir = scratch()
    writeFileSync(join(dir, 'real'), 'a\n')
    symlinkSync('real', join(dir, 'link'))
    assert.match(
      String(words(await ask(shell, line(join(dir, 'link'), { line: 'b' })))),
      /^refused: .* is a symbolic link/,
    )
  })
}

test.run()
