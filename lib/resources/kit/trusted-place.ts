import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { trustedPlace } from '../../sh/trusted-place.sh.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Reply, Unknown } from './plan.ts'

/**
 * A place that a program of the host trusts: it runs the files there, or works there by name. Anyone who can write there controls the program. So the
 * place and every directory above it must belong to root or to the account that the program runs as.
 */
export interface TrustedPlace {
  readonly path: string
  /** The account that the program runs as. Default: the account that scripts run as. */
  readonly user?: string | undefined
  /** Everything in the directory is trusted too, not only the directory itself. */
  readonly whole?: boolean
  /** Names in the directory that are trusted too, with everything in them. */
  readonly inside?: readonly string[]
  /** A group whose members can act as root through the program anyway: `docker`. */
  readonly peers?: string
  /** What others could do there; follows `who` in a message: `could have pip run programs as root`. */
  readonly danger: string
}

function asked({ path, user, peers, whole = false, inside = [] }: TrustedPlace): Sh {
  return sh`trusted_place ${posix.normalize(path).replace(/(?<=.)\/$/, '')} ${user ?? ''} ${peers ?? ''} ${whole ? '1' : ''} ${inside}`
}

/** Runs before a probe, and stops it if a place is not safe. */
export function withTrustProbe(places: readonly TrustedPlace[], probe: Sh): Sh {
  if (places.length === 0) return probe
  const each = places.map((place, at) => sh`f=$(${asked(place)}) || { echo ${`# ${at}`}" $f"; exit 0; }`)
  return lines(raw(trustedPlace), ...each, probe)
}

/** Runs before a step: what the probe saw may have changed since. */
export function whileTrusted(places: readonly TrustedPlace[], step: Sh): Sh {
  if (places.length === 0) return step
  const each = places.map(
    (place) =>
      sh`f=$(${asked(place)}) || { echo "\${f#* * * }" ${`can be changed by others, who ${place.danger}`} >&2; exit 1; }`,
  )
  return lines(raw(trustedPlace), ...each, step)
}

interface Foreign {
  readonly place: TrustedPlace
  readonly why: 'owner' | 'write' | 'new'
  readonly owner: string
  readonly group: string
  readonly path: string
}

/** The output of `withTrustProbe`; undefined if every place is safe. */
export function readTrust(places: readonly TrustedPlace[], reply: Reply): Foreign | undefined {
  if (places.length === 0) return undefined
  const [, at, why, owner = '', group = '', path = ''] =
    /^# (\d+) foreign (owner|write|new) ([^:]*):(\S*) (.+)$/s.exec(reply.lines[0] ?? '') ?? []
  const place = places[Number(at)]
  if (place === undefined || (why !== 'owner' && why !== 'write' && why !== 'new')) return undefined
  return { place, why, owner, group, path }
}

/** The problem of a place, now or after pending changes. */
export function trustProblem(
  places: readonly TrustedPlace[],
  foreign: Foreign | undefined,
  prediction: Prediction,
): Refused | Unknown | undefined {
  if (foreign !== undefined) {
    const { place, why, owner, group, path } = foreign
    const pending = prediction.empty ? undefined : prediction.paths.get(path)
    if (pending !== undefined)
      return { unknown: `whether others can change ${path} is known only after ${pending.from}` }
    const hint = 'let root alone write there, or choose another place'
    if (why === 'owner') return refusal(path, `belongs to ${owner}`, place, hintFor(place, owner))
    const whose = why === 'write' && group !== 'root' && group !== owner ? `others, such as group ${group},` : 'others'
    return refusal(path, `may be written in by ${whose}`, place, hint)
  }
  if (prediction.empty) return undefined
  for (const place of places) {
    const doubt = prediction.paths.doubtAbove(place.path)
    if (doubt !== undefined)
      return { unknown: `whether others can change ${place.path} is known only after ${doubt.from}` }
    for (let path = posix.normalize(place.path); path !== '/'; path = posix.dirname(path)) {
      const state = prediction.paths.get(path)?.state
      if (state === undefined || state.type === 'absent' || state.type === 'link') continue
      const { owner, mode } = state
      if (owner !== undefined && !['root', '0', place.user ?? 'root'].includes(owner))
        return refusal(path, `is to belong to ${owner}`, place, hintFor(place, owner))
      if (mode !== undefined && isOpen(mode, path === posix.normalize(place.path)))
        return refusal(path, 'is to be open to others', place, 'let root alone write there')
    }
  }
  return undefined
}

/** Whether others may write there. The sticky bit keeps them from changing root's files, but they can still add files. */
function isOpen(mode: string, isPlace: boolean): boolean {
  const bits = Number.parseInt(mode, 8)
  return (bits & 0o0002) !== 0 && (isPlace || (bits & 0o1000) === 0)
}

function hintFor(place: TrustedPlace, owner: string): string {
  const { user } = place
  if (!('user' in place)) return 'give it to root, or choose a place that root alone can change'
  return `set user: '${owner}', or give it to ${user ?? 'root'}`
}

function refusal(path: string, is: string, { danger }: TrustedPlace, hint: string): Refused {
  return { refused: `${path} ${is}, who ${danger}`, hint }
}

/** The danger of a program that runs files in a place. */
export function runsPrograms(program: string, user: string | undefined): Pick<TrustedPlace, 'user' | 'danger'> {
  return { user, danger: `could have ${program} run programs as ${user ?? 'root'}` }
}
