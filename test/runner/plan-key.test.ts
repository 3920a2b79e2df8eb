import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { planKey } from '../../lib/runner/plan/plan-key.ts'

test('a plan key that others can read is refused, because they could sign plans', () => {
  const project = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
  try {
    const { id } = planKey(project, {})
    assert.is(planKey(project, {}).id, id)
    for (const mode of [0o644, 0o620, 0o602]) {
      chmodSync(join(project, '.rolecall/plan-key'), mode)
      assert.throws(
        () => planKey(project, {}),
        (error: unknown) => error instanceof RolecallError && /not for its owner alone/.test(error.message),
      )
    }
    assert.is.not(planKey(project, { ROLECALL_PLAN_KEY: 'a-key-of-the-environment' }).id, id)
  } finally {
    rmSync(project, { recursive: true })
  }
})

test('a damaged plan key is refused: plans made with a key that is nowhere could never be applied', () => {
  const project = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
  const file = join(project, '.rolecall/plan-key')
  try {
    planKey(project, {})
    assert.equal(readdirSync(dirname(file)), ['plan-key'])
    // What a full disk left before.
    writeFileSync(file, '')
    assert.throws(
      () => planKey(project, {}),
      (error: unknown) => error instanceof RolecallError && /plan-key is not a key for plans/.test(error.message),
    )
  } finally {
    rmSync(project, { recursive: true })
  }
})

test.run()
