import { RolecallError, type Problem } from '../../errors.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import { didYouMean } from '../../text/nearest.ts'
import { foldProblems } from '../../inventory/graph/fold.ts'
import { selectLimit } from '../../inventory/patterns/limit.ts'
import { selectHosts } from '../../inventory/patterns/select.ts'
import { dependenciesOf } from '../../playbook/after.ts'
import { placeOfPlaybook, type Playbook } from '../../playbook/playbook.ts'
import type { Play } from '../../playbook/play.ts'
import { placeOfRole, type AnyRole } from '../../playbook/role.ts'
import { sharedFor, useOf, varsFor } from '../../playbook/variables/vars.ts'
import { batchesOf } from '../order/batches.ts'
import { gateUnits } from './gates.ts'
import { partsOf, selectionProblems, selectorOf, type Selection, type Selector } from './selection.ts'
import { siteProblems } from './validate-site.ts'
import type { Unit } from '../order/unit.ts'

export type { Unit } from '../order/unit.ts'

/**
 * Playbook x inventory: every unit in order, with validated variables. Pure.
 *
 * Throws one RolecallError with all problems: patterns, plays that wait for unknown plays or for one another, unknown roles and tags, the variables
 * of every host, and the problems that roles find in the site.
 */
export function unitsOf(playbook: Playbook, inventory: Inventory, selection: Selection): Unit[] {
  const problems = [...checkPlays(playbook), ...selectionProblems(playbook, allRoles(playbook), selection)]
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof RolecallError)) throw error
      problems.push(...error.problems)
      return otherwise
    }
  }
  const { limit, byHand } = selection
  const within =
    limit === undefined ? undefined : new Set(attempt(() => selectLimit(inventory, limit, byHand?.limitPlace), []))
  const isSelected = selectorOf(playbook, selection)
  const units = playbook.plays.flatMap((play) => {
    const selected = attempt(() => hostsOf(play, playbook, inventory), [])
    const hosts = selected.filter((host) => within?.has(host) ?? true)
    const batches = batchesOf(play.serial, hosts.length)
    return hosts.flatMap((host, at) => {
      const found = unitsOnHost({ play, host, batch: batches[at] ?? 0 }, isSelected, selection)
      problems.push(...found.problems)
      return found.units
    })
  })
  problems.push(...sharedProblems(playbook, new Set(units.map(({ host }) => host))))
  const numbered = units.map((unit, index) => ({ ...unit, index }))
  problems.push(...siteProblems(numbered, playbook, inventory))
  if (problems.length > 0) throw new RolecallError(foldProblems(withoutRepeats(problems)))
  return numbered
}

function hostsOf(play: Play, playbook: Playbook, inventory: Inventory): readonly Host[] {
  try {
    return selectHosts(inventory, play.hosts, () => placeOfPlaybook(playbook))
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    throw new RolecallError(
      error.problems.map((problem) => ({ ...problem, message: `play "${play.name}": ${problem.message}` })),
    )
  }
}

type NewUnit = Omit<Unit, 'index'>

/** The units of a play on one host, with the problems of their variables: its roles, its gate, and the roles for a failure. */
function unitsOnHost(
  place: Pick<Unit, 'play' | 'host' | 'batch'>,
  isSelected: Selector,
  selection: Selection,
): { readonly units: readonly NewUnit[]; readonly problems: readonly Problem[] } {
  const { play, host } = place
  const units: NewUnit[] = []
  const problems: Problem[] = []
  for (const [at, use] of play.roles.map(useOf).entries()) {
    const { role } = use
    if (!isSelected(role, play, at)) continue
    const result = varsFor(use, host)
    const parts = partsOf(role, play, selection)
    if ('problems' in result) problems.push(...result.problems)
    else units.push({ ...place, role, vars: result.vars, ...(parts === undefined ? {} : { parts }) })
  }
  units.push(...gateUnits(play, units, selection.mode))
  // Recovery roles are validated before any host is touched, in check too.
  if (units.length === 0 || (selection.mode !== 'apply' && selection.mode !== 'check')) return { units, problems }
  for (const use of (play.onFailure ?? []).map(useOf)) {
    const result = varsFor(use, host, 'after a failure')
    if ('problems' in result) problems.push(...result.problems)
    else units.push({ ...place, role: use.role, vars: result.vars, isRecovery: true })
  }
  return { units, problems }
}

/** Problems of the shared variables that the playbook sets itself. */
function sharedProblems({ shared = [] }: Playbook, hosts: ReadonlySet<Host>): Problem[] {
  return shared.flatMap((shape) =>
    [...hosts].flatMap((host) => {
      const found = sharedFor(shape, host)
      return 'problems' in found ? found.problems : []
    }),
  )
}

function allRoles(playbook: Playbook): Map<string, AnyRole> {
  const all = playbook.plays.flatMap((play) => play.roles.map((use) => useOf(use).role))
  return new Map(all.map((role) => [role.name, role]))
}

/** Two roles of one name: `--role`, the inventory's variables and reports could not tell them apart. */
function sameName(role: AnyRole, other: AnyRole): Problem {
  const place = placeOfRole(role)
  const first = placeOfRole(other)
  return {
    code: 'playbook',
    message: `two roles have the name ${role.name}`,
    ...(place === undefined ? {} : { place }),
    expected: 'a name of its own for each role of a playbook',
    ...(first === undefined ? {} : { got: `the other one is at ${first.file}:${first.line ?? 1}` }),
    hint: 'rename one of them; one role with different variables is using(role, { ... })',
  }
}

/** Names of two roles or two plays, and plays that wait for what cannot come. */
function checkPlays(playbook: Playbook): Problem[] {
  return [...duplicateRoles(playbook), ...playbook.plays.flatMap((_, at) => checkPlay(playbook, at))]
}

function duplicateRoles({ plays }: Playbook): Problem[] {
  const first = new Map<string, AnyRole>()
  const problems: Problem[] = []
  for (const { role } of plays.flatMap((play) => [...play.roles, ...(play.onFailure ?? [])].map(useOf))) {
    const other = first.get(role.name)
    if (other === undefined) first.set(role.name, role)
    else if (other !== role) problems.push(sameName(role, other))
  }
  return problems
}

function checkPlay(playbook: Playbook, at: number): Problem[] {
  const play = playbook.plays[at]
  if (play === undefined) return []
  const names = playbook.plays.map(({ name }) => name)
  const problem = (message: string, hint?: string): Problem => ({
    code: 'playbook',
    message,
    place: placeOfPlaybook(playbook),
    ...(hint === undefined ? {} : { hint }),
  })
  const isFirst = names.indexOf(play.name) === at
  const wrongWaits = dependenciesOf(play).flatMap(({ play: before }) => {
    const position = names.indexOf(before)
    if (position < 0)
      return problem(`play "${play.name}" waits for "${before}", and there is no such play`, didYouMean(before, names))
    if (position === at) return problem(`play "${play.name}" waits for itself`, 'take it out of its own after')
    if (position < at) return []
    return problem(
      `play "${play.name}" waits for "${before}", which comes after it`,
      `write play "${before}" before "${play.name}"`,
    )
  })
  if (isFirst) return wrongWaits
  return [problem(`two plays have the name "${play.name}"`, 'give each play a name of its own'), ...wrongWaits]
}

/** A wrong line of group_vars is wrong for every host of the group, but is reported once. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>()
  for (const problem of problems) {
    const { host, ...rest } = problem
    const key = JSON.stringify(problem.place?.line === undefined ? problem : rest)
    if (!seen.has(key)) seen.set(key, host !== undefined && problem.place?.line !== undefined ? rest : problem)
  }
  return [...seen.values()]
}
