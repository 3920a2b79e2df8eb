import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import type { Refused, Step, Unknown } from '../../kit/plan.ts'
import type { Effect } from '../../prediction/effect.ts'
import type { Prediction } from '../../prediction/prediction.ts'
import { attributeSteps, blockedGift, tidySteps } from '../path/attributes.ts'
import { candidatesOf } from '../path/candidate-names.ts'
import { attributes, type Attributes } from '../path/path.ts'
import { askAccount, asWanted, readKnown, readLacking } from '../path/known-account.ts'
import type { Found } from '../path/path-answer.ts'
import { predictPath } from '../path/path-prediction.ts'
import { readWay } from '../path/untrusted-path.ts'
import { walk } from '../path/walk.ts'
import { enter, lay, stageHere } from './untrusted-directory.ts'

/*
 * Files that a program of the host generates, such as openssl or ssh-keygen: how they are probed, predicted and made.
 */

/**
 * The first part of the probe of such a file; a probe that reads the file by name follows. It prints these lines:
 *
 * - `way ...`: how the directory is reached, if another account can change it (see `Way`). The probe ends here if a link of that account leads elsewhere
 * - `place ...`: what is at the path, and mode and owner of a file
 * - `held ...`: mode and owner of the inode that `way` names, where that account could rename files meanwhile
 * - `leftovers`: a killed run has left a candidate beside the path
 * - `known ...`, `lacks ...`: which of the wanted accounts the host knows
 */
export function probeToolGenerated(path: string, { owner = '', group = '' }: WantedOwner = {}): Sh {
  const dir = posix.dirname(path)
  return lines(
    walk,
    sh`w=$(
path_me=$(id -u)
path_hold ${dir} ${owner}; e=$?
if [ "$e" = 0 ] && [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then exit; fi
s= id=- p=
if [ "$e" = 0 ]; then path_look ${posix.basename(path)}; e=$?; case $s in a*) e=3;; esac
elif [ ! -d ${dir} ]; then exit; fi
case $e in 0) e=ok;; 3) e=link;; 4) e=proc;; 5) e=moving;; *) e=lost;; esac
if [ "$e" = ok ]; then case $(mv --help 2>&1) in *-T*) ;; *) e=mv;; esac; fi
echo "way $e \${lord:-0:root} $id"
case $e$s in ok8*) echo "held $s";; esac
)
[ -z "$w" ] || echo "$w"
case $w in ''|'way ok '*) ;; *) exit 0;; esac
if [ -f ${path} ]; then if [ -n "$w" ]; then echo 'place file'
else l=; [ ! -L ${path} ] || l=' by a link'; echo "place file $(stat -L -c '%a %u:%g %U:%G' -- ${path})$l"; fi; elif [ -d ${path} ]; then echo 'place dir'; elif [ -e ${path} ]; then echo 'place special'
elif [ ! -d ${dir} ]; then d=${dir}
while [ ! -e "$d" ] && [ ! -L "$d" ] && [ "$d" != / ]; do d=\${d%/*}; d=\${d:-/}; done
if [ -d "$d" ]; then echo "place below $d"; else echo "place behind $d"; fi; fi`,
    sh`for c in ${candidatesOf(path)}; do [ -n "$w" ] || [ ! -e "$c" ] || { echo leftovers; break; }; done`,
    ...askAccount('user', owner),
    ...askAccount('group', group),
  )
}

/** The wanted owner and group of the file. */
interface WantedOwner {
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/** A file that a program has made. */
export interface ToolGeneratedFile extends Found {
  /** The path is a link of root's to the file. */
  readonly isLinked?: boolean
}

/** Reads the output of `probeToolGenerated`. */
export function readToolGenerated(path: string, said: readonly string[]): ToolGeneratedFile {
  const way = said.find((each) => each.startsWith('way '))
  const place = said.find((each) => each.startsWith('place ')) ?? ''
  const [, type, above = path] = /^place (\w+)(?: (\/.*))?/.exec(place) ?? []
  const [, mode, uid, gid, user, group, link] =
    /^place file ([0-7]+) (\d+):(\d+) ([^:]+):(\S+)( by a link)?$/.exec(place) ?? []
  const [, held, heldUid, heldGid, heldUser, heldGroup] =
    said.map((each) => /^held ([0-9a-f]+) \d+ (\d+) (\d+) ([^:]+):(\S+)$/.exec(each)).find(Boolean) ?? []
  const account = (id: string | undefined, name: string | undefined) => ({
    id,
    name: name === 'UNKNOWN' ? undefined : name,
  })
  const seen: ToolGeneratedFile = {
    ...(held !== undefined && {
      mode: (Number.parseInt(held, 16) & 0o7777).toString(8).padStart(4, '0'),
      owner: account(heldUid, heldUser),
      group: account(heldGid, heldGroup),
    }),
    ...(mode === undefined
      ? {}
      : {
          mode: mode.padStart(4, '0'),
          owner: account(uid, user),
          group: account(gid, group),
          isLinked: link !== undefined,
        }),
    path,
    type: type === 'file' || type === 'dir' || type === 'special' ? type : said.includes('there') ? 'file' : 'absent',
    parent: type === 'below' ? 'absent' : type === 'behind' ? 'blocked' : 'dir',
    above,
    leftovers: said.includes('leftovers'),
    denied: false,
    lacks: readLacking(said),
    way: way === undefined ? undefined : readWay(way.slice('way '.length)),
  }
  return asWanted(seen, readKnown(said))
}

/**
 * What gives a file that is there the wanted owner, group and mode, and removes what a killed run has left beside it. What is left out is not managed. Nothing
 * is done through a link.
 */
export function toolGeneratedSteps(found: ToolGeneratedFile, want: Attributes): Step[] | Refused {
  const wanted = attributes(want)
  const steps = attributeSteps(found, wanted)
  if (steps.length > 0 && found.isLinked === true)
    return {
      refused: `${found.path} is a link, and what it leads to has another owner or mode than is wanted`,
      hint: `name the path that it leads to, or put absent('${found.path}') before this resource`,
    }
  return blockedGift(found, wanted) ?? [...tidySteps(found, wanted), ...steps]
}

/** What such a file is then: a new one, the one that is there with its content, or one whose content is for nobody. */
type GeneratedContent = 'new' | 'kept' | 'sealed'

const CONTENT = { new: { confirm: true }, kept: { kept: true }, sealed: { sealed: true } } as const

/** What a host has when such a file is made or kept: one that is there keeps what is not named. */
export function toolGeneratedEffect(
  want: Attributes & { readonly path: string },
  found: Found,
  fresh: string,
  content: GeneratedContent,
): Effect {
  const live: Partial<Found> = found.type === 'file' ? found : {}
  const owner = want.owner ?? live.owner?.name
  const group = want.group ?? live.group?.name
  const state = {
    type: 'file' as const,
    mode: attributes(want).mode ?? live.mode ?? fresh,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...CONTENT[content],
  }
  return { type: 'path', path: want.path, state }
}

interface Made {
  readonly found: Found
}

interface Repeated<S> {
  readonly kind: string
  readonly want: unknown
  readonly owner?: WantedOwner
  readonly nothing: S
  readonly made: S
}

/**
 * Applies pending changes to such a file and its place. `nothing` is how it is where there is none, `made` how it is once a pending resource of the same words has made
 * it.
 */
export function predictToolGenerated<S extends Made>(
  state: S,
  prediction: Prediction,
  { kind, want, owner = {}, nothing, made }: Repeated<S>,
): S | Unknown {
  const { path } = state.found
  const found = predictPath(state.found, prediction, owner)
  if ('unknown' in found) return found
  if (found === state.found) return state
  if (found.from === undefined) return { ...state, found }
  const pending = prediction.paths.get(path)
  if (pending?.state.type !== 'file') return { ...nothing, found }
  if (pending.state.kept === true) return { ...state, found }
  const id = `${kind}:${path}`
  if (pending.from === id && prediction.repeats.has(id, want)) return { ...made, found }
  return { unknown: `what ${path} will be is known only after ${pending.from}` }
}

/**
 * A file that a program of the host makes as `$t`, in a private directory beside its place, and that then gets its name at once. Where another account can change
 * the directory, nothing is done there by a name that the account could change. `further` is what `$t.SUFFIX` gives its name to, afterwards.
 */
export function generateByTool(path: string, owner: string | undefined, make: Sh, further: readonly string[] = []): Sh {
  return lines(
    enter(path, owner),
    raw('firm=; [ "$state" != 1 ] || [ "$PWD" != "$base" ] || firm=1'),
    stageHere(path),
    raw('t=./$new'),
    sh`{ ${make}; } || { rm -f -- "$t" ${raw(further.map((suffix) => `"$t.${suffix}"`).join(' '))}; exit 1; }`,
    ...further.map((suffix) => sh`mv -f -- "$t.${raw(suffix)}" "$new.old" || exit 1`),
    named(path),
    ...further.map((suffix) => lines(sh`mv -f -- "$new.old" "$t" || exit 1`, named(`${path}.${suffix}`))),
  )
}

/** An mv without -T (busybox before 1.33) is safe where nobody else can create a link. */
function named(path: string): Sh {
  return sh`case $firm$(mv --help 2>&1) in 1*-T*|[!1]*) ${lay(path)};; *) mv -f -- "$t" ${`../${posix.basename(path)}`} || exit 1;; esac`
}
