import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import { namedValues } from '../../named-values.ts'

/** The entries of package.json that a project needs. */
export interface PackageNeeds {
  readonly type: string
  readonly devDependencies: Readonly<Record<string, string>>
}

const versions = namedValues(z.string()).optional()
const packageFile = z.object({ type: z.string().optional(), dependencies: versions, devDependencies: versions })
type PackageFile = z.output<typeof packageFile>

/** Reads an existing package.json. Throws a RolecallError if npm could not read it either. */
export function readPackage(file: string): PackageFile {
  const fail = (got: string) =>
    new RolecallError({
      code: 'usage',
      message: 'package.json cannot be read',
      place: { file },
      expected: 'a JSON object, as written by npm',
      got,
      hint: 'correct it, or move it away: rolecall init writes one',
    })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error))
  }
  const read = packageFile.safeParse(value)
  if (!read.success)
    throw fail(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  return read.data
}

/**
 * The npm commands that add the missing entries to an existing package.json. `npm init` writes `"type": "commonjs"`, with which the compiler refuses every
 * import.
 *
 * @example
 * npmCommands({ type: 'commonjs' }, { type: 'module', devDependencies: { tsx: '^4.20.0' } })
 * // ['npm pkg set type=module', 'npm install --save-dev "tsx@^4.20.0"']
 */
export function npmCommands(existing: PackageFile, { type, devDependencies }: PackageNeeds): string[] {
  const has = { ...existing.dependencies, ...existing.devDependencies }
  const missing = Object.entries(devDependencies)
    .filter(([name]) => !(name in has))
    .map(([name, wanted]) => (wanted.startsWith('file:') ? wanted.slice('file:'.length) : `"${name}@${wanted}"`))
  return [
    ...(existing.type === type ? [] : [`npm pkg set type=${type}`]),
    missing.length === 0 ? 'npm install' : `npm install --save-dev ${missing.join(' ')}`,
  ]
}
