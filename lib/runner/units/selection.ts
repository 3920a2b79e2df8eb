import type { HandWork } from '../by-hand/hand-work.ts'
import type { Problem } from '../../errors.ts'
import type { Mode } from '../../events.ts'
import type { Play, Playbook } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import { useOf } from '../../playbook/variables/vars.ts'
import { didYouMean } from '../../text/nearest.ts'

/** The options that narrow a run. */
export interface Selection {
  readonly limit?: string
  readonly roles?: readonly string[]
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  /** The role that the run starts at. */
  readonly startAt?: string
  /** Only apply and verify run gates of plays. Default: no gates. */
  readonly mode?: Mode
  /** Work by hand names the option that its hosts came from. */
  readonly byHand?: HandWork
}

/** Whether a run includes a role; `at` is the role's index in its play. */
export type Selector = (role: AnyRole, play: Play, at: number) => boolean

export function selectorOf(playbook: Playbook, selection: Selection): Selector {
  const { roles = [], tags = [], skipTags = [], startAt } = selection
  const start = startAt === undefined ? undefined : placeOf(playbook, startAt)
  return (role, play, at) => {
    if (roles.length > 0 && !roles.includes(role.name)) return false
    if (start !== undefined && isBefore([playbook.plays.indexOf(play), at], start)) return false
    if (skipTags.some((tag) => hasTag(role, play, tag))) return false
    return tags.length === 0 || tags.some((tag) => hasTag(role, play, tag) || (role.parts ?? []).includes(tag))
  }
}

/** The selected parts of a role; undefined: all of them. */
export function partsOf(
  role: AnyRole,
  play: Play,
  { tags = [], skipTags = [] }: Selection,
): ReadonlySet<string> | undefined {
  if (role.parts === undefined || (tags.length === 0 && skipTags.length === 0)) return undefined
  const isWhole = tags.length === 0 || tags.some((tag) => hasTag(role, play, tag))
  return new Set(role.parts.filter((part) => (isWhole || tags.includes(part)) && !skipTags.includes(part)))
}

function hasTag(role: AnyRole, play: Play, tag: string): boolean {
  return role.tags.includes(tag) || (play.tags ?? []).includes(tag)
}

type UsePlace = readonly [play: number, role: number]

/** The first place of a role in a playbook. */
function placeOf({ plays }: Playbook, name: string): UsePlace | undefined {
  for (const [play, { roles }] of plays.entries()) {
    const role = roles.findIndex((each) => useOf(each).role.name === name)
    if (role >= 0) return [play, role]
  }
  return undefined
}

function isBefore([play, role]: UsePlace, start: UsePlace): boolean {
  return play < start[0] || (play === start[0] && role < start[1])
}

/** Problems of a selection: names that the playbook does not have. */
export function selectionProblems(
  playbook: Playbook,
  roles: ReadonlyMap<string, AnyRole>,
  { roles: wanted = [], tags = [], skipTags = [], startAt }: Selection,
): Problem[] {
  const ofRoles = [...roles.values()].flatMap((role) => [...role.tags, ...(role.parts ?? [])])
  const known = new Set([...playbook.plays.flatMap((play) => play.tags ?? []), ...ofRoles])
  const unknown = (what: string, given: string, names: readonly string[]): Problem => ({
    code: 'usage',
    message: `playbook ${playbook.name} has no ${what} "${given}"`,
    expected: names.length === 0 ? `no ${what} at all: it has none` : `one of ${names.join(', ')}`,
    hint: didYouMean(given, names) ?? `rolecall list units ${playbook.name} shows what there is`,
  })
  return [
    ...[...wanted, ...(startAt === undefined ? [] : [startAt])]
      .filter((name) => !roles.has(name))
      .map((name) => unknown('role', name, [...roles.keys()])),
    ...[...tags, ...skipTags].filter((tag) => !known.has(tag)).map((tag) => unknown('tag', tag, [...known])),
  ]
}
