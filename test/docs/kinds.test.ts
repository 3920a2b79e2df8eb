import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { unpack } from '../support/packed.ts'
import { blocksOf, project } from './blocks.ts'
import { prepare } from '../support/prepare.ts'

const execute = promisify(execFile)
const home = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-kinds-')))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))

const [author, stranger] = [join(home, 'rolecall-shells'), join(home, 'site')]
const tsc = ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.json']

async function node(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined }
  const { stdout } = await execute(process.execPath, args, { cwd, env }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.join(' ')} failed\n${stdout}\n${stderr}`)
  })
  return stdout
}

/** Packs a package, and installs what was packed. What both depend on is that of this repository. */
const install = (from: string, into: string, name: string) => unpack(from, join(into, 'node_modules', name))

function borrow(into: string): void {
  const modules = join(into, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const each of readdirSync(join(project, 'node_modules')))
    if (!each.startsWith('.')) symlinkSync(join(project, 'node_modules', each), join(modules, each))
}

prepare(test, async () => {
  for (const { file, text } of blocksOf('docs/kinds.md')) {
    if (file === undefined) continue
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  for (const each of [author, stranger]) {
    borrow(each)
    await install(project, each, 'rolecall')
  }
})

test('an author tests a kind through rolecall/testing, in each shell of this machine', async () => {
  const said = await node(author, '--import', 'tsx', 'test/allowed-shell.test.ts')
  assert.match(said, /^# pass [135]$/m)
  assert.match(said, /^# fail 0$/m)
})

test('a kind and a role are packed, and used by a project whose playbooks do not all use that role', async () => {
  await node(author, ...tsc)
  await install(author, stranger, 'rolecall-shells')
  writeFileSync(join(stranger, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(stranger, 'inventory/hosts.yml'), 'all:\n  hosts:\n    here: { ansible_connection: local }\n')
  const rolecall = join(stranger, 'node_modules/rolecall/bin/rolecall.js')
  assert.match(await node(stranger, rolecall, 'list', 'roles', 'site'), 'login-shell')
  const other = await node(stranger, rolecall, 'check', 'greet')
  assert.match(other, 'hello')
  assert.match(await node(stranger, rolecall, 'list', 'unused', 'greet'), 'login-shell')
})

test('its lab is two hosts of its own, described and read without booting any', async () => {
  const print = "import('./lab/lab.ts').then((lab) => console.log(JSON.stringify(lab.default)))"
  const { hosts } = JSON.parse(await node(stranger, '--import', 'tsx', '-e', print)) as { hosts: object }
  assert.equal(Object.keys(hosts), ['web-1', 'db-1'])
})

test('it type-checks; skipLibCheck is there for types of zx alone', async () => {
  const settings = (skipLibCheck: boolean) => ({
    compilerOptions: {
      target: 'ES2023',
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck,
    },
    include: ['playbooks', 'roles', 'lab'],
  })
  const check = (skips: boolean) => {
    writeFileSync(join(stranger, 'tsconfig.json'), JSON.stringify(settings(skips)))
    return node(stranger, ...tsc)
  }
  await check(true)
  const said = await check(false).catch(String)
  const wrong = said.split('\n').filter((line) => /error TS/.test(line))
  assert.equal(
    wrong.filter((line) => !/node_modules\/(zx|@types)\//.test(line)),
    [],
  )
})

test.run()
