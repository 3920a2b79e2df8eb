import { spawn } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encryptVault } from '../../lib/vault/ansible-vault.ts'
import { projectOf, rolecall } from '../support/project.ts'

/** Where secrets come from that no role writes down, and what each is. */
const TEXTS = {
  vaulted: 'va"ulted $secret äß',
  'a file of Ansible Vault': 'whole-file-secret-42',
  'an age file': 'hunter2 secret',
  'a program': "printed 'secret' 7",
  'the password of Ansible Vault': 'correct horse battery',
  'the password of sudo': 'become-password-9',
  'the password of a login': 'login/password+8',
  'the passphrase of a key': 'passphrase-of-key-5',
  'the hash of a password':
    '$6$saltsalt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.',
  'given by -e': 'given-on-the-command-line-3',
  'a value in a file of SOPS': 'hunter2 secret',
  'what a template makes of a secret': 'postgres://app:va"ulted $secret äß@db',
  'looked up in the environment': 'of-the-environment/11',
  'looked up in a file': 'of-a-looked-up-file+12',
  'a file of -e that a vault encrypts': 'extra-file-secret-13',
  'an inventory in code': 'typed-inventory-secret-14',
  'a password that a program prints': 'client-printed-password-15',
  'the password of su, in a vault': 'vaulted-become-password-16',
  'the password of a login, in a template': 'templated-login-password-17',
  'the variables of one host': 'host-vars-secret-18',
  'typed for -k': 'typed-login-password-19',
  'typed for -K': 'typed-become-password-20',
}
const sops = resolve(import.meta.dirname, '../vault/sops')
const sealed = (
  source: keyof typeof TEXTS,
  password: keyof typeof TEXTS = 'the password of Ansible Vault',
  id = 'prod',
) => encryptVault(Buffer.from(TEXTS[source]), Buffer.from(TEXTS[password]), id)
/** Under `!vault`, as it stands in YAML. */
const tag = (text: string) => `!vault |\n${text.trimEnd().replaceAll(/^/gm, '            ')}\n`

/** A role that says each of its secrets wherever it can, and then fails. */
const PLAYBOOK = `import { exec, file, playbook, role, secret, sh, user, z } from 'rolecall'
const hidden = z.string().transform(secret)
const leaky = role({
  name: 'app',
  vars: z.object({ tagged: hidden, whole: hidden, printed: hidden, password: hidden, given: hidden, sops: hidden, url: hidden, env: hidden, looked: hidden, extra: hidden, typed: hidden, own: hidden, site: z.boolean().default(false), user: z.string().default('') }),
  from: { sops: 'password', url: 'app_url', env: 'app_env', looked: 'app_looked', extra: 'app_extra', typed: 'app_typed', own: 'app_own' },
  validateSite: ({ hosts }) =>
    hosts.flatMap(({ name, vars }) => (vars.site ? [{ hosts: [name], message: 'no ' + vars.whole.reveal(), got: vars.tagged.reveal(), hint: vars.printed.reveal() }] : [])),
  apply: async ({ $, ensure, vars, note, checking }) => {
    const all = [vars.tagged, vars.whole, vars.printed, vars.password, vars.given, vars.sops, vars.url, vars.env, vars.looked, vars.extra, vars.typed, vars.own]
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
    su: { ansible_connection: local, ansible_become: true, ansible_become_user: nobody, ansible_become_method: su }
    gone: { ansible_host: 127.0.0.1, ansible_port: 9, ansible_user: x }
    away: { ansible_host: 127.0.0.1, ansible_port: 9, ansible_user: x, ansible_password: '${TEXTS['the password of a login']}' }
`,
    'token.txt': `${TEXTS['looked up in a file']}\n`,
    'dev-client': `#!/bin/sh\necho '${TEXTS['a password that a program prints']}'\n`,
    'extra.yml': encryptVault(
      Buffer.from(`app_extra: ${TEXTS['a file of -e that a vault encrypts']}\n`),
      Buffer.from(TEXTS['a password that a program prints']),
      'dev',
    ),
    'inventory/more.ts': `import { inventory, secret } from 'rolecall'
export default inventory({ hosts: { here: { app_typed: secret(process.env['APP_TYPED'] ?? '') } } })
`,
    'inventory/group_vars/all/f.yml': `app_url: 'postgres://app:{{ vault_pw }}@db'
vault_pw: ${tag(sealed('vaulted'))}app_env: "{{ lookup('env', 'APP_TOKEN') }}"
app_looked: "{{ lookup('file', '../token.txt') }}"
app_own: of-others
app_typed: of-others
`,
    'inventory/host_vars/here': encryptVault(
      Buffer.from(`app_own: ${TEXTS['the variables of one host']}\n`),
      Buffer.from(TEXTS['the password of Ansible Vault']),
    ),
    'inventory/host_vars/su.yml': `ansible_become_password: ${tag(sealed('the password of su, in a vault'))}`,
    'inventory/host_vars/gone.yml': `vault_login: ${tag(sealed('the password of a login, in a template'))}ansible_password: '{{ vault_login }}'\n`,
    'inventory/group_vars/all/a.yml': `app:\n  tagged: ${tag(sealed('vaulted'))}`,
    'inventory/group_vars/all/b.yml': encryptVault(
      Buffer.from(`app:\n  whole: ${TEXTS['a file of Ansible Vault']}\n`),
      Buffer.from(TEXTS['the password of Ansible Vault']),
    ),
    'inventory/group_vars/all/c.yml': `secrets:\n  app.printed: { command: [printf, '%s', ${JSON.stringify(TEXTS['a program'])}] }\n`,
  })
  cpSync(join(sops, 'whole.age'), join(directory, 'inventory/group_vars/all/d.yml'))
  cpSync(join(sops, 'regex.yml'), join(directory, 'inventory/group_vars/all/e.yml'))
  chmodSync(join(directory, 'dev-client'), 0o755)
  return directory
}

const SECRETS = ['--vault-id', 'prod@pw', '--vault-id', 'dev@./dev-client']
const EXTRA = ['-e', `app.given=${TEXTS['given by -e']}`, '-e', '@extra.yml']
const RUN = [...SECRETS, '--no-types', '--key-passphrase-file', 'phrase', ...EXTRA]
/** Every command that shows something of a run or of variables, in order: later ones show what earlier ones did. */
const COMMANDS: readonly (readonly [sink: string, args: readonly string[]])[] = [
  ['check', ['check', 'site', '--diff', '-vv', ...RUN]],
  ['apply', ['apply', 'site', '--diff', '-vv', ...RUN]],
  ['apply --json', ['apply', 'site', '--json', '--diff', ...RUN]],
  ['resume', ['resume', '--no-types', ...SECRETS, ...EXTRA]],
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
      APP_TOKEN: TEXTS['looked up in the environment'],
      APP_TYPED: TEXTS['an inventory in code'],
      GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
    })
    assert.ok([0, 1, 2, 4].includes(code), `${sink} ends with ${code}: ${err}`)
    assert.not.match(err, /unknown option|error: /, sink)
    look(sink, out)
    look(sink, err)
    // What nobody has shown is hidden in no report.
    if (TELLING.includes(sink)) assert.match(out + err, /\*\*\*/, `${sink} masks something`)
  }
  const typed = await atTerminal(
    directory,
    ['check', 'site', '-v', '-k', '-K', '-l', 'here,su,away', ...RUN],
    [TEXTS['typed for -k'], TEXTS['typed for -K']],
  )
  assert.is(typed.questions, 2, typed.shown)
  look('a terminal that asks for passwords', typed.shown)
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

/** script(1) makes a terminal; an answer is typed when its question stands there. */
function atTerminal(cwd: string, args: readonly string[], answers: readonly string[]) {
  const words = [process.execPath, resolve(import.meta.dirname, '../../bin/rolecall.js'), ...args]
  const env = {
    ...process.env,
    SOPS_AGE_KEY_FILE: join(sops, 'key.txt'),
    APP_TOKEN: TEXTS['looked up in the environment'],
    APP_TYPED: TEXTS['an inventory in code'],
    GITHUB_ACTIONS: undefined,
  }
  const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, env })
  let shown = ''
  let questions = 0
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    const asked = shown.match(/assword[^\n]*: /g)?.length ?? 0
    for (; questions < Math.min(asked, answers.length); questions++) child.stdin.write(`${answers[questions] ?? ''}\r`)
  })
  return new Promise<{ readonly shown: string; readonly questions: number }>((done) => {
    child.on('close', () => done({ shown, questions }))
  })
}

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
