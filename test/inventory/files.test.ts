import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsIn } from '../../lib/machine/ansible-config.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'
import { complaints, directoryOf, inOneLine, notesOf } from './support.ts'

const HOSTS = 'all:\n  hosts:\n    a:\n'

function refusals(directory: string, path = directory): string[] {
  return problemsOf(() => loadInventory(path)).map((problem) => inOneLine(problem, directory))
}

test('a missing inventory is reported with similar names', () => {
  const directory = directoryOf({ 'inventory/hosts.yml': HOSTS })
  const [problem] = problemsOf(() => loadInventory(join(directory, 'inventroy')))
  assert.is(problem?.code, 'inventory')
  assert.is(problem?.message, `there is no inventory at ${join(directory, 'inventroy')}`)
  assert.is(problem?.hint, `did you mean ${join(directory, 'inventory')}?`)
})

test('an inventory in a missing directory is reported as that', () => {
  const directory = directoryOf({})
  const [problem] = problemsOf(() => loadInventory(join(directory, 'no/where')))
  assert.is(problem?.hint, `the directory ${join(directory, 'no')} is not there either`)
})

test('where nothing has the usual name, the inventories of a project of Ansible are named', () => {
  const hintIn = (files: Readonly<Record<string, string>>) => {
    const before = process.cwd()
    process.chdir(directoryOf(files))
    try {
      return problemsOf(() => loadInventory('inventory'))[0]?.hint
    } finally {
      process.chdir(before)
    }
  }
  const environments = { 'environments/prod/hosts': '[web]\nw1\n', 'environments/dev/hosts': '[web]\nd1\n' }
  assert.is(hintIn(environments), 'name the inventory: -i environments/dev or -i environments/prod')
  assert.is(hintIn({ 'inventory.yml': HOSTS }), 'name the inventory: -i inventory.yml')
  assert.is(
    hintIn({ 'inventories/prod.ini': 'w1\n', 'inventories/group_vars/all.yml': 'a: 1\n' }),
    'name the inventory: -i inventories/prod.ini',
  )
  assert.is(
    hintIn({ ...environments, 'ansible.cfg': '[defaults]\ninventory = environments/prod/hosts, more.yml ; ours\n' }),
    'ansible.cfg names another one: -i environments/prod/hosts -i more.yml',
  )
  assert.match(hintIn({}) ?? '', /^rolecall init/)
})

test('a directory without an inventory is reported with its content', () => {
  const [problem] = problemsOf(() => loadInventory(directoryOf({ '.keep': '', 'notes.md': '' })))
  assert.match(problem?.message ?? '', /^there is no inventory in the directory /)
  assert.is(problem?.got, 'notes.md')
})

test('an .ini file in a directory is ignored, as in Ansible, and the answer says so', () => {
  const directory = directoryOf({ 'hosts.ini': '[web]\nh1\n' })
  const [problem] = problemsOf(() => loadInventory(directory))
  assert.is(
    problem?.hint,
    `as by Ansible, .ini files in a directory are left out: name the file itself, -i ${directory}/hosts.ini`,
  )
  assert.is(loadInventory(join(directory, 'hosts.ini')).hosts.length, 1)
})

test('text that is not UTF-8 is reported with line and column', () => {
  const latin1 = Buffer.from('app:\n  a: 1\n  city: Z\u00fcrich\n', 'latin1')
  assert.equal(complaints({ 'hosts.yml': HOSTS, 'group_vars/all.yml': latin1 }), [
    'group_vars/all.yml:3:10 vars: the file is not valid UTF-8',
  ])
})

test('UTF-16 is recognised', () => {
  const wide = Buffer.from(`\uFEFF${HOSTS}\u00fc`, 'utf16le')
  const [problem] = problemsOf(() => loadInventory(directoryOf({ 'hosts.yml': wide })))
  assert.is(problem?.got, 'UTF-16')
})

test('an unreadable file is reported with what to do', () => {
  const directory = directoryOf({ 'hosts.yml': HOSTS, 'group_vars/all.yml': '# secret\n' })
  const file = join(directory, 'group_vars/all.yml')
  chmodSync(directory, 0o755)
  chmodSync(file, 0o000)
  const problems = asNobody(() => problemsOf(() => loadInventory(directory)))
  assert.is(problems[0]?.message, `you may not read ${file}`)
  assert.match(problems[0]?.hint ?? '', /chmod u\+r/)
})

/** Root may read every file, so root steps down for the time of the action. */
function asNobody<T>(action: () => T): T {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return action()
  process.seteuid(65_534)
  try {
    return action()
  } finally {
    process.seteuid(0)
  }
}

test('a symbolic link to itself is reported', () => {
  const directory = directoryOf({ 'hosts.yml': HOSTS })
  mkdirSync(join(directory, 'group_vars'))
  symlinkSync('all.yml', join(directory, 'group_vars/all.yml'))
  assert.equal(refusals(directory), [
    'group_vars/all.yml vars: group_vars/all.yml is a symbolic link that leads back to itself',
  ])
})

test('symbolic links in a circle at the place of the inventory, of its hosts and of group_vars', () => {
  const directory = directoryOf({ 'whole/hosts.yml': HOSTS, 'part/README': '' })
  symlinkSync('loop', join(directory, 'loop'))
  symlinkSync('hosts.yml', join(directory, 'part/hosts.yml'))
  symlinkSync('group_vars', join(directory, 'whole/group_vars'))
  const says = ['loop', 'part', 'whole'].flatMap((name) => refusals(directory, join(directory, name)))
  assert.equal(says, [
    'loop inventory: loop is a symbolic link that leads back to itself',
    'part/hosts.yml inventory: part/hosts.yml is a symbolic link that leads back to itself',
    'whole/group_vars vars: whole/group_vars is a symbolic link that leads back to itself',
  ])
})

test('a link to a directory above it does not lead in circles', () => {
  const directory = directoryOf({ 'hosts.yml': HOSTS, 'group_vars/all/x.yml': 'ansible_port: 23\n' })
  symlinkSync('..', join(directory, 'group_vars/all/up'))
  symlinkSync('.', join(directory, 'round'))
  const [host] = loadInventory(directory).hosts
  assert.is(host?.connection.kind === 'ssh' && host.connection.port, 23)
})

test('a dangling link is reported', () => {
  const directory = directoryOf({ 'hosts.yml': HOSTS })
  mkdirSync(join(directory, 'host_vars'))
  symlinkSync('gone', join(directory, 'host_vars/a.yml'))
  assert.equal(refusals(directory), [
    'host_vars/a.yml vars: host_vars/a.yml is a symbolic link to a file that is not there',
  ])
})

test('valid links are followed', () => {
  const directory = directoryOf({ 'real.yml': 'ansible_port: 23\n', 'hosts.yml': HOSTS })
  mkdirSync(join(directory, 'host_vars'))
  symlinkSync('../real.yml', join(directory, 'host_vars/a.yml'))
  const [host] = loadInventory(directory).hosts
  assert.is(host?.connection.kind === 'ssh' && host.connection.port, 23)
})

const PORT = 'ansible_port: 2222\n'
const read: Record<string, Record<string, string>> = {
  'a file of variables without an extension': { 'group_vars/all': PORT },
  'variables in JSON': { 'host_vars/a.json': '{ "ansible_port": 2222 }' },
  'a directory of variables before a file beside it': {
    'group_vars/all/x.yml': PORT,
    'group_vars/all.yml': 'ansible_port: 1\n',
  },
  'directories in a directory of variables': { 'group_vars/all/more/deep/x': PORT },
  'a file of variables with nothing in it': { 'group_vars/all.yml': '', 'host_vars/a.yml': PORT },
}

for (const [name, files] of Object.entries(read)) {
  test(`read: ${name}`, () => {
    const [host] = loadInventory(directoryOf({ 'hosts.yml': HOSTS, ...files })).hosts
    assert.is(host?.connection.kind === 'ssh' && host.connection.port, 2222)
  })
}

test('variables in two places are noted: one of them is not read', () => {
  assert.equal(notesOf({ 'hosts.yml': HOSTS, 'group_vars/all.yml': '# a\n', 'group_vars/all/x.yml': '# b\n' }), [
    'group_vars/all.yml group_vars/all.yml is not read, as in Ansible: group_vars/all comes first',
  ])
})

test('group_vars as a file is noted', () => {
  assert.equal(notesOf({ 'hosts.yml': HOSTS, group_vars: 'x' }), [
    "group_vars group_vars is a file, so it is not read: its place is a directory's",
  ])
})

test('a file that -e names and that is not there', () => {
  assert.equal(complaints({ 'hosts.yml': HOSTS }, ['@none.yml']), ['-e @none.yml vars: there is no file none.yml'])
})

/** The notes about an ansible.cfg beside one host. */
function configNotes(config: string, host = '{}', environment: Readonly<Record<string, string>> = {}) {
  const directory = directoryOf({
    'hosts.yml': `all:\n  hosts:\n    a: ${host}\n    b: ${host}\n`,
    'ansible.cfg': config,
  })
  Object.assign(process.env, environment)
  try {
    const { notes } = loadInventory(join(directory, 'hosts.yml'), { beside: [directory] })
    return { notes, messages: notes.map(({ message, hint }) => `${message}; ${hint ?? ''}`), directory }
  } finally {
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name)
  }
}

test('settings of ansible.cfg about connections are noted, unless a variable of all hosts says the same', () => {
  const config =
    '[defaults]\ninventory = inventory\nremote_user = ops\ntimeout=30\n[privilege_escalation]\nbecome = True\nbecome_method = sudo\n[ssh_connection]\npipelining = True\n'
  const { notes, directory } = configNotes(config, '{ ansible_become_method: su }')
  const [note, ...others] = notes
  assert.is(note?.message, 'remote_user, timeout, become of ansible.cfg are not read')
  assert.is(note?.hint, 'write the same into group_vars/all.yml: ansible_user, ansible_timeout, ansible_become')
  assert.equal(note?.place, { file: join(directory, 'ansible.cfg'), line: 3, column: 1 })
  assert.equal(others, [])
  assert.equal(
    configNotes('[privilege_escalation]\nbecome = no\n[defaults]\nhost_key_checking = True\ntransport = smart\n').notes,
    [],
  )
  assert.equal(configNotes('[defaults]\nremote_user = ops\n', '{ ansible_ssh_user: deploy }').notes, [])
  const one = directoryOf({
    'hosts.yml': 'all:\n  hosts: { a: { ansible_user: ops }, b: }\n',
    'ansible.cfg': '[defaults]\nremote_user = ops\n',
  })
  assert.match(loadInventory(join(one, 'hosts.yml'), { beside: [one] }).notes[0]?.message ?? '', /remote_user/)
})

test('an ansible.cfg is read as Python reads it: any case, values of several lines, spaces before names, comments', () => {
  const text =
    '; a\n# b = 1\n[ssh_connection]\n  SSH_Args : -o ControlMaster=auto ; ours\n     -o ForwardAgent=yes\n# x\n[defaults]\nfiles=a=b\nalone\n'
  assert.equal(
    settingsIn(text).map(({ section, key, value, line }) => [section, key, value, line]),
    [
      ['ssh_connection', 'ssh_args', '-o ControlMaster=auto -o ForwardAgent=yes', 4],
      ['defaults', 'files', 'a=b', 8],
    ],
  )
})

test('no setting of ansible.cfg by which an inventory means something else is passed over', () => {
  const rows: readonly (readonly [config: string, words: RegExp | undefined])[] = [
    [
      '[defaults]\nhost_key_checking = False',
      /^host_key_checking of ansible.cfg is not read; .* ansible_host_key_checking$/,
    ],
    ['[ssh_connection]\nhost_key_checking = no', /ansible_host_key_checking$/],
    ['[defaults]\nprivate_key_file = ~/.ssh/deploy', /ansible_ssh_private_key_file$/],
    ['[defaults]\ntransport = local', /ansible_connection$/],
    ['[sudo_become_plugin]\nuser = app', /ansible_become_user$/],
    ['[su_become_plugin]\nexecutable = /bin/su', /ansible_become_exe$/],
    [
      '[defaults]\nhash_behaviour = merge',
      /^hash_behaviour = merge of ansible.cfg is not followed: a map of a stronger level/,
    ],
    ['[defaults]\nhash_behaviour = replace', undefined],
    ['[defaults]\nforce_valid_group_names = always', /names of groups are as they are written/],
    ['[defaults]\nforce_valid_group_names = ignore', undefined],
    ['[defaults]\njinja2_native = True', /the result of a template in a text is a text/],
    ['[defaults]\nerror_on_undefined_vars = False', /an undefined name in a template is an error/],
    ['[defaults]\nvars_plugins_enabled = host_group_vars,community.sops.sops', /variables come from group_vars/],
    ['[defaults]\nprecedence = all_inventory, groups_inventory', /usual precedence/],
    ['[inventory]\nignore_patterns = \\.old$', /all files of the directory are read/],
    ['[inventory]\nenable_plugins = yaml', /hosts come from/],
    ['[inventory]\nenable_plugins = host_list, script, auto, yaml, ini, toml', undefined],
    ['[defaults]\nask_pass = true', /say it on the command line: -k$/],
    ['[privilege_escalation]\nbecome_ask_pass = yes', /-K$/],
    ['[defaults]\nask_vault_pass = no', undefined],
    ['[tags]\nskip = slow', /--skip-tags$/],
    ['[defaults]\nforks = 50\nnocows = 1\nretry_files_enabled = False\nroles_path = roles', undefined],
  ]
  for (const [config, words] of rows) {
    const { messages } = configNotes(`${config}\n`)
    if (words === undefined) assert.equal(messages, [], config)
    else assert.match(messages.join('\n'), words)
  }
})

test('what the environment says to Ansible about connections is noted, and ANSIBLE_CONFIG names the file', () => {
  const { messages } = configNotes('', '{}', {
    ANSIBLE_REMOTE_USER: 'ops',
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_BECOME: '',
  })
  assert.equal(messages, [
    'ANSIBLE_REMOTE_USER, ANSIBLE_HOST_KEY_CHECKING of the environment are not read; write the same into group_vars/all.yml: ansible_user, ansible_host_key_checking',
  ])
  const elsewhere = directoryOf({ 'other.cfg': '[defaults]\nremote_user = ops\n' })
  const other = configNotes('[defaults]\ntimeout = 3\n', '{}', { ANSIBLE_CONFIG: join(elsewhere, 'other.cfg') })
  assert.equal(
    other.messages.map((message) => message.split(';')[0]),
    ['remote_user of other.cfg is not read'],
  )
})

test.run()
