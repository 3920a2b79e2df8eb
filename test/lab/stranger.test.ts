// Hosts: none
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf, project as repository } from '../docs/blocks.ts'
import { unpack } from '../support/packed.ts'
import { prepare } from '../support/prepare.ts'

const execute = promisify(execFile)

const lacks = process.platform !== 'linux' ? 'not Linux' : process.getuid?.() !== 0 ? 'not root' : undefined
if (lacks !== undefined) process.stdout.write(`skipped: the lab of a stranger's project, because this is ${lacks}\n`)

// The same for every run of this clone, so that a run takes down what an interrupted one left.
const clone = createHash('sha256')
  .update(import.meta.dirname)
  .digest('hex')
  .slice(0, 6)
const home = join(tmpdir(), `rolecall-t-stranger-${clone}`)
const [author, stranger] = [join(home, 'rolecall-shells'), join(home, 'site')]
const name = `t-stranger-${clone}`

const test = suite('a project of a stranger')

async function node(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined }
  const { stdout } = await execute(process.execPath, args, { cwd, env }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.join(' ')} failed\n${stdout}\n${stderr}`)
  })
  return stdout
}

const rolecall = (...args: readonly string[]) =>
  node(stranger, join(stranger, 'node_modules/rolecall/bin/rolecall.js'), ...args)

async function install(into: string): Promise<void> {
  const modules = join(into, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const each of readdirSync(join(repository, 'node_modules')))
    if (!each.startsWith('.')) symlinkSync(join(repository, 'node_modules', each), join(modules, each))
  await unpack(repository, join(modules, 'rolecall'))
}

prepare(test, async () => {
  if (lacks !== undefined) return
  rmSync(home, { recursive: true, force: true })
  for (const { file, text } of blocksOf('docs/kinds.md')) {
    if (file === undefined) continue
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  writeFileSync(join(stranger, 'package.json'), '{ "type": "module" }')
  // Both of one family: that of the other one is packed into its base for minutes.
  writeFileSync(
    join(stranger, 'lab/lab.ts'),
    "import { lab } from 'rolecall'\n\nexport default lab({ hosts: { 'web-1': { groups: ['web'] }, 'db-1': { groups: ['db'] } } })\n",
  )
  for (const each of [author, stranger]) await install(each)
  await node(author, 'node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.json')
  await unpack(author, join(stranger, 'node_modules/rolecall-shells'))
  await rolecall('lab', 'down', '--name', name)
})

test.after(async () => {
  if (lacks !== undefined) return
  await rolecall('lab', 'down', '--name', name)
  rmSync(home, { recursive: true, force: true })
})

const real = (says: string, what: () => Promise<void>) =>
  lacks === undefined ? test(says, what) : test.skip(says, what)
real('a role from a packed package sets up the two hosts of the project, once', async () => {
  await rolecall('lab', 'up', '--name', name)
  writeFileSync(join(stranger, 'inventory/hosts.yml'), await rolecall('lab', 'inventory', '--name', name))
  const listed = async (host: string) =>
    (await rolecall('lab', 'ssh', '--name', name, host, '--', 'cat', '/etc/shells')).includes('/usr/bin/zsh')

  assert.match(await rolecall('check', 'site'), '2 would change on 2 hosts')
  assert.equal([await listed('web-1'), await listed('db-1')], [false, false])
  assert.match(await rolecall('apply', 'site'), '2 changed on 2 hosts')
  assert.equal([await listed('web-1'), await listed('db-1')], [true, true])
  assert.match(await rolecall('apply', 'site'), '0 changed on 2 hosts')
})

test.run()
