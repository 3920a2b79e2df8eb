import { Refusal } from '../errors.ts'
import type { Place, Problem } from '../errors.ts'
import { matchingNames } from './bounded.ts'
import type { Host, Inventory } from './inventory.ts'
import { nearest } from '../text/nearest.ts'
import { parsePattern } from './pattern.ts'
import type { Part, Slice, Term } from './pattern.ts'

/**
 * The hosts that a pattern means, in inventory order.
 *
 * Names of hosts and groups, `all`, wildcards (`node-0*`), `~regex`, slices (`docker[0:1]`, ends included); joined with
 * `:` or `,`; `:&` keeps only what is also there; `:!` takes away. As in Ansible the order of the parts does not count.
 *
 * Throws a `Refusal` that names every part which means no host.
 *
 * @example
 * selectHosts(inventory, 'docker:&registry')   // [node-05]
 * selectHosts(inventory, 'all:!dns')           // [node-02, node-03, node-04, node-05]
 */
export function selectHosts(inventory: Inventory, pattern: string, place?: Place): Host[] {
  const standing = place === undefined ? {} : { place }
  const named = new Map(inventory.hosts.map((host) => [host.name, host]))
  const parts = parsePattern(pattern).map((part) => ({ part, hosts: hostsOf(part.term, inventory, named) }))
  const problems = parts
    .filter(({ hosts }) => hosts.length === 0)
    .map(({ part }) => partProblem(part, pattern, inventory))
  if (problems.length > 0) throw new Refusal(problems.map((problem) => ({ ...problem, ...standing })))

  const added = parts.filter(({ part }) => part.effect === 'add')
  const kept = parts.filter(({ part }) => part.effect === 'keep').map(({ hosts }) => new Set(hosts))
  const dropped = new Set(parts.filter(({ part }) => part.effect === 'drop').flatMap(({ hosts }) => hosts))
  const chosen = new Set(added.length === 0 ? inventory.hosts : added.flatMap(({ hosts }) => hosts))
  const selected = inventory.hosts.filter(
    (host) => chosen.has(host) && kept.every((hosts) => hosts.has(host)) && !dropped.has(host),
  )
  if (selected.length > 0) return selected
  throw new Refusal({
    code: 'pattern',
    message: `the pattern "${pattern}" leaves no host`,
    ...standing,
    expected: 'at least one host',
    got: parts.map(({ part, hosts }) => `${part.text}: ${counted(hosts.length)}`).join('; '),
    hint: 'each part means some hosts, but nothing is left after the & and ! parts',
  })
}

const IMPLICIT: ReadonlySet<string> = new Set(['all', 'ungrouped'])

function hostsOf(term: Term, inventory: Inventory, named: ReadonlyMap<string, Host>): readonly Host[] {
  switch (term.kind) {
    case 'name':
      return cut(hostsNamed(term.name, inventory, named), term.slice)
    case 'wildcard':
      return cut(hostsLike(term.shape, inventory), term.slice)
    case 'regex':
      return hostsLike(term.shape, inventory)
    case 'wrong':
      return []
  }
}

function hostsNamed(name: string, inventory: Inventory, named: ReadonlyMap<string, Host>): readonly Host[] {
  const host = named.get(name)
  return host === undefined ? (inventory.groups.get(name)?.hosts ?? []) : [host]
}

/**
 * As in Ansible a wildcard means the hosts and also the groups that look so. Unlike there it does not mean the group
 * `all`: `a*` would be every host there is.
 */
function hostsLike(shape: RegExp, inventory: Inventory): readonly Host[] {
  const groups = [...inventory.groups.keys()].filter((name) => !IMPLICIT.has(name))
  const matching = matchingNames(shape, [...inventory.hosts.map(({ name }) => name), ...groups])
  if (matching === undefined)
    throw new Refusal({
      code: 'pattern',
      message: `a pattern takes more than a second to match ${counted(inventory.hosts.length)}`,
      expected: 'an expression that does not repeat what repeats, such as (a+)+',
      got: shape.source,
      hint: 'write a wildcard, such as web*, or the names of groups',
    })
  const like = new Set(groups.filter((name) => matching.has(name)))
  return inventory.hosts.filter((host) => matching.has(host.name) || host.groups.some((name) => like.has(name)))
}

function cut(hosts: readonly Host[], slice: Slice | undefined): readonly Host[] {
  if (slice === undefined) return hosts
  const count = hosts.length
  const first = slice.first < 0 ? count + slice.first : slice.first
  const last = slice.last < 0 ? count + slice.last : slice.last
  // One that begins before the first host begins at it, but a single [-9] of three hosts means none.
  return last < 0 ? [] : hosts.slice(Math.max(0, first), last + 1)
}

function partProblem({ text, term }: Part, pattern: string, inventory: Inventory): Problem {
  const inPattern = text === pattern ? '' : ` in "${pattern}"`
  const groups = [...inventory.groups.values()].filter(({ hosts }) => hosts.length > 0).map(({ name }) => name)
  const about = {
    code: 'pattern',
    message: `the pattern "${text}"${inPattern} matches no host`,
    expected: `a host or one of the groups ${groups.join(', ')}`,
  } as const
  if (term.kind === 'wrong') {
    return { code: 'pattern', message: `the pattern "${pattern}" is wrong: ${term.why}`, hint: term.hint }
  }
  if (term.kind !== 'name') return { ...about, got: text, hint: LIST_HINT }
  const whole = wholeOf(term.name, inventory)
  if (whole > 0) {
    return {
      code: 'pattern',
      message: about.message,
      expected: `a slice within [0:${whole - 1}]`,
      got: `"${term.name}" has ${counted(whole)}`,
      hint: `the first host is ${term.name}[0], the last ${term.name}[-1]`,
    }
  }
  if (inventory.groups.has(term.name)) {
    return { ...about, message: `the group "${term.name}"${inPattern} has no hosts`, hint: LIST_HINT }
  }
  return { ...about, got: text, hint: meant(term, inventory) }
}

const LIST_HINT = 'rolecall list hosts shows which hosts and groups there are'

function meant({ name, slice }: { name: string; slice?: Slice }, inventory: Inventory): string {
  const near = nearest(name, [...inventory.groups.keys(), ...inventory.hosts.map((host) => host.name)])
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  if (slice === undefined) return LIST_HINT
  return `[:] takes a slice of a group, and "${name}" is none; for a run of hosts write a wildcard, such as ${name}* or ${name}[1-3]`
}

/** How many hosts a name means without its slice. */
function wholeOf(name: string, inventory: Inventory): number {
  return inventory.groups.get(name)?.hosts.length ?? inventory.hosts.filter((host) => host.name === name).length
}

function counted(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
