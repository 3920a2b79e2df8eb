import { RolecallError } from '../errors.ts'

/** The families of hosts in a lab: Debian and the Red Hat family. */
export const familyNames = ['debian', 'el'] as const
export type FamilyName = (typeof familyNames)[number]

/** The default family. */
export const defaultFamily: FamilyName = 'debian'

/** Node name to family. */
export type Families = Readonly<Record<string, FamilyName>>

/** The meaning of `mixed`: a name server and a container host are of the Red Hat family. */
const mixed: Families = { 'node-01': 'el', 'node-04': 'el' }

/**
 * Reads the requested family of each host. Pure.
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
