import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test.run()
