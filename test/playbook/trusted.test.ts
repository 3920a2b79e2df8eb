import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { cacheDirectory } from '../../lib/playbook/load/cache-directory.ts'
import { loadPlaybook } from '../../lib/playbook/load/load.ts'
import { compilerFor } from '../../lib/playbook/type-check/config.ts'
import { codeWeakness, weaknessOf } from '../../lib/machine/trusted.ts'
import { projectOf, rolecall, write } from '../support/project.ts'

const test = suite('places that another account can change')

const EVE = 65534
const isRoot = process.geteuid?.() === 0
if (!isRoot) process.stdout.write('# needs root, to act as two accounts: not tried\n')
const asRoot = (name: string, body: () => unknown) => {
  if (isRoot)
    test(name, async () => {
      await body()
    })
  else test.skip(name)
}

const SITE = `import { playbook } from 'rolecall'\nexport default playbook({ name: 'site', plays: [] })\n`
const USES_WORD = SITE.replace('\n', `\nimport { word } from 'word'\n`).replace("'site'", 'word')
const WORD = {
  'node_modules/word/package.json': '{ "name": "word", "exports": "./index.js", "type": "module" }',
  'node_modules/word/index.js': `export const word = 'packed'\n`,
}

/** A directory for all, as /tmp, with a project of root's in it. */
function sharedDirectory(files: Readonly<Record<string, string>>): { shared: string; project: string } {
  const shared = projectOf({})
  chmodSync(shared, 0o1777)
  write(join(shared, 'project'), files)
  return { shared, project: join(shared, 'project') }
}

function giveTo(uid: number, directory: string): void {
  lchownSync(directory, uid, uid)
  if (!lstatSync(directory).isDirectory()) return
  for (const { name, parentPath } of readdirSync(directory, { recursive: true, withFileTypes: true }))
    lchownSync(join(parentPath, name), uid, uid)
}

async function refusalOf(load: Promise<unknown>): Promise<RolecallError> {
  try {
    await load
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
  throw new Error('it was not refused')
}

const files = {
  'playbooks/site.ts': SITE,
  'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
}

test('a directory of ours that only we can write is trusted, also one that is not there yet', () => {
  const cwd = projectOf({ 'a/b': '' })
  assert.is(weaknessOf(join(cwd, 'a/b')), undefined)
  assert.is(weaknessOf(join(cwd, 'a/new/one')), undefined)
  chmodSync(join(cwd, 'a'), 0o777)
  assert.equal(weaknessOf(join(cwd, 'a/b')), { path: join(cwd, 'a'), why: 'can be written by everybody' })
  chmodSync(join(cwd, 'a'), 0o1777)
  assert.is(weaknessOf(join(cwd, 'a/b')), undefined)
  assert.match(weaknessOf(join(cwd, 'a/not-there'))?.why ?? '', /written by everybody/)
})

asRoot('what another account owns is not trusted, wherever it stands on the way and whatever links lead there', () => {
  const { shared, project } = sharedDirectory({ 'a/b': '' })
  mkdirSync(join(shared, 'hers'))
  chownSync(join(shared, 'hers'), EVE, EVE)
  symlinkSync(join(project, 'a'), join(shared, 'hers/to-ours'))
  symlinkSync(join(shared, 'hers'), join(project, 'to-hers'))
  symlinkSync('a', join(project, 'link'))
  assert.is(weaknessOf(join(project, 'link/b')), undefined)
  for (const path of ['hers/to-ours/b', 'project/to-hers/to-ours/b'])
    assert.is(weaknessOf(join(shared, path))?.path, join(shared, 'hers'), path)
})

asRoot('a link that another account laid into a directory for all is not trusted', () => {
  const { shared, project } = sharedDirectory({ a: '' })
  symlinkSync(project, join(shared, 'link'))
  lchownSync(join(shared, 'link'), EVE, EVE)
  assert.is(weaknessOf(join(shared, 'link/a'))?.path, join(shared, 'link'))
})

asRoot('a group may write when nobody but the owner is in it', () => {
  const { project } = sharedDirectory({ 'a/b': '' })
  chmodSync(join(project, 'a'), 0o775)
  assert.is(weaknessOf(join(project, 'a/b')), undefined)
  chownSync(join(project, 'a'), 0, EVE)
  assert.match(weaknessOf(join(project, 'a/b'))?.why ?? '', /by group 65534/)
})

asRoot('a cache that another user planted above the project is neither read nor written', async () => {
  const { shared, project } = sharedDirectory(files)
  mkdirSync(join(shared, 'node_modules/.cache/rolecall'), { recursive: true })
  giveTo(EVE, join(shared, 'node_modules'))
  chmodSync(join(shared, 'node_modules'), 0o777)
  const { code, err } = await rolecall(project, ['check', 'site', '--no-types'])
  assert.is(code, 0, err)
  assert.equal(readdirSync(join(shared, 'node_modules/.cache/rolecall')), [])
  assert.is(cacheDirectory(join(project, 'playbooks')), join(project, '.rolecall/cache'))
})

asRoot('a project of another account is run, and what is kept of it is not kept there', async () => {
  const { project } = sharedDirectory({ ...files, ...WORD, 'playbooks/site.ts': USES_WORD, 'package.json': '{}' })
  giveTo(1000, project)
  const before = process.env['XDG_CACHE_HOME']
  const own = projectOf({})
  process.env['XDG_CACHE_HOME'] = own
  try {
    assert.is(cacheDirectory(join(project, 'playbooks')), join(own, 'rolecall/playbooks'))
    for (const time of ['first', 'second'])
      assert.is((await loadPlaybook('site', { cwd: project })).playbook.name, 'packed', time)
    chmodSync(own, 0o777)
    const fresh = cacheDirectory(join(project, 'playbooks'))
    assert.not.match(fresh, own)
    assert.not.match(fresh, project)
    assert.is(weaknessOf(fresh), undefined)
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = before
  }
})

asRoot(
  'a package that another account can change is refused with its place, also when it was good last time',
  async () => {
    const { project } = sharedDirectory({ ...WORD, 'playbooks/site.ts': USES_WORD, 'package.json': '{}' })
    assert.is((await loadPlaybook('site', { cwd: project })).playbook.name, 'packed')
    for (const [name, spoil, mend] of [
      ['node_modules', (at: string) => chmodSync(at, 0o777), (at: string) => chmodSync(at, 0o755)],
      ['node_modules/word', (at: string) => chownSync(at, EVE, EVE), (at: string) => chownSync(at, 0, 0)],
      ['node_modules/word/index.js', (at: string) => chmodSync(at, 0o666), (at: string) => chmodSync(at, 0o644)],
    ] as const) {
      spoil(join(project, name))
      const { problems } = await refusalOf(loadPlaybook('site', { cwd: project }))
      assert.match(problems[0]?.message ?? '', `another user can change ${join(project, name)}`)
      assert.equal(problems[0]?.place, { file: 'playbooks/site.ts', line: 2, column: 22 })
      mend(join(project, name))
    }
  },
)

asRoot(
  'packages that somebody laid into a directory for all are refused: asked for, behind a package, or by a tsconfig.json',
  async () => {
    const planted = (shared: string, files: Readonly<Record<string, string>>) => {
      write(shared, files)
      for (const name of readdirSync(shared)) if (name !== 'project') giveTo(EVE, join(shared, name))
    }
    const direct = sharedDirectory({ 'playbooks/site.ts': USES_WORD })
    planted(direct.shared, { ...WORD })
    const behind = sharedDirectory({ ...WORD, 'playbooks/site.ts': USES_WORD })
    planted(behind.shared, { 'node_modules/other/index.js': '' })
    const mapped = sharedDirectory({ 'playbooks/site.ts': USES_WORD })
    planted(mapped.shared, {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "word": ["./evil.ts"] } } }',
      'evil.ts': WORD['node_modules/word/index.js'],
    })
    for (const { project } of [direct, behind, mapped]) {
      const { problems } = await refusalOf(loadPlaybook('site', { cwd: project }))
      assert.match(problems[0]?.message ?? '', /the package "word" is not loaded: another user can change/)
      assert.match(problems[0]?.got ?? '', /belongs to user 65534/)
    }
  },
)

asRoot("a compiler that another account planted is passed over for the program's own", () => {
  const { shared, project } = sharedDirectory(files)
  const entry = join(project, 'playbooks/site.ts')
  write(shared, { 'node_modules/typescript/package.json': '{ "version": "5.0.0" }' })
  write(shared, { 'node_modules/typescript/bin/tsc': '', 'node_modules/typescript/lib/tsc.js': '' })
  assert.match(compilerFor(entry).first.join(), join(shared, 'node_modules'))
  giveTo(EVE, join(shared, 'node_modules'))
  assert.not.match([compilerFor(entry).command, ...compilerFor(entry).first].join(), shared)
})

asRoot('what everybody may do to the playbook is not held against its packages', () => {
  const { project } = sharedDirectory({ ...WORD, 'site.ts': USES_WORD })
  for (const name of ['.', 'node_modules', 'node_modules/word']) chmodSync(join(project, name), 0o777)
  const code = join(project, 'node_modules/word/index.js')
  assert.is(codeWeakness(code, join(project, 'site.ts')), undefined)
  assert.is.not(weaknessOf(code), undefined)
  chmodSync(project, 0o755)
  assert.is.not(codeWeakness(code, join(project, 'site.ts')), undefined)
})

test('a cache manifest that names another module, or one with other content, is not used', async () => {
  const cwd = projectOf({ ...files, 'evil.mjs': 'export default 1\n' })
  const { playbook } = await loadPlaybook('site', { cwd })
  const cache = join(cwd, '.rolecall/cache')
  const of = (ending: string) => readdirSync(cache).find((name) => name.endsWith(ending)) ?? ''
  const manifest = join(cache, of('.json'))
  const before = readFileSync(manifest, 'utf8')
  for (const text of [
    before.replace(/"module":"[^"]*"/, `"module":"../../evil.mjs"`),
    before.replace(/"module":"[^"]*"/, `"module":${JSON.stringify(join(cwd, 'evil.mjs'))}`),
    before.replace(/"inputs":\{[^}]*\}/, '"inputs":{}'),
    before.replace(/"inputs":\{[^}]*\}/, '"inputs":null'),
    'null',
    '[]',
  ]) {
    writeFileSync(manifest, text)
    assert.is((await loadPlaybook('site', { cwd })).playbook.name, playbook.name, text)
    assert.is(readFileSync(manifest, 'utf8'), before, text)
  }
  writeFileSync(join(cache, of('.mjs')), 'export default 1\n')
  assert.is((await loadPlaybook('site', { cwd })).playbook.name, playbook.name)
})

test.run()
