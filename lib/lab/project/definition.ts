import { RolecallError } from '../../errors.ts'
import { placeOfCall } from '../../place.ts'
import { labProblems } from './check.ts'
import type { LabDefinition, ProjectLab } from './types.ts'

/**
 * Says what throwaway hosts `rolecall lab up` boots for this project: the default export of `lab/lab.ts`.
 *
 * @example
 * export default lab({ hosts: { 'web-1': { groups: ['web'] }, 'db-1': { groups: ['db'], family: 'el', memory: '1G' } } })
 * @throws {RolecallError} with everything that is wrong with the definition.
 */
export function lab(definition: LabDefinition): ProjectLab {
  const problems = labProblems(definition)
  if (problems.length > 0) {
    const place = placeOfCall()
    throw new RolecallError(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
  }
  return { ...definition, type: 'lab' }
}
