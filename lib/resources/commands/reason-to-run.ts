import type { ExecHave, ExecWant } from './exec-want.ts'

/** Why the command is to run; undefined when it is not. */
export function reasonToRun(want: ExecWant, have: ExecHave): string | undefined {
  if (have.ran?.failed === false) return undefined
  if (want.onlyIf !== undefined && have.onlyIf !== undefined && have.onlyIf !== 0) return undefined
  if (have.creates === false) return `${want.creates ?? ''} is missing`
  if (want.results !== undefined && want.unless === undefined && want.creates === undefined)
    return have.ran === undefined ? 'once in every run' : 'it failed before'
  if (want.unless === undefined || have.unless === 0) return undefined
  return have.unless === undefined ? `${want.cwd ?? '/'} is missing` : `unless says ${have.unless}`
}
