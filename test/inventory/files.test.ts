import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
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
    'group_vars/all.yml group_vars/all.yml is not read, as in Ansible: group_vars/all stands before it',
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

test('settings of ansible.cfg about connections are noted, unless a variable says the same', () => {
  const config =
    '[defaults]\ninventory = inventory\nremote_user = ops\ntimeout=30\n[privilege_escalation]\nbecome = True\nbecome_method = sudo\n[ssh_connection]\npipelining = True\n'
  const directory = directoryOf({
    'hosts.yml': 'all:\n  hosts: { a: {ansible_become_method: su} }\n',
    'ansible.cfg': config,
  })
  const [note, ...others] = loadInventory(join(directory, 'hosts.yml'), { beside: [directory] }).notes
  assert.is(note?.message, 'remote_user, timeout, become of ansible.cfg are not read')
  assert.is(note?.hint, 'write the same into group_vars/all.yml: ansible_user, ansible_timeout, ansible_become')
  assert.equal(note?.place, { file: join(directory, 'ansible.cfg'), line: 3, column: 1 })
  assert.equal(others, [])
  const quiet = directoryOf({
    'hosts.yml': 'all:\n  hosts: { a: }\n',
    'ansible.cfg': '[privilege_escalation]\nbecome = no\n',
  })
  assert.equal(loadInventory(join(quiet, 'hosts.yml'), { beside: [quiet] }).notes, [])
})

test.run()
