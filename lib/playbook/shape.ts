import { Refusal, type Problem } from '../errors.ts'
import type { Playbook } from './playbook.ts'

/**
 * The playbook that a module exports by default. TypeScript's compiler would have found most of this, but nothing runs it.
 *
 * Throws a Refusal with everything that is wrong with its shape.
 */
export function checkedPlaybook(exported: unknown, file: string): Playbook {
  const value = isRecord(exported) ? exported['default'] : undefined
  const about = { code: 'playbook', place: { file } } as const
  if (value === undefined) {
    throw new Refusal({ ...about, message: 'the file has no default export', expected: EXPECTED, hint: HINT })
  }
  if (!isRecord(value) || value['type'] !== 'playbook') {
    throw new Refusal({
      ...about,
      message: 'the default export is not a playbook',
      expected: EXPECTED,
      got: nature(value),
      hint: HINT,
    })
  }
  const wrong = problemsOf(value)
  if (wrong.length > 0) throw new Refusal(wrong.map((problem) => ({ ...about, ...problem })))
  return value as unknown as Playbook
}

const EXPECTED = 'export default playbook({ name, plays })'
const HINT = 'what runs is what the file exports by default'

type Wrong = Pick<Problem, 'message' | 'expected' | 'got'>

function problemsOf(value: Readonly<Record<string, unknown>>): Wrong[] {
  const { name, plays } = value
  const named: Wrong[] = isText(name)
    ? []
    : [{ message: 'the playbook has no name', expected: 'a text', got: nature(name) }]
  if (!Array.isArray(plays))
    return [...named, { message: 'the playbook has no plays', expected: 'a list of plays', got: nature(plays) }]
  return [...named, ...plays.flatMap((play: unknown, index) => wrongPlay(play, index))]
}

function wrongPlay(play: unknown, index: number): Wrong[] {
  if (!isRecord(play))
    return [{ message: `play ${index + 1} is not a play`, expected: '{ name, hosts, roles }', got: nature(play) }]
  const which = isText(play['name']) ? `play "${play['name']}"` : `play ${index + 1}`
  const texts: Wrong[] = (['name', 'hosts'] as const)
    .filter((key) => !isText(play[key]))
    .map((key) => ({
      message: `${which} has no ${key}`,
      expected: key === 'hosts' ? 'an inventory pattern' : 'a text',
      got: nature(play[key]),
    }))
  const roles = play['roles']
  if (!Array.isArray(roles))
    return [...texts, { message: `${which} has no roles`, expected: 'a list of roles', got: nature(roles) }]
  const wrongRoles = roles.flatMap((one: unknown, at): Wrong[] =>
    isRole(one)
      ? []
      : [
          {
            message: `role ${at + 1} of ${which} is not a role`,
            expected: 'what role() or using() returns',
            got: nature(one),
          },
        ],
  )
  return [...texts, ...wrongRoles]
}

function isRole(value: unknown): boolean {
  return isRecord(value) && (value['type'] === 'role' || (value['type'] === 'use' && isRole(value['role'])))
}

function nature(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value) && typeof value['type'] === 'string') return `a ${value['type']}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
