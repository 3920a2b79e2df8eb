import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly reasons?: readonly string[]
  readonly output?: string
}

const { audit } = (await import(join(resolve(import.meta.dirname, '../..'), 'scripts/audit.js'))) as {
  readonly audit: (command: readonly [string, readonly string[]]) => Promise<Outcome>
}

/** What comes of it when npm prints this. */
async function auditOf(answer: string): Promise<Outcome> {
  return audit([process.execPath, ['-e', `process.stdout.write(${JSON.stringify(answer)}); process.exitCode = 1`]])
}

test('a high or critical vulnerability fails, and is named', async () => {
  const { failed, output } = await auditOf(
    JSON.stringify({
      vulnerabilities: {
        a: { name: 'a', severity: 'high', range: '<1.2.3' },
        b: { name: 'b', severity: 'low', range: '*' },
      },
    }),
  )
  assert.is(failed, 1)
  assert.is(output, 'a <1.2.3: high')
})

test('no vulnerability passes', async () => {
  const { passed, failed } = await auditOf('{ "vulnerabilities": {} }')
  assert.equal([passed, failed], [1, 0])
})

for (const [what, answer, reason] of [
  ['a registry that cannot be asked', '{ "message": "405 Method Not Allowed" }', /405 Method Not Allowed/],
  ['one that does not answer', '', /within 10 s/],
] as const)
  test(`${what} is not a failure, but reported`, async () => {
    const { passed, failed, skipped, reasons } = await auditOf(answer)
    assert.equal([passed, failed, skipped], [0, 0, 1])
    assert.match(reasons?.[0] ?? '', reason)
  })

test.run()
