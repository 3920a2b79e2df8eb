import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openProjectInventory } from '../../lib/playbook/load/inventory.ts'
import { rolecall as command } from '../support/project.ts'
import { PYTHON } from '../template/compare.ts'
import { blocksOf, project } from './blocks.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-moving-')))
const vaultPassword = join(directory, '.vault-pass')
test.after(() => rmSync(directory, { recursive: true, force: true }))

const files = blocksOf('docs/from-ansible.md').filter(({ file }) => file !== undefined)
for (const { file = '', text } of files) {
  mkdirSync(dirname(join(directory, file)), { recursive: true })
  writeFileSync(join(directory, file), text)
}
writeFileSync(vaultPassword, 'letmein\n', { mode: 0o600 })
symlinkSync(join(project, 'node_modules'), join(directory, 'node_modules'))

async function rolecall(...args: readonly string[]) {
  const { code, out, err } = await command(directory, args)
  return { status: code, out: out + err }
}

const VAULT = ['--vault-password-file', vaultPassword]
/** This machine in place of the hosts, and a directory of the test's. */
const HERE = ['-e', 'ansible_connection=local', '-e', 'ansible_become=false', '-e', `app_dir=${join(directory, 'srv')}`]

test('the secrets of the project are encrypted, as its operators have them', async () => {
  const { status, out } = await rolecall('vault', 'encrypt', 'inventory/group_vars/site.yml', ...VAULT)
  assert.is(status, 0, out)
  assert.match(readFileSync(join(directory, 'inventory/group_vars/site.yml'), 'utf8'), /^\$ANSIBLE_VAULT/)
})

test('the hosts are those of the inventory, and reached through its bastion', async () => {
  const plain = join(directory, 'plain')
  for (const { file = '', text } of files.filter((block) => block.file?.startsWith('inventory/'))) {
    mkdirSync(dirname(join(plain, file)), { recursive: true })
    writeFileSync(join(plain, file), text)
  }
  const { hosts } = await openProjectInventory(join(plain, 'inventory'), { cwd: plain })
  assert.equal(
    hosts.map(({ name }) => name),
    ['web-01', 'web-02', 'db-01'],
  )
  assert.match(JSON.stringify(hosts[0]?.connection), /ops@bastion\.example\.com/)
})

test('explain shows where the port comes from', async () => {
  const { status, out } = await rolecall('explain', 'app.port', 'web-01', ...VAULT)
  assert.is(status, 0, out)
  const [, shown = ''] =
    /```text\n(app\.port[^]*?)```/.exec(readFileSync(join(project, 'docs/from-ansible.md'), 'utf8')) ?? []
  assert.is(out.trim(), shown.trim())
})

test('list unused names what nobody reads', async () => {
  const { status, out } = await rolecall('list', 'unused', 'app', ...VAULT)
  assert.is(status, 0, out)
  assert.match(out, /old_setting +group all +inventory\/group_vars\/all\.yml:12/)
  assert.not.match(out, /base_port|extra_features|vault_db_password/)
})

test('the project runs with its inventory unchanged: check, apply, and nothing is left to do', async () => {
  const run = (mode: string, limit: string) => rolecall(mode, 'app', '--no-types', ...VAULT, ...HERE, '-l', limit)
  const checked = await run('check', 'web-02')
  assert.is(checked.status, 0, checked.out)
  const applied = await run('apply', 'web-02')
  assert.is(applied.status, 0, applied.out)
  assert.equal(JSON.parse(readFileSync(join(directory, 'srv/app.json'), 'utf8')), {
    environment: 'staging',
    port: 8080,
    url: 'https://web-02.example.com/',
    features: ['search', 'beta'],
    db: { host: '10.0.0.21', password: 'correct horse' },
  })
  assert.not.match(checked.out + applied.out, /correct horse/)
  const again = await rolecall('check', 'app', '--no-types', '--exit-code', ...VAULT, ...HERE, '-l', 'web-02')
  assert.is(again.status, 0, again.out)
})

test('Ansible reads the same project, and sees the same values', () => {
  if (PYTHON === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  const words = 'port={{ app_port }} url={{ app_url }} db={{ db_host }}:{{ db_password }} features={{ app_features }}'
  const { stdout, stderr } = spawnSync(
    'ansible',
    ['web-02', '-i', 'inventory', ...VAULT, '-c', 'local', '-m', 'debug', '-a', `msg='${words}'`],
    { cwd: directory, encoding: 'utf8', env: { ...process.env, ANSIBLE_NOCOLOR: '1' } },
  )
  assert.match(
    stdout,
    /port=8080 url=https:\/\/web-02\.example\.com\/ db=10\.0\.0\.21:correct horse features=\['search', 'beta'\]/,
    stderr,
  )
})

test.run()
