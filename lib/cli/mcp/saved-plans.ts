import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { RolecallError } from '../../errors.ts'

/** The directory for plans that an agent saves. */
const DIRECTORY = '.rolecall/plans'

/** A new name for a plan. */
export function newPlanFile(): string {
  makeDirectory(DIRECTORY, 0o700)
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return join(DIRECTORY, `${stamp}-${randomBytes(3).toString('hex')}.plan`)
}

/** The SHA-256 of a plan's file. It identifies the approved plan. */
export function planDigest(file: string): string {
  return createHash('sha256').update(bytesOf(file)).digest('hex')
}

/**
 * Copies the plan to be applied to a new file, so that later changes to the named file have no effect.
 *
 * Throws a RolecallError if the digest differs, or if the plan is not allowed.
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
      hint: 'show the plan, then give the digest that is shown with it',
    })
  if (allowed !== 'each' && !allowed.some((each) => each.toLowerCase() === got))
    throw new RolecallError({
      code: 'policy',
      message: 'this plan is not among the allowed ones',
      got,
      hint: `the person who starts the server allows it: rolecall mcp --allow-apply ${got}`,
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
      message: `${file} is not a saved plan of this project`,
      expected: 'a file that ends with .plan, as returned by check with savePlan',
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
