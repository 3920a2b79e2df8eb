import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HOSTS, refuseEach } from './refuse-each.ts'
import { complaints } from './support.ts'

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
    says: ['hosts.yml:1:1 inventory: "hosts" stands at the top of the file, where the names of groups stand'],
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
  'hosts as a text': {
    files: { 'hosts.yml': 'all:\n  hosts: node-01\n' },
    says: ['hosts.yml:2:10 inventory: hosts of group all are not a map'],
    hint: /write "node-01:", with a colon, on a line of its own/,
  },
  'a group as a text': {
    files: { 'hosts.yml': 'all:\n  hosts: { a: }\nweb: x\n' },
    says: ['hosts.yml:3:6 inventory: group web is not a map'],
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
    says: ['hosts.yml:11:5 inventory: the groups go in a circle: a > b > c > a'],
    hint: /remove "a" from the children of "c"/,
  },
  'a group that is its own child': {
    files: { 'hosts.yml': 'all:\n  hosts: { h: }\na:\n  children:\n    a:\n' },
    says: ['hosts.yml:5:5 inventory: the groups go in a circle: a > a'],
  },
  'all as a child': {
    files: { 'hosts.yml': 'all:\n  hosts: { h: }\na:\n  children:\n    all:\n' },
    says: ['hosts.yml:5:5 inventory: the groups go in a circle: all > a > all'],
  },
  'a host in no group': {
    files: { 'hosts.yml': HOSTS, 'host_vars/node-02.yml': 'ansible_port: 23\n' },
    says: [
      'host_vars/node-02.yml inventory: there are variables for a host "node-02" that is in no group of the inventory',
    ],
    hint: /did you mean "node-01"\?/,
  },
  'variables of a group there is not': {
    files: { 'hosts.yml': 'web: { hosts: { a: } }\n', 'group_vars/wbe.yml': 'ansible_port: 23\n' },
    says: ['group_vars/wbe.yml inventory: there are variables for a group "wbe" that is not in the inventory'],
    hint: /did you mean "web"\?/,
  },
  'variables of a host among those of groups': {
    files: { 'hosts.yml': HOSTS, 'group_vars/node-01.yml': 'ansible_port: 23\n' },
    says: ['group_vars/node-01.yml inventory: there are variables for a group "node-01" that is not in the inventory'],
    hint: /"node-01" is a host: move the file to host_vars/,
  },
  'a name that is a host and a group': {
    files: { 'hosts.yml': 'web:\n  hosts:\n    web:\n' },
    says: ['hosts.yml:3:5 inventory: "web" is the name of a host and of a group'],
    hint: /rename one of the two/,
  },
  'an empty file of hosts': {
    files: { 'hosts.yml': '' },
    says: ['hosts.yml:1:1 inventory: the inventory file is empty'],
  },
  'an empty file of variables': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': '\n' },
    says: ['group_vars/all.yml:1:1 vars: the file of variables is empty'],
    hint: /a comment is enough to keep it/,
  },
  'an inventory without hosts': {
    files: { 'hosts.yml': 'all:\n  children:\n    web:\n' },
    says: ['hosts.yml:1:1 inventory: the inventory has no hosts'],
  },
  'a port in the name of a host': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    "node-01:2222":\n' },
    says: ['hosts.yml:3:5 inventory: the host name "node-01:2222" has a port in it'],
    hint: /ansible_port: 2222/,
  },
  'hosts without colons': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a\n    b\n' },
    says: ['hosts.yml:3:5 inventory: hosts of group all are not a map'],
    hint: /write "a:", with a colon/,
  },
  'a connection variable among the hosts': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a:\n    ansible_host: 10.0.0.1\n' },
    says: ['hosts.yml:4:5 inventory: the connection variable ansible_host stands among the hosts'],
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
  'a variable without a role': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'forwarders: [1.1.1.1]\ndns.listen: 1.2.3.4\n' },
    says: [
      'group_vars/all.yml:1:1 vars: "forwarders" is not a map of variables; at the top stand the names of roles',
      'group_vars/all.yml:2:1 vars: "dns.listen" is not the name of a role',
    ],
    hint: /if it is a variable, write "ROLE:" on one line and " {2}forwarders: ..." under it/,
  },
})

test('the problems of all files come at once, file by file and line by line', () => {
  const says = complaints(
    {
      'hosts.yml': 'all:\n  hosts:\n    - a\n  vras:\n',
      'group_vars/all.yml': 'ansible_prot: 22\n',
      'group_vars/web.yml': 'a: b: c\n',
    },
    ['x=1'],
  )
  assert.equal(says, [
    'hosts.yml:3:5 inventory: hosts of group all are not a map',
    'hosts.yml:4:3 inventory: the key "vras" is unknown in group all',
    'group_vars/all.yml:1:1 vars: the connection variable ansible_prot is unknown',
    'group_vars/web.yml inventory: there are variables for a group "web" that is not in the inventory',
    'group_vars/web.yml:1:4 vars: a value holds ": " where YAML expects the end of the line',
    '-e x=... vars: the variable of -e names no role',
  ])
})

test('while the hosts cannot be read, no group is called unknown', () => {
  const says = complaints({ 'hosts.yml': 'all: [\n', 'group_vars/web.yml': 'ansible_prot: 22\n' })
  assert.is(says.length, 2)
  assert.match(says[0] ?? '', /^hosts.yml:\d+:\d+ inventory: /)
  assert.is(says[1], 'group_vars/web.yml:1:1 vars: the connection variable ansible_prot is unknown')
})

test('a problem that many hosts inherit is told once', () => {
  const says = complaints({
    'hosts.yml': 'all:\n  vars: { ansible_port: http }\n  hosts:\n    n[1:50]: { ansible_port: -1 }\n',
  })
  assert.equal(says, [
    'hosts.yml:2:25 vars: ansible_port has a wrong value',
    'hosts.yml:4:30 vars: ansible_port has a wrong value',
  ])
})

test.run()
