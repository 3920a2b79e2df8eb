import { invalidOption } from '../kit/options/invalid-option.ts'
import { posix } from 'node:path'
import { lines, raw, sh } from '../../sh/quote.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { flag, seconds } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute, probePath } from './path/path.ts'
import { blockedPath, readPath, type Found } from './path/path-answer.ts'
import { predictPath, possibleProvider } from './path/path-prediction.ts'
import { blockedWay } from './path/untrusted-path.ts'
import { tidySteps } from './path/attributes.ts'
import { enter } from './writing/untrusted-directory.ts'

export interface AbsentOptions {
  /** Remove a directory with everything in it. Default false: only an empty one. */
  readonly recursive?: boolean
  /** Seconds that the removal may take. Default 600. */
  readonly deadline?: number
}

export interface AbsentWant {
  readonly path: string
  readonly recursive: boolean
  readonly deadline?: number | undefined
}

type HaveAny = Found & { readonly full?: boolean | undefined; readonly mounted?: readonly string[] }

/** What nobody means to remove, with all that the Filesystem Hierarchy Standard puts directly below / and /usr. */
const NEVER =
  /^\/((bin|boot|data|dev|etc|home|lib(32|64|x32)?|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)|usr\/(bin|lib(32|64|x32)?|libexec|local|sbin|share)|var\/(lib|log|cache|spool|run|tmp)|etc\/(ssh|systemd|pam\.d))?$/

/**
 * Nothing at this path. A symbolic link is removed itself, not what it leads to.
 *
 * @example
 * absent('/etc/nginx/sites-enabled/default')
 * absent('/var/cache/app', { recursive: true })
 *
 * Refused: `/`, `/etc` and similar directories, before any host is touched; a directory that is not empty without `recursive`;
 * a directory in which something is mounted.
 * Unknown: nothing is there, and a package that is still to come may bring it.
 *
 * Source: rm(1), rmdir(1), proc(5) (`mountinfo`).
 */
export function absent(path: string, options: AbsentOptions = {}): Resource {
  const { name, options: given } = read(path, options)
  return absentKind(name, { path: name, recursive: given.recursive ?? false, deadline: given.deadline })
}

const read = resourceOptions<AbsentOptions>()('absent', removable, () => ({
  recursive: flag().optional(),
  deadline: seconds().optional(),
}))

function removable(path: unknown): string {
  const name = absolute('absent', path)
  if (NEVER.test(name)) throw invalidOption('absent path', 'a path that a system can do without', JSON.stringify(name))
  return name
}

/** The kernel writes blanks and backslashes of a mount point as three octal digits. */
function mountPoint(line: string): string[] {
  const [, point] = /^mounted (\/.*)$/.exec(line) ?? []
  if (point === undefined) return []
  const bytes = point.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return [Buffer.from(bytes, 'latin1').toString('utf8')]
}

/** What is mounted there and below once pending mounts are made and ended. */
function mountedLater({ path, recursive }: AbsentWant, have: HaveAny, prediction: Prediction): HaveAny | Unknown {
  const { mounted = [] } = have
  const inside = prediction
    .mountsBefore(prediction.turn)
    .flatMap(({ path: point }) => (point === path || point.startsWith(`${path}/`) ? [point] : []))
  if (inside.length === 0) return have
  const stateOf = (point: string) => prediction.paths.mount(point)?.state
  const all = [...new Set([...mounted, ...inside])]
  const later = all.filter((point) =>
    stateOf(point) === undefined ? mounted.includes(point) : stateOf(point) !== 'unmounted',
  )
  const from = prediction.paths.mount(path)
  if (from?.state === 'unmounted' && mounted.includes(path) && !recursive)
    return { unknown: `whether ${path} will be empty is known only after ${from.from}` }
  // What was seen in it was that of the mount.
  const full = from?.state === 'unmounted' && mounted.includes(path) ? undefined : have.full
  return { ...have, full, mounted: later }
}

const absentKind = kind<AbsentWant, HaveAny>({
  name: 'absent',
  probe({ path }) {
    // The kernel writes blanks and backslashes of a mount point as three octal digits.
    const listed = path.replaceAll(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
    const further = sh`case $s in 4*) for e in "$p"/* "$p"/.[!.]* "$p"/..?*; do if [ -e "$e" ] || [ -L "$e" ]; then echo full; break; fi; done
while read -r _ _ _ _ m _; do case $m in ${listed}|${listed}/*) echo "mounted $m";; esac; done </proc/self/mountinfo;; esac; :`
    return probePath(path, {}, further, ['e', 'm', '_'])
  },
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const words = rest.toString('latin1').split('\n')
    return found.type === 'dir' ? { ...found, full: words.includes('full'), mounted: words.flatMap(mountPoint) } : found
  },
  predict(want, found, prediction) {
    const have = mountedLater(want, found, prediction)
    if ('unknown' in have) return have
    const predicted = predictPath(have, prediction, {}, false)
    if ('unknown' in predicted) return predicted
    const bringer =
      predicted.type === 'absent' && predicted.from === undefined ? possibleProvider(want.path, prediction) : undefined
    if (bringer !== undefined) return { unknown: `${want.path} may come with ${bringer}` }
    if (predicted.type === 'dir' && predicted.from !== undefined && !want.recursive) {
      return { unknown: `whether ${want.path} will be empty is known only after ${predicted.from}` }
    }
    return predicted
  },
  plan: (want, have) => withDeadline(planned(want, have), want.deadline),
  effects: ({ path }) => [{ type: 'path', path, state: { type: 'absent' } }],
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('absent', want),
    whole: (want) => ({ path: want.path, type: 'absent' }),
    batchable: true,
    statPaths: (want) => [{ path: want.path }],
  },
})

function planned({ path, recursive }: AbsentWant, have: HaveAny): readonly Step[] | Refused {
  const lost = have.way && blockedWay(path, have.way)
  if (lost !== undefined) return lost
  const tidy = tidySteps(have)
  const name = `./${posix.basename(path)}`
  if (have.type === 'absent') return have.denied ? (blockedPath(have) ?? []) : tidy
  if (have.type !== 'dir') {
    const what = { file: 'the file', link: 'the symbolic link', special: 'the device, socket or pipe' }[have.type]
    return [
      ...tidy,
      {
        summary: `remove ${what} ${path}`,
        sh: have.way ? lines(enter(path), sh`rm -f -- ${name}`) : sh`rm -f -- ${path}`,
      },
    ]
  }
  if ((have.mounted ?? []).length > 0)
    return { refused: `something is mounted at or below ${path}`, hint: `umount it first` }
  if (have.full === true && !recursive) {
    return { refused: `${path} is a directory that is not empty`, hint: `absent('${path}', { recursive: true })` }
  }
  const remove = recursive ? raw('rm -rf') : raw('rmdir')
  const say = `remove the directory ${path}${have.full === true ? ' with everything in it' : ''}`
  if (have.way === undefined) return [...tidy, { summary: say, sh: sh`${remove} -- ${path}` }]
  const same = sh`id=$(stat -c %d:%i:1 -- ${name}) || exit 1
path_is ${have.way.inode ?? ''}`
  const gone = recursive ? sh`path_prune ${posix.basename(path)}` : sh`rmdir -- ${name}`
  return [...tidy, { summary: say, sh: lines(enter(path), same, gone) }]
}
