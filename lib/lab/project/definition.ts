import { RolecallError } from '../../errors.ts'
import { placeOfCall } from '../../place.ts'
import { labProblems } from './check.ts'
import type { LabDefinition, ProjectLab } from './types.ts'

/**
 * Defines the throwaway hosts that `rolecall lab up` boots for this project. `lab/lab.ts` exports the result by default.
 *
 * @example
 * export default lab({ hosts: { 'web-1': { groups: ['web'] }, 'db-1': { groups: ['db'], family: 'el', memory: '1G' } } })
 * @throws {RolecallError} with all problems of the definition.
 */
export function lab(definition: LabDefinition): ProjectLab {
  const problems = labProblems(definition)
  if (problems.length > 0) {
    const place = placeOfCall()
    throw new RolecallError(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
  }
  return { ...definition, type: 'lab' }
}
