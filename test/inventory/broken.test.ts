import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Problem } from '../../lib/errors.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { levelsOf } from '../../lib/inventory/variables/layer.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf } from './support.ts'

const HOSTS = { 'hosts.yml': 'web:\n  hosts:\n    a:\n' }

/** What people break, each as files and the line where it is. */
const BROKEN: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, line: number]>> = {
  'a section without its bracket': [{ hosts: '[web\na\n' }, 1],
  'a section with two colons': [{ hosts: '[a:b:vars]\nx=1\n' }, 1],
  'a section of an unknown kind': [{ hosts: '[a:child]\nb\n' }, 1],
  'a section without a name': [{ hosts: '[]\na\n' }, 1],
  'a comment with ; after a section': [{ hosts: '[web] ; front\na\n' }, 1],
  'an address in the brackets of a section': [{ hosts: '[2001:db8::1]\n' }, 1],
  'a value with a blank': [{ hosts: 'a x=two words\n' }, 1],
  'a quote that is open': [{ hosts: 'a x="two\n' }, 1],
  'a variable with a colon': [{ hosts: 'a\n[all:vars]\nx: 1\n' }, 3],
  'variables of a group that is not there': [{ hosts: 'a\n[web:vars]\nx=1\n' }, 2],
  'a child that is not there': [{ hosts: '[web:children]\nfront\n' }, 2],
  'groups in a circle': [{ hosts: '[a:children]\nb\n[b:children]\na\n' }, 4],
  'a range with a hyphen': [{ hosts: 'web[1-3]\n' }, 1],
  'a range of unequal digits': [{ hosts: 'web[001:3]\n' }, 1],
  'a host with a colon': [{ hosts: '[a]\nweb: x=1\n' }, 2],
  'a host named all': [{ hosts: 'all\n' }, 1],
  'a port that is none': [{ hosts: 'web ansible_port=x\n' }, 1],
  'a priority that is no number': [{ hosts: 'web\n[all:vars]\nansible_group_priority=x\n' }, 3],
  'a tab': [{ 'hosts.yml': 'all:\n\thosts:\n' }, 2],
  'a list of hosts': [{ 'hosts.yml': 'all:\n  hosts: [a, b]\n' }, 2],
  'a list of children': [{ 'hosts.yml': 'all:\n  children:\n    - web\n' }, 3],
  'hosts at the top': [{ 'hosts.yml': 'hosts:\n  a:\n' }, 1],
  'a misspelt part': [{ 'hosts.yml': 'all:\n  host:\n    a:\n' }, 2],
  'a host that is a number': [{ 'hosts.yml': 'all:\n  hosts:\n    10:\n' }, 3],
  'a colon in a text': [{ 'hosts.yml': 'all:\n  hosts:\n    a: { x: b: c }\n' }, 3],
  'a template without quotes': [{ 'hosts.yml': 'all:\n  vars:\n    x: {{ y }}\n' }, 3],
  'an alias without its anchor': [{ 'hosts.yml': 'all:\n  hosts:\n    a: *none\n' }, 3],
  'two documents': [{ 'hosts.yml': 'all:\n---\nweb:\n' }, 2],
  'a bracket that is open': [{ 'hosts.yml': 'all:\n  hosts: {a: \n' }, 2],
  TOML: [{ 'hosts.toml': '[web.hosts]\na = {}\n' }, 0],
  'a plugin': [{ 'aws_ec2.yml': 'plugin: amazon.aws.aws_ec2\n' }, 0],
  'variables that are a list': [{ ...HOSTS, 'group_vars/web.yml': '- x\n' }, 1],
  'variables that are a text': [{ ...HOSTS, 'group_vars/web.yml': 'x=1\n' }, 1],
  'variables in two documents': [{ ...HOSTS, 'group_vars/web.yml': 'x: 1\n---\ny: 2\n' }, 2],
  'an unknown tag': [{ ...HOSTS, 'group_vars/web.yml': 'x: !include y.yml\n' }, 1],
  'an encrypted file without a password': [{ ...HOSTS, 'group_vars/web.yml': '$ANSIBLE_VAULT;1.1;AES256\n6638\n' }, 1],
  'an encrypted file that is cut': [{ ...HOSTS, 'group_vars/web.yml': '$ANSIBLE_VAULT;1.1\n' }, 1],
  'an encrypted value without a password': [
    { ...HOSTS, 'group_vars/web.yml': 'app:\n  key: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6638\n' },
    2,
  ],
  'a template that is cut': [{ ...HOSTS, 'group_vars/web.yml': 'app:\n  url: "http://{{ domain"\n' }, 2],
  'a template with an unknown filter': [{ ...HOSTS, 'group_vars/web.yml': 'app:\n  url: "{{ 1 | nope }}"\n' }, 2],
  'a template with an undefined name': [{ ...HOSTS, 'group_vars/web.yml': 'app:\n  url: "{{ nope }}"\n' }, 2],
  'a template with an argument that is too much': [
    { ...HOSTS, 'group_vars/web.yml': 'app:\n  url: "{{ [1] | first(2) }}"\n' },
    2,
  ],
  'templates in a circle': [
    { ...HOSTS, 'group_vars/web.yml': 'x: "{{ y }}"\ny: "{{ x }}"\napp:\n  url: "{{ x }}"\n' },
    1,
  ],
}

/** The problems of an inventory, and of the values that a role reads. */
function problemsIn(files: Readonly<Record<string, string>>): readonly Problem[] {
  const [name = 'hosts'] = Object.keys(files)
  return problemsOf(() => {
    const { hosts } = loadInventory(join(directoryOf(files), name))
    for (const { layers, name: host, values } of hosts)
      for (const path of ['app.url', 'app.key']) {
        const level = levelsOf(layers).get(path)?.[0]
        if (level?.node !== undefined) values.of(level.node, host)
      }
  })
}

for (const [name, [files, line]] of Object.entries(BROKEN)) {
  test(`${name}: the message says where, what is wrong and what to do next`, () => {
    const problems = problemsIn(files)
    assert.ok(problems.length > 0)
    for (const { message, place, hint, expected } of problems) {
      assert.is(typeof place?.file, 'string', message)
      assert.ok(line === 0 || place?.line !== undefined, message)
      assert.ok((hint ?? '') !== '', `no next step: ${message}`)
      assert.not.match([message, hint, expected].join(' '), /undefined|\[object|\n|\bat .*:\d+:\d+|Error:/)
    }
    if (line > 0) assert.is(problems[0]?.place?.line, line)
  })
}

test.run()
