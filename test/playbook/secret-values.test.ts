import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { schemaAt, withoutSecrets } from '../../lib/playbook/variables/secret-values.ts'
import { secret } from '../../lib/secret.ts'
import { z } from 'zod'

const Token = z.string().min(4).transform(secret)
const Vars = z.object({
  plain: z.string(),
  hidden: Token,
  nested: z.object({ list: z.array(z.object({ key: Token, port: z.number() })) }),
  byName: z.record(z.string(), Token).optional(),
  either: z.union([z.number(), Token]),
  derived: z.string().transform((text) => secret(`Bearer ${text}`)),
})

const cases: Readonly<Record<string, readonly [path: readonly (string | number)[], value: unknown, shown: unknown]>> = {
  'what is no secret': [['plain'], 'abcd', 'abcd'],
  'a secret by schema': [['hidden'], 'abcd', '***'],
  'secrets deep in a value': [['nested'], { list: [{ key: 'abcd', port: 1 }] }, { list: [{ key: '***', port: 1 }] }],
  'values of a record': [['byName'], { a: 'abcd', b: 'efgh' }, { a: '***', b: '***' }],
  'one of two alternatives': [['either'], 'abcd', '***'],
  'the other alternative': [['either'], 7, 7],
  'what a secret is made of': [['derived'], 'abcd', '***'],
  'a secret that is refused': [['hidden'], 4242, '***'],
  'a secret that is too short': [['hidden'], 'abc', '***'],
  'a refused value with secrets in it': [
    ['nested'],
    { list: [{ key: 42, port: 'x' }] },
    { list: [{ key: '***', port: 'x' }] },
  ],
  'a refused value of another shape': [['nested'], 'abcd', '***'],
  'what stands where the schema knows nothing': [['nested'], { other: 'abcd', list: 1 }, { other: '***', list: '***' }],
  'a Secret itself': [['plain'], secret('abcd'), '***'],
}

for (const [name, [path, value, shown]] of Object.entries(cases)) {
  test(`${name}: shown as it may be`, () => assert.equal(withoutSecrets(schemaAt(Vars, path), value), shown))
}

test('values under secret-sounding names are masked at any depth, whatever their schema says', () => {
  const value = { db: { password: 'abcd', host: 'x' } }
  assert.equal(withoutSecrets(z.unknown(), value), { db: { password: '***', host: 'x' } })
  assert.is(withoutSecrets(z.string(), 'abcd', 'app.api_token'), '***')
})

test('schemas inside schemas are found', () => {
  assert.is(schemaAt(Vars, ['nested', 'list', 0, 'key']), Token)
  assert.is(schemaAt(Vars, ['byName', 'any']), Token)
  assert.is(schemaAt(Vars, ['plain', 'x']), undefined)
})

test.run()
