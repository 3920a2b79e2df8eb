import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { matcher } from '../../../lib/resources/trees/local-tree.ts'
import { render } from '../../../lib/resources/trees/render.ts'
import { template } from '../../../lib/resources/trees/template.ts'
import { tree, type TreeOptions } from '../../../lib/resources/trees/tree.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { secret, Secret } from '../../../lib/secret.ts'
import { ask, converge, debian, probe, scratch, shells, words } from '../../support/converge-locally.ts'

const source = mkdtempSync(join(tmpdir(), 'rolecall-tree-'))
test.after(() => rmSync(source, { recursive: true, force: true }))
const long = `${'long-'.repeat(15)}name`
mkdirSync(join(source, 'a/b', long, long), { recursive: true })
mkdirSync(join(source, 'empty'))
mkdirSync(join(source, '.hidden'))
for (const [path, text] of [
  ['one', 'one\n'],
  ['a/two words', 'two\n'],
  ['a/b/.dot', ''],
  [`a/b/${long}/${long}/deep`, 'deep\n'],
  ['.hidden/x', 'x\n'],
  ['run.sh', '#!/bin/sh\n'],
  ['app.conf.eta', 'port <%= it.port %>\n'],
] as const)
  writeFileSync(join(source, path), text)
chmodSync(join(source, 'run.sh'), 0o755)
symlinkSync('one', join(source, 'link'))
const options: TreeOptions = { source, variables: { port: 80 } }

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: trees in each shell, because the tests do not run as root\n')
for (const shell of root ? shells() : []) {
  test(`${shell.name}: a tree goes beside what is there, with any name, in one piece where it is new`, async () => {
    const from = scratch()
    const names = [
      '..x',
      '.x',
      '-n',
      'a b',
      '*',
      '$(x)',
      'old/..y',
      'old/new/-e',
      'old/new/deeper/.z',
      'new/*/x',
      'new/.h/y',
    ]
    const many = Array.from({ length: 1100 }, (_, at) => `many/${at}`)
    for (const name of [...names, ...many]) {
      mkdirSync(join(from, name, '..'), { recursive: true })
      writeFileSync(join(from, name), name)
    }
    const into = join(scratch(), `it's here`)
    mkdirSync(join(into, 'old'), { recursive: true })
    writeFileSync(join(into, 'old/..y'), 'other')
    writeFileSync(join(into, 'old/stays'), 'stays')
    const { failed, again } = await converge(shell, tree(into, { source: from }))
    assert.equal([failed?.stderr, words(again)], [undefined, []])
    for (const name of [...names, ...many]) assert.is(readFileSync(join(into, name), 'utf8'), name)
    assert.is(readFileSync(join(into, 'old/stays'), 'utf8'), 'stays')
    const left = readdirSync(into).sort()
    assert.equal(left, ['*', '-n', '..x', '.x', '$(x)', 'a b', 'many', 'new', 'old'].sort())
    assert.is(statSync(join(into, 'new/.h')).mode & 0o777, 0o755)
  })
}

for (const shell of root ? shells() : []) {
  test(`${shell.name}: a tree is made, drifts and is mended`, async () => {
    const path = join(scratch(), 'www')
    const first = await converge(shell, tree(path, options))
    assert.is(first.failed, undefined, JSON.stringify(first.failed))
    assert.is(first.did.length, 2)
    assert.is(first.did[0], `make directory ${path}`)
    assert.equal(words(first.again), [])
    assert.is(readFileSync(join(path, 'app.conf'), 'utf8'), 'port 80\n')
    assert.is(readFileSync(join(path, 'a/b', long, long, 'deep'), 'utf8'), 'deep\n')
    assert.is(readlinkSync(join(path, 'link')), 'one')
    assert.equal(
      [
        statSync(join(path, 'run.sh')).mode & 0o7777,
        statSync(join(path, 'one')).mode & 0o7777,
        statSync(join(path, 'empty')).mode & 0o7777,
      ],
      [0o755, 0o644, 0o755],
    )

    writeFileSync(join(path, 'one'), 'two\n')
    chmodSync(join(path, 'a/two words'), 0o600)
    rmSync(join(path, 'link'))
    writeFileSync(join(path, 'foreign'), '')
    const second = await converge(shell, tree(path, options))
    assert.equal(second.did, [`update a/two words, link, one in ${path}`])
    assert.equal(words(second.again), [])
    assert.is(readFileSync(join(path, 'one'), 'utf8'), 'one\n')
    assert.ok(existsSync(join(path, 'foreign')), 'without prune others stay')

    mkdirSync(join(path, 'old/deep'), { recursive: true })
    mkdirSync(join(path, 'uploads'))
    writeFileSync(join(path, 'uploads/mine'), '')
    rmSync(join(path, 'run.sh'))
    mkdirSync(join(path, 'run.sh'))
    assert.match(String(words(await ask(shell, tree(path, options)))), /refused: .*run\.sh is a directory, not a file/)
    const pruned = await converge(shell, tree(path, { ...options, prune: true, exclude: ['uploads'] }))
    assert.equal(pruned.failed, undefined)
    assert.equal(pruned.did, [`remove foreign, old, run.sh from ${path}`, `update run.sh in ${path}`])
    assert.equal(words(pruned.again), [])
    assert.ok(existsSync(join(path, 'uploads/mine')))
  })

  test(`${shell.name}: modes of all files and directories`, async () => {
    const path = join(scratch(), 'www')
    const made = await converge(
      shell,
      tree(path, { ...options, mode: '640', directoryMode: '2750', owner: 'root', group: 'daemon' }),
    )
    assert.equal(made.failed, undefined)
    assert.equal(words(made.again), [])
    assert.equal(
      [
        statSync(path).mode & 0o7777,
        statSync(join(path, 'a/b')).mode & 0o7777,
        statSync(join(path, 'run.sh')).mode & 0o7777,
      ],
      [0o2750, 0o2750, 0o640],
    )
  })

  test(`${shell.name}: an account's tree is written as that account, and not without its name`, async () => {
    const dir = scratch()
    chmodSync(dir, 0o755)
    const path = join(dir, 'www')
    const made = await converge(shell, tree(path, { ...options, owner: 'daemon' }))
    assert.is(made.failed, undefined, JSON.stringify(made.failed))
    assert.equal(words(made.again), [])
    assert.is(statSync(join(path, 'a/two words')).uid, statSync(path).uid)
    assert.match(
      String(words(await ask(shell, tree(path, options)))),
      /refused: another account can change .*www: root does not write a tree there/,
    )
    const shared = join(dir, 'shared')
    const given = await converge(shell, tree(shared, { ...options, owner: 'daemon', group: 'nogroup' }))
    assert.is(given.failed, undefined, `a group that the account is not in: ${JSON.stringify(given.failed)}`)
    assert.equal(words(given.again), [])
    const closed = join(dir, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    writeFileSync(join(closed, 'odd'), '', { mode: 0o000 })
    const opened = await converge(shell, tree(closed, { ...options, owner: 'daemon', prune: true }))
    assert.is(
      opened.failed,
      undefined,
      `a directory that the account cannot look into: ${JSON.stringify(opened.failed)}`,
    )
    assert.equal([words(opened.again), existsSync(join(closed, 'odd'))], [[], false])
    const outside = join(dir, 'outside')
    mkdirSync(outside)
    rmSync(join(path, 'a'), { recursive: true })
    symlinkSync(outside, join(path, 'a'))
    assert.match(
      String(words(await ask(shell, tree(path, { ...options, owner: 'daemon' })))),
      /refused: .*a is a symbolic link, not a directory/,
    )
  })
}

test('what is pending is laid over the tree', async () => {
  const [shell] = shells()
  if (shell === undefined) return
  const resource = tree('/nowhere/www', { ...options, exclude: ['a', 'empty', '.hidden', 'app*', 'link', 'run.sh'] })
  const said = await probe(shell, resource)
  const prediction = new Prediction()
  prediction.record('dir:/nowhere', [
    { type: 'path', path: '/nowhere/www', state: { type: 'dir', mode: '0755', owner: 'root', group: 'root' } },
  ])
  assert.equal(words(resource.evaluate(said, debian, prediction)), ['write one in /nowhere/www'])
  const state = { type: 'file', content: Buffer.from('one\n'), mode: '0644', owner: 'root', group: 'root' } as const
  prediction.record('file:/nowhere/www/one', [{ type: 'path', path: '/nowhere/www/one', state }])
  assert.equal(words(resource.evaluate(said, debian, prediction)), [])
  prediction.record('exec:it', [{ type: 'path', path: '/nowhere/www/one', state: { type: 'file' } }])
  assert.is(
    words(resource.evaluate(said, debian, prediction)),
    'unknown: what /nowhere/www/one will be is known only after exec:it',
  )
})

test('patterns are those of a .gitignore', () => {
  for (const [pattern, path, is] of [
    ['*.tmp', 'a/x.tmp', true],
    ['*.tmp', 'a/x.tmpl', false],
    ['cache', 'a/cache/y', true],
    ['a/*.txt', 'a/b/c.txt', false],
    ['a/**', 'a/b/c', true],
    ['/uploads/', 'uploads/x', true],
  ] as const)
    assert.is(matcher([pattern])(path), is, `${pattern} ${path}`)
})

const templates: readonly (readonly [says: string, text: string, variables: Record<string, unknown>, then: string])[] =
  [
    ['a value', 'a <%= it.x %> b\n', { x: 1 }, 'a 1 b\n'],
    ['nothing is escaped', '<%= it.x %>', { x: '<&"' }, '<&"'],
    [
      'a line with nothing but code leaves no line',
      'a\n<% for (const n of it.all) { %>\n- <%= n %>\n<% } %>\nb\n',
      { all: [1, 2] },
      'a\n- 1\n- 2\nb\n',
    ],
    ['a comment', 'a\n<%# it.never %>\nb\n', {}, 'a\nb\n'],
    ['a line break is taken away', 'a <%= it.x -%>\nb\n', { x: 1 }, 'a 1b\n'],
    ['code behind text', 'a<% if (it.x) { %> yes<% } %>\n', { x: true }, 'a yes\n'],
    ['CRLF stays', 'a <%= it.x %>\r\n', { x: 1 }, 'a 1\r\n'],
  ]
for (const [says, text, variables, then] of templates)
  test(`template: ${says}`, () => assert.is(render(text, variables, 'x.eta'), then))

test('template: names of the file and the given ones are held against each other, with the line', () => {
  const problems = (text: string, variables: Record<string, unknown>) => {
    try {
      render(text, variables, 'x.eta')
    } catch (error) {
      if (error instanceof RolecallError)
        return error.problems.map(({ message, place, hint }) => `${place?.line ?? ''} ${message} (${hint ?? ''})`)
      throw error
    }
    return []
  }
  assert.equal(problems('a\n<%= it.prot %>', { port: 1 }), [
    '2 the template uses it.prot, which is not among its variables (did you mean "port"?)',
    ' the template does not use the variable port (write it.port in the file, or leave the variable out)',
  ])
  assert.equal(problems('a {{ port | int }}\n', { port: 1 }), [
    " the template does not use the variable port (write <%= it.port %> in the file: templates have Eta's syntax, not Jinja's)",
  ])
  assert.equal(problems('a\n<%= it.x.y %>', { x: {} }), [
    '2 the template cannot be made: a value is undefined, and no text, number or Secret ()',
  ])
  assert.match(problems('a\n<% if ( { %>', {})[0] ?? '', /cannot be made/)
})

test('template: with a secret in it the content is one', () => {
  const made = render('token <%= it.token %>\n', { token: secret('t0p') }, 'x.eta')
  assert.ok(made instanceof Secret)
  assert.is(made.reveal(), 'token t0p\n')
  const file = template('/etc/app.conf', { source: join(source, 'app.conf.eta'), variables: { port: 8080 } })
  assert.is(file.id, 'file:/etc/app.conf')
})

for (const shell of root ? shells() : [])
  test(`${shell.name}: no name that somebody has put into a tree says of another file that it is as wanted`, async () => {
    const path = join(scratch(), 'srv')
    const wanted = tree(path, { source, variables: { port: 1 } })
    await converge(shell, wanted)
    writeFileSync(join(path, 'one'), 'two\n')
    // Directories of a line break, a line of stat or of sha256sum, and a dot: with a file in it the second line is one about ./one.
    const sum = createHash('sha256').update('one\n').digest('hex')
    for (const line of [`81a4 4 0 root root .`, `${sum}  .`, '# sums']) {
      mkdirSync(join(path, `z\n${line}`))
      writeFileSync(join(path, `z\n${line}`, 'one'), '')
    }
    symlinkSync('x\n./one\none', join(path, 'z-link'))
    assert.match(words(await ask(shell, wanted)).toString(), /update one in /)
    assert.equal(words((await converge(shell, wanted)).again), [])
    assert.is(readFileSync(join(path, 'one'), 'utf8'), 'one\n')
  })

test.run()
