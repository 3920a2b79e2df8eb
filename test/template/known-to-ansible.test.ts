import { spawnSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { TemplateError } from '../../lib/template/values/value.ts'
import { Evaluator, PlacedError } from '../../lib/template/variables.ts'
import { answersOfAnsible, PYTHON } from './compare.ts'
import { raw, tableWorld, valueOf, worldOf } from './world.ts'

/** What Ansible knows and a value here does not: the sentence that says so, and what the hint begins with or names. */
const REFUSED: readonly (readonly [templates: readonly string[], message: RegExp, hint: RegExp])[] = [
  [
    [
      ...['ansible_hostname', 'ansible_facts.os_family', 'ansible_default_ipv4.address', 'ansible_date_time.iso8601'],
      ...['ansible_env.HOME', 'ansible_eth0.ipv4', 'ansible_memtotal_mb', 'ansible_distribution_version'],
      ...["hostvars['web-2'].ansible_default_ipv4.address", "hostvars['web-2']['ansible_eth1']['ipv4']"],
      ...["ansible_default_ipv4.address | default('10.0.0.1')", 'ansible_fqdn is defined'],
    ],
    /'ansible_\w+' is a fact of the host, and nothing that a host says is evaluated/,
    /host\.addresses/,
  ],
  [
    ['playbook_dir', "playbook_dir ~ '/files'", "playbook_dir | default('.')"],
    /'playbook_dir' is the directory/,
    /-e playbook_dir/,
  ],
  [
    [
      'role_path',
      'ansible_check_mode',
      'ansible_play_hosts',
      'play_hosts',
      'ansible_limit',
      'ansible_version.full',
      'item',
      'ansible_managed',
    ],
    /'\w+' exists only while a play of Ansible's runs/,
    /by -e/,
  ],
  [['omit'], /'omit' exists only/, /leave the variable out/],
  [
    ['now()', 'now().year', "now(utc=true).strftime('%Y')", "now(fmt='%F')"],
    /now\(\) gives another value in each run/,
    /by -e/,
  ],
  [
    ["listed | json_query('[0]')", "{'a': 1} | community.general.json_query('a')"],
    /json_query" is a language of its own/,
    /selectattr/,
  ],
  [["'%Y' | strftime", "'2020-01-01' | to_datetime('%Y-%m-%d')"], /gives a time/, /TypeScript/],
  [["'x' | vault('pw')"], /gives another text in each run/, /vault encrypt-string/],
  [["'x' | unvault('pw')"], /would open a secret/, /!vault/],
  [
    ["'/etc/*' | fileglob", "'$HOME' | expandvars", "'/etc' | realpath"],
    /the filter "\w+" (?:reads|depends|follows)/,
    /./,
  ],
  [
    ["lookup('pipe', 'date')", "lookup('ansible.builtin.pipe', 'git rev-parse HEAD')", "lookup('lines', 'ls')"],
    /runs a command each time/,
    /secrets:/,
  ],
  [
    ["lookup('password', '/dev/null length=8')", "lookup('password', '/dev/null chars=ascii_letters')"],
    /makes up a password/,
    /a file that is there is read/,
  ],
  [
    [
      ...[
        "lookup('hashi_vault', 'x')",
        "lookup('community.hashi_vault.vault_kv2_get', 'x')",
        "lookup('passwordstore', 'x')",
      ],
      ...[
        "lookup('community.general.onepassword', 'x')",
        "lookup('amazon.aws.aws_secret', 'x')",
        "lookup('keyring', 'a b')",
      ],
    ],
    /asks a store of secrets/,
    /secrets: \{ app\.password: \{ command:/,
  ],
  [["lookup('community.sops.sops', 'x')"], /lookup\('community\.sops\.sops'\) is not known/, /group_vars/],
  [
    ["lookup('url', 'http://127.0.0.1:9/')", "lookup('community.general.dig', 'a.b')", "lookup('k8s', kind='Pod')"],
    /asks another machine/,
    /inventory in code/,
  ],
  [
    ["lookup('sequence', 'start=1 end=3')", "lookup('fileglob', '*')", "query('inventory_hostnames', 'all')"],
    /is for loops of tasks/,
    /filters/,
  ],
  [
    ["lookup('template', 'x.j2')", "lookup('csvfile', 'a')", "lookup('ini', 'a')"],
    /reads a file in a way/,
    /known are env, file/,
  ],
  [
    ["lookup('config', 'DEFAULT_FORKS')", "lookup('own_plugin', 1)"],
    /lookup\('\w+'\) is not known/,
    /known are env, file/,
  ],
  [
    ["'x' | password_hash('bcrypt')", "'x' | password_hash('md5', 'saltsalt')"],
    /the hash "\w+" is not supported/,
    /sha512 or sha256/,
  ],
  [
    ["'x' | password_hash", "'x' | password_hash('sha512')", '9 | random', '[1, 2] | shuffle'],
    /without a (?:salt|seed)/,
    /give it/,
  ],
  [
    ["{'failed': true} is failed", "{'changed': true} is changed", 'x is succeeded', 'x is skipped'],
    /is about the outcome of a task/,
    /role/,
  ],
]

for (const [templates, message, hint] of REFUSED) {
  test(`refused in one sentence, with the place and what to do: ${templates.join(', ')}`, () => {
    for (const template of templates) {
      const error = errorOf(() => valueOf(`{{ ${template} }}`))
      assert.ok(error instanceof PlacedError, `${template}: ${String(error)}`)
      assert.match(error.message, message, template)
      assert.not.match(error.message, /\n|\.\s/, `${template}: one sentence`)
      assert.match(error.hint ?? '', hint, template)
      assert.equal(error.place, { file: 'hosts.yml', line: 1, column: 1 })
    }
  })
}

test('a variable that the inventory or -e sets counts, whatever its name', () => {
  const world = worldOf({ 'web-1': { playbook_dir: '/srv', ansible_hostname: 'web', now: 'soon', item: 1 } })
  const value = new Evaluator(world, 'ansible').evaluated(
    'web-1',
    raw('{{ playbook_dir }} {{ ansible_hostname }} {{ now }} {{ item }}'),
  )
  assert.is(value, '/srv web soon 1')
})

test('connection and inventory names that look like facts are not taken for facts', () => {
  for (const name of [
    'ansible_user',
    'ansible_python_interpreter',
    'ansible_local_port',
    'ansible_docker_host',
    'ansible_bridge',
    'ansible_network_os',
  ])
    assert.is(valueOf(`{{ ${name} | default('x') }}`), 'x', name)
})

function hasPasslib(python: string): boolean {
  return spawnSync(python, ['-c', 'import passlib']).status === 0
}

test('what Ansible gives for each name, lookup, filter and test is given here as well, or refused in words', () => {
  const python = PYTHON
  if (python === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  const templates = [...REFUSED.flatMap(([each]) => each), ...SAME, "lookup('vars', 'nope', errors='ignore')"].map(
    (template) => `{{ ${template} }}`,
  )
  const answers = answersOfAnsible(python, templates)
  let refused = 0
  const differ = templates.filter((template, at) => {
    const theirs = answers[at]
    const ours = errorOf(() => valueOf(template, tableWorld()))
    if (ours instanceof TemplateError) {
      refused++
      return false
    }
    return theirs === undefined || 'error' in theirs || !isDeepStrictEqual(ours, theirs.value)
  })
  // Without passlib Ansible asks crypt(3), which writes the rounds also where they are the usual ones.
  const byCrypt = differ.filter((template) => template.includes('rounds=5000') && !hasPasslib(python))
  if (byCrypt.length > 0) process.stdout.write('      rounds=5000 not compared: Ansible has no passlib here\n')
  assert.equal(
    differ.filter((template) => !byCrypt.includes(template)),
    [],
  )
  assert.is(refused, templates.length - SAME.length, 'what is the same is not refused')
})

/** The siblings of those, which are given. */
const SAME = [
  ...[
    "lookup('vars', 'port')",
    "lookup('vars', 'nope', default='x')",
    "lookup('first_found', ['/none', '/etc/passwd'])",
  ],
  ...[
    "lookup('first_found', {'files': ['passwd'], 'paths': ['/none', '/etc']})",
    "query('first_found', ['/none'], skip=true)",
  ],
  ...[
    "lookup('env', 'HOME')",
    "lookup('file', '/etc/hostname')",
    "lookup('dict', {'a': 1})",
    "query('varnames', '^port$')",
  ],
  ...[
    "lookup('items', [1, 2])",
    "lookup('file', '/nope', errors='ignore')",
    "'x' | password_hash('sha512', 'saltsalt', rounds=5000)",
  ],
  ...[
    "'x' | password_hash('sha256', 'saltsalt', rounds=5000)",
    '59 | random(seed=inventory_hostname)',
    "[1, 2, 3] | shuffle(seed='a')",
  ],
  ...[
    'group_names',
    'inventory_hostname',
    'inventory_hostname_short',
    "groups['all']",
    "'a.b' | hash('sha1')",
    "'x' | to_uuid",
  ],
]

function errorOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test.run()
