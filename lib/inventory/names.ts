import type { Place, Problem } from '../errors.ts'
import type { Draft } from './draft.ts'
import type { Inventory } from './inventory.ts'
import { levelName } from './level.ts'
import { didYouMean } from '../text/nearest.ts'
import type { Report } from './parse.ts'

/**
 * The names at the top of variables that are no role's: a misspelt role would otherwise go without its variables.
 *
 * @example
 * checkNames(inventory, ['base', 'dns-server'])   // [] or [{ code: 'vars', message: 'there is no role "dns-serer", ...' }]
 */
export function checkNames(inventory: Inventory, roleNames: Iterable<string>): Problem[] {
  const known = new Set(roleNames)
  return inventory.layers.flatMap((layer) =>
    Array.from(layer.roles)
      .filter(([role]) => !known.has(role))
      .map(([role, place]) => unknownRole(role, levelName(layer), place, known)),
  )
}

function unknownRole(role: string, whose: string, place: Place, known: ReadonlySet<string>): Problem {
  const meant =
    didYouMean(role, known) ?? (role.includes('_') ? didYouMean(role.replaceAll('_', '-'), known) : undefined)
  return {
    code: 'vars',
    message: `there is no role "${role}", to which the variables of ${whose} give values`,
    place,
    expected: known.size === 0 ? 'the name of a role' : `one of ${[...known].sort().join(', ')}`,
    got: role,
    hint: meant ?? 'a variable stands under the name of its role; remove what no role reads',
  }
}

/** A file in group_vars or host_vars whose group or host the inventory does not have. */
export function reportUnknownOwner(
  rank: 'group' | 'host',
  owner: string,
  path: string,
  draft: Draft,
  report: Report,
): void {
  const [known, other] = rank === 'group' ? [draft.groups, draft.hosts] : [draft.hosts, draft.groups]
  const swapped =
    rank === 'group'
      ? `"${owner}" is a host: move the file to host_vars`
      : `"${owner}" is a group: move the file to group_vars`
  const add = rank === 'group' ? 'add the group to the inventory' : 'add the host to a group in the inventory'
  report({
    code: 'inventory',
    message:
      rank === 'group'
        ? `there are variables for a group "${owner}" that is not in the inventory`
        : `there are variables for a host "${owner}" that is in no group of the inventory`,
    place: { file: path },
    expected: `the name of a ${rank} of the inventory`,
    got: owner,
    hint: other.has(owner) ? swapped : (didYouMean(owner, known.keys()) ?? `${add}, or remove the file`),
  })
}

/** A name that is a host's and a group's would mean two things in every pattern. */
export function reportSharedNames(draft: Draft, report: Report): void {
  for (const { name, place } of draft.hosts.values()) {
    const group = draft.groups.get(name)
    if (group === undefined) continue
    const where = group.place?.line === undefined ? '' : ` (line ${group.place.line})`
    report({
      code: 'inventory',
      message: `"${name}" is the name of a host and of a group`,
      place,
      expected: 'a name for each',
      got: `the group "${name}"${where} and the host`,
      hint: 'rename one of the two, so that a pattern means one thing',
    })
  }
}
