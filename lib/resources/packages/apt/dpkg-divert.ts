import { sh } from '../../../sh/quote.ts'
import { absolute } from '../../files/path/path.ts'
import { kind, type Refused, type Resource, type Step } from '../../kit/kind.ts'
import { flag, oneOf, path as pathOption, text } from '../../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../../kit/options/options.ts'

export interface DpkgDivertOptions {
  /** Where the files of packages go in place of the path. Default: the path with `.distrib`. */
  readonly to?: string
  /** The package whose own file stays at the path. Default: none, so that those of all packages go away from it. */
  readonly package?: string
  /** Whether a file that is at the path goes there, and comes back when the diversion is taken away. Default true. */
  readonly rename?: boolean
  readonly state?: 'present' | 'absent'
}

export interface DpkgDivertWant {
  readonly path: string
  /** Undefined: no diversion. */
  readonly to: string | undefined
  readonly package: string | undefined
  readonly rename: boolean
}

interface DpkgDivertHave {
  readonly hasTool: boolean
  readonly isThere: boolean
  /** Whether something is where files are to go, or went. */
  readonly isAside: boolean
  readonly diversion: { readonly to: string; readonly package: string | undefined } | undefined
}

/**
 * A diversion of dpkg: what packages would put at the path goes elsewhere, so you can put a file of your own there, and no upgrade replaces it. Put that `file` after it.
 *
 * @example
 * dpkgDivert('/usr/sbin/update-initramfs')
 * dpkgDivert('/usr/share/app/logo.png', { to: '/usr/share/app/logo.vendor.png' })
 * dpkgDivert('/usr/sbin/update-initramfs', { state: 'absent' })
 *
 * Refused: a host without dpkg; a path that is diverted elsewhere; files at both places, where one would have to be overwritten.
 *
 * Source: dpkg-divert(1).
 */
export function dpkgDivert(path: string, options: DpkgDivertOptions = {}): Resource {
  const { name, options: given } = read(path, options)
  const isAbsent = given.state === 'absent'
  return make(name, {
    path: name,
    to: isAbsent ? undefined : (given.to ?? `${name}.distrib`),
    package: given.package,
    rename: given.rename ?? true,
  })
}

const read = resourceOptions<DpkgDivertOptions>()(
  'dpkgDivert',
  (path) => absolute('dpkgDivert', path),
  () => ({
    to: pathOption().optional(),
    package: text('the name of a package', /^[a-z0-9][a-z0-9+.-]+$/).optional(),
    rename: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options) => (options.state === 'absent' ? leftOut(['to', 'package'], 'with state: absent', options) : []),
)

const make = kind<DpkgDivertWant, DpkgDivertHave>({
  name: 'dpkgDivert',
  probe: ({ path, to = '' }) => sh`command -v dpkg-divert >/dev/null 2>&1 || { echo none; exit 0; }
[ ! -e ${path} ] && [ ! -L ${path} ] || echo there
l=$(LC_ALL=C dpkg-divert --listpackage ${path} 2>/dev/null); t=$(LC_ALL=C dpkg-divert --truename ${path} 2>/dev/null)
[ -z "$l" ] || { echo "by $l"; echo "to $t"; }
a=${to}; [ -n "$a" ] || a=$t
[ "$a" = ${path} ] || [ -z "$a" ] || { [ ! -e "$a" ] && [ ! -L "$a" ]; } || echo aside`,
  read(_, { lines }) {
    const after = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const [by, to] = [after('by'), after('to')]
    return {
      hasTool: !lines.includes('none'),
      isThere: lines.includes('there'),
      isAside: lines.includes('aside'),
      diversion: by === undefined || to === undefined ? undefined : { to, package: by === 'LOCAL' ? undefined : by },
    }
  },
  predict(want, have, prediction) {
    if (prediction.empty) return have
    const seen = (path: string | undefined, live: boolean) => {
      const pending = path === undefined ? undefined : prediction.paths.get(path)
      return pending === undefined ? live : pending.state.type !== 'absent'
    }
    const to = want.to ?? have.diversion?.to
    const next = { ...have, isThere: seen(want.path, have.isThere), isAside: seen(to, have.isAside) }
    const object = prediction.objects.get(OBJECT, want.path)
    if (object !== undefined && want.to !== undefined && object.exists)
      return prediction.repeats.has(`dpkgDivert:${want.path}`, want)
        ? { ...next, diversion: { to: want.to, package: want.package } }
        : { unknown: `where ${want.path} goes is known only after ${object.from}` }
    const left = object?.exists === false ? { ...next, diversion: undefined } : next
    const comes = prediction.opaque()
    if (comes !== undefined && 'refused' in planned(want, left))
      return { unknown: `what is at ${want.path} is known only after ${comes.from}` }
    const isSame = left.isThere === have.isThere && left.isAside === have.isAside && left.diversion === have.diversion
    return isSame ? have : left
  },
  plan: planned,
  effects: ({ path, to, rename }, { isThere, isAside, diversion }) => [
    { type: 'object', of: OBJECT, name: path, exists: to !== undefined },
    ...(rename && to !== undefined && isThere && diversion === undefined ? moved(path, to) : []),
    ...(rename && to === undefined && isAside && diversion !== undefined ? moved(diversion.to, path) : []),
  ],
  paths: ({ path, to }) => [path, ...(to === undefined ? [] : [to])],
})

const OBJECT = 'diversion of dpkg'

function moved(from: string, to: string) {
  return [
    { type: 'path', path: to, state: { type: 'file' } },
    { type: 'path', path: from, state: { type: 'absent' } },
  ] as const
}

function planned(
  { path, to, package: owner, rename }: DpkgDivertWant,
  { hasTool, isThere, isAside, diversion }: DpkgDivertHave,
): Step[] | Refused {
  if (!hasTool)
    return to === undefined
      ? []
      : { refused: `${path} cannot be diverted: the host has no dpkg`, hint: 'leave it out there' }
  const renames = rename ? '--rename' : '--no-rename'
  const remove = (was: string): Step => ({
    summary: `take the diversion of ${path} to ${was} away`,
    sh: sh`dpkg-divert --quiet ${renames} --remove ${path}`,
  })
  const isClash = rename && isThere && isAside
  if (to === undefined) {
    if (diversion === undefined) return []
    if (isClash)
      return {
        refused: `${diversion.to} cannot come back to ${path}: there is another file`,
        hint: `put absent('${path}') before this resource`,
      }
    return [remove(diversion.to)]
  }
  if (diversion?.to === to && diversion.package === owner) return []
  if (diversion !== undefined && diversion.to !== to)
    return {
      refused: `${path} is diverted to ${diversion.to} already`,
      hint: `put dpkgDivert('${path}', { state: 'absent' }) into an ensure before this resource, or name that place`,
    }
  if (isClash && diversion === undefined)
    return {
      refused: `${path} cannot go to ${to}: there is another file`,
      hint: `put absent('${to}') before this resource`,
    }
  const by = owner === undefined ? ['--local'] : ['--package', owner]
  const add = (how: string): Step => ({
    summary: `divert ${path} to ${to}${owner === undefined ? '' : `, but for ${owner}`}`,
    sh: sh`dpkg-divert --quiet ${by} --divert ${to} ${how} --add ${path}`,
  })
  if (diversion === undefined) return [add(renames)]
  // Only whose diversion it is changes: the files stay where they are.
  const take = sh`dpkg-divert --quiet --no-rename --remove ${path}`
  return [{ ...remove(diversion.to), sh: take }, add('--no-rename')]
}
