import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isSecret, secret } from '../../lib/secret.ts'
import { TemplateError } from '../../lib/template/values/value.ts'
import { PlacedError } from '../../lib/template/variables.ts'
import { valueOf, worldOf } from './world.ts'

const ESCAPES = [
  "{{ ''.__class__.__mro__ }}",
  "{{ ''['__class__'] }}",
  '{{ [].constructor }}',
  "{{ [].constructor.constructor('return process')() }}",
  "{{ {}['__proto__'] }}",
  "{{ ({}).constructor('x') }}",
  "{{ 'x'.constructor }}",
  "{{ 'x'['constructor'] }}",
  "{{ range.constructor('return 1')() }}",
  "{{ lookup.call('env', 'HOME') }}",
  '{{ process }}',
  '{{ globalThis }}',
  '{{ self }}',
  "{{ lookup('pipe', 'id') }}",
  "{{ lookup('url', 'http://192.0.2.1/') }}",
  "{{ {'a': 1} | attr('constructor') }}",
  "{{ [{}] | map(attribute='constructor') | list }}",
  "{{ [{}] | map(attribute='__proto__') | list }}",
  "{{ [1] | map('constructor') | list }}",
  "{{ [1] | select('constructor') | list }}",
  "{{ '{0.__class__}'.format('x') }}",
  '{{ namespace.constructor }}',
  "{{ hostvars['__proto__'] }}",
  "{{ hostvars['constructor'] }}",
  "{{ vars['constructor'] }}",
  "{{ groups['constructor'] }}",
  '{{ toString }}',
  "{% import 'x' as y %}",
  "{% include '/etc/passwd' %}",
  '{{ cycler.__init__.__globals__ }}',
]

for (const template of ESCAPES) {
  test(`nothing is reached by ${template}`, () => {
    assert.throws(
      () => valueOf(template),
      (error: unknown) => error instanceof TemplateError,
    )
  })
}

test('the result of a template is a text that is not evaluated again', () => {
  const world = worldOf({ 'web-1': { open: '{', secret_value: 'seen' } })
  assert.is(valueOf("{{ open ~ open ~ ' secret_value }}' }}", world), '{{ secret_value }}')
  assert.is(valueOf("{{ '{{ secret_value }}' | upper }}", world), '{{ SECRET_VALUE }}')
})

test('a text of the environment is not evaluated', () => {
  process.env['ROLECALL_PROBE'] = '{{ secret_value }}'
  assert.is(
    valueOf("{{ lookup('env', 'ROLECALL_PROBE') }}", worldOf({ 'web-1': { secret_value: 'seen' } })),
    '{{ secret_value }}',
  )
})

test('a template with a secret in it gives a Secret', () => {
  const world = worldOf({
    'web-1': { password: secret('s3cr3t!'), user: 'app', db: { user: 'app', password: secret('deep-secret') } },
  })
  const url = valueOf('postgres://{{ user }}:{{ password }}@db', world)
  assert.ok(isSecret(url) && url.reveal() === 'postgres://app:s3cr3t!@db')
  const encoded = valueOf("{{ (user ~ ':' ~ password) | b64encode }}", world)
  assert.ok(isSecret(encoded) && encoded.reveal() === Buffer.from('app:s3cr3t!').toString('base64'))
  const whole = valueOf('{{ db }}', world) as { user: unknown; password: unknown }
  assert.is(whole.user, 'app')
  assert.ok(isSecret(whole.password))
  assert.ok(isSecret(valueOf('{{ db | to_json }}', world)))
  assert.ok(isSecret(valueOf('{{ db.password }}', world)))
  assert.ok(isSecret(valueOf("{{ password | default('none') }}", world)))
  assert.ok(isSecret(valueOf('{{ password | length }}', world)), 'its length as well')
  assert.equal(valueOf("{{ [password, user] | map('upper') | list }}", world) instanceof Array, true)
  for (const each of valueOf("{{ [password, user] | map('upper') | list }}", world) as unknown[])
    assert.ok(isSecret(each))
  assert.is(valueOf('{{ db.user }}', world), 'app', 'what stands beside a secret is none')
})

test('a value made from a secret is a Secret in further variables, too', () => {
  const world = worldOf({ 'web-1': { password: secret('s3cr3t!'), url: 'x:{{ password }}', line: 'url={{ url }}' } })
  const line = valueOf('{{ line }}', world)
  assert.ok(isSecret(line) && line.reveal() === 'url=x:s3cr3t!')
})

test('a circle is reported as that, with its variables in order', () => {
  const world = worldOf({ 'web-1': { a: '{{ b }}', b: '{{ c }}', c: 'x{{ a }}' } })
  assert.throws(() => valueOf('{{ a }}', world), /the variables go in a circle: a > b > c > a/)
})

test('a circle over hosts names the hosts', () => {
  const world = worldOf({ 'web-1': { a: "{{ hostvars['web-2'].a }}" }, 'web-2': { a: "{{ hostvars['web-1'].a }}" } })
  assert.throws(() => valueOf('{{ a }}', world), /a of web-1 > a of web-2 > a of web-1/)
})

test('a variable that nothing reads may be invalid', () => {
  const world = worldOf({
    'web-1': { wrong: '{{ nothing_there | nosuchfilter }}', also: '{{ (', fine: 'x{{ 1 + 1 }}' },
  })
  assert.is(valueOf('{{ fine }}', world), 'x2')
})

const TOLD: [template: string, message: RegExp, hint?: RegExp][] = [
  ['{{ domian }}', /'domian' is not defined/, /default/],
  ["{{ 'x' | upperr }}", /the filter "upperr" is not known/, /did you mean "upper"/],
  ["{{ 'x' is matched }}", /the test "is matched" is not known/, /did you mean "match"/],
  ['{{ 1 + "a" }}', /'\+' does not work between 'int' and 'str'/, /\| int/],
  ['{{ port', /a \{\{ has no end/, /\}\}/],
  ['{% if true %}x', /\{% endif %\} is missing/],
  ['{% macro x() %}{% endmacro %}', /\{% macro %\} is not supported/],
  ["{{ [1] | join(glue=',') }}", /filter join: the argument "glue" is unknown/, /it takes d, attribute/],
  ["{{ lookup('nosuch', 'x') }}", /lookup\('nosuch'\) is not known/, /env, file/],
  ["{{ lookup('file', 'nowhere.txt') }}", /finds no file nowhere.txt/],
]

for (const [template, message, hint] of TOLD) {
  test(`${template} is an error in plain words, with its place`, () => {
    try {
      valueOf(template, worldOf({ 'web-1': {} }))
      assert.unreachable()
    } catch (error) {
      assert.ok(error instanceof PlacedError)
      assert.match(error.message, message)
      assert.equal(error.place, { file: 'hosts.yml', line: 1, column: 1 })
      if (hint !== undefined) assert.match(error.hint ?? '', hint)
    }
  })
}

test('typed results keep the type of the expression', () => {
  const world = worldOf({ 'web-1': { port: 80, next: '{{ port + 1 }}', flag: true } })
  assert.is(valueOf('{{ next }}', world, 'web-1', 'typed'), 81)
  assert.is(valueOf('{{ next }}', world), '81')
  assert.is(valueOf('{{ flag and port > 5 }}', world, 'web-1', 'typed'), true)
  assert.is(valueOf('{{ port }}', world, 'web-1', 'typed'), 80)
  assert.is(valueOf("{{ port ~ '' }}", world, 'web-1', 'typed'), '80')
})

test('addresses and networks', () => {
  const world = worldOf({ 'web-1': { net: '192.0.2.64/26', one: '192.0.2.70', six: '2001:db8::/64' } })
  const table: [template: string, value: unknown][] = [
    ["{{ net | ipaddr('netmask') }}", '255.255.255.192'],
    ["{{ net | ipaddr('network') }}", '192.0.2.64'],
    ["{{ net | ansible.utils.ipaddr('prefix') }}", '26'],
    ["{{ net | ipaddr('broadcast') }}", '192.0.2.127'],
    ["{{ net | ipaddr('1') | ipaddr('address') }}", '192.0.2.65'],
    ['{{ net | ansible.utils.nthhost(2) }}', '192.0.2.66'],
    ["{{ (net | ipaddr('size')) }}", '64'],
    ['{{ one | ipaddr(net) }}', '192.0.2.70'],
    ["{{ '10.0.0.1' | ipaddr(net) }}", false],
    ["{{ 'no address' | ipaddr }}", false],
    ["{{ [one, 'x', '2001:db8::1'] | ipv4 }}", ['192.0.2.70']],
    ["{{ six | ipaddr('1') }}", '2001:db8::1/64'],
    ["{{ '2001:db8::1' | ipwrap }}", '[2001:db8::1]'],
    ["{{ '192.0.2.0/24' | ansible.utils.ipsubnet(26, 1) }}", '192.0.2.64/26'],
    ["{{ (one ~ '/255.255.255.0') | ipaddr('network/prefix') }}", '192.0.2.0/24'],
  ]
  for (const [template, value] of table) assert.equal(valueOf(template, world), value, template)
})

test.run()
