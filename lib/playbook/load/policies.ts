import { resolve } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { describeValue } from '../../resources/kit/options/describe-value.ts'
import { loadModule } from './load.ts'
import type { Policy } from '../policy.ts'

/** Policies by their files. Throws a RolecallError for a file that exports none, or cannot be loaded. */
export async function loadPolicies(files: readonly string[], cwd: string): Promise<Policy[]> {
  const all: Policy[] = []
  for (const file of files) {
    const { exported } = await loadModule(resolve(cwd, file), cwd, `the policy ${file}`)
    const value =
      typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined
    const found = (Array.isArray(value) ? value : [value]) as unknown[]
    if (found.length === 0 || !found.every(isPolicy))
      throw new RolecallError({
        code: 'playbook',
        message: `${file} exports no policy`,
        place: { file },
        expected: 'export default policy({ name, check }), or a list of them',
        got: value === undefined ? 'no default export' : describeValue(value),
        hint: 'files beside policies that hold none belong in another directory',
      })
    all.push(...found)
  }
  return all
}

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'policy'
}
