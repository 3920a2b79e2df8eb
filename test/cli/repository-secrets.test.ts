import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encryptVault } from '../../lib/vault/ansible-vault.ts'
import { projectOf, rolecall, type Said } from '../support/project.ts'

const test = suite('secrets in the repository')
const sops = resolve(import.meta.dirname, '../vault/sops')

const PASSWORD = 'correct horse'
const TEXTS = {
  tagged: 'tagged-secret-äß',
  whole: 'whole-secret-42',
  printed: 'printed-secret',
  sops: 'hunter2 secret',
}
const tagged = encryptVault(Buffer.from(TEXTS.tagged), Buffer.from(PASSWORD), 'prod')
  .trimEnd()
  .replaceAll(/^/gm, '      ')

const PLAYBOOK = `import { file, playbook, role, secret, z } from 'rolecall'
const hidden = z.string().transform(secret)
const app = role({
  name: 'app',
  vars: z.object({ tagged: hidden, whole: hidden, printed: hidden, password: hidden, user: z.string(), again: hidden }),
  apply: async ({ ensure, vars, note }) => {
    note(\`user \${vars.user}\`)
    for (const name of ['tagged', 'whole', 'printed', 'password'] as const)
      await ensure(file(\`\${process.cwd()}/out-\${name}\`, { content: vars[name] }))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`

function project(files: Readonly<Record<string, string>> = {}): string {
  const directory = projectOf({
    pw: `${PASSWORD}\n`,
    'playbooks/site.ts': PLAYBOOK,
    'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
    'inventory/group_vars/all/a.yml': `app:\n  tagged: !vault |\n${tagged}\n`,
    'inventory/group_vars/all/b.yml': encryptVault(
      Buffer.from(`app:\n  whole: ${TEXTS.whole}\n  user: plain-user-name\n`),
      Buffer.from(PASSWORD),
    ),
    'inventory/group_vars/all/c.yml': `secrets:
  app.printed: { command: [sh, -c, 'echo run >> ran; echo ${TEXTS.printed}'] }
  app.again: { command: [sh, -c, 'echo run >> ran; echo ${TEXTS.printed}'] }
  nobody_reads: { command: ['false'] }
`,
    ...files,
  })
  cpSync(join(sops, 'whole.age'), join(directory, 'inventory/group_vars/all/d.yml'))
  return directory
}

const WITH = ['--vault-id', 'prod@pw', '--no-types']
const env = { SOPS_AGE_KEY_FILE: join(sops, 'key.txt') }

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
}

function nothingIn(said: Said, directory: string): void {
  for (const text of [...Object.values(TEXTS), 'plain-user-name', PASSWORD]) {
    assert.not.ok(said.out.includes(text), `standard output has ${text}`)
    assert.not.ok(said.err.includes(text), `standard error has ${text}`)
  }
  const written = filesUnder(directory).filter((path) => /\.rolecall|node_modules|\.cache/.test(path))
  for (const path of written)
    for (const text of Object.values(TEXTS))
      assert.not.ok(readFileSync(path, 'utf8').includes(text), `${path} has ${text}`)
}

test('all of them reach a role as Secrets, and are in no output, journal or cache', async () => {
  const directory = project()
  for (const args of [
    ['check', 'site', '--diff', '-v'],
    ['apply', 'site', '--diff', '-vv'],
    ['apply', 'site', '--json', '--diff'],
    ['explain', 'app.tagged', 'here'],
    ['explain', 'app.whole', 'here'],
    ['explain', 'app.printed', 'here'],
  ]) {
    const said = await rolecall(directory, [...args, ...WITH.slice(0, args[0] === 'explain' ? 2 : 3)], env)
    assert.is(said.code, 0, said.err)
    nothingIn(said, directory)
  }
  const out = (name: string) => readFileSync(join(directory, `out-${name}`), 'utf8')
  assert.equal(['tagged', 'whole', 'printed', 'password'].map(out), Object.values(TEXTS))
  assert.is(statSync(join(directory, 'out-tagged')).mode & 0o777, 0o600)
})

test('a program for a secret runs once in a run, and one that nobody reads never', async () => {
  const directory = project()
  assert.is((await rolecall(directory, ['apply', 'site', ...WITH], env)).code, 0)
  assert.is(readFileSync(join(directory, 'ran'), 'utf8'), 'run\n')
})

test('list hosts opens no file for which there is no password, and says so', async () => {
  const directory = project()
  const { code, out, err } = await rolecall(directory, ['list', 'hosts'])
  assert.is(code, 0)
  assert.match(out, /^here/m)
  assert.match(err, /b\.yml:1 .*needs a password, and none was given; the host is left out here/)
  assert.not.ok(readdirSync(directory).includes('ran'))
})

const REFUSED: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'an Ansible Vault text as plain text',
    { 'inventory/host_vars/here.yml': 'app: { tagged: "$ANSIBLE_VAULT;1.1;AES256" }\n' },
    /here\.yml:1:16 .*is an Ansible Vault text that is read as plain text/,
  ],
  [
    'a value of SOPS without its file',
    { 'inventory/host_vars/here.yml': 'app: { tagged: "ENC[AES256_GCM,data:aa,iv:aa,tag:aa,type:str]" }\n' },
    /is a value of SOPS that is read as plain text/,
  ],
  [
    'an age file as a value',
    { 'inventory/host_vars/here.yml': 'app: { tagged: "-----BEGIN AGE ENCRYPTED FILE-----" }\n' },
    /is an age file that is read as plain text/,
  ],
  [
    'a program that fails',
    {
      'inventory/host_vars/here.yml':
        'secrets: { app.tagged: { command: [sh, -c, "echo no: printed-secret >&2; exit 3"] } }\n',
    },
    /here\.yml:1:\d+ .*the program sh for a secret failed with 3[^]*no: \*\*\*/,
  ],
  [
    'a program that does not end',
    { 'inventory/host_vars/here.yml': 'secrets: { app.tagged: { command: [sleep, "60"], timeout: 0.2 } }\n' },
    /the program sleep for a secret did not end within 0\.2 s/,
  ],
  [
    'a text as command without a shell',
    { 'inventory/host_vars/here.yml': 'secrets: { app.tagged: { command: "pass show x" } }\n' },
    /no shell is asked for/,
  ],
  ['a wrong password', { pw: 'wrong\n' }, /no password opens an Ansible Vault text/],
]
for (const [what, files, words] of REFUSED) {
  test(`refused with its place: ${what}`, async () => {
    const directory = project(files)
    const said = await rolecall(directory, ['check', 'site', ...WITH], env)
    assert.is(said.code, 1)
    assert.match(said.err, words)
    nothingIn(said, directory)
  })
}

test.run()
