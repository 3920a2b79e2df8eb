import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { RolecallError } from '../../errors.ts'

/** Where plans are that an agent saved. */
const DIRECTORY = '.rolecall/plans'

/** A new name for a plan. */
export function newPlanFile(): string {
  makeDirectory(DIRECTORY, 0o700)
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return join(DIRECTORY, `${stamp}-${randomBytes(3).toString('hex')}.plan`)
}

/** The SHA-256 of a plan's file, by which a person or an agent names what is approved. */
export function planDigest(file: string): string {
  return createHash('sha256').update(bytesOf(file)).digest('hex')
}

/**
 * Gives the plan to be applied as a file of its own: what is applied is what was looked at, whatever becomes of the named file meanwhile.
 *
 * Throws a RolecallError where the plan is not the one that was named, or not one that may be applied.
 */
export async function withApprovedPlan<T>(
  file: string,
  digest: string,
  allowed: readonly string[] | 'each',
  apply: (copy: string) => Promise<T>,
): Promise<T> {
  const bytes = bytesOf(file)
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got !== digest.toLowerCase())
    throw new RolecallError({
      code: 'stale-plan',
      message: `${file} is not the plan with this digest`,
      expected: digest,
      got,
      hint: 'look at the plan, then name the digest that was shown with it',
    })
  if (allowed !== 'each' && !allowed.some((each) => each.toLowerCase() === got))
    throw new RolecallError({
      code: 'policy',
      message: 'this plan is not one of those that may be applied',
      got,
      hint: `who started the server allows it: rolecall mcp --allow-apply ${got}`,
    })
  const copy = newPlanFile()
  writeFileSync(copy, bytes, { flag: 'wx', mode: 0o600 })
  try {
    return await apply(copy)
  } finally {
    rmSync(copy, { force: true })
  }
}

function bytesOf(file: string): Buffer {
  if (!file.endsWith('.plan') || file.split('/').includes('..'))
    throw new RolecallError({
      code: 'usage',
      message: `${file} is no saved plan of this project`,
      expected: 'a file that ends with .plan, as check with savePlan gives it',
    })
  try {
    return readFileSync(file)
  } catch (error) {
    throw new RolecallError({
      code: 'usage',
      message: `the plan ${file} cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'}`,
      hint: 'check with savePlan makes one',
    })
  }
}
