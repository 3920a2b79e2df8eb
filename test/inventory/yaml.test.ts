import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../lib/inventory/load.ts'
import { HOSTS, refuseEach } from './refuse-each.ts'
import { directoryOf, problemsOf } from './support.ts'

refuseEach({
  'a duplicate key': {
    files: { 'hosts.yml': 'all:\n  hosts:\n    a:\n    b:\n    a:\n' },
    says: ['hosts.yml:5:5 inventory: the key "a" stands twice in the same map'],
    hint: /remove one of the two/,
  },
  'a duplicate key in a file of variables': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'base:\n  x: 1\n  x: 2\n' },
    says: ['group_vars/all.yml:3:3 vars: the key "x" stands twice in the same map'],
  },
  'tabs, each of them': {
    files: { 'hosts.yml': 'all:\n\thosts:\n\t\ta:\n' },
    says: [
      'hosts.yml:2:1 inventory: a tab is used for indentation, which YAML does not allow',
      'hosts.yml:3:1 inventory: a tab is used for indentation, which YAML does not allow',
    ],
    hint: /replace the tab with spaces/,
  },
  'a vault value': {
    files: {
      'hosts.yml': HOSTS,
      'group_vars/all.yml': 'app:\n  key: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6638\n',
    },
    says: ['group_vars/all.yml:2:15 vars: the value is encrypted with Ansible Vault, which Rolecall does not read'],
    hint: /pass that with -e @FILE, or give the playbook secret\(/,
  },
  'a vault file': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n6638\n' },
    says: ['group_vars/all.yml:1:1 vars: the file is encrypted with Ansible Vault, which Rolecall does not read'],
  },
  'an unknown tag': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  key: !include other.yml\n  list: !!set { a }\n' },
    says: [
      'group_vars/all.yml:2:17 vars: the YAML tag !include is unknown',
      'group_vars/all.yml:3:15 vars: the YAML tag !!set is unknown',
    ],
    hint: /remove the tag/,
  },
  'a Jinja template in quotes': {
    files: {
      'hosts.yml': HOSTS,
      'group_vars/all.yml': 'app:\n  url: "http://{{ host }}/"\n  text: |\n    {% if x %}\n',
    },
    says: [
      'group_vars/all.yml:2:8 vars: the value holds a Jinja template, and Rolecall has no templates in YAML',
      'group_vars/all.yml:3:9 vars: the value holds a Jinja template, and Rolecall has no templates in YAML',
    ],
    hint: /compute the value in TypeScript/,
  },
  'a Jinja template without quotes': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  url: {{ host }}\n' },
    says: ['group_vars/all.yml:2:9 vars: a Jinja expression {{ }} stands where a value should be'],
  },
  'a Jinja template that breaks the YAML': {
    files: { 'hosts.yml': HOSTS, 'group_vars/all.yml': 'app:\n  url: {{ host }}/index\n' },
    says: ['group_vars/all.yml:2:18 vars: a Jinja template breaks the YAML, and Rolecall has no templates in YAML'],
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
    says: ['group_vars/all.yml:2:9 vars: a value holds ": " where YAML expects the end of the line'],
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
    says: ['hosts.yml:4:1 inventory: the file holds more than one YAML document'],
  },
  'an INI inventory': {
    files: { 'hosts.yml': '# old\n[web]\nnode-01 ansible_host=10.0.0.1\n' },
    says: ['hosts.yml:2:1 inventory: this is an INI inventory; Rolecall reads the YAML form'],
    hint: /ansible-inventory -i FILE --list --yaml/,
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
