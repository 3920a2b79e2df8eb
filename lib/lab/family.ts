import { RolecallError } from '../errors.ts'

/** The kinds of hosts a lab has: Debian's own, and the Red Hat family's. */
export const familyNames = ['debian', 'el'] as const
export type FamilyName = (typeof familyNames)[number]

/** What a host is when nobody said anything. */
export const defaultFamily: FamilyName = 'debian'

/** Node name to family. */
export type Families = Readonly<Record<string, FamilyName>>

/** What `mixed` stands for: a name server and one of the container hosts are of the Red Hat family. */
const mixed: Families = { 'node-01': 'el', 'node-04': 'el' }

/**
 * Reads which family hosts are asked to be of. Pure.
 *
 * - `el` or `debian`: every host.
 * - `mixed`: node-01 and node-04 are `el`, the others `debian`.
 * - `el:node-02,node-04`: these are `el`, the others `debian`.
 *
 * @throws {RolecallError} for anything else, and for a node that the lab does not have.
 */
export function readFamilies(choice: string, nodes: readonly string[]): Families {
  const [word = '', list] = choice.split(':')
  const all = (name: FamilyName): Families => Object.fromEntries(nodes.map((node) => [node, name]))
  if (word === 'mixed' && list === undefined && Object.keys(mixed).every((node) => nodes.includes(node)))
    return { ...all('debian'), ...mixed }
  const family = familyNames.find((name) => name === word)
  const chosen = list === undefined ? nodes : list.split(',')
  const strangers = chosen.filter((node) => !nodes.includes(node))
  if (family === undefined || strangers.length > 0) {
    throw new RolecallError({
      code: 'lab',
      message: family === undefined ? `no lab has hosts of "${word}"` : `the lab has no host ${strangers.join(', ')}`,
      expected: `${familyNames.join(', ')}, mixed, or a family and its hosts, as in el:${nodes.slice(0, 2).join(',')}`,
      got: choice,
    })
  }
  return { ...all('debian'), ...Object.fromEntries(chosen.map((node) => [node, family])) }
}
