import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The files with the policies of a project. Costs one listing of a directory. */
export function policyFiles(cwd: string): string[] {
  try {
    const names = readdirSync(join(cwd, 'policies')).sort()
    return names.filter((name) => /(?<!\.test)(?<!\.d)\.[mc]?[jt]s$/.test(name)).map((name) => join('policies', name))
  } catch {
    return []
  }
}
