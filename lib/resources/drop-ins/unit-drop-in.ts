import { sh, type Sh } from '../../sh/quote.ts'
import { absent } from '../files/absent.ts'
import { dir } from '../files/dir.ts'
import { ofRoot, type GeneratedFile } from '../files/generated-file.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { unitNamed } from '../systemd/service.ts'
import { UNIT_DIRS } from '../systemd/unit-dirs.ts'
import { templateOf } from '../systemd/unit-install.ts'
import { sectionsOption, unitText, type Sections, type UnitValue } from '../systemd/unit-text.ts'
import { orderedFile } from './ordered-file.ts'
import type { PlacedLine, ReadOrder } from './read-order.ts'

export interface DropInOptions {
  /** What the drop-in says; left out when it is to be absent. */
  readonly sections?: Sections
  readonly state?: 'present' | 'absent'
}

/**
 * A drop-in of a unit that somebody else brings: /etc/systemd/system/UNIT.d/NAME.conf, with its directory, as two resources. systemd-analyze
 * reads the candidate first, beside a unit of that name with nothing else in it.
 *
 * Refused: a key that a drop-in whose name comes later sets otherwise, or resets (an empty `ExecStart=`): systemd reads drop-ins in the order of their names.
 *
 * @example
 * const limits = dropIn('nginx', 'limits', { sections: { Service: { LimitNOFILE: 65536 } } })
 * await ensure(...limits, service('nginx', { running: true, restartedAfter: limits }))
 * await ensure(...dropIn('nginx', 'old', { state: 'absent' }))
 *
 * Source: systemd.unit(5), "drop-in".
 */
export function dropIn(of: string, name: string, options: DropInOptions): readonly Resource[] {
  const { options: given } = readDropIn(`${unitNamed(of)}.d/${dropInName(name)}`, options)
  const directory = `/etc/systemd/system/${unitNamed(of)}.d`
  const path = `${directory}/${name}.conf`
  const { sections = {}, state } = given
  if (state === 'absent') return [absent(path)]
  const content = unitText(sections)
  const validate = verifyDropIn(unitNamed(of), name)
  return [dir(directory), make(path, { path, of: unitNamed(of), sections, content, mode: '0644', ...ofRoot, validate })]
}

interface DropInWant extends GeneratedFile {
  readonly of: string
  readonly sections: Sections
}

/** Source: systemd.unit(5), UNIT FILE LOAD PATH. */
function orderOf(unit: string): ReadOrder {
  const names = [...new Set([unit, templateOf(unit), unit.split('.').at(-1) ?? ''])]
  const above = ['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient']
  return { dirs: names.flatMap((name) => [...above, ...UNIT_DIRS].map((dir) => `${dir}/${name}.d`)) }
}

const keysOf = (sections: Sections) =>
  Object.entries(sections).flatMap(([section, keys = {}]) =>
    Object.entries(keys).flatMap(([key, value]) => {
      const values = (Array.isArray(value) ? (value as readonly UnitValue[]) : [value as UnitValue | undefined])
        .filter((each) => each !== undefined)
        .map(plain)
      return values.length === 0 ? [] : [{ section, key, values }]
    }),
  )

const make = orderedFile<DropInWant>('file', {
  order: ({ of }) => orderOf(of),
  words: ({ sections }) => ['[', ...new Set(keysOf(sections).map(({ key }) => key))],
  overridden: ({ path, sections }, later) => overridden(path, sections, later),
})

/** Keys of which systemd takes each line, up to an empty one. */
const ADDED_UP =
  /^(Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment|Exec\w+|Condition\w+|Assert\w+|After|Before|Wants|Requires|Requisite|BindsTo|PartOf|Upholds|Conflicts|On(Failure|Success|Calendar|\w+Sec)|Documentation|\w+(Paths|Groups|Families|Filter|Architectures|Directory|Allow|Deny)|Capability\w+|AmbientCapabilities|\w+By|Also|Alias|Listen\w+|Path\w+|Propagates\w+|\w+PropagatedFrom|RequiresMountsFor|JoinsNamespaceOf|Load\w+|SetCredential\w*|Import\w+|TemporaryFileSystem|LogExtraFields|LogFilterPatterns|IO\w+|SocketBind\w+|Sockets|Symlinks)$/

/** What a drop-in that is read later says of the same keys. */
function overridden(own: string, sections: Sections, lines: readonly PlacedLine[]): Refused | undefined {
  const later = assignments(lines)
  for (const { section, key, values } of keysOf(sections)) {
    const those = later.filter((each) => each.section === section && each.key === key)
    const reset = those.findLastIndex(({ value }) => value === '')
    const isAdded = ADDED_UP.test(key)
    const rest = those.slice(reset + 1)
    const [by] = isAdded ? those.slice(reset, reset + 1) : those.slice(-1)
    const isSame = isAdded
      ? reset < 0 || values.every((value) => value === '' || rest.some((each) => each.value === value))
      : by === undefined || by.value === values.at(-1)
    if (!isSame && by !== undefined)
      return {
        refused: `${key} would ${by.value === '' ? 'be taken back' : `be ${by.value}`}: ${by.path} sets it in line ${by.number}, and is read after ${own}`,
        hint: 'choose a name that comes after it, such as zz-site, or remove the line there',
      }
  }
  return undefined
}

/** Sections, keys and values, each with its place. */
function assignments(all: readonly PlacedLine[]) {
  let [section, at] = ['', '']
  return all.flatMap(({ path, number, text: line }) => {
    if (path !== at) [section, at] = ['', path]
    const [, name] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? []
    if (name !== undefined) section = name
    const [, key, value = ''] = /^\s*([A-Z]\w*)\s*=\s*(.*?)\s*$/s.exec(line) ?? []
    return name !== undefined || key === undefined ? [] : [{ path, number, section, key, value: plain(value) }]
  })
}

/** One spelling for yes and no. */
function plain(value: UnitValue): string {
  const text = String(value).trim().replaceAll(/\s+/g, ' ')
  if (/^(yes|true|on)$/i.test(text)) return 'yes'
  return /^(no|false|off)$/i.test(text) ? 'no' : text
}

const readDropIn = resourceOptions<DropInOptions>()(
  'dropIn',
  (given) => String(given),
  () => ({ sections: sectionsOption().optional(), state: oneOf(['present', 'absent']).optional() }),
  ({ state }, given) => [
    state === 'absent' || given.has('sections') ? undefined : { what: 'sections', expected: 'given', got: 'nothing' },
  ],
)

function dropInName(given: unknown): string {
  if (typeof given === 'string' && /^[\w@:-][\w.@:-]*$/.test(given) && !given.endsWith('.conf')) return given
  throw invalidOption('name of dropIn', 'a name without .conf', describeValue(given))
}

function verifyDropIn(of: string, name: string): Sh {
  const stub = of.endsWith('.service') ? '[Service]\nType=oneshot\nExecStart=/bin/true\n' : '[Unit]\n'
  return sh`command -v systemd-analyze >/dev/null 2>&1 || exit 0
d=$(mktemp -d /run/rolecall-unit.XXXXXX 2>/dev/null || mktemp -d) || exit 0
trap 'rm -rf "$d"' EXIT
mkdir "$d"/${of}.d && printf %s ${stub} >"$d"/${of} && cp "$candidate" "$d"/${of}.d/${name}.conf || exit 0
said=$(LC_ALL=C systemd-analyze --system --man=no verify "$d"/${of} 2>&1 | grep -F "$d/"${of}.d/)
[ -z "$said" ] || { printf '%s\n' "$said" | sed "s|$d/||"; exit 1; }`
}
