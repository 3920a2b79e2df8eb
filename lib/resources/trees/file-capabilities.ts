import { sh } from '../../sh/quote.ts'
import { predictRootPath, whetherThere } from '../files/path/path-prediction.ts'
import { absolute, probePath } from '../files/path/path.ts'
import { blockedPath, foreignDirectory, readPath, type Found } from '../files/path/path-answer.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { list, oneOf, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'

const FLAGS = ['ep', 'eip', 'p', 'ip', 'ei', 'i'] as const

export interface FileCapabilitiesOptions {
  /** Exactly these: `['cap_net_bind_service']`. */
  readonly capabilities?: readonly string[]
  /** `e`: a process has them from its start; `p`: it may have them; `i`: it may keep them from who began it. Default `'ep'`. */
  readonly flags?: (typeof FLAGS)[number]
  /** `absent`: the file has none. */
  readonly state?: 'present' | 'absent'
}

export interface FileCapabilitiesWant {
  readonly path: string
  /** Sorted; none where it is to have none. */
  readonly capabilities: readonly string[]
  readonly flags: string
}

interface FileCapabilitiesHave {
  readonly found: Found
  /** As `cap_a,cap_b=ep`; empty for none; undefined where the host has no getcap. */
  readonly live: string | undefined
}

/**
 * The capabilities of a program: what it may do without being root, such as listening on port 80. The file has exactly these. An upgrade of its package takes them away, which the next
 * run mends.
 *
 * Check mode: unknown for a file that a package or a command may bring, and where getcap comes with a package that is pending.
 *
 * @example
 * fileCapabilities('/usr/local/bin/app', { capabilities: ['cap_net_bind_service'] })
 * fileCapabilities('/usr/bin/ping', { state: 'absent' })
 *
 * Refused: no such file; a symbolic link; one in a directory that another account can change; a host without getcap; a file system that keeps none.
 *
 * Source: setcap(8), getcap(8), capabilities(7).
 */
export function fileCapabilities(path: string, options: FileCapabilitiesOptions): Resource {
  const { name, options: given } = read(path, options)
  const capabilities = given.state === 'absent' ? [] : [...new Set(given.capabilities)].sort()
  return make(name, { path: name, capabilities, flags: given.flags ?? 'ep' })
}

const read = resourceOptions<FileCapabilitiesOptions>()(
  'fileCapabilities',
  (path) => absolute('fileCapabilities', path),
  () => ({
    capabilities: list(
      'a list of capabilities',
      text('a capability, such as "cap_net_admin"', /^cap_[a-z_]+$/),
    ).optional(),
    flags: oneOf(FLAGS).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options) =>
    options.state === 'absent'
      ? leftOut(['capabilities', 'flags'], 'with state: absent', options)
      : [
          (options.capabilities ?? []).length === 0
            ? { what: 'capabilities', expected: "at least one; state: 'absent' for none", got: 'none' }
            : undefined,
        ],
)

const make = kind<FileCapabilitiesWant, FileCapabilitiesHave>({
  name: 'fileCapabilities',
  probe: ({ path }) =>
    probePath(
      path,
      {},
      sh`PATH=$PATH:/sbin:/usr/sbin
command -v getcap >/dev/null 2>&1 && echo tool
case $s in 8*) getcap -- "$p" 2>/dev/null;; esac; :`,
    ),
  read({ path }, reply) {
    const { found, rest } = readPath(path, reply)
    const said = rest.toString('utf8')
    return { found, live: /^tool$/m.test(said) ? liveIn(said) : undefined }
  },
  predict({ path }, have, prediction) {
    const found = predictRootPath(have.found, prediction)
    if ('unknown' in found) return found
    const comes = whetherThere(found, prediction)
    if (comes !== undefined) return comes
    if (have.live === undefined) {
      const tool = prediction.packages.peekInstalled().find(({ name }) => TOOLS.includes(name))
      const bringer = tool === undefined ? prediction.bringer() : prediction.packages.get(tool.name)
      if (bringer !== undefined && (tool === undefined || found === have.found))
        return { unknown: `what ${path} may do is known only after ${bringer.from}, which brings getcap` }
      if (tool !== undefined) return { found, live: '' }
    }
    // What takes the place of a file has none.
    return found === have.found ? have : { found, live: have.live === undefined ? undefined : '' }
  },
  plan({ path, capabilities, flags }, { found, live }, { os }) {
    const blocked = blockedPath(found)
    if (blocked !== undefined) return blocked
    if (found.type === 'absent' && capabilities.length === 0) return []
    if (found.type !== 'file')
      return {
        refused: `${path} is ${found.type === 'absent' ? 'not there' : 'not a file'}`,
        hint: found.type === 'absent' ? 'put what brings it before this resource' : 'name the file itself',
      }
    const foreign = foreignDirectory(found)
    if (foreign !== undefined) return foreign
    if (live === undefined)
      return {
        refused: `the host has no getcap and setcap, which ${path} needs`,
        hint: `put pkg('${os.family === 'el' ? 'libcap' : 'libcap2-bin'}') before this resource`,
      }
    const wanted = capabilities.length === 0 ? '' : `${capabilities.join(',')}=${flags}`
    if (live === wanted) return []
    const was = live === '' ? '' : ` (was ${live})`
    if (wanted === '')
      return [
        {
          summary: `take all capabilities from ${path}${was}`,
          sh: sh`PATH=$PATH:/sbin:/usr/sbin; setcap -r ${path}`,
        },
      ]
    return [{ summary: `give ${path} ${wanted}${was}`, sh: sh`PATH=$PATH:/sbin:/usr/sbin; setcap ${wanted} ${path}` }]
  },
  advanced: { statPaths: ({ path }) => [{ path }] },
})

const TOOLS: readonly string[] = ['libcap2-bin', 'libcap']

/** `/bin/x cap_a,cap_b=ep`, and before libcap 2.41 `/bin/x = cap_a,cap_b+ep`: sorted, and in one form. Several clauses stay as they are said. */
function liveIn(said: string): string {
  const clauses = said
    .split('\n')
    .flatMap((line) => /^\S.* (?:= )?(cap_[\w,]+[=+][eip]+(?: .*)?)$/.exec(line)?.[1] ?? [])
    .join(' ')
  const [, names, flags] = /^(cap_[\w,]+)[=+]([eip]+)$/.exec(clauses) ?? []
  if (names === undefined || flags === undefined) return clauses
  return `${names.split(',').sort().join(',')}=${flags.split('').sort().join('')}`
}
