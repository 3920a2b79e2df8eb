import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import { knownRoleNames, loadPlaybook, playbookNames } from '../../lib/playbook/load/load.ts'
import { projectOf, rolecall, write } from '../support/project.ts'

const test = suite('loading a playbook')

const EMPTY = `export default playbook({ name: 'site', plays: [] })\n`
const SITE = `import { playbook } from 'rolecall'\n${EMPTY}`

test('a name is a file in playbooks/, a path is a path, and the ending may be left out', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE, 'other/web.mts': SITE, 'playbooks/old.js': SITE })
  for (const name of ['site', 'playbooks/site.ts', './playbooks/site', join(cwd, 'playbooks/site.ts')]) {
    assert.is((await loadPlaybook(name, { cwd })).file, 'playbooks/site.ts', name)
  }
  assert.is((await loadPlaybook('other/web', { cwd })).file, 'other/web.mts')
  assert.is((await loadPlaybook('old', { cwd })).playbook.name, 'site')
  assert.equal(playbookNames(cwd), ['old', 'site'])
})

test('TypeScript, JSON, packages of the project and node itself can be imported', async () => {
  const cwd = projectOf({
    'package.json': '{ "type": "module" }',
    'node_modules/word/package.json': '{ "name": "word", "exports": "./index.js", "type": "module" }',
    'node_modules/word/index.js': `export const word = 'packed'\n`,
    'lib/names.ts': `import { basename } from 'node:path'\nexport const name: string = basename('/a/site')\n`,
    'lib/data.json': '{ "from": "json" }',
    'playbooks/site.ts': `import { playbook } from 'rolecall'
import { word } from 'word'
import { name } from '../lib/names.ts'
import data from '../lib/data.json' with { type: 'json' }
export default playbook({ name, about: [word, data.from].join(' '), plays: [] })\n`,
  })
  const { playbook } = await loadPlaybook('site', { cwd })
  assert.equal([playbook.name, playbook.about], ['site', 'packed json'])
})

test('zod is the one of the project, or ours when it has none', async () => {
  const role = `import { role } from 'rolecall'\nimport { z } from 'zod'\nexport default role({ name: 'r', vars: z.object({ a: z.string() }), async apply() {} })\n`
  const site = `import { playbook } from 'rolecall'\nimport r from '../roles/r.ts'\nexport default playbook({ name: 'site', plays: [{ name: 'a', hosts: 'all', roles: [r] }] })\n`
  const cwd = projectOf({ 'roles/r.ts': role, 'playbooks/site.ts': site })
  const { playbook } = await loadPlaybook('site', { cwd })
  assert.is(playbook.plays[0]?.roles.length, 1)
})

test('import.meta is that of the file it is written in', async () => {
  const cwd = projectOf({
    'playbooks/site.ts': `#!/usr/bin/env rolecall\nimport { playbook } from 'rolecall'\nimport { here } from '../roles/deep/here.ts'
export default playbook({ name: import.meta.url, about: here, plays: [] })\n`,
    'roles/deep/here.ts': `export const here = import.meta.dirname + ' ' + import.meta.filename\n`,
  })
  const { playbook } = await loadPlaybook('site', { cwd })
  assert.is(playbook.name, pathToFileURL(join(cwd, 'playbooks/site.ts')).href)
  assert.is(playbook.about, `${join(cwd, 'roles/deep')} ${join(cwd, 'roles/deep/here.ts')}`)
})

test('a file that does not change is bundled once; one that changes, again', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE, 'node_modules/.keep': '' })
  await loadPlaybook('site', { cwd })
  const cache = join(cwd, 'node_modules/.cache/rolecall')
  const bundles = () => readdirSync(cache).filter((name) => name.endsWith('.mjs'))
  const [first] = bundles()
  const made = statSync(join(cache, first ?? '')).mtimeMs
  await loadPlaybook('site', { cwd })
  assert.is(statSync(join(cache, first ?? '')).mtimeMs, made)
  writeFileSync(join(cwd, 'playbooks/site.ts'), SITE.replace("'site'", "'changed'"))
  assert.is((await loadPlaybook('site', { cwd })).playbook.name, 'changed')
  assert.is(bundles().length, 1)
  assert.is.not(bundles()[0], first)
})

test('esbuild is not even started when nothing has changed', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE, 'inventory/hosts.yml': 'all:\n  hosts:\n    a:\n' })
  const noEsbuild = { ESBUILD_BINARY_PATH: '/bin/false' }
  assert.is.not((await rolecall(cwd, ['list', 'roles', 'site'], noEsbuild)).code, 0)
  assert.is((await rolecall(cwd, ['list', 'roles', 'site'])).code, 0)
  assert.is((await rolecall(cwd, ['list', 'roles', 'site'], noEsbuild)).code, 0)
})

test('without node_modules the cache is in .rolecall, out of version control', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE })
  await loadPlaybook('site', { cwd })
  assert.ok(existsSync(join(cwd, '.rolecall/cache')))
  assert.is(readFileSync(join(cwd, '.rolecall/.gitignore'), 'utf8'), '*\n')
})

test('a damaged cache is made again', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE })
  await loadPlaybook('site', { cwd })
  const cache = join(cwd, '.rolecall/cache')
  for (const name of readdirSync(cache)) if (name.endsWith('.json')) writeFileSync(join(cache, name), '{ "module')
  assert.is((await loadPlaybook('site', { cwd })).playbook.name, 'site')
})

test('stacks name the file and line of the user', async () => {
  const cwd = projectOf({
    'playbooks/site.ts': `import { playbook } from 'rolecall'\nimport { where } from '../lib/where.ts'\nexport default playbook({ name: 'site', about: where(), plays: [] })\n`,
    'lib/where.ts': `interface Nothing { a: 1 }\n\nexport function where(): string {\n  return new Error('here').stack ?? ''\n}\nexport type { Nothing }\n`,
  })
  const { playbook } = await loadPlaybook('site', { cwd })
  assert.match(playbook.about ?? '', `${join(cwd, 'lib/where.ts')}:4:10`)
})

test('process.exit is as before when several modules have been read at the same time', async () => {
  const exit = () => Object.getOwnPropertyDescriptor(process, 'exit')?.value as unknown
  const before = exit()
  const cwd = projectOf({
    'playbooks/a.ts': `${SITE}await new Promise((done) => setTimeout(done, 30))\n`,
    'playbooks/b.ts': SITE,
  })
  await Promise.all(['a', 'b', 'a'].map((name) => loadPlaybook(name, { cwd })))
  assert.is(exit(), before)
})

const wrong: readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  expected: Partial<Problem> & { at?: string },
][] = [
  [
    'a syntax error',
    { 'playbooks/site.ts': 'const a = 1\nconst b = = 2\n' },
    { message: 'unexpected "="', at: 'playbooks/site.ts:2:11' },
  ],
  [
    'a file that is not there',
    { 'playbooks/site.ts': `import a from '../roles/bse.ts'\nexport default a`, 'roles/base.ts': '' },
    {
      message: 'there is no file ../roles/bse.ts',
      at: 'playbooks/site.ts:1:15',
      hint: 'did you mean ../roles/base.ts?',
    },
  ],
  [
    'a package that is not there',
    { 'playbooks/site.ts': `import a from 'lodash'\nexport default a` },
    { message: 'there is no package "lodash"', at: 'playbooks/site.ts:1:15', hint: 'install it: npm install lodash' },
  ],
  [
    'a directory',
    { 'playbooks/site.ts': `import a from '../roles'\nexport default a`, 'roles/base.ts': '' },
    { message: '../roles is a directory', at: 'playbooks/site.ts:1:15', hint: 'name the file: ../roles/base.ts' },
  ],
  [
    'a file that is no module',
    { 'playbooks/site.ts': `import a from '../a.yml'\nexport default a`, 'a.yml': 'a: 1\n' },
    { message: 'a file that ends in .yml cannot be imported', at: 'playbooks/site.ts:1:15' },
  ],
  [
    'a call that would end Rolecall',
    {
      'playbooks/site.ts': `import { leave } from '../leave.ts'\nexport default leave()`,
      'leave.ts': 'export const leave = () => process.exit()',
    },
    { message: 'process.exit() would end Rolecall while the playbook is read', at: 'leave.ts:1:36' },
  ],
  [
    'an address of the network',
    { 'playbooks/site.ts': `import a from 'https://example.org/a.js'\nexport default a` },
    {
      message: 'modules are not imported by an address: https://example.org/a.js',
      at: 'playbooks/site.ts:1:15',
      hint: 'install the package with npm, and import it by its name',
    },
  ],
  [
    'an address of a file',
    { 'playbooks/site.ts': `import a from 'file:///srv/a.js'\nexport default a` },
    { hint: 'write the path from site.ts to it' },
  ],
  [
    'a module that Node has not',
    { 'playbooks/site.ts': `import a from 'node:fss'\nexport default a` },
    { message: `Node ${process.versions.node} has no module node:fss`, hint: 'did you mean "node:fs"?' },
  ],
  [
    'an alias that nobody declares',
    { 'playbooks/site.ts': `import a from '@/base.ts'\nexport default a` },
    { hint: 'a name that begins with @ needs `paths` in tsconfig.json or `imports` in package.json' },
  ],
  [
    'our own name misspelt',
    { 'playbooks/site.ts': `import a from 'rolecal'\nexport default a` },
    { hint: 'did you mean "rolecall"?' },
  ],
  [
    'a word that rolecall does not have',
    {
      'playbooks/site.ts': SITE,
      'roles/r.ts': '',
      'playbooks/x.ts': `import {\n  playbok,\n} from 'rolecall'\nexport default playbok({})`,
    },
    { message: '"rolecall" exports no "playbok"', at: 'playbooks/x.ts:2:3', hint: 'did you mean "playbook"?' },
  ],
  [
    'an error while the file is read',
    {
      'playbooks/site.ts': `import { playbook } from 'rolecall'\nconst zones: string[] = undefined as never\n\nexport default playbook({ name: zones.join(), plays: [] })`,
    },
    { at: 'playbooks/site.ts:4:39' },
  ],
  [
    'the same behind import.meta',
    { 'playbooks/site.ts': `const u = import.meta.url; const b = = 2` },
    { at: 'playbooks/site.ts:1:38' },
  ],
  [
    'no default export',
    { 'playbooks/site.ts': 'export const a = 1\n' },
    { message: 'the file has no default export', at: 'playbooks/site.ts' },
  ],
  [
    'a role instead of a playbook',
    { 'playbooks/site.ts': `import { role } from 'rolecall'\nexport default role({ name: 'a', async apply() {} })` },
    { message: 'the default export is not a playbook', got: 'a role' },
  ],
  [
    'no plays',
    { 'playbooks/site.js': `export default { type: 'playbook', name: 'a' }` },
    { message: 'plays of playbook "a" is missing' },
  ],
  [
    'a play without hosts',
    {
      'playbooks/site.ts': `import { playbook } from 'rolecall'\nexport default playbook({ name: 'a', plays: [{ name: 'web', roles: [] } as never] })`,
    },
    { message: 'hosts of play "web" is missing' },
  ],
  [
    'what is not a role',
    {
      'playbooks/site.ts': `import { playbook } from 'rolecall'\nexport default playbook({ name: 'a', plays: [{ name: 'web', hosts: 'all', roles: ['base' as never] }] })`,
    },
    { message: 'Expected roles[0] of play "web" to be what role() or using() gives, got "base"', got: '"base"' },
  ],
]
for (const [what, files, { at, ...expected }] of wrong) {
  test(`refused with its place: ${what}`, async () => {
    const cwd = projectOf(files)
    const name = 'playbooks/x.ts' in files ? 'x' : 'site'
    const [problem] = await problemsOf(loadPlaybook(name, { cwd }))
    assert.is(problem?.code, 'playbook')
    for (const [key, value] of Object.entries(expected)) assert.is(problem?.[key as keyof Problem], value)
    if (at !== undefined)
      assert.is([problem?.place?.file, problem?.place?.line, problem?.place?.column].filter(Boolean).join(':'), at)
  })
}

test('every syntax error of every file is told at once', async () => {
  const cwd = projectOf({
    'playbooks/site.ts': `import a from '../roles/a.ts'\nimport b from '../roles/b.ts'\nexport default [a, b]`,
    'roles/a.ts': 'const a = = 1',
    'roles/b.ts': 'const b = = 1',
  })
  assert.is((await problemsOf(loadPlaybook('site', { cwd }))).length, 2)
})

test('an unknown name: the nearest names, the existing ones, or where to add one', async () => {
  const cwd = projectOf({ 'playbooks/site.ts': SITE })
  assert.is((await problemsOf(loadPlaybook('sit', { cwd })))[0]?.hint, 'did you mean site?')
  assert.is((await problemsOf(loadPlaybook('else', { cwd })))[0]?.hint, 'there is: site')
  const empty = projectOf({})
  assert.match((await problemsOf(loadPlaybook('site', { cwd: empty })))[0]?.hint ?? '', 'no directory playbooks here')
  mkdirSync(join(empty, 'playbooks'))
  assert.is((await problemsOf(loadPlaybook('site', { cwd: empty })))[0]?.hint, 'write one: playbooks/site.ts')
})

test('role names are those of the files and directories in roles/', () => {
  const cwd = projectOf({})
  write(cwd, {
    'roles/a.ts': '',
    'roles/b.mjs': '',
    'roles/c/index.ts': '',
    'roles/d/zone.ts': '',
    'roles/e.test.ts': '',
    'roles/f.d.ts': '',
    'roles/g.txt': '',
  })
  assert.equal(knownRoleNames(cwd), ['a', 'b', 'c'])
  assert.equal(knownRoleNames(join(cwd, 'nowhere')), [])
})

async function problemsOf(loading: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await loading
  } catch (error) {
    if (error instanceof RolecallError) return error.problems
    throw error
  }
  throw new Error('expected a refusal')
}

test.run()
