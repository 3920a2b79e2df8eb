import type { Saved } from '../drivers/driver.ts'
import { labError, type Lab } from '../model.ts'
import { nameOption } from '../ownership/requester.ts'

/**
 * A label, checked.
 *
 * @throws {RolecallError} when the label cannot be the name of a directory.
 */
export function checkedLabel(label: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(label)) return label
  throw labError(`"${label}" cannot be a label of saved disks`, {
    expected: 'a small letter or digit, then up to 39 small letters, digits and dashes',
    got: label,
  })
}

/**
 * The hosts to restore: the named ones, or all that were saved under this label.
 *
 * @throws {RolecallError} naming the hosts or the label that were not saved, and those that were.
 */
export function restorable(
  all: readonly Saved[],
  lab: Lab,
  label: string,
  names: readonly string[],
): readonly string[] {
  const saved = all.find((each) => each.label === label)
  if (saved === undefined)
    throw labError(`nothing was saved as ${label} in lab ${lab.name}`, {
      expected: all.length === 0 ? 'something that was saved before' : all.map((each) => each.label).join(', '),
      got: label,
      hint: `rolecall lab save LABEL${nameOption(lab.name)} keeps the disks of the hosts as they are`,
    })
  const missing = names.filter((name) => !saved.nodes.includes(name))
  if (missing.length > 0)
    throw labError(`${missing.join(', ')} ${missing.length > 1 ? 'were' : 'was'} not saved as ${label}`, {
      expected: saved.nodes.join(', '),
      got: missing.join(', '),
    })
  return names.length === 0 ? saved.nodes : names
}
