import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../support/converge-locally.ts'
import { localProject, rolecall, write } from '../support/project.ts'

/** A program of which each word of the command line calls one function, under the loader that Rolecall has. */
const program = `(function (exports) {/*00ff*/exports.commandLine = () => ({ runCommandLine: async (args) => { for (const arg of args) functions[arg]?.() } })
const functions = { much() { ${body('much')} }, more() { ${body('more')} } }
})`

function body(name: string): string {
  return Array.from({ length: 200 }, (_, at) => `const ${name}${at} = [${at}, '${name}'].join('-')`).join('\n')
}

function layOut(loader: string): string {
  const root = scratch()
  for (const directory of ['bin', 'dist']) mkdirSync(join(root, directory))
  copyFileSync('bin/rolecall.js', join(root, 'bin/rolecall.js'))
  writeFileSync(join(root, 'bin/load.js'), loader)
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(root, 'dist/rolecall.cjs'), program)
  return root
}

test('the compiled code becomes that of the fullest of the first runs, and later of one an hour', () => {
  const root = layOut(readFileSync('bin/load.js', 'utf8'))
  const run = (...words: readonly string[]) => {
    const env = { ...process.env, NODE_OPTIONS: '' }
    const { status, stderr } = spawnSync(process.execPath, ['bin/rolecall.js', 'check', ...words], { cwd: root, env })
    assert.is(status, 0, String(stderr))
    return statSync(kept()).size
  }
  const kept = () => {
    const directory = join(root, 'dist/.compiled')
    const [file = '', ...others] = readdirSync(directory)
    assert.equal(others, [])
    return join(directory, file)
  }

  const little = run()
  const much = run('much')
  assert.ok(much > little + 1000, `${much} after ${little}`)
  for (let looks = 3; looks <= 5; looks++) assert.is(run(), much)

  const settled = readFileSync(kept())
  run('much', 'more')
  assert.equal(readFileSync(kept()), settled, 'it is not written by each run')
  const twoHoursAgo = Date.now() / 1000 - 7200
  utimesSync(kept(), twoHoursAgo, twoHoursAgo)
  assert.ok(run('much', 'more') > much + 1000)
})

test('a command that needs a dozen parts keeps the code of each, and nobody is warned of a leak', () => {
  const root = layOut(readFileSync('bin/load.js', 'utf8'))
  const parts = Array.from({ length: 12 }, (_, at) => `part-${at}`)
  for (const part of parts) {
    const text = "(function (exports) {/*00ff*/exports.modules = { 'all.ts': () => ({}) }\n})"
    writeFileSync(join(root, `dist/${part}.cjs`), text)
  }
  writeFileSync(
    join(root, 'dist/rolecall.cjs'),
    `(function (exports, require) {/*00ff*/exports.commandLine = () => ({ runCommandLine: async (args) => {
      for (const part of ${JSON.stringify(parts)}) require('part:' + part + ':all.ts')
    } })\n})`,
  )
  const env = { ...process.env, NODE_OPTIONS: '' }
  const ran = spawnSync(process.execPath, ['bin/rolecall.js', 'check'], { cwd: root, env, encoding: 'utf8' })
  assert.equal([ran.status, ran.stderr], [0, ''])
  assert.is(readdirSync(join(root, 'dist/.compiled')).length, parts.length + 1)
})

test('a program that was moved is compiled anew, so that places of errors are right', () => {
  const before = layOut(readFileSync('bin/load.js', 'utf8'))
  writeFileSync(
    join(before, 'dist/rolecall.cjs'),
    `(function (exports) {/*00ff*/exports.commandLine = () => ({ runCommandLine: async () => { console.log(new Error().stack) } })})`,
  )
  const run = (root: string) => {
    const { stdout } = spawnSync(process.execPath, ['bin/rolecall.js', 'check'], {
      cwd: root,
      env: { NODE_OPTIONS: '' },
    })
    return String(stdout)
  }
  assert.match(run(before), join(before, 'dist/rolecall.cjs'))
  const after = join(scratch(), 'moved')
  renameSync(before, after)
  const said = run(after)
  assert.match(said, join(after, 'dist/rolecall.cjs'))
  assert.not.match(said, before)
})

const isRoot = process.getuid?.() === 0

test(`where compiled code cannot be stored, none is made${isRoot ? '' : ' (not tried: only root can run as another)'}`, () => {
  if (!isRoot) return
  const loader = readFileSync('bin/load.js', 'utf8').replace(
    'script.createCachedData()',
    "process.stdout.write('made')",
  )
  const root = layOut(loader)
  chmodSync(root, 0o755)
  const made = (uid: number) => {
    const ran = spawnSync(process.execPath, ['bin/rolecall.js', 'check'], { cwd: root, env: {}, uid })
    assert.is(ran.status, 0, String(ran.stderr))
    return String(ran.stdout)
  }
  assert.equal([made(65534), made(0)], ['', 'made'])
})

test('a command reads the parts of the program that it needs, and no other', () => {
  const root = layOut(readFileSync('bin/load.js', 'utf8'))
  const project = localProject()
  write(project, {
    'playbooks/site.ts': `import { dir, playbook, role } from 'rolecall'
const tmp = role({ name: 'tmp', apply: async ({ ensure }) => void (await ensure(dir('/etc'))) })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [tmp] }] })
`,
    'playbooks/late.ts': `import { playbook, role, timezone } from 'rolecall'
const late = role({ name: 'late', apply: async ({ ensure }) => void (await ensure(timezone('Europe/Vienna'))) })
export default playbook({ name: 'late', plays: [{ name: 'all', hosts: 'all', roles: [late] }] })
`,
  })
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'bin/rolecall.js'), ...words], { cwd: project, encoding: 'utf8' })
  const take = (...parts: readonly string[]) => {
    for (const part of parts) copyFileSync(join('dist', part), join(root, 'dist', part))
  }

  take('rolecall.cjs')
  for (const words of [['list', 'hosts'], ['list', 'groups'], ['--help'], ['check', '--help'], ['lst']]) {
    assert.not.match(run(...words).stderr, 'ENOENT', words.join(' '))
  }
  const replaced = 'Rolecall was replaced by another version while it was at work\n  hint      run the command again'
  assert.match(run('check', 'site').stderr, replaced)
  take('runs.cjs', 'index.js', 'kinds-files.cjs', 'kinds-kit.cjs')
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  const { stdout, stderr } = run('check', 'site', '--no-types')
  assert.match(stdout, '1 ok', stderr)
  // No fault of the role that needs another part.
  const late = run('check', 'late', '--no-types').stdout
  assert.match(
    late,
    /here  late  Rolecall was replaced .*\n    hint      run again: finished work is not repeated/,
    late,
  )

  // npm puts a new version there while a run is on its way.
  const other = readFileSync('dist/runs.cjs', 'latin1').replace(/\/\*\w+\*\//, '/*0000*/')
  writeFileSync(join(root, 'dist/runs.cjs'), other, 'latin1')
  assert.match(run('check', 'site').stderr, replaced)
})

test('messages in other languages are a file of their own, which is read when somebody asks for one', async () => {
  const { z } = (await import(
    new URL('../../dist/index.js', import.meta.url).href
  )) as typeof import('../../lib/index.ts')
  const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.endsWith('locales.cjs'))
  assert.ok(Object.keys(z.locales).length > 50)
  assert.equal(loaded(), [])
  const [issue] = z.string().safeParse(1, { error: z.locales.he().localeError }).error?.issues ?? []
  assert.match(issue?.message ?? '', /[\u0590-\u05ff]/)
  assert.is(loaded().length, 1)
})

test('no schema of a project is compiled to a function of its own', async () => {
  const project = localProject()
  write(project, {
    'playbooks/site.ts': `import { playbook, role, z } from 'rolecall'
process.stderr.write(\`jitless: \${z.config().jitless}\\n\`)
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [role({ name: 'motd' })] }] })
`,
  })
  const { err } = await rolecall(project, ['list', 'units', 'site'])
  assert.match(err, 'jitless: true')
})

test.run()
