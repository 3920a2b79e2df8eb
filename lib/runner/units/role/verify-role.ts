import { Calls } from '../../../converge/context/calls.ts'
import { readCommands } from '../../../converge/context/command.ts'
import { RolecallError, type Problem } from '../../../errors.ts'
import type { RunEvent } from '../../../events.ts'
import { commandsOf } from '../../../host/commands.ts'
import { detailsOf } from '../../../host/details/ask.ts'
import type { Details } from '../../../host-details.ts'
import type { Host } from '../../../host/host.ts'
import { placeIn } from '../../../place.ts'
import { checkedContext } from '../../../playbook/checked-context.ts'
import type { CommonContext } from '../../../playbook/context.ts'
import { makeExpect, type Expectation } from '../../../playbook/expect.ts'
import { placeOfRole, type AnyRole } from '../../../playbook/role.ts'
import type { RoleVars, UnitContext } from '../../hosts/unit-context.ts'

/** Runs a role's `verify`. Throws a RolecallError with every expectation that does not hold. */
export async function verifyRole(
  role: AnyRole,
  common: CommonContext<RoleVars>,
  host: Host,
  { emit, onLate }: Pick<UnitContext, 'emit' | 'onLate'>,
): Promise<void> {
  const problems: Problem[] = []
  const calls = new Calls(
    { host: host.name, role: role.name, roleAt: () => placeOfRole(role) },
    { verify: true, ...(onLate === undefined ? {} : { onLate }) },
  )
  const expect = makeExpect(
    (expectation) => {
      const problem = reportExpectation(expectation, host.name, role.name, emit)
      if (problem) problems.push(problem)
    },
    () => calls.half('expect(...)', 'say what is expected: expect(value).toBe(...)'),
  )
  const commands = commandsOf(host)
  const $ = readCommands(calls, () => commands)
  try {
    const details: Details = (options) => calls.call('details()', () => detailsOf(host)(options))
    await calls.watch(async () => role.verify?.(checkedContext({ ...common, details, $, expect })))
  } catch (error) {
    if (problems.length === 0) throw error
    throw new RolecallError([...problems, ...calls.problemsOf(error)])
  }
  if (problems.length > 0) throw new RolecallError(problems)
}

function reportExpectation(
  expectation: Expectation,
  host: string,
  role: string,
  emit: (event: RunEvent) => void,
): Problem | undefined {
  const place = placeIn(expectation.stack)
  const name = expectation.what ?? (place ? `${place.file}:${place.line ?? 0}` : 'expectation')
  const resource = `expect:${name}`
  emit({
    type: 'resource',
    host,
    role,
    resource,
    status: expectation.passed ? 'ok' : 'failed',
    steps: [],
    ...(expectation.passed ? {} : { reason: `expected ${expectation.expected}, got ${expectation.got}` }),
    durationMs: 0,
    at: Date.now(),
  })
  if (expectation.passed) return undefined
  return {
    code: 'verify-failed',
    host,
    role,
    resource,
    message: `${name} is not as it should be`,
    ...(place === undefined ? {} : { place }),
    expected: expectation.expected,
    got: expectation.got,
    hint: `look at the host, then rolecall check to see whether anything has drifted`,
  }
}
