import { invalidOption } from '../kit/options/invalid-option.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { accountOption } from '../accounts/account.ts'
import { predictPath, possibleProvider } from '../files/path/path-prediction.ts'
import { absolute, probePath } from '../files/path/path.ts'
import { blockedPath, readPath, type Found } from '../files/path/path-answer.ts'
import { exactly } from '../files/writing/temp-file.ts'
import { untrusted } from '../files/writing/untrusted-directory.ts'
import { kind, type Resource, type Step } from '../kit/kind.ts'
import { mode } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { execByDescriptor, execByName, othersWrite } from './find-exec.ts'
import { asOwner } from './tree-probe.ts'

export interface OwnershipOptions {
  /** Whom everything belongs to: the directory, and all below. */
  readonly owner?: string
  readonly group?: string
  /** Of every regular file. Octal digits in quotes. */
  readonly mode?: string
  /** Of every directory, the topmost one too. */
  readonly directoryMode?: string
}

export interface OwnershipWant {
  readonly path: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
  readonly directoryMode?: string | undefined
}

interface OwnershipHave {
  readonly found: Found
  /** How many have another owner or mode, and the first of them. Undefined: the host does not know the account yet. */
  readonly others?: { readonly count: number; readonly first: string } | undefined
  /** A file with further names that belongs to somebody else: it may be the system's own. */
  readonly shared?: string | undefined
}

/**
 * Owner and mode of a directory and all that is in it, whatever that is. Links are not followed, and other file systems below it are left out. What a resource writes by itself
 * (`tree`, `dir`, `archive`) needs none of this: it is for what a program has left.
 *
 * @example
 * ownership('/var/lib/app', { owner: 'app', group: 'app' })
 * ownership('/srv/www', { mode: '0640', directoryMode: '0750', group: 'www-data' })
 *
 * Refused: beside a `dir`, `file`, `download` or `tree` of the same `ensure` that keeps another owner, group or mode there; no directory there; an account that the host does not know; a file of somebody else's with further names (hard links), which may be one of the system's own; a directory of a
 * system, such as /etc, before any host is touched.
 * Unknown: what a pending resource leaves in it.
 *
 * Source: find(1), chown(1), chmod(1).
 */
export function ownership(path: string, options: OwnershipOptions): Resource {
  const { name, options: given } = read(path, options)
  const four = (digits: string | undefined) => digits?.padStart(4, '0')
  const { owner, group } = given
  return make(name, { path: name, owner, group, mode: four(given.mode), directoryMode: four(given.directoryMode) })
}

const NEVER = /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|(usr|var)\/[^/]+)?$/

const read = resourceOptions<OwnershipOptions>()(
  'ownership',
  (path) => {
    const name = absolute('ownership', path)
    if (NEVER.test(name)) throw invalidOption('ownership path', 'a directory of a program', JSON.stringify(name))
    return name
  },
  () => ({
    owner: accountOption().optional(),
    group: accountOption().optional(),
    mode: mode().optional(),
    directoryMode: mode().optional(),
  }),
  (_, given) => [given.size === 0 ? { expected: 'given owner, group, mode or directoryMode', got: 'none' } : undefined],
)

/** What differs, as tests of find. */
function tests({ owner, group, mode: files, directoryMode }: OwnershipWant): {
  readonly owners: Sh[]
  readonly modes: Sh[]
} {
  return {
    owners: [
      ...(owner === undefined ? [] : [sh`! -user ${owner}`]),
      ...(group === undefined ? [] : [sh`! -group ${group}`]),
    ],
    modes: [
      ...(files === undefined ? [] : [sh`-type f ! -perm ${files}`]),
      ...(directoryMode === undefined ? [] : [sh`-type d ! -perm ${directoryMode}`]),
    ],
  }
}

function any(some: readonly Sh[]): Sh {
  return raw(`\\( ${some.map(({ text }) => `\\( ${text} \\)`).join(' -o ')} \\)`)
}

const make = kind<OwnershipWant, OwnershipHave>({
  name: 'ownership',
  probe(want) {
    const { owners, modes } = tests(want)
    const shared =
      want.owner === undefined
        ? raw(':')
        : sh`find . -xdev -type f -links +1 ! -user ${want.owner} 2>/dev/null | head -n 1 | sed 's/^/shared /'`
    return probePath(
      want.path,
      want,
      sh`case $s in 4*) (cd -P -- "$p" 2>/dev/null || exit 0
${shared}
find . -xdev ${any([...owners, ...modes])} 2>/dev/null >/dev/null || exit 0
echo counted; find . -xdev ${any([...owners, ...modes])} 2>/dev/null | awk 'NR == 1 { print "first " $0 } END { print "count " NR }');; esac; :`,
    )
  },
  read({ path }, reply) {
    const { found, rest } = readPath(path, reply)
    const said = rest.toString('utf8').split('\n')
    const after = (word: string) => said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const first = after('first')?.replace(/^\.\/?/, '') ?? ''
    return {
      found,
      shared: after('shared')?.slice(2),
      others: said.includes('counted') ? { count: Number(after('count') ?? 0), first } : undefined,
    }
  },
  predict(want, have, prediction) {
    const found = predictPath(have.found, prediction, want)
    if ('unknown' in found) return found
    const bringer =
      found.type === 'absent' && found.from === undefined ? possibleProvider(want.path, prediction) : undefined
    if (bringer !== undefined) return { unknown: `${want.path} may come with ${bringer}` }
    const inside =
      prediction.paths.below(want.path)[0]?.from ?? prediction.paths.filledAbove(`${want.path}/x`)?.from ?? found.from
    if (inside !== undefined) return { unknown: `what is in ${want.path} is known only after ${inside}` }
    return found === have.found ? have : { ...have, found }
  },
  plan(want, { found, others, shared }) {
    const { path, owner, group, mode: files, directoryMode } = want
    const blocked = blockedPath(found)
    if (blocked !== undefined) return blocked
    if (found.type !== 'dir')
      return {
        refused: `${path} is ${found.type === 'absent' ? 'not there' : 'not a directory'}`,
        hint: `put what makes the directory before this resource`,
      }
    if (others?.count === 0) return []
    if (shared !== undefined)
      return {
        refused: `${path}/${shared} has further names and belongs to somebody else: it may be one of the system's own files`,
        hint: 'see `find / -samefile` for its other names, and set its owner by hand',
      }
    const { owners } = tests(want)
    const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
    const whose = owners.length === 0 ? [] : [execByName(any(owners), sh`chown -h -- ${who}`, owner)]
    // A number without an account is nobody to do it as, and nobody to be trusted.
    const theirs = owner ?? (['root', 'UNKNOWN'].includes(found.owner?.name ?? 'root') ? undefined : found.owner?.name)
    const isRoots = theirs === undefined || ['root', '0'].includes(theirs)
    const chmod = (type: string, digits: string | undefined) =>
      digits === undefined
        ? []
        : isRoots
          ? [execByDescriptor(sh`-type ${type} ! -perm ${digits}`, (p) => sh`chmod -- ${exactly(digits)} ${p}`, theirs)]
          : [sh`find . -xdev -type ${type} ! -perm ${digits} -exec chmod -- ${exactly(digits)} {} + || exit 1`]
    const modes = [...chmod('d', directoryMode), ...chmod('f', files)]
    const what = [who === '' ? '' : who.replace(/^:/, 'group '), files ?? '', directoryMode ?? '']
      .filter((each) => each !== '')
      .join(', ')
    const count =
      others === undefined
        ? 'everything'
        : others.count === 1
          ? others.first === ''
            ? path
            : others.first
          : `${others.count} entries (${others.first || '.'}, ...)`
    const step: Step = {
      summary: `set ${what} of ${count} in ${path}`,
      sh: lines(
        untrusted,
        sh`path_enter ${path} ${owner ?? ''}`,
        othersWrite,
        ...whose,
        modes.length === 0 ? raw(':') : asOwner(isRoots ? undefined : theirs, lines(...modes)),
      ),
    }
    return [step]
  },
  effects: ({ path, owner, group, directoryMode }) => [
    {
      type: 'path',
      path,
      state: {
        type: 'dir',
        ...(owner === undefined ? {} : { owner }),
        ...(group === undefined ? {} : { group }),
        ...(directoryMode === undefined ? {} : { mode: directoryMode }),
        confirm: true,
      },
    },
  ],
  paths: ({ path }) => [path],
  advanced: {
    access: ({ path, owner, group, mode: fileMode, directoryMode }) => [
      { path, below: true, owner, group, fileMode, directoryMode },
    ],
    statPaths: ({ path }) => [{ path }],
    parallelProbe: true,
  },
})
