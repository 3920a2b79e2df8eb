import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../lib/errors.ts'
import { holdsSecret, Secret, secret } from '../lib/secret.ts'
import { secretText, type SecretPart } from '../lib/secret-text.ts'
import { sh } from '../lib/sh/quote.ts'

const password = secret('hunter2')
/** What plain JavaScript, or a cast, may do. */
const untyped = password as unknown as string

const WAYS: Readonly<Record<string, () => unknown>> = {
  'in a template': () => `password=${untyped}`,
  'after +': () => 'password=' + untyped,
  'in String()': () => String(password),
  'by toString()': () => password.toString(),
  'by toLocaleString()': () => password.toLocaleString(),
  'by valueOf()': () => password.valueOf(),
  'in JSON': () => JSON.stringify({ deep: [{ password }] }),
  'joined to a list': () => [password].join('\n'),
  'in a template, in a list': () => String([['a', password]]),
  'in Buffer.from': () => Buffer.from(untyped),
  'in a URL': () => new URL(untyped),
  'in parameters of a URL': () => new URLSearchParams({ password: untyped }),
  'by encodeURIComponent': () => encodeURIComponent(untyped),
  'as a number': () => Number(password),
  'compared with a text': () => (password as unknown) == 'hunter2',
  'as the name of a key': () => ({ [untyped]: 1 }),
  'as what replaces a piece of a text': () => 'x'.replace('x', untyped),
  'in a command that was made a text': () => String(sh`login ${password}`),
  'in a command in JSON': () => JSON.stringify(sh`login ${password}`),
}

for (const [way, use] of Object.entries(WAYS)) {
  test(`a secret that would become text ${way} is refused, with the line and the tag to use`, () => {
    const { problems } = refusalOf(use)
    assert.is(problems.length, 1)
    assert.is(problems[0]?.place?.file, 'test/secret.test.ts')
    assert.ok((problems[0]?.place?.line ?? 0) > 12)
    assert.match(problems[0]?.hint ?? '', 'secretText')
    assert.not.match(inspect(problems), 'hunter2')
  })
}

test('a secret is shown as three stars where data is printed', () => {
  assert.is(inspect({ deep: { password } }, { depth: 9, showHidden: true }), '{ deep: { password: *** } }')
  assert.is(inspect(sh`login ${password} ${['-v', password]}`), 'sh`login *** -v ***`')
  assert.not.match(inspect(Object.entries(password)), 'hunter2')
})

test('a secret returns its text on request', () => {
  assert.instance(password, Secret)
  assert.is(password.reveal(), 'hunter2')
  assert.is(secret(password), password)
})

test('secrets are equal as data when their texts are, and only then', () => {
  assert.equal(secret('one secret'), secret('one secret'))
  assert.not.equal(secret('one secret'), secret('other secret'))
  assert.not.equal({ content: secret('') }, { content: secret('x') })
})

test('a secret is found in data at any depth, even in circular data', () => {
  const circle: Record<string, unknown> = { list: [new Map([['key', { password }]])] }
  circle['itself'] = circle
  assert.ok(holdsSecret(circle))
  assert.not.ok(holdsSecret({ list: ['hunter2'], bytes: new Uint8Array(3), nothing: null }))
})

test('secretText makes the same text as an ordinary template, as a secret', () => {
  const inside = secretText`${'a'}-${password}`
  assert.is(
    secretText`x=${inside}\ny=${1}, ${true}, ${2n}, ${['b', password, ['c']]}\n`.reveal(),
    'x=a-hunter2\ny=1, true, 2, b,hunter2,c\n',
  )
  assert.is(secretText`nothing`.reveal(), 'nothing')
  assert.is(secretText``.reveal(), '')
})

test('secretText joins and writes JSON', () => {
  assert.is(secretText.join(['a', password, 1], '\n').reveal(), 'a\nhunter2\n1')
  assert.is(secretText.join([password, password]).reveal(), 'hunter2hunter2')
  const data = { user: 'app', password, list: [password, null, 1], left: undefined }
  assert.is(secretText.json(data).reveal(), '{"user":"app","password":"hunter2","list":["hunter2",null,1]}')
  assert.is(secretText.json({ password: secret('"quoted"\n') }, 2).reveal(), '{\n  "password": "\\"quoted\\"\\n"\n}')
})

test('a text made from a secret is a secret', () => {
  const basic = secretText`admin:${password}`.map((text) => Buffer.from(text).toString('base64'))
  assert.is(basic.reveal(), 'YWRtaW46aHVudGVyMg==')
  assert.is(inspect(basic), '***')
})

for (const [name, part] of Object.entries({ undefined: undefined, null: null, 'an object': {}, 'a function': test })) {
  test(`${name} in a secretText is refused: it would be written as its name`, () => {
    const [problem] = refusalOf(() => secretText`x=${part as SecretPart}`).problems
    assert.is(problem?.got, name)
    assert.is(problem?.place?.file, 'test/secret.test.ts')
    assert.instance(
      refusalOf(() => secretText.join([part as SecretPart])),
      RolecallError,
    )
  })
}

test('a command has the secret, and is shown without it', () => {
  const command = sh`printf %s ${password} | ${sh`login ${[secret("it's")]} -u ${'me'}`}`
  assert.is(command.text, `printf %s hunter2 | login 'it'"'"'s' -u me`)
  assert.is(command.shown, 'printf %s *** | login *** -u me')
})

function refusalOf(use: () => unknown): RolecallError {
  try {
    use()
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
  throw new Error('it was not refused')
}

test.run()
