import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { accountOption } from '../accounts/account.ts'
import { predictRootPath, whetherThere } from '../files/path/path-prediction.ts'
import { absolute, probePath } from '../files/path/path.ts'
import { blockedPath, foreignDirectory, readPath, type Found } from '../files/path/path-answer.ts'
import { stateOption } from '../files/absent-state.ts'
import { kind, type Refused, type Resource } from '../kit/kind.ts'
import type { Access } from '../kit/declarations.ts'
import { flag, list, nested, oneOf, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { execByDescriptor, othersWrite } from './find-exec.ts'

export interface AclEntry {
  readonly type: 'user' | 'group' | 'mask' | 'other'
  /** The user or the group. Without a name: the owner or the group of the path itself. */
  readonly name?: string
  /** `rwx`, with `-` or without: `rx`, `r-x`. `X` is x for directories alone. Left out with `state: 'absent'`. */
  readonly permissions?: string
  /** A default entry of a directory, which new files in the directory get. Default false. */
  readonly default?: boolean
}

export interface AclOptions {
  readonly entries: readonly AclEntry[]
  /** Also for everything in the directory. Default false. */
  readonly recursive?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export interface AclWant {
  readonly path: string
  readonly entries: readonly AclEntry[]
  readonly recursive: boolean
  readonly absent: boolean
}

interface AclHave {
  readonly found: Found
  readonly tool: boolean
  /** The entries of each path, as getfacl prints them. */
  readonly lists: readonly { readonly isDirectory: boolean; readonly entries: ReadonlyMap<string, string> }[]
}

/**
 * Entries of access control lists, of a path or of all that is in a directory. Others stay. The mask is set as setfacl does, unless an
 * entry names the mask. An entry that a later chmod has restricted is set again: chmod changes the mask.
 *
 * @example
 * acl('/srv/share', { entries: [{ type: 'user', name: 'ada', permissions: 'rwX' }, { type: 'group', name: 'web', permissions: 'rX', default: true }], recursive: true })
 * acl('/var/log/app', { entries: [{ type: 'user', name: 'old' }], state: 'absent' })
 *
 * Refused: beside a `dir`, `file` or `ownership` of the same `ensure` whose mode gives the group less than an entry, because that part of a mode is the mask; no such path; setfacl is not there, unless a package is still to come; a path in a directory that another account can change.
 * Unknown: what is only predicted.
 *
 * Source: acl(5), getfacl(1), setfacl(1).
 */
export function acl(path: string, options: AclOptions): Resource {
  const { name, options: given } = read(path, options)
  const { entries, recursive = false, state } = given
  return make(name, { path: name, entries, recursive, absent: state === 'absent' })
}

/** The entry without its permissions, as setfacl writes them: `user:ada`, `default:group:web`. */
function keyOf({ type, name = '', default: isDefault }: AclEntry): string {
  return `${isDefault === true ? 'default:' : ''}${type}:${name}`
}

const read = resourceOptions<AclOptions>()(
  'acl',
  (path) => absolute('acl', path),
  () => ({
    entries: list(
      'a list of entries: { type, name, permissions }',
      nested('an entry: { type, name, permissions }', {
        type: oneOf(['user', 'group', 'mask', 'other']),
        name: accountOption().optional(),
        permissions: text('permissions such as "rwX" or "r-x"', /^[rwxX-]{1,3}$/).optional(),
        default: flag().optional(),
      }),
    ),
    recursive: flag().optional(),
    state: stateOption().optional(),
  }),
  ({ entries = [], state }) => [
    ...entries.flatMap((entry, at) =>
      entries.slice(0, at).some((before) => keyOf(before) === keyOf(entry))
        ? [
            {
              what: `entries[${at}]`,
              expected: 'one entry for each user and group',
              got: `another one for ${keyOf(entry)}`,
            },
          ]
        : [],
    ),
    entries.length === 0 ? { what: 'entries', expected: 'at least one entry', got: 'none' } : undefined,
    ...entries.flatMap(({ type, name, permissions }, at) => {
      const what = `entries[${at}]`
      const isNamed = type === 'user' || type === 'group'
      return [
        (permissions === undefined) !== (state === 'absent')
          ? {
              what,
              expected: 'with permissions, or state: absent',
              got: permissions === undefined ? 'neither' : 'both',
            }
          : undefined,
        name !== undefined && !isNamed ? { what, expected: 'without a name', got: `a name of ${type}` } : undefined,
        state === 'absent' && isNamed && name === undefined
          ? { what, expected: 'the name of a user or a group', got: 'none: what belongs to the mode cannot go' }
          : undefined,
      ]
    }),
  ],
)

const make = kind<AclWant, AclHave>({
  name: 'acl',
  probe: ({ path, recursive }) =>
    probePath(
      path,
      {},
      sh`command -v setfacl >/dev/null 2>&1 && echo tool
case $s in a*|'') ;; *) if [ -z ${recursive ? '1' : ''} ]; then [ ! -d "$p" ] || echo '# directories'; getfacl -pE -- "$p" 2>/dev/null
else find "$p" -type f -exec getfacl -pE -- {} + 2>/dev/null; echo '# directories'; find "$p" -type d -exec getfacl -pE -- {} + 2>/dev/null; fi;; esac; :`,
    ),
  read({ path }, reply) {
    const { found, rest } = readPath(path, reply)
    const said = rest.toString('utf8')
    const [files = '', directories = ''] = said.split(/^# directories$/m)
    const lists = [...blocksOf(files, false), ...blocksOf(directories, true)]
    return { found, tool: said.startsWith('tool'), lists }
  },
  predict({ path }, have, prediction) {
    const found = predictRootPath(have.found, prediction)
    if ('unknown' in found) return found
    const whether = whetherThere(found, prediction)
    if (whether !== undefined) return whether
    const comes = have.tool ? undefined : prediction.bringer()
    if (comes !== undefined)
      return {
        unknown: `the access control list of ${path} is known only after ${comes.from}, which may bring setfacl`,
      }
    const from = found.from ?? prediction.paths.below(path)[0]?.from
    if (from !== undefined) return { unknown: `the access control list of ${path} is known only after ${from}` }
    return found === have.found ? have : { ...have, found }
  },
  plan(want, have) {
    const { path, entries, recursive, absent } = want
    const refused = refusalOf(want, have)
    if (refused !== undefined) return refused
    const hasMask = (entry: AclEntry) => entries.some((each) => each.type === 'mask' && each.default === entry.default)
    const wrong = entries.filter((entry) =>
      have.lists.some((each) => !holds(entry, absent, each) || (!absent && !hasMask(entry) && isCut(entry, each))),
    )
    if (wrong.length === 0) return []
    const specs = wrong.map((entry) => specOf(entry, absent))
    const how = raw(absent ? '-x' : '-m')
    return [
      {
        summary: `${absent ? 'remove' : 'set'} ${specs.join(', ')} of ${path}${recursive ? ' and all in it' : ''}`,
        sh: recursive
          ? sh`${othersWrite}
cd -P -- ${path} && if others_write; then
${inEach(wrong, absent)}
else setfacl -R -P ${how} ${specs.join(',')} -- .; fi`
          : sh`setfacl ${how} ${specs.join(',')} -- ${path}`,
      },
    ]
  },
  advanced: { access, statPaths: ({ path }) => [{ path }], parallelProbe: true },
})

function refusalOf({ path, entries }: AclWant, { found, tool }: AclHave): Refused | undefined {
  const blocked = blockedPath(found)
  if (blocked !== undefined) return blocked
  if (found.type === 'absent' || found.type === 'link')
    return {
      refused: `${path} is ${found.type === 'link' ? 'a symbolic link' : 'not there'}`,
      hint: 'put what makes the path before this resource',
    }
  const foreign = foreignDirectory(found)
  if (foreign !== undefined) return foreign
  if (!tool) return { refused: 'the host has no setfacl', hint: `put pkg('acl') before this resource` }
  if (found.type !== 'dir' && entries.some((entry) => entry.default === true))
    return { refused: `${path} is not a directory, so it has no default entries`, hint: 'leave default out' }
  return undefined
}

/** The group's part of a mode is the mask, which limits what the entries give. */
function access({ path, entries, recursive, absent }: AclWant): readonly Access[] {
  if (absent) return []
  const masked = entries.filter((entry) => entry.default !== true && isMasked(entry))
  const least = (x: string) =>
    masked.reduce((bits, { permissions = '' }) => bits | bitsOf(permissions.replaceAll('X', x)), 0)
  const mask = entries.find(({ type, default: isDefault }) => type === 'mask' && isDefault !== true)?.permissions
  if (masked.length === 0 || mask !== undefined) return []
  return [{ path, below: recursive, list: { fileMode: least(''), directoryMode: least('x') } }]
}

function isMasked({ type, name }: AclEntry): boolean {
  return type === 'group' || (type === 'user' && name !== undefined)
}

function bitsOf(permissions: string): number {
  return (permissions.includes('r') ? 4 : 0) | (permissions.includes('w') ? 2 : 0) | (permissions.includes('x') ? 1 : 0)
}

/**
 * Sets entries where another account could replace what `find` found by a link: each path by its descriptor, directories first. Files get no default entries.
 */
function inEach(entries: readonly AclEntry[], absent: boolean): Sh {
  const set = (some: readonly AclEntry[], type: Sh) =>
    some.length === 0
      ? []
      : [
          execByDescriptor(
            type,
            (p) =>
              sh`setfacl ${raw(absent ? '-x' : '-m')} ${some.map((each) => specOf(each, absent)).join(',')} -- ${p}`,
            undefined,
          ),
        ]
  return lines(
    ...set(entries, sh`-type d`),
    ...set(
      entries.filter((each) => each.default !== true),
      sh`-type f`,
    ),
  )
}

function blocksOf(said: string, isDirectory: boolean): AclHave['lists'] {
  return said
    .split(/^# file: /m)
    .slice(1)
    .map((block) => ({
      isDirectory,
      entries: new Map(
        block.split('\n').flatMap((line) => {
          const [, key, value] = /^((?:default:)?(?:user|group|mask|other):[^:]*):([rwx-]{3})/.exec(line) ?? []
          return key === undefined || value === undefined ? [] : [[key, value] as const]
        }),
      ),
    }))
}

/** `X` gives x to directories, and to files that somebody may execute already. */
function holds(entry: AclEntry, absent: boolean, { isDirectory, entries }: AclHave['lists'][number]): boolean {
  if (entry.default === true && !isDirectory) return true
  const there = entries.get(keyOf(entry))
  if (absent) return there === undefined
  const { permissions = '' } = entry
  const bits = (x: string) =>
    ['r', 'w', 'x'].map((bit) => (permissions.includes(bit) || (bit === 'x' && x === 'x') ? bit : '-')).join('')
  if (!permissions.includes('X')) return there === bits('-')
  return there === bits('x') || (!isDirectory && there === bits('-'))
}

/** Whether the mask takes permissions away from an entry: a `chmod` sets the mask. */
function isCut(entry: AclEntry, { entries }: AclHave['lists'][number]): boolean {
  const mask = entries.get(keyOf({ type: 'mask', default: entry.default === true }))
  const there = entries.get(keyOf(entry))
  if (mask === undefined || there === undefined || !isMasked(entry)) return false
  return (bitsOf(there) & ~bitsOf(mask)) !== 0
}

function specOf(entry: AclEntry, absent: boolean): string {
  const key = keyOf(entry)
  return absent ? key : `${key}:${(entry.permissions ?? '').replaceAll('-', '') || '-'}`
}
