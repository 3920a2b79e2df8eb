import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plain } from '../../lib/inventory/graph/tree.ts'
import { levelsOf, type Layer } from '../../lib/inventory/variables/layer.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import type { SecretReader } from '../../lib/inventory/sources/secret-reader.ts'
import { Secret, secret } from '../../lib/secret.ts'
import { HOSTS, refuseEach } from './refuse-each.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf, hostIn, inventoryOf, notesOf } from './support.ts'

refuseEach({
  'tabs, each of them': {
    files: { 'hosts.yml': 'all:\n\thosts:\n\t\ta:\n' },
    says: [
      'hosts.yml:2:1 inventory: a tab is used for indentation, which YAML does not allow',
      'hosts.yml:3:1 inventory: a tab is used for indentation, which YAML does not allow',
    ],
    hint: /replace the tab with spaces/,
  },
  'a vault file': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n6638\n' },
    says: ['group_vars/all.yml:1:1 vars: the file is encrypted, and there is no password or key for it'],
  },
  'an unknown tag': {
    files: {
      'hosts.yml': HOSTS,
      'group_vars/all.yml': 'app:\n  key: !include other.yml\n  list: !!binary aGk=\n  n: !!int "x"\n  s: !!set x\n',
    },
    says: [
      'group_vars/all.yml:2:17 vars: the YAML tag !include is unknown',
      'group_vars/all.yml:3:18 vars: the YAML tag !!binary is unknown',
      'group_vars/all.yml:4:12 vars: the value under the tag !!int is no int',
      'group_vars/all.yml:5:12 vars: the value under the tag !!set is no set',
    ],
    hint: /remove the tag|b64decode/,
  },
  'a Jinja template without quotes': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  url: {{ host }}\n' },
    says: ['group_vars/all.yml:2:9 vars: there is a Jinja expression {{ }} where a value should be'],
  },
  'a Jinja template that breaks the YAML': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  url: {{ host }}/index\n' },
    says: ['group_vars/all.yml:2:18 vars: a Jinja template breaks the YAML'],
  },
  'an alias without its anchor': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a: *none\n' },
    says: ['hosts.yml:3:8 inventory: the anchor &none of alias *none is not defined above this line'],
  },
  'an anchor inside itself': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app: &x\n  y: *x\n' },
    says: ['group_vars/all.yml:2:6 vars: the anchor &x of alias *x is used inside itself'],
  },
  'a merge key without a map': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  <<: [1]\n' },
    says: ['group_vars/all.yml:2:7 vars: the merge key << needs a map, or a list of maps'],
  },
  'a colon in a text': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  text: a: b\n' },
    says: ['group_vars/all.yml:2:9 vars: a value contains ": " where YAML expects the end of the line'],
    hint: /put it in quotes/,
  },
  'a value and something under it': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app: x\n  more: y\n' },
    says: ['group_vars/all.yml:1:6 vars: a key has a value on its own line and yet something is indented under it'],
  },
  'a quote that is not closed': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  text: "a\n  b: 1\n' },
    says: ['group_vars/all.yml:4:1 vars: a quote is opened and not closed'],
  },
  'a comma that is missing': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app: { a: ["x" "y"] }\n' },
    says: ['group_vars/all.yml:1:16 vars: a comma is missing between the items in brackets'],
  },
  'a reserved character': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  a: @x\n' },
    says: ['group_vars/all.yml:2:6 vars: a value begins with a character that YAML reserves: @, ` or %'],
  },
  'two documents': {
    files: { 'hosts.yml': `${HOSTS}---\nweb:\n` },
    says: ['hosts.yml:4:1 inventory: the file contains more than one YAML document'],
  },
  'aliases of aliases that stand for billions': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': laughs(9) },
    says: ['group_vars/all.yml:8:12 vars: the aliases stand for more than 2000000 values'],
  },
})

function laughs(levels: number): string {
  const lines = ['app:', '  l0: &l0 [x, x, x, x, x, x, x, x, x, x]']
  for (let n = 1; n < levels; n++)
    lines.push(
      `  l${n}: &l${n} [${Array(10)
        .fill(`*l${n - 1}`)
        .join(', ')}]`,
    )
  return `${lines.join('\n')}\n`
}

test('standard tags set the type, and an empty text in place of variables gives none', () => {
  const { variables } = onlyLayer(
    'a: !!int "12"\nb: !!float 3\nc: !!bool "yes"\nd: !!null x\ne: !!set {k, l}\nf: !!omap [k: 1, l: {m: 2}]\ng: !!pairs [k: 1, k: 2]\nh: !!str 12\n',
  )
  assert.equal(Object.fromEntries([...variables].map(([name, { node }]) => [name, plain(node)])), {
    a: 12,
    b: 3,
    c: true,
    d: null,
    e: ['k', 'l'],
    f: [
      ['k', 1],
      ['l', { m: 2 }],
    ],
    g: [
      ['k', 1],
      ['k', 2],
    ],
    h: '12',
  })
  const inventory = inventoryOf({ 'hosts.yml': "all: { hosts: { a: '', b: [] } }\n" })
  assert.equal(
    inventory.hosts.map(({ name }) => name),
    ['a', 'b'],
  )
})

function onlyLayer(text: string): Layer {
  const [layer] = inventoryOf({ 'hosts.yml': HOSTS, 'group_vars/all.yml': text }).layers
  if (layer === undefined) throw new Error('no variables')
  return layer
}

test('a key with and without quotes is two to Ansible, and this is noted apart', () => {
  const files = {
    'hosts.yml': HOSTS,
    'group_vars/all.yml': 'base: { 2: a, "2": b, yes: c, true: d, "no": e, no: f }\n',
  }
  assert.equal(notesOf(files), [
    'group_vars/all.yml:1:15 "2", "no": the key occurs with and without quotes in the same map: two keys to Ansible, and one to a role, where the last one counts; the first (line 1) is lost',
    'group_vars/all.yml:1:31 "yes": the key occurs twice in the same map, and the last one counts; the first (line 1) is lost',
  ])
})

test('of a duplicate key the last value counts, and this is noted', () => {
  const files = {
    'hosts.yml': 'all:\n  hosts:\n    a:\n    b:\n    a: { ansible_port: 23 }\n',
    'group_vars/all.yml': 'base:\n  x: 1\n  x: 2\n',
  }
  assert.equal(notesOf(files), [
    'hosts.yml:5:5 "a", "x": the key occurs twice in the same map, and the last one counts; the first (line 3) is lost',
  ])
  const { connection, layers } = hostIn(inventoryOf(files), 'a')
  assert.is(connection.kind === 'ssh' && connection.port, 23)
  assert.is(levelsOf(layers).get('base.x')?.[0]?.value, 2)
})

test('an encrypted value costs nothing until it is read', () => {
  const directory = directoryOf({
    'hosts.yml': HOSTS,
    'group_vars/all.yml': 'app:\n  key: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6638\n',
  })
  const level = loadInventory(directory).layers[0]?.levels.get('app.key')
  const [problem] = problemsOf(() => level?.value)
  assert.is(problem?.message, 'the value is encrypted, and there is no password or key for it')
  assert.is(problem?.place?.line, 2)
  assert.match(problem?.hint ?? '', /load it by openInventory\(\)/)
})

test('encrypted files and values are decrypted by the given reader, and their texts are secrets', () => {
  const directory = directoryOf({
    'hosts.yml': HOSTS,
    'group_vars/all.yml': 'SEALED app:\n  key: hunter2\n  port: 80\n  pin_password: 4711\n',
    'host_vars/a.yml': 'app:\n  token: !vault |\n    retnuh\n',
    'host_vars/node-01.yml': 'app:\n  token: !vault |\n    retnuh\n',
  })
  const secrets: SecretReader = {
    openText: (text) =>
      text.startsWith('SEALED ') ? { text: text.slice(7), isSecret: true } : { text, isSecret: false },
    openValue: (sealed) => secret(typeof sealed === 'string' && sealed.trim() === 'retnuh' ? 'hunter' : ''),
    openLookup: (text) => secret(text.replace(/^\$ANSIBLE_VAULT;/, '')),
  }
  const inventory = loadInventory(directory, { secrets })
  const value = (name: string) => levelsOf(inventory.hosts[0]?.layers ?? []).get(name)?.[0]?.value
  const revealed = (name: string) => {
    const found = value(name)
    return found instanceof Secret ? found.reveal() : 'no secret'
  }
  assert.is(revealed('app.key'), 'hunter2')
  assert.is(value('app.port'), 80)
  assert.is(revealed('app.pin_password'), '4711')
  assert.is(revealed('app.token'), 'hunter')
})

test('a Jinja template is a value like any other, and read for each host', () => {
  const directory = directoryOf({
    'hosts.yml': HOSTS,
    'group_vars/all.yml':
      'x: true\napp:\n  url: "http://{{ inventory_hostname }}/"\n  text: |\n    {% if x %}\n    yes\n    {% endif %}\n',
  })
  const [host] = loadInventory(directory).hosts
  const value = (name: string) => {
    const node = levelsOf(host?.layers ?? []).get(name)?.[0]?.node
    return node && host?.values.of(node, host.name)
  }
  assert.is(value('app.url'), `http://${host?.name ?? ''}/`)
  assert.is(value('app.text'), 'yes\n')
})

test('nesting without end is refused, not a crash', () => {
  const deep = `app:\n  x: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`
  const [problem] = problemsOf(() => loadInventory(directoryOf({ 'hosts.yml': HOSTS, 'group_vars/all.yml': deep })))
  assert.is(problem?.message, 'the YAML is nested too deeply to be read')
})

test('!unsafe is the way to a text with {{ in it', () => {
  const directory = directoryOf({
    'hosts.yml': HOSTS,
    'group_vars/all.yml': "app:\n  format: !unsafe '{{.Names}}'\n  more: !unsafe [ '{{ a }}' ]\n",
  })
  const levels = loadInventory(directory).layers.flatMap((layer) => [...layer.levels.values()])
  assert.equal(
    levels.map(({ value }) => value),
    ['{{.Names}}', ['{{ a }}']],
  )
})

test.run()
