import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret, secret } from '../../lib/secret.ts'

const password = secret('hunter2')

for (const [way, printed] of Object.entries({
  'in a template': `password: ${String(password)}`,
  'in JSON': JSON.stringify({ password }),
  'by inspect': inspect({ deep: { password } }, { depth: 9, showHidden: true }),
  'among its properties': JSON.stringify(Object.entries(password)),
})) {
  test(`a secret does not show ${way}`, () => assert.not.match(printed, 'hunter2'))
}

test('a secret shows three stars in place of its text', () => {
  assert.is(String(password), '***')
  assert.is(JSON.stringify(password), '"***"')
  assert.is(inspect(password), '***')
})

test('a secret gives its text to who asks for it', () => {
  assert.instance(password, Secret)
  assert.is(password.reveal(), 'hunter2')
})

test.run()
