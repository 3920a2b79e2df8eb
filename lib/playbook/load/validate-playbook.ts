import { isRecord } from '../../is-record.ts'
import { RolecallError } from '../../errors.ts'
import { playbookProblems } from '../definitions.ts'
import type { Playbook } from '../playbook.ts'

/**
 * The default export of a module as a playbook. TypeScript's compiler would find most problems, but it may not have run.
 *
 * Throws a RolecallError with all problems of its shape.
 */
export function validatePlaybook(exported: unknown, file: string): Playbook {
  const value = isRecord(exported) ? exported['default'] : undefined
  const about = { code: 'playbook', place: { file } } as const
  if (value === undefined) {
    throw new RolecallError({ ...about, message: 'the file has no default export', expected: EXPECTED, hint: HINT })
  }
  if (!isRecord(value) || value['type'] !== 'playbook') {
    throw new RolecallError({
      ...about,
      message: 'the default export is not a playbook',
      expected: EXPECTED,
      got: nature(value),
      hint: value instanceof Promise ? AWAIT_HINT : isRecord(value) && value['type'] === 'role' ? ROLE_HINT : HINT,
    })
  }
  const wrong = playbookProblems(Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'type')))
  if (wrong.length > 0) throw new RolecallError(wrong.map((problem) => ({ ...about, ...problem })))
  return value as unknown as Playbook
}

const EXPECTED = 'export default playbook({ name, plays })'
const HINT = 'what runs is what the file exports by default'
const AWAIT_HINT = 'write await before it: export default await ...'
const ROLE_HINT = 'a role runs in a playbook, and with --role NAME alone; rolecall test NAME tries it on the lab'

function nature(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value instanceof Promise) return 'a promise'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value) && typeof value['type'] === 'string') return `a ${value['type']}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
