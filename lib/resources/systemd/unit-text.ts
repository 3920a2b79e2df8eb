import { isMask, record, value } from '../kit/options/option-types.ts'

export type UnitValue = string | number | boolean

/** Sections of a unit file, and their keys. */
export type Sections = Readonly<
  Record<string, Readonly<Record<string, UnitValue | readonly UnitValue[] | undefined>> | undefined>
>

/** The text of a unit file: sections and keys in their order, `true` as yes. */
export function unitText(sections: Sections): string {
  const blocks = Object.entries(sections).flatMap(([section, keys]) => {
    if (keys === undefined) return []
    const lines = Object.entries(keys).flatMap(([key, value]) => {
      if (value === undefined) return []
      const values = Array.isArray(value) ? (value as readonly UnitValue[]) : [value as UnitValue]
      return values.map((each) => `${key}=${typeof each === 'boolean' ? (each ? 'yes' : 'no') : each}\n`)
    })
    return [`[${section}]\n${lines.join('')}`]
  })
  return blocks.join('\n')
}

const isOne = (given: unknown) =>
  Number.isFinite(given) ||
  typeof given === 'boolean' ||
  // A backslash at its end would take in the next line: systemd.syntax(7).
  (typeof given === 'string' && !/[\r\n\0]|\\$/.test(given) && !isMask(given))

/** Others systemd passes over without a word, but for those that begin with X-. Source: systemd.unit(5) and the pages of each type. */
const SECTION = /^(Unit|Install|Service|Socket|Device|Mount|Automount|Swap|Target|Path|Timer|Slice|Scope|X-[\w-]+)$/

/** Sections as an option. */
export const sectionsOption = () =>
  record(
    'an object of sections',
    record(
      'an object of keys',
      value<UnitValue | readonly UnitValue[]>(
        'a text of one line, a number, true or false, or a list of these',
        (given) => (Array.isArray(given) ? given.every(isOne) : isOne(given)),
      ),
    ),
  )
    .refine(
      (given) =>
        Object.entries(given).every(
          ([section, keys]) => SECTION.test(section) && Object.keys(keys).every((key) => /^[A-Z]\w*$/.test(key)),
        ),
      'sections and keys as systemd has them, such as Service and ExecStart',
    )
    .refine((given) => Object.keys(given).length > 0, 'at least one section')
