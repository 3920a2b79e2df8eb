import { existsSync } from 'node:fs'
import path from 'node:path'
import { isRecord } from '../../is-record.ts'
import { RolecallError } from '../../errors.ts'
import { loadModule } from '../../playbook/load/load.ts'
import { labProblems } from './check.ts'
import type { ProjectLab } from './types.ts'

/** The files that may define a project's lab. The first that exists counts. */
const files = ['lab/lab.ts', 'lab/lab.mts', 'lab/lab.js', 'lab/lab.mjs']

/** The file that defines a project's lab, if there is one. */
function labFile(project: string): string | undefined {
  return files.find((file) => existsSync(path.join(project, file)))
}

/**
 * The lab that a project defines in `lab/lab.ts`. Without that file: the default lab.
 *
 * @throws {RolecallError} when the file cannot be loaded, or its default export is no lab.
 */
export async function projectLab(project: string): Promise<ProjectLab> {
  const file = labFile(project)
  if (file === undefined) return { type: 'lab' }
  const { exported } = await loadModule(path.join(project, file), project, `the lab ${file}`)
  const about = { code: 'lab', place: { file }, expected: 'export default lab({ hosts })' } as const
  const value = isRecord(exported) ? exported['default'] : undefined
  if (value === undefined) throw new RolecallError({ ...about, message: `${file} has no default export` })
  if (!isRecord(value) || value['type'] !== 'lab')
    throw new RolecallError({ ...about, message: `the default export of ${file} is not a lab` })
  const problems = labProblems(Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'type')))
  if (problems.length > 0) throw new RolecallError(problems.map((problem) => ({ ...problem, place: { file } })))
  return value as unknown as ProjectLab
}
