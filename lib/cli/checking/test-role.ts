import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { RolecallError } from '../../errors.ts'
import type { Mode, RunEvent } from '../../events.ts'
import { knownRoleNames, roleFile } from '../../playbook/load/find.ts'
import { junitCases, type JunitCase } from '../../report/junit.ts'
import { paintFor } from '../../report/text/paint.ts'
import { duration } from '../../report/text/words.ts'
import { didYouMean } from '../../text/nearest.ts'
import { executeRun, requestOf } from '../execute-run.ts'
import { EXIT } from '../exit-codes.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import type { RunFlags } from '../run-options.ts'

export interface TestFlags extends RunFlags {
  readonly junit?: string
  readonly name?: string
}

const DIRECTORY = '.rolecall/test'

/** The steps of the test, in order. */
const STEPS: readonly { readonly name: string; readonly mode: Mode; readonly mustBeDone?: true }[] = [
  { name: 'check', mode: 'check' },
  { name: 'apply', mode: 'apply' },
  { name: 'apply again changes nothing', mode: 'apply', mustBeDone: true },
  { name: 'verify', mode: 'verify' },
]

/** `rolecall test ROLE`: check, apply, apply, verify on the lab. */
export async function testRole(role: string, flags: TestFlags): Promise<void> {
  const playbook = playbookOf(role)
  const inventory = flags.inventory ?? [await labInventory(flags.name)]
  const paint = paintFor('stdout')
  const cases: JunitCase[] = []
  let failed: string | undefined
  for (const { name, mode, mustBeDone } of STEPS) {
    const startedAt = Date.now()
    const changed: string[] = []
    const onEvent = (event: RunEvent) => {
      if (event.type === 'resource' && event.status === 'changed') changed.push(`${event.host} ${event.resource}`)
    }
    process.exitCode = EXIT.done
    const types = name === 'check' ? {} : { types: false }
    const what = requestOf(mode, { ...flags, inventory })
    await executeRun(playbook, { ...what, journal: false }, { ...flags, ...types, quiet: true }, { onEvent, next: {} })
    const { exitCode: code = EXIT.done } = process
    const wrong =
      code !== EXIT.done
        ? `${name} ended with ${code}`
        : mustBeDone === true && changed.length > 0
          ? `changed again: ${changed.join(', ')}`
          : undefined
    const durationMs = Date.now() - startedAt
    cases.push({ name, durationMs, ...(wrong === undefined ? {} : { failure: wrong }) })
    process.stdout.write(
      `${wrong === undefined ? paint.ok('ok') : paint.failed('not ok')}  ${role}: ${name}${wrong === undefined ? '' : `: ${wrong}`}  ${paint.dim(duration(durationMs))}\n`,
    )
    if (wrong === undefined) continue
    failed = wrong
    if (code === EXIT.done) process.exitCode = EXIT.failed
    break
  }
  if (flags.junit !== undefined)
    writeWhole(
      flags.junit,
      junitCases(
        role,
        cases,
        STEPS.slice(cases.length).map(({ name }) => name),
      ),
    )
  if (failed === undefined) process.exitCode = EXIT.done
}

/** A playbook with this one role on every host. */
function playbookOf(role: string): string {
  const file = roleFile(role, process.cwd())
  if (file === undefined)
    throw new RolecallError({
      code: 'usage',
      message: `there is no role ${role} in roles/`,
      expected: 'the name of a file in roles/, without its ending',
      hint: didYouMean(role, knownRoleNames(process.cwd())) ?? `rolecall init role ${role} creates it`,
    })
  makeDirectory(DIRECTORY, 0o700)
  const path = join(DIRECTORY, `${role}.ts`)
  writeFileSync(
    path,
    `import { playbook } from 'rolecall'
import role from ${JSON.stringify(file)}

export default playbook({ name: ${JSON.stringify(`test of ${role}`)}, plays: [{ name: 'all', hosts: 'all', roles: [role] }] })
`,
  )
  return path
}

/** Without a lab a role can be tested all the same. */
function withOwnHosts(error: unknown): never {
  if (!(error instanceof RolecallError)) throw error
  throw new RolecallError(
    error.problems.map(({ hint, ...problem }) => ({
      ...problem,
      ...(hint === undefined ? {} : { hint: `${hint}; -i INVENTORY -l HOST tests on hosts of your own` }),
    })),
  )
}

/** The inventory of the lab, if it is up. */
async function labInventory(name: string | undefined): Promise<string> {
  const { inventoryFor, openLab } = await import('../../lab/lab.ts')
  const lab = await openLab({ project: process.cwd(), ...(name === undefined ? {} : { name }) }).catch(withOwnHosts)
  makeDirectory(DIRECTORY, 0o700)
  const path = join(DIRECTORY, 'lab.yml')
  writeFileSync(path, inventoryFor(lab))
  return path
}
