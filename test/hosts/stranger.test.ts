// Hosts: node-03, node-04
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf, project as repository } from '../docs/blocks.ts'
import { lab, onLab, ssh } from '../support/lab.ts'

const execute = promisify(execFile)
const home = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-stranger-')))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))

const files = blocksOf('README.md').flatMap(({ file, text }) => (file === undefined ? [] : [{ file, text }]))
const NODES = ['node-03', 'node-04'] as const

/** Runs a command in the stranger's project, and gives what it printed. */
async function here(command: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
  const { stdout } = await execute(command, args, { cwd: home, env }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout}\n${stderr}`)
  })
  return stdout
}

test('the project in the README has no more than thirty lines', () => {
  const own = files.filter(({ file }) => file !== 'tsconfig.json').flatMap(({ text }) => text.split('\n'))
  const lines = own.filter((line) => line.trim() !== '').length
  assert.ok(lines <= 30, `${lines} lines`)
})

test('the packed package holds the library, its types and the command, and installs into an empty project', async () => {
  const packed = await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], {
    cwd: repository,
  })
  const [{ filename, files: inside }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }]
  const paths = inside.map(({ path }) => path)
  const needed = ['bin/rolecall.js', 'dist/index.js', 'dist/types/index.d.ts', 'README.md', 'SECURITY.md']
  for (const path of [...needed, 'LICENSE', 'dist/THIRD-PARTY-LICENSES.txt']) assert.ok(paths.includes(path), path)
  assert.equal(
    paths.filter((path) => /^(test|lib|roles|playbooks|inventory)\//.test(path)),
    [],
  )
  for (const { file, text } of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  await here('npm', 'init', '-y')
  await here('npm', 'pkg', 'set', 'type=module')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']
  await here('npm', 'install', ...quiet, `./${filename}`)
  await here('npm', 'install', '--save-dev', ...quiet, 'typescript', 'tsx', '@types/node@20')
})

test('it type-checks, types of the package included', async () => {
  await here('npx', 'tsc')
})

test('a variable that its role does not have is a compile error', async () => {
  const wrong = join(home, 'wrong.ts')
  writeFileSync(
    wrong,
    "import { using } from 'rolecall'\nimport clock from './roles/clock.ts'\n\nusing(clock, { zon: 'UTC' })\n",
  )
  const said = await here('npx', 'tsc').catch(String)
  rmSync(wrong)
  assert.match(said, "'zon' does not exist")
})

test('its role is tested without a host', async () => {
  await here('npx', 'tsx', 'test/clock.test.ts')
})

onLab('check says what would change on two hosts and changes nothing; apply changes it, once', async () => {
  const { nodes, user, privateKey, knownHosts } = await lab()
  const addresses = NODES.map((name) => nodes.find((node) => node.name === name)?.address ?? '')
  // The inventory of the README, with hosts that are there.
  const text = files.find(({ file }) => file === 'inventory/hosts.yml')?.text ?? ''
  const vars = {
    ansible_ssh_private_key_file: privateKey,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}`,
  }
  const ours = text
    .replace('192.0.2.10', addresses[0] ?? '')
    .replace('192.0.2.11', addresses[1] ?? '')
    .replaceAll('ansible_user: ops', `ansible_user: ${user}`)
  writeFileSync(join(home, 'inventory/hosts.yml'), `${ours}  vars: ${JSON.stringify(vars)}\n`)
  const zones = () => Promise.all(NODES.map((node) => ssh(node, 'readlink /etc/localtime || echo none')))
  for (const node of NODES) await ssh(node, 'ln -sfn /usr/share/zoneinfo/Etc/UTC /etc/localtime')

  const before = await zones()
  assert.match(await here('npx', 'rolecall', 'check', 'site'), '2 would change on 2 hosts')
  assert.equal(await zones(), before)
  assert.match(await here('npx', 'rolecall', 'apply', 'site'), '2 changed on 2 hosts')
  assert.equal(await zones(), ['/usr/share/zoneinfo/Asia/Shanghai', '/usr/share/zoneinfo/Asia/Shanghai'])
  assert.match(await here('npx', 'rolecall', 'apply', 'site'), '0 changed on 2 hosts')
  for (const node of NODES) await ssh(node, 'ln -sfn /usr/share/zoneinfo/Etc/UTC /etc/localtime')
})

test.run()
