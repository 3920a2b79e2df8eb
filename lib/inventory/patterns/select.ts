import { RolecallError } from '../../errors.ts'
import type { Place, Problem } from '../../errors.ts'
import { nearest } from '../../text/nearest.ts'
import { matchingNames } from '../syntax/bounded.ts'
import type { Host, Inventory } from '../inventory.ts'
import { parsePattern } from './pattern.ts'
import type { Part, Slice, Sliced, Term, Word } from './pattern.ts'

/**
 * The hosts that a pattern selects, in Ansible's order: part by part, each group in its own order.
 *
 * A part is the name of a host or group, `all`, a wildcard (`node-0*`, which matches groups as well), `~regex` as in Python, or a slice (`docker[0:1]`, ends
 * included). Parts are joined with `,` or `:`. `&` keeps only hosts that are also in the part, `!` removes its hosts. `localhost` exists without an
 * inventory. A name shared by a host and a group means the host, but the group after `&` and `!`.
 *
 * Throws a `RolecallError` that names every part without a match. `place` is asked for only then: computing the place of a call takes 15 ms the first time.
 *
 * @example
 * selectHosts(inventory, 'docker:&registry')   // [node-05]
 * selectHosts(inventory, 'all:!dns')           // [node-02, node-03, node-04, node-05]
 */
export function selectHosts(inventory: Inventory, pattern: string, place?: () => Place): Host[] {
  return selectByParts(inventory, pattern, parsePattern(pattern), place)
}

/** The same for a pattern that was split already. `pattern` is its name in messages. */
export function selectByParts(
  inventory: Inventory,
  pattern: string,
  given: readonly Part[],
  place?: () => Place,
): Host[] {
  const placed = (problem: Problem): Problem => (place === undefined ? problem : { ...problem, place: place() })
  // In Ansible an empty pattern means all hosts. Here it is refused: more likely a shell variable was not set.
  if (given.length === 0) throw new RolecallError(placed(nothingLeft(pattern, [], inventory)))
  const named = new Map(inventory.hosts.map((host) => [host.name, host]))
  const parts = given.map((part) => ({ part, hosts: hostsOf(part, inventory, named) }))
  const problems = parts
    .filter(({ part, hosts }) => hosts.length === 0 && !isEmptyGroup(part.term, inventory))
    .map(({ part }) => partProblem(part, pattern, inventory))
  if (problems.length > 0) throw new RolecallError(problems.map(placed))

  const added = parts.filter(({ part }) => part.effect === 'add')
  const kept = parts.filter(({ part }) => part.effect === 'keep').map(({ hosts }) => new Set(hosts))
  const dropped = new Set(parts.filter(({ part }) => part.effect === 'drop').flatMap(({ hosts }) => hosts))
  const chosen = new Set(added.length === 0 ? inventory.hosts : added.flatMap(({ hosts }) => hosts))
  const selected = [...chosen].filter((host) => kept.every((hosts) => hosts.has(host)) && !dropped.has(host))
  if (selected.length > 0) return selected
  throw new RolecallError(placed(nothingLeft(pattern, parts, inventory)))
}

interface Found {
  readonly part: Part
  readonly hosts: readonly Host[]
}

function nothingLeft(pattern: string, parts: readonly Found[], inventory: Inventory): Problem {
  const [only] = parts
  if (only !== undefined && parts.length === 1 && only.hosts.length === 0)
    return partProblem(only.part, pattern, inventory)
  if (parts.length === 0) {
    return {
      code: 'pattern',
      message: `the pattern "${pattern}" is empty`,
      expected: 'the name of a host or a group',
      hint: LIST_HINT,
    }
  }
  return {
    code: 'pattern',
    message: `the pattern "${pattern}" leaves no hosts`,
    expected: 'at least one host',
    got: parts.map(({ part, hosts }) => `${part.text}: ${counted(hosts.length)}`).join('; '),
    hint: 'each part matches hosts, but none is left after the & and ! parts',
  }
}

function hostsOf({ effect, term }: Part, inventory: Inventory, named: ReadonlyMap<string, Host>): readonly Host[] {
  switch (term.kind) {
    case 'word': {
      const host = named.get(term.name)
      if (host !== undefined && effect === 'add') return [host]
      return hostsOfWord(term, inventory, named)
    }
    case 'regex':
      return hostsLike(term.shape, inventory, true)
    case 'wrong':
      return []
  }
}

function hostsOfWord(word: Word, inventory: Inventory, named: ReadonlyMap<string, Host>): readonly Host[] {
  const { sliced } = word
  if (sliced === undefined) return hostsMeant(word, inventory, named)
  if (sliced.isOwn) {
    const whole = hostsMeant(word, inventory, named)
    return whole.length > 0 ? whole : cut(hostsMeant(sliced, inventory, named), sliced.slice)
  }
  const whole = hostsMeant(sliced, inventory, named)
  // As a slice it selects nothing in Ansible, so it is read as a set of characters.
  return whole.length > 0 ? cut(whole, sliced.slice) : hostsMeant(word, inventory, named)
}

function hostsMeant(
  { name, shape }: Pick<Word | Sliced, 'name' | 'shape'>,
  inventory: Inventory,
  named: ReadonlyMap<string, Host>,
): readonly Host[] {
  if (shape !== undefined) return hostsLike(shape, inventory, /[.?*[]/.test(name))
  const group = inventory.groups.get(name)
  const host = named.get(name)
  if (group !== undefined) {
    const isDotted = name.includes('.') && host !== undefined
    return isDotted ? [...new Set([...group.hosts, host])] : group.hosts
  }
  if (host !== undefined) return [host]
  const local = inventory.implicitHosts.get(name)
  return local === undefined ? [] : [localhostOf(inventory) ?? local]
}

/** If the inventory has this machine under one of its names, the other names mean the same host. */
function localhostOf(inventory: Inventory): Host | undefined {
  return inventory.hosts.find(({ name }) => inventory.implicitHosts.has(name))
}

/** A wildcard or expression selects all matching groups, including `all`, and all matching hosts. */
function hostsLike(shape: RegExp, inventory: Inventory, hostsToo: boolean): readonly Host[] {
  const groups = [...inventory.groups.keys()]
  const matching = matchingNames(shape, [...inventory.hosts.map(({ name }) => name), ...groups])
  if (matching === undefined)
    throw new RolecallError({
      code: 'pattern',
      message: `a pattern takes more than a second to match ${counted(inventory.hosts.length)}`,
      expected: 'an expression without nested repetitions such as (a+)+',
      got: shape.source,
      hint: 'write a wildcard, such as web*, or the names of groups',
    })
  const like = groups.filter((name) => matching.has(name))
  const found = new Set(like.flatMap((name) => inventory.groups.get(name)?.hosts ?? []))
  if (hostsToo || like.length === 0) {
    for (const host of hostsByFirstNaming(inventory)) if (matching.has(host.name)) found.add(host)
  }
  return [...found]
}

const byFirstNaming = new WeakMap<Inventory, readonly Host[]>()

/** Single hosts come in the order of their first mention in the inventory, which may differ from the order of `all`. */
function hostsByFirstNaming(inventory: Inventory): readonly Host[] {
  const known = byFirstNaming.get(inventory)
  if (known !== undefined) return known
  const places = new Map(inventory.naming.map((name, at) => [name, at]))
  const found = inventory.hosts.toSorted((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0))
  byFirstNaming.set(inventory, found)
  return found
}

function cut(hosts: readonly Host[], { first, last, isOne }: Slice): readonly Host[] {
  const count = hosts.length
  const from = first < 0 ? count + first : first
  if (isOne) return hosts.slice(from < 0 ? count : from, from < 0 ? count : from + 1)
  const to = last < 0 ? count + last : last
  // A slice that begins before the first host begins at the first host.
  return to < 0 ? [] : hosts.slice(Math.max(0, from), to + 1)
}

/** An empty group is not a missing one: `all:!maintenance` must work while nothing is in maintenance. */
function isEmptyGroup(term: Term, inventory: Inventory): boolean {
  return term.kind === 'word' && inventory.groups.has(term.name)
}

function partProblem({ text, term }: Part, pattern: string, inventory: Inventory): Problem {
  const inPattern = text === pattern ? '' : ` in "${pattern}"`
  const groups = [...inventory.groups.values()].filter(({ hosts }) => hosts.length > 0).map(({ name }) => name)
  const about = {
    code: 'pattern',
    message: `the pattern "${text}"${inPattern} matches no host`,
    expected: groups.length === 0 ? 'a host' : `a host or one of the groups ${groups.join(', ')}`,
  } as const
  if (term.kind === 'wrong') {
    return { code: 'pattern', message: `the pattern "${pattern}" is wrong: ${term.why}`, hint: term.hint }
  }
  if (term.kind === 'regex') return { ...about, got: text, hint: LIST_HINT }
  const { sliced } = term
  const whole = sliced === undefined ? 0 : wholeOf(sliced, inventory)
  if (sliced !== undefined && whole > 0) {
    return {
      code: 'pattern',
      message: about.message,
      expected: `a slice within [0:${whole - 1}]`,
      got: `"${sliced.name}" has ${counted(whole)}`,
      hint: `the first host is ${sliced.name}[0], the last ${sliced.name}[-1]`,
    }
  }
  const named = sliced?.name ?? term.name
  if (inventory.groups.has(named)) {
    return { ...about, message: `the group "${named}"${inPattern} has no hosts`, hint: LIST_HINT }
  }
  return { ...about, got: text, hint: meant(term, inventory) }
}

const LIST_HINT = 'rolecall list hosts shows which hosts and groups there are'

function meant({ name, shape, sliced }: Word, inventory: Inventory): string {
  if (sliced !== undefined && sliced.shape === undefined) {
    return `[:] takes a slice of a group, and "${sliced.name}" is none; for a run of hosts write a wildcard, such as ${sliced.name}* or ${sliced.name}[1-3]`
  }
  if (shape !== undefined) return /\[[^\]]*$/.test(name) ? 'close the bracket' : LIST_HINT
  const near = nearest(name, [...inventory.groups.keys(), ...inventory.hosts.map((host) => host.name)])
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : LIST_HINT
}

/** The number of hosts of a name without its slice. */
function wholeOf({ name, shape }: Sliced, inventory: Inventory): number {
  if (shape !== undefined) return hostsLike(shape, inventory, true).length
  return inventory.groups.get(name)?.hosts.length ?? inventory.hosts.filter((host) => host.name === name).length
}

function counted(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
