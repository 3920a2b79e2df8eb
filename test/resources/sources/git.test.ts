import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { git } from '../../../lib/resources/sources/git.ts'
import type { GitOptions } from '../../../lib/resources/sources/git-steps.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { ask, converge, debian, findTool, reply, scratch, shells, words } from '../../support/converge-locally.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
const source = 'https://example.com/app.git'
const there = (head: string, more = '') => `there repository\nhead ${head}\nsource ${source}\n${more}`
const table: readonly (readonly [
  says: string,
  options: Partial<GitOptions>,
  have: string,
  then: readonly string[] | string,
])[] = [
  ['as wanted', {}, there(one, `remote ${one} refs/heads/main\n`), []],
  ['nothing there: clone', {}, `there nothing\nremote ${one} refs/heads/main\n`, [`clone ${source} into /srv/app`]],
  [
    'the branch moved: update',
    { version: 'main' },
    there(one, `remote ${two} refs/heads/main\n`),
    [`update /srv/app to main 2222222222 (was 1111111111)`],
  ],
  ['not to be updated', { update: false }, there(one), []],
  ['a commit that is there', { version: one }, there(one), []],
  [
    'local changes, and nothing else to do: refused, as the files are not those of the version',
    {},
    there(one, `dirty\nremote ${one} refs/heads/main\n`),
    'refused: /srv/app has local changes',
  ],
  ['local changes, and the work tree is only to be there', { update: false }, there(one, 'dirty\n'), []],
  [
    'local changes in the way: refused',
    {},
    there(one, `dirty\nremote ${two} refs/heads/main\n`),
    'refused: /srv/app has local changes',
  ],
  [
    'local changes are thrown away',
    { force: true },
    there(one, `dirty\nremote ${one} refs/heads/main\n`),
    ['throw away local changes in /srv/app'],
  ],
  [
    'a checkout that was killed: what it has left is not in the way',
    {},
    there(one, `interrupted\ndirty\nremote ${two} refs/heads/main\n`),
    [`update /srv/app to 2222222222 (was 1111111111)`],
  ],
  [
    'a checkout that was killed, and the branch has moved back',
    {},
    there(one, `interrupted\ndirty\nremote ${one} refs/heads/main\n`),
    [`update /srv/app to 1111111111 (was 1111111111)`],
  ],
  [
    'a checkout that was killed, and is not to be updated',
    { update: false },
    there(one, 'interrupted\ndirty\n'),
    ['throw away local changes in /srv/app'],
  ],
  ['submodules', {}, there(one, `modules\nremote ${one} refs/heads/main\n`), ['update submodules of /srv/app']],
  [
    'something else there: refused',
    {},
    `there other\nremote ${one} HEAD\n`,
    'refused: /srv/app exists and is not a git repository',
  ],
  [
    'a branch and a tag of one name: refused',
    { version: 'v1' },
    there(one, `ambiguous\nremote ${two} refs/heads/v1\n`),
    `refused: ${source} has a branch and a tag v1, which are different commits`,
  ],
  [
    'commits of its own in the way: refused',
    {},
    there(one, `commits\nremote ${two} refs/heads/main\n`),
    'refused: /srv/app has commits of its own, which https://example.com/app.git does not have',
  ],
  [
    'commits of its own are given up',
    { force: true },
    there(one, `commits\nremote ${two} refs/heads/main\n`),
    ['update /srv/app to 2222222222 (was 1111111111)'],
  ],
  ['commits of its own, and nothing else to do', {}, there(one, `commits\nremote ${one} refs/heads/main\n`), []],
  [
    'no such version: refused',
    { version: 'v9' },
    'there nothing\n',
    `refused: ${source} has neither a branch nor a tag v9`,
  ],
  [
    'no answer: refused',
    {},
    'there nothing\nunreachable fatal: no route\n',
    `refused: ${source} does not answer: fatal: no route`,
  ],
  ['no git: refused', {}, '# none\n', 'refused: this host has no git'],
]
for (const [says, options, have, then] of table) {
  test(says, () => {
    const resource = git('/srv/app', { source, ...options })
    assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then)
  })
}

test('with a package of git to come it is cloned', () => {
  const prediction = new Prediction()
  prediction.record('pkg:git', [{ type: 'package', name: 'git', installed: true }])
  const resource = git('/srv/app', { source, version: 'v1' })
  assert.equal(words(resource.evaluate(reply('# none\n'), debian, prediction)), [`clone ${source} into /srv/app at v1`])
})

const run = (cwd: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always', ...args],
    { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ).trim()

for (const shell of findTool('git') === undefined ? [] : shells()) {
  test(`${shell.name}: branches, tags and commits are checked out, and followed`, async () => {
    const root = scratch()
    const from = join(root, 'from')
    mkdirSync(from)
    run(from, 'init', '-q', '-b', 'main')
    const commit = (text: string) => {
      writeFileSync(join(from, 'f'), text)
      run(from, 'add', '.')
      run(from, 'commit', '-qm', text)
      return run(from, 'rev-parse', 'HEAD')
    }
    const first = commit('one')
    run(from, 'tag', '-a', 'v1', '-m', 'v1')
    const dest = join(root, "it's here")
    const env = { HOME: root }
    const make = async (options: Partial<GitOptions>) => {
      const { did, failed, again } = await converge(shell, git(dest, { source: from, ...options }), { env })
      assert.is(failed, undefined, failed?.stderr)
      assert.equal(words(again), [])
      return [did.length, readFileSync(join(dest, 'f'), 'utf8')]
    }
    assert.equal(await make({}), [1, 'one'])
    assert.equal(await make({ version: 'main' }), [0, 'one'])
    // What git has noted of a file is out of date then: a question may not note that anew.
    utimesSync(join(dest, 'f'), 0, 0)
    const noted = () => [join(dest, '.git'), join(dest, '.git/index')].map((path) => statSync(path).ctimeMs)
    const before = noted()
    await ask(shell, git(dest, { source: from }), { env })
    assert.equal(noted(), before, 'a question changes nothing')
    commit('two')
    assert.equal(await make({ update: false }), [0, 'one'])
    assert.equal(await make({ version: 'main' }), [1, 'two'])
    assert.equal(await make({ version: 'v1' }), [1, 'one'])
    assert.equal(await make({ version: 'main', depth: 1 }), [1, 'two'])
    assert.equal(await make({ version: first }), [1, 'one'])
    writeFileSync(join(dest, 'f'), 'mine')
    assert.match(
      String(words(await ask(shell, git(dest, { source: from, version: 'main' }), { env }))),
      /has local changes/,
    )
    assert.equal(await make({ version: 'main', force: true }), [1, 'two'])
    const bare = join(root, 'bare.git')
    const { did, failed, again } = await converge(shell, git(bare, { source: from, bare: true, version: 'main' }), {
      env,
    })
    assert.equal([did.length, failed, words(again)], [1, undefined, []])
    assert.is(run(bare, 'rev-parse', 'v1^{commit}'), first)

    if (process.getuid?.() !== 0) return
    run(dest, 'config', 'core.fsmonitor', `touch ${join(root, 'owned')}; false`)
    execFileSync('chown', ['-R', '65534:65534', dest])
    const asked = await ask(shell, git(dest, { source: from, version: 'main' }), { env: { ...env, SUDO_UID: '65534' } })
    assert.match(String(words(asked)), /belongs to (nobody|65534), who could have git run programs as root/)
    assert.not(existsSync(join(root, 'owned')), 'git has run what another account wrote')
  })
}

for (const shell of findTool('git') === undefined ? [] : shells()) {
  test(`${shell.name}: names that are two things, commits of its own, and all of a bare repository`, async () => {
    const root = scratch()
    const [from, dest, bare] = [join(root, 'from'), join(root, 'to'), join(root, 'bare')]
    mkdirSync(from)
    run(from, 'init', '-q', '-b', 'main')
    const commit = (at: string, text: string) => {
      writeFileSync(join(at, 'f'), text)
      run(at, 'add', '.')
      run(at, 'commit', '-qm', text)
      return run(at, 'rev-parse', 'HEAD')
    }
    const env = { HOME: root }
    const asked = async (to: string, options: Partial<GitOptions>) =>
      String(words(await ask(shell, git(to, { source: from, ...options }), { env })))
    const make = async (to: string, options: Partial<GitOptions>) => {
      const { did, failed, again } = await converge(shell, git(to, { source: from, ...options }), { env })
      assert.equal([failed?.stderr, words(again)], [undefined, []])
      return did.length
    }
    const first = commit(from, 'one')
    run(from, 'branch', 'v1')
    run(from, 'tag', '-a', 'v1', '-m', 'v1')
    assert.is(await make(dest, { version: 'v1' }), 1, 'the same commit by both names')
    commit(from, 'two')
    run(from, 'branch', '-f', 'v1')
    assert.match(await asked(dest, { version: 'v1' }), /has a branch and a tag v1, which are different commits/)
    assert.is(await make(dest, { version: 'refs/tags/v1' }), 0)
    assert.is(run(dest, 'rev-parse', 'HEAD'), first)
    assert.is(await make(dest, { version: 'refs/heads/v1' }), 1)

    // What was checked out by us is nobody's own: a whole commit, and one that a shallow fetch no longer leads to.
    assert.is(await make(dest, { version: first }), 1)
    assert.is(await make(dest, { version: 'main', depth: 1 }), 1)
    commit(from, 'three')
    run(dest, 'fetch', '-q', '--depth=1', 'origin', '+refs/heads/main:refs/remotes/origin/main')
    assert.is(await make(dest, { version: 'main', depth: 1 }), 1)
    commit(dest, 'a hotfix')
    assert.is(await asked(dest, { version: 'main', update: false }), '')
    assert.match(await asked(dest, { version: 'main' }), /has commits of its own/)
    assert.is(await make(dest, { version: 'main', force: true }), 1)
    assert.is(readFileSync(join(dest, 'f'), 'utf8'), 'three')

    assert.is(await make(bare, { bare: true }), 1)
    run(from, 'tag', 'v2')
    run(from, 'branch', 'other')
    assert.is(await make(bare, { bare: true }), 1, 'a new tag and a new branch')
    assert.is(run(bare, 'rev-parse', 'v2'), run(from, 'rev-parse', 'v2'))
    run(from, 'branch', '-D', 'other')
    assert.is(await make(bare, { bare: true }), 1, 'a branch that has gone')
    assert.is(await make(bare, { bare: true, version: 'v2' }), 0, 'a tag')
    assert.is(await make(bare, { bare: true, version: first }), 0, 'a whole commit')
    assert.is(await make(bare, { bare: true, version: 'refs/heads/v1' }), 0, 'a whole reference')
  })

  test(`${shell.name}: what a killed run left in a repository is not in the way of the next one`, async () => {
    const root = scratch()
    const [from, dest, bare] = [join(root, 'from'), join(root, 'to'), join(root, 'bare')]
    mkdirSync(from)
    run(from, 'init', '-q', '-b', 'main')
    const commit = (text: string) => {
      writeFileSync(join(from, 'f'), text)
      run(from, 'add', '.')
      run(from, 'commit', '-qm', text)
      return run(from, 'rev-parse', 'HEAD')
    }
    const make = async (to: string, options: Partial<GitOptions> = {}) => {
      const { failed, again } = await converge(shell, git(to, { source: from, ...options }), { env: { HOME: root } })
      assert.equal([failed?.stderr, words(again)], [undefined, []])
    }
    const begun = (stage: string) => writeFileSync(join(dest, '.git/rolecall-at-work'), `${stage}\n`)
    const first = commit('one')
    // A clone that was killed as it began, and in its first checkout; an update in the midst.
    mkdirSync(join(dest, '.git/objects/pack'), { recursive: true })
    writeFileSync(join(dest, '.git/config.lock'), '')
    mkdirSync(join(bare, 'refs'), { recursive: true })
    writeFileSync(join(bare, 'HEAD.lock'), '')
    await make(bare, { bare: true })
    await make(dest)
    execFileSync('rm', ['-rf', dest])
    run(root, 'init', '-q', dest)
    writeFileSync(join(dest, 'f'), 'ha')
    begun('checkout ')
    writeFileSync(join(dest, '.git/index.lock'), '')
    await make(dest)
    assert.is(readFileSync(join(dest, 'f'), 'utf8'), 'one')
    commit('two')
    begun(`checkout ${first}`)
    writeFileSync(join(dest, 'f'), 'ha')
    writeFileSync(join(dest, '.git/refs/heads/main.lock'), '')
    await make(dest)
    assert.is(readFileSync(join(dest, 'f'), 'utf8'), 'two')
    assert.not(existsSync(join(dest, '.git/rolecall-at-work')))
    // What was changed since is somebody's own.
    begun(`checkout ${first}`)
    writeFileSync(join(dest, 'f'), 'mine')
    commit('three')
    const asked = await ask(shell, git(dest, { source: from }), { env: { HOME: root } })
    assert.match(String(words(asked)), /has local changes/)
  })
}

test.run()
