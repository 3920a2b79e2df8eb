import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { Secret } from '../../lib/secret.ts'
import { encryptVault } from '../../lib/vault/ansible-vault.ts'
import { passwordSource } from '../../lib/vault/password-sources.ts'
import { vaultPassword } from '../../lib/vault/passwords.ts'
import { RepositorySecrets, withSecrets } from '../../lib/vault/repository-secrets.ts'
import { directoryOf } from './support.ts'

const PASSWORD = 'open sesame'

/** The value of a variable, read with a vault's password. */
function valueOf(files: Readonly<Record<string, string>>, name: string, password = PASSWORD): Promise<unknown> {
  const directory = directoryOf({ 'hosts.yml': 'all: { hosts: { h: } }\n', ...files })
  const known = [vaultPassword('default', Buffer.from(password), 'a file')]
  const secrets = new RepositorySecrets({ passwords: () => Promise.resolve({ known, failures: [] }), env: {} })
  return withSecrets(secrets, () => {
    // The file, not the directory: every other file in it would be read as an inventory.
    const [host] = loadInventory(join(directory, 'hosts.yml'), { secrets }).hosts
    return host?.values.variable(name, 'h')
  })
}

const vaulted = encryptVault(Buffer.from('-----BEGIN KEY-----\nabc\n\n'), Buffer.from(PASSWORD))

test('a file of Ansible Vault that a template looks up is opened, and its text is a Secret', async () => {
  const files = {
    'files/key.pem': vaulted,
    'group_vars/all.yml': `key: "{{ lookup('file', 'key.pem') }}"\nin_text: "a {{ lookup('ansible.builtin.file', 'key.pem', rstrip=false) }}"\n`,
  }
  const key = await valueOf(files, 'key')
  assert.is(key instanceof Secret ? key.reveal() : key, '-----BEGIN KEY-----\nabc')
  const text = await valueOf(files, 'in_text')
  assert.is(text instanceof Secret ? text.reveal() : text, 'a -----BEGIN KEY-----\nabc\n\n')
})

test('a wrong password for such a file is told with its place', async () => {
  const files = { 'files/key.pem': vaulted, 'group_vars/all.yml': `key: "{{ lookup('file', 'key.pem') }}"\n` }
  const found = await valueOf(files, 'key', 'wrong').catch((error: unknown) => error)
  assert.ok(found instanceof RolecallError)
  assert.match(found.problems[0]?.message ?? '', /^no password opens an Ansible Vault text/)
  assert.match(found.problems[0]?.place?.file ?? '', /files\/key\.pem$/)
})

test('a password that Ansible has made and kept in a file is read, and is a Secret', async () => {
  const files = {
    'credentials/db': 'pa ss\n',
    'credentials/salted': 'word salt=abc\n',
    'group_vars/all.yml': `db: "{{ lookup('password', inventory_dir + '/credentials/db length=15 chars=ascii_letters') }}"
salted: "{{ lookup('ansible.builtin.password', 'credentials/salted') }}"
missing: "{{ lookup('password', 'credentials/none') }}"
hashed: "{{ lookup('password', 'credentials/salted encrypt=sha512_crypt') }}"
`,
  }
  for (const [name, wanted] of [
    ['db', 'pa ss'],
    ['salted', 'word'],
  ] as const) {
    const found = await valueOf(files, name)
    assert.is(found instanceof Secret ? found.reveal() : found, wanted)
  }
  for (const name of ['missing', 'hashed']) {
    const found = await valueOf(files, name).catch((error: unknown) => error)
    assert.match(found instanceof RolecallError ? found.message : '', /makes up a password/)
  }
})

test('other files are looked up as they are', async () => {
  const files = { 'files/motd': 'hello\n', 'group_vars/all.yml': `motd: "{{ lookup('file', 'motd') }}"\n` }
  assert.is(await valueOf(files, 'motd'), 'hello')
})

test('variables of the environment in the path of a password file are expanded, as by Ansible', () => {
  process.env['ROLECALL_TEST_PASSWORDS'] = '/run/pw'
  const pathOf = (text: string) => Reflect.get(passwordSource(text, '/project'), 'path') as unknown
  assert.is(pathOf('prod@$ROLECALL_TEST_PASSWORDS/prod'), '/run/pw/prod')
  assert.is(pathOf('${ROLECALL_TEST_PASSWORDS}/x'), '/run/pw/x')
  assert.is(pathOf('$ROLECALL_NOT_SET/x'), '/project/$ROLECALL_NOT_SET/x')
})

test.run()
