import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encryptVault } from '../../lib/vault/ansible-vault.ts'
import { projectOf, rolecall } from '../support/project.ts'

/** Where secrets come from that no role writes down, and what each is. */
const TEXTS = {
  vaulted: 'va"ulted $secret äß',
  'a file of Ansible Vault': 'whole-file-secret-42',
  'a file of age': 'hunter2 secret',
  'a program': "printed 'secret' 7",
  'the password of Ansible Vault': 'correct horse battery',
  'the password of sudo': 'become-password-9',
  'the password of a login': 'login/password+8',
  'the passphrase of a key': 'passphrase-of-key-5',
  'the hash of a password':
    '$6$saltsalt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.',
  'given by -e': 'given-on-the-command-line-3',
}
const sops = resolve(import.meta.dirname, '../vault/sops')
const tagged = encryptVault(Buffer.from(TEXTS.vaulted), Buffer.from(TEXTS['the password of Ansible Vault']), 'prod')

/** A role that says each of its secrets wherever it can, and then fails. */
const PLAYBOOK = `import { exec, file, playbook, role, secret, sh, user, z } from 'rolecall'
const hidden = z.string().transform(secret)
const leaky = role({
  name: 'app',
  vars: z.object({ tagged: hidden, whole: hidden, printed: hidden, password: hidden, given: hidden, site: z.boolean().default(false), user: z.string().default('') }),
  validateSite: ({ hosts }) =>
    hosts.flatMap(({ name, vars }) => (vars.site ? [{ hosts: [name], message: 'no ' + vars.whole.reveal(), got: vars.tagged.reveal(), hint: vars.printed.reveal() }] : [])),
  apply: async ({ $, ensure, vars, note, checking }) => {
    const all = [vars.tagged, vars.whole, vars.printed, vars.password, vars.given]
    for (const each of all) {
      note('token ' + each.reveal())
      await ensure(file(process.cwd() + '/out', { content: each.map((text) => 'key=' + text + '\\n') }))
      await $.read({ nothrow: true })\`printf %s \${each}; printf %s \${each} | base64 >&2\`
    }
    const hash = secret(process.env['HASH'] ?? '')
    // Only foreseen: this machine gets no account of a test.
    if (checking) await ensure(user('nobody-has-this', { password: hash }))
    const texts = all.map((each) => each.reveal())
    await ensure(exec('deploy ' + texts.join(' '), { run: sh\`printf '%s\\\\n' \${all[0]} \${all[1]} \${all[2]} \${all[3]} \${all[4]}; false\`, creates: '/nowhere' }))
  },
  verify: async ({ expect, vars }) => {
    expect(vars.whole.reveal(), vars.tagged.reveal()).toBe(vars.printed.reveal())
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [leaky] }] })
`

function project(): string {
  const directory = projectOf({
    pw: `${TEXTS['the password of Ansible Vault']}\n`,
    phrase: `${TEXTS['the passphrase of a key']}\n`,
    'playbooks/site.ts': PLAYBOOK,
    'inventory/hosts.yml': `all:
  hosts:
    here: { ansible_connection: local }
    sudo: { ansible_connection: local, ansible_become: true, ansible_become_user: nobody, ansible_become_password: '${TEXTS['the password of sudo']}' }
    away: { ansible_host: 127.0.0.1, ansible_port: 9, ansible_user: x, ansible_password: '${TEXTS['the password of a login']}' }
`,
    'inventory/group_vars/all/a.yml': `app:\n  tagged: !vault |\n${tagged.trimEnd().replaceAll(/^/gm, '      ')}\n`,
    'inventory/group_vars/all/b.yml': encryptVault(
      Buffer.from(`app:\n  whole: ${TEXTS['a file of Ansible Vault']}\n`),
      Buffer.from(TEXTS['the password of Ansible Vault']),
    ),
    'inventory/group_vars/all/c.yml': `secrets:\n  app.printed: { command: [printf, '%s', ${JSON.stringify(TEXTS['a program'])}] }\n`,
  })
  cpSync(join(sops, 'whole.age'), join(directory, 'inventory/group_vars/all/d.yml'))
  return directory
}

const SECRETS = ['--vault-id', 'prod@pw']
const RUN = [...SECRETS, '--no-types', '--key-passphrase-file', 'phrase', '-e', `app.given=${TEXTS['given by -e']}`]
/** Every command that shows something of a run or of variables, in order: later ones show what earlier ones did. */
const COMMANDS: readonly (readonly [sink: string, args: readonly string[]])[] = [
  ['check', ['check', 'site', '--diff', '-vv', ...RUN]],
  ['apply', ['apply', 'site', '--diff', '-vv', ...RUN]],
  ['apply --json', ['apply', 'site', '--json', '--diff', ...RUN]],
  ['resume', ['resume', '--no-types', ...SECRETS, '-e', `app.given=${TEXTS['given by -e']}`]],
  ['verify', ['verify', 'site', '-v', '-l', 'here', ...RUN]],
  ['a problem of the site', ['check', 'site', ...RUN, '-e', 'app.site=true']],
  ['runs', ['runs']],
  ['runs --json', ['runs', '--json']],
  ['runs show', ['runs', 'show', '-v']],
  ['runs show --json', ['runs', 'show', '--json']],
  ['history', ['history', 'here']],
  ['history --json', ['history', 'here', '--json']],
  ['report', ['report', '-o', 'run.html', '--junit', 'run.xml', '--github']],
  ['explain', ['explain', 'app.whole', 'here', ...SECRETS]],
  ['list hosts', ['list', 'hosts', '--json', ...SECRETS]],
]

/** Commands that have something to mask. */
const TELLING = ['check', 'apply', 'apply --json', 'resume', 'verify', 'a problem of the site', 'runs show', 'explain']

test('secrets from files, programs, passwords and passphrases are in nothing that a command prints or writes', async () => {
  const directory = project()
  const losses: string[] = []
  let looks = 0
  const look = (sink: string, shown: string) => {
    for (const [source, text] of Object.entries(TEXTS))
      for (const form of formsOf(text)) {
        looks++
        if (shown.includes(form)) losses.push(`${source}: ${sink} shows ${form}`)
      }
  }
  const wrote = new Set<string>()
  for (const [sink, args] of COMMANDS) {
    const { code, out, err } = await rolecall(directory, args, {
      HASH: TEXTS['the hash of a password'],
      SOPS_AGE_KEY_FILE: join(sops, 'key.txt'),
      GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
    })
    assert.ok([0, 1, 2, 4].includes(code), `${sink} ends with ${code}: ${err}`)
    assert.not.match(err, /unknown option|error: /, sink)
    look(sink, out)
    look(sink, err)
    // What nobody has shown is hidden in no report.
    if (TELLING.includes(sink)) assert.match(out + err, /\*\*\*/, `${sink} masks something`)
  }
  for (const path of written(directory)) {
    look(path, readFileSync(path, 'utf8'))
    wrote.add(path)
  }
  for (const name of ['run.html', 'run.xml', 'summary.md'])
    assert.ok(wrote.has(join(directory, name)), `${name} was written`)
  assert.equal(losses, [])
  process.stdout.write(
    `      ${Object.keys(TEXTS).length} sources, ${COMMANDS.length} commands, ${looks} looks in five encodings, 0 losses\n`,
  )
})

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    bytes.toString('base64').slice(0, 16),
    bytes.toString('hex'),
    encodeURIComponent(text),
  ]
}

/** What commands have written: journals, caches and reports. */
function written(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && /\.rolecall|node_modules|\.cache|run\.|summary/.test(path))
}

test.run()
