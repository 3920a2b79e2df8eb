import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HOSTS, refuseEach } from './refuse-each.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'
import { complaints, directoryOf, inOneLine, notesOf } from './support.ts'

refuseEach({
  'a misspelt part of a group': {
    files: { 'hosts.yml': 'all:\n  host:\n    a:\n  hosts:\n    b:\n' },
    says: ['hosts.yml:2:3 inventory: the key "host" is unknown in group all'],
    hint: /did you mean "hosts"\?/,
  },
  'a host straight under its group': {
    files: { 'hosts.yml': 'web:\n  node-01:\nall:\n  hosts:\n    a:\n' },
    says: ['hosts.yml:2:3 inventory: the key "node-01" is unknown in group web'],
    hint: /if "node-01" is a host, put it under hosts:/,
  },
  'hosts at the top of the file': {
    files: { 'hosts.yml': 'hosts:\n  a:\n' },
    says: ['hosts.yml:1:1 inventory: "hosts" is at the top of the file, where only names of groups can be'],
    hint: /write "all:" above/,
  },
  'hosts as a list': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    - node-01\n    - node-02\n' },
    says: ['hosts.yml:3:5 inventory: hosts of group all are not a map'],
    hint: /write "node-01:" instead of "- node-01"/,
  },
  'children as a list': {
    files: { 'hosts.yml': 'all:\n  hosts: { a: }\n  children:\n    - web\n' },
    says: ['hosts.yml:4:5 inventory: children of group all are not a map'],
    hint: /write "web:" instead of "- web"/,
  },
  'hosts as a text of several words': {
    files: { 'hosts.yml': 'all:\n  hosts: node-01 node-02\n' },
    says: ['hosts.yml:2:10 inventory: hosts of group all are not a map'],
    hint: /write "node-01:", with a colon, on a line of its own/,
  },
  'a list at the top': {
    files: { 'hosts.yml': '- node-01\n' },
    says: ['hosts.yml:1:1 inventory: the inventory is not a map'],
  },
  'the variables of a host as a text': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a: 10.0.0.1\n' },
    says: ['hosts.yml:3:8 vars: the variables of host a are not a map'],
  },
  'variables as a list': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': '- base\n' },
    says: ['group_vars/all.yml:1:1 vars: the variables of group all are not a map'],
  },
  'a circle of groups': {
    files: {
      'hosts.yml': 'all:\n  hosts: { h: }\na:\n  children:\n    b:\nb:\n  children:\n    c:\nc:\n  children:\n    a:\n',
    },
    says: ['hosts.yml:11:5 inventory: the groups form a circle: a > b > c > a'],
    hint: /remove "a" from the children of "c"/,
  },
  'a group that is its own child': {
    files: { 'hosts.yml': 'all:\n  hosts: { h: }\na:\n  children:\n    a:\n' },
    says: ['hosts.yml:5:5 inventory: the groups form a circle: a > a'],
  },
  'all as a child': {
    files: { 'hosts.yml': 'all:\n  hosts: { h: }\na:\n  children:\n    all:\n' },
    says: ['hosts.yml:5:5 inventory: the groups form a circle: all > a > all'],
  },
  'hosts without colons': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a\n    b\n' },
    says: ['hosts.yml:3:5 inventory: hosts of group all are not a map'],
    hint: /write "a:", with a colon/,
  },
  'a connection variable among the hosts': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a:\n    ansible_host: 10.0.0.1\n' },
    says: ['hosts.yml:4:5 inventory: the connection variable ansible_host is among the hosts'],
    hint: /indent ansible_host under its host/,
  },
  'a bad range': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    node-[05:01]:\n' },
    says: ['hosts.yml:3:5 inventory: the host range "node-[05:01]" is wrong: [05:01] ends before it begins'],
  },
  'names that no pattern could mean': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a b:\n    all:\n    ../x:\n  children:\n    "w*b":\n' },
    says: [
      'hosts.yml:3:5 inventory: "a b" cannot be the name of a host',
      'hosts.yml:4:5 inventory: a host cannot be called "all"',
      'hosts.yml:5:5 inventory: "../x" cannot be the name of a host',
      'hosts.yml:7:5 inventory: "w*b" cannot be the name of a group',
    ],
  },
})

test('the problems of all files come at once, file by file and line by line', () => {
  const says = complaints(
    {
      'hosts.yml': 'all:\n  hosts:\n    - a\n  vras:\n',
      'group_vars/all.yml': 'ansible_port: 0\n',
      'group_vars/web.yml': 'a: b: c\n',
      'group_vars/ungrouped.yml': 'a: b: c\n',
    },
    ['x'],
  )
  assert.equal(says, [
    'hosts.yml:3:5 inventory: hosts of group all are not a map',
    'hosts.yml:4:3 inventory: the key "vras" is unknown in group all',
    'group_vars/all.yml:1:15 vars: ansible_port has a wrong value',
    'group_vars/ungrouped.yml:1:4 vars: a value contains ": " where YAML expects the end of the line',
    '-e x vars: -e gives a variable no value',
  ])
})

test('thousands of equal problems are one, with their number and the first places', () => {
  const hosts = Array.from({ length: 3385 }, (_, index) => `    n${index}: { ansible_port: http }\n`).join('')
  const directory = directoryOf({ 'hosts.yml': `all:\n  hosts:\n${hosts}` })
  const problems = problemsOf(() => loadInventory(directory))
  assert.equal(
    problems.map((problem) => inOneLine(problem, directory)),
    ['hosts.yml:3:25 vars: ansible_port has a wrong value (and 3384 more like this)'],
  )
  assert.match(problems[0]?.hint ?? '', /the same at .*hosts.yml:4:25, .*hosts.yml:5:25 and 3382 more$/)
})

test('a problem that many hosts inherit is reported once', () => {
  const says = complaints({
    'hosts.yml': 'all:\n  vars: { ansible_port: http }\n  hosts:\n    n[1:50]: { ansible_port: -1 }\n',
  })
  assert.equal(says, [
    'hosts.yml:2:25 vars: ansible_port has a wrong value',
    'hosts.yml:4:30 vars: ansible_port has a wrong value',
  ])
})

const noted: Record<string, [files: Record<string, string>, notes: string[]]> = {
  'a group that is a text': [
    { 'hosts.yml': 'all:\n  hosts: { h: }\nweb: x\n' },
    ['hosts.yml:3:1 "web": this is not a group, so it is ignored, as in Ansible'],
  ],
  'a part of a group that is far from the three words': [
    { 'hosts.yml': 'all:\n  hosts: { h: }\n  description: all of it\n' },
    ['hosts.yml:3:3 "description" of group all: the key is unknown there, so it is ignored, as in Ansible'],
  ],
  'a name that is a host and a group': [
    { 'hosts.yml': 'web:\n  hosts:\n    web:\n' },
    [
      'hosts.yml:3:5 "web": this is the name of a host and of a group; alone in a pattern it means the host, and variables of the host count for the group',
    ],
  ],
  'an inventory without hosts': [
    { 'hosts.yml': 'all:\n  children:\n    web:\n' },
    [' no host is in this inventory: only localhost can be named'],
  ],
  'an empty inventory': [{ 'hosts.yml': '' }, [' no host is in this inventory: only localhost can be named']],
  'variables of a group and of a host whose names are misspelt': [
    {
      'hosts.yml': 'web:\n  hosts:\n    alpha:\n',
      'group_vars/wbe.yml': 'a: 1\n',
      'host_vars/alhpa.yml': 'a: 1\n',
      'host_vars/elsewhere.yml': 'a: 1\n',
    },
    [
      'group_vars/wbe.yml there is no group wbe, so nothing of this is read',
      'host_vars/alhpa.yml there is no host alhpa, so nothing of this is read',
    ],
  ],
  'a program that cannot be executed': [
    { 'hosts.yml': HOSTS, 'cloud.py': '#!/usr/bin/env python3\nimport json\nprint(json.dumps({}))\n' },
    ['cloud.py cloud.py: this is not an inventory, so it is ignored, as in Ansible'],
  ],
  'nothing for variables of groups and hosts that are not there': [
    {
      'hosts.yml': HOSTS,
      'group_vars/wbe.yml': 'ansible_port: x\n',
      'host_vars/node-09.yml': 'a\n',
      'host_vars/node-01': '',
    },
    [],
  ],
  'connection variables that mean nothing here, once': [
    {
      'hosts.yml':
        'all:\n  vars: { ansible_python_interpreter: x }\n  hosts:\n    a: { ansible_ssh_pipelining: no }\n    b: { ansible_ssh_pipelining: no }\n',
    },
    [
      'hosts.yml:2:11 ansible_python_interpreter, ansible_ssh_pipelining (2 times): nothing here reads this; it may stay for Ansible',
    ],
  ],
  'a slip in a connection variable': [
    { 'hosts.yml': 'all:\n  hosts: { a: { ansible_prot: 23 } }\n' },
    ['hosts.yml:2:17 ansible_prot: this is not a connection variable, so it changes nothing'],
  ],
}

for (const [name, [files, notes]] of Object.entries(noted)) {
  test(`noted: ${name}`, () => assert.equal(notesOf(files), notes))
}

test.run()
