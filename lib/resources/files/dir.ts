import { posix } from 'node:path'
import { lines, raw, sh } from '../../sh/quote.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import { attributeOptions, flag, seconds } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { absent } from './absent.ts'
import { absentRule, stateOption, type AbsentState } from './absent-state.ts'
import { absolute, attributes, probePath } from './path/path.ts'
import { asWanted } from './path/known-account.ts'
import { blockedPath, readPath } from './path/path-answer.ts'
import type { Attributes } from './path/path.ts'
import type { Found } from './path/path-answer.ts'
import { predictPath, isVague, leadsOf, makerBehind, possibleProvider } from './path/path-prediction.ts'
import { attributeSteps, blockedGift } from './path/attributes.ts'
import { account, exactly } from './writing/temp-file.ts'
import { lay, stageHere, untrusted } from './writing/untrusted-directory.ts'
import { readWay } from './path/untrusted-path.ts'

export interface DirOptions {
  readonly state?: 'present'
  /** Octal digits in quotes, or chmod's words for all of it (`u=rw,go=r`). Default `'0755'`. Always enforced. */
  readonly mode?: string
  /** Name or number. Default: unmanaged; a new directory belongs to the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
  /** Make what is missing above it too, with mode 0755. Default true. */
  readonly parents?: boolean
}

export interface NoDirOptions extends AbsentState {
  /** Remove the directory with everything in it. Default false: only an empty one. */
  readonly recursive?: boolean
}

export type DirWant = Attributes & {
  readonly path: string
  readonly parents: boolean
  /** Nobody has said a mode: it is the default. */
  readonly isModeDefault?: boolean
}

/**
 * A directory with this mode and owner. What is in it is not looked at.
 *
 * A symbolic link that leads to a directory counts as that directory: mode and owner are seen and set through it. One that another account
 * could have created is refused, unless it leads to a directory of that account, which is the wanted owner too.
 *
 * @example
 * dir('/opt/certs')
 * dir('/var/cache/app', { state: 'absent', recursive: true })
 * dir('/var/named/data', { mode: '0770', owner: 'named', group: 'named' })
 *
 * Refused: a file, a device or a link to no directory in its place; a directory with the sticky bit, such as /tmp, without a `mode`; with `parents: false` no parent directory.
 * Unknown: it is not there, and a package that is still to come may bring it.
 *
 * Source: mkdir(1), chmod(1).
 */
export function dir(path: string, options: DirOptions | NoDirOptions = {}): Resource {
  const { name, options: given } = read(path, options)
  const { state, recursive = false, deadline } = given
  if (state === 'absent') return absent(name, { recursive, ...(deadline === undefined ? {} : { deadline }) })
  const ownership = attributes({ ...given, mode: given.mode ?? '0755' })
  const isModeDefault = given.mode === undefined
  return dirKind(name, {
    path: name,
    parents: given.parents ?? true,
    ...ownership,
    ...(isModeDefault && { isModeDefault }),
  })
}

const read = resourceOptions<DirOptions | NoDirOptions>()(
  'dir',
  (path) => absolute('dir', path),
  () => ({
    state: stateOption({ directory: 'not needed: that is what dir() makes' }).optional(),
    ...attributeOptions(),
    parents: flag().optional(),
    recursive: flag().optional(),
    deadline: seconds().optional(),
  }),
  (options, given) => [
    ...absentRule(options, given, [], ['recursive']),
    ...(options.state === 'absent' ? [] : leftOut(['recursive', 'deadline'], "without state: 'absent'", options)),
  ],
)

/** `behind`: the target of the link at the path. */
/** `leads`: where a link leads that leads to no directory. */
/** `below`: where directories above it are missing, the nearest one that is there, and what that gives to those that are made in it; undefined: not known. */
type HaveDir = Found & {
  readonly full?: boolean
  readonly behind?: string
  readonly leads?: string
  readonly below?: { readonly at: string; readonly isSetgid: boolean; readonly group: string } | undefined
}

const dirKind = kind<DirWant, HaveDir>({
  name: 'dir',
  probe: (want) =>
    probePath(
      want.path,
      want,
      sh`case $s in
a*) if type path_behind >/dev/null 2>&1; then e=$(path_behind ${want.path} ${want.owner ?? ''})
else e=$(stat -L -c 'to %f %s %u %g %U:%G' -- "$p" 2>/dev/null); case $e in 'to 4'*) ;; *) e=;; esac; fi
if [ -n "$e" ]; then echo "$e"; else echo "leads $(${leadsOf(sh`"$p"`)})"; fi;;
'') [ "$w" != absent ] || case $(ls -ld -- "$d" 2>/dev/null) in ??????????+*) ;; *) stat -c 'above %f %G' -- "$d" 2>/dev/null;; esac;;
4*) [ "$path_kept" = : ] || for e in "$p"/* "$p"/.[!.]* "$p"/..?*; do if [ -e "$e" ] || [ -L "$e" ]; then echo full; break; fi; done;;
esac; :`,
      ['e'],
    ),
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const behind = rest.toString('utf8')
    const [, bits, family] = /^above ([0-9a-f]+) (\S+)$/m.exec(behind) ?? []
    if (bits !== undefined && family !== undefined)
      return {
        ...found,
        below: { at: found.above, isSetgid: (Number.parseInt(bits, 16) & 0o2000) !== 0, group: family },
      }
    if (found.type !== 'link') return { ...found, full: behind.startsWith('full') }
    const [, at] = /^at (\/.*)$/m.exec(behind) ?? []
    const place = at === undefined ? {} : { behind: at }
    const [, lord, id, stat] = /^through (\S+) (\S+) (4.*)\n/.exec(behind) ?? []
    if (stat !== undefined) {
      const way = readWay(`ok ${lord ?? ''} ${id ?? ''}`)
      const there = readPath(want.path, { ...reply, bytes: Buffer.from(`have 0 ${stat}`) })
      return { ...asWanted(there.found, found.known ?? []), lacks: found.lacks, way, full: true, ...place }
    }
    const [, whose] = /^beyond (\S+)/.exec(behind) ?? []
    if (whose !== undefined) return { ...found, way: readWay(`link ${whose} -`) }
    const [, leads] = /^leads (\/.*)$/m.exec(behind) ?? []
    if (!behind.startsWith('to 4')) return leads === undefined ? found : { ...found, leads }
    const through = readPath(want.path, { ...reply, bytes: Buffer.from(behind.replace('to', 'have 0')) })
    return { ...asWanted(through.found, found.known ?? []), lacks: found.lacks, way: undefined, ...place }
  },
  predict(want, have, prediction) {
    const predicted = predictTarget(have, want, prediction)
    if ('unknown' in predicted) return predicted
    const maker = predicted.from === undefined ? makerBehind(have.leads, prediction) : undefined
    if (maker !== undefined) return { unknown: `where ${want.path} leads is known only after ${maker.from}` }
    const bringer =
      predicted.type === 'absent' && predicted.from === undefined ? possibleProvider(want.path, prediction) : undefined
    if (bringer !== undefined) return { unknown: `${want.path} may come with ${bringer}` }
    if (predicted.from === undefined || predicted.lacks.length > 0) return belowPending(predicted, prediction)
    if (predicted.type !== 'link' && !(predicted.type === 'dir' && isVague(predicted, want))) return predicted
    return { unknown: `what ${want.path} will be is known only after ${predicted.from}` }
  },
  plan: planDirectory,
  effects: ({ path, mode, owner, group }, have, { uid }) => [
    ...(uid === 0 && have.type === 'absent' && have.way === undefined ? parentsOf(have) : []),
    { type: 'path', path: have.behind ?? path, state: { type: 'dir', ...defined({ mode, owner, group }) } },
  ],
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('dir', want),
    whole: (want) => ({ path: want.path, type: 'dir' }),
    access: ({ path, owner, group, mode }) => [{ path, owner, group, directoryMode: mode }],
    batchable: true,
    statPaths: (want) => [{ path: want.path }],
  },
})

/** A directory above it that is pending is the one below which the others are made. */
function belowPending(have: HaveDir, prediction: Prediction): HaveDir {
  const { path, below } = have
  if (below === undefined) return have
  for (let dir = posix.dirname(path); dir !== below.at && dir !== '/'; dir = posix.dirname(dir)) {
    const state = prediction.paths.get(dir)?.state
    if (state === undefined) continue
    if (state.type !== 'dir' || state.mode === undefined) return { ...have, below: undefined }
    const isSetgid = (Number.parseInt(state.mode, 8) & 0o2000) !== 0
    return { ...have, below: { at: dir, isSetgid, group: state.group ?? 'root' } }
  }
  return have
}

/** What `mkdir -p` makes above it. Source: mkdir(1); inode(7), the set-group-ID bit of a directory. */
function parentsOf({ path, below }: HaveDir): Effect[] {
  if (below === undefined) return []
  const [mode, group] = below.isSetgid ? ['2755', below.group] : ['0755', 'root']
  const made: Effect[] = []
  for (let dir = posix.dirname(path); dir !== below.at && dir !== '/'; dir = posix.dirname(dir))
    made.unshift({ type: 'path', path: dir, state: { type: 'dir', mode, owner: 'root', group } })
  return made
}

/** The steps that make a directory, or give it its mode and owner. */
export function planDirectory(want: DirWant, have: HaveDir): readonly Step[] | Refused {
  const { path } = want
  const blocked = blockedPath(have, !want.parents)
  if (blocked !== undefined) return blocked
  if (have.type === 'dir') return shared(want, have) ?? blockedGift(have, want, have.full) ?? attributeSteps(have, want)
  if (have.type === 'absent') return [have.way === undefined ? make(want) : makeHeld(want)]
  const what =
    have.type === 'file'
      ? 'a file'
      : have.type === 'link'
        ? 'a symbolic link to no directory'
        : 'a device, socket or pipe'
  return {
    refused: `${path} is ${what}, not a directory`,
    hint: `put absent('${path}') before this resource if it may be removed`,
  }
}

/** A directory with the sticky bit, such as /tmp, is one that many write to: the default mode, which nobody has said, would shut them out. */
function shared({ path, isModeDefault, mode }: DirWant, have: HaveDir): Refused | undefined {
  if (isModeDefault !== true || have.mode === undefined || (Number.parseInt(have.mode, 8) & 0o1000) === 0)
    return undefined
  return {
    refused: `${path} has the mode ${have.mode}, with the sticky bit: many write to it, and without a mode dir would set ${mode ?? '0755'}`,
    hint: `write dir('${path}', { mode: '${have.mode}' })`,
  }
}

/** A link that leads to a directory is looked at as that directory, unless a pending change replaces the link. */
function predictTarget(have: HaveDir, want: DirWant, prediction: Prediction): HaveDir | Unknown {
  const { path, behind } = have
  if (behind === undefined) return predictPath(have, prediction, want, !want.parents)
  const link = prediction.paths.get(path)
  if (link !== undefined && link.state.type !== 'dir') return predictPath(have, prediction, want, !want.parents)
  prediction.paths.addLink(path, behind)
  const there = { ...have, path: behind }
  const predicted = predictPath(there, prediction, want, !want.parents)
  return 'unknown' in predicted ? predicted : predicted === there ? have : { ...predicted, path, behind }
}

/** Whatever made the directory meanwhile, such as an account with its home: it is taken as it is. Nobody else can enter before owner and mode are right; a run that ends in between leaves what the next one sets right. */
function make({ path, mode = '0755', owner, group, parents }: DirWant): Step {
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  const above = parents ? sh`(umask 022; mkdir -p -- ${posix.dirname(path)}) && ` : raw('')
  const chown = who === '' ? raw('') : sh` && chown -- ${who} ${path}`
  return {
    summary: `make directory ${path}`,
    sh: sh`umask 077
${above}{ [ -d ${path} ] || mkdir -m 0700 -- ${path}; }${chown} && chmod -- ${exactly(mode)} ${path} || exit 1
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- ${path} >&2; fi`,
  }
}

/** As `make`, in a directory that others can change: nobody sees it before it is finished. */
function makeHeld({ path, mode = '0755', owner, group, parents }: DirWant): Step {
  const who = account({ owner, group })
  return {
    summary: `make directory ${path}`,
    sh: lines(
      untrusted,
      sh`${raw(parents ? 'path_made' : 'path_enter')} ${posix.dirname(path)} ${owner ?? ''}`,
      stageHere(path),
      sh`mkdir -m 0700 -- "./$new" || exit 1`,
      ...(who === '' ? [] : [sh`chown -- ${who} "./$new" || exit 1`]),
      sh`chmod -- ${exactly(mode)} "./$new" || exit 1`,
      lay(path, 'dir'),
    ),
  }
}

function defined(given: Attributes): { mode?: string; owner?: string; group?: string } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
