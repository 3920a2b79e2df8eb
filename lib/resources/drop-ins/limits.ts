import type { Refused, Resource } from '../kit/kind.ts'
import { list, nested, oneOf, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { ofRoot, type GeneratedFile } from '../files/generated-file.ts'
import { dropInName, HEADER, isLine } from './drop-in.ts'
import { orderedFile } from './ordered-file.ts'
import type { PlacedLine, ReadOrder } from './read-order.ts'
import { stateOption } from '../files/absent-state.ts'

export interface Limit {
  /** A user, `@group`, `*` for all, `1000:` for numbers. */
  readonly domain: string
  /** Default `-`: both. */
  readonly type?: 'soft' | 'hard' | '-'
  readonly item: (typeof ITEMS)[number]
  readonly value: number | 'unlimited'
  /** A comment at the end of the line. */
  readonly comment?: string
}

export interface LimitsOptions {
  readonly limits?: readonly Limit[]
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

const ITEMS = [
  'core',
  'data',
  'fsize',
  'memlock',
  'nofile',
  'rss',
  'stack',
  'cpu',
  'nproc',
  'as',
  'maxlogins',
  'maxsyslogins',
  'nonewprivs',
  'priority',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'chroot',
] as const

/**
 * Limits of pam_limits for logins: `/etc/security/limits.d/NAME.conf`. They hold from the next login on.
 * Services of systemd do not read them: give those `LimitNOFILE=` in their unit.
 *
 * Units are those of limits.conf(5): KB for `memlock`, `stack` and sizes, minutes for `cpu`, a count for `nofile` and `nproc`. `-1` means unlimited.
 *
 * @example
 * limits('postgres', { limits: [{ domain: 'postgres', item: 'nofile', value: 65536 }] })
 * limits('no-cores', { limits: [{ domain: '*', type: 'hard', item: 'core', value: 0 }] })
 * limits('old', { state: 'absent' })
 *
 * Refused: no directory /etc/security/limits.d (PAM is not there); a limit that a file which is read later sets otherwise for the same domain: files are read by their names.
 *
 * Source: limits.conf(5), pam_limits(8).
 */
export function limits(name: string, options: LimitsOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/security/limits.d/${file}.conf`
  if (given.state === 'absent') return make(file, { path, limits: [] })
  const all = given.limits ?? []
  const lines = all.map(
    ({ domain, type = '-', item, value: most, comment }) =>
      `${domain} ${type} ${item} ${most}${comment === undefined ? '' : ` # ${comment}`}\n`,
  )
  return make(file, { path, limits: all, content: HEADER + lines.join(''), mode: '0644', ...ofRoot })
}

interface LimitsWant extends GeneratedFile {
  readonly limits: readonly Limit[]
}

/** Source: pam_limits(8), FILES. */
const ORDER: ReadOrder = { dirs: ['/etc/security/limits.d'] }

const make = orderedFile<LimitsWant>('limits', {
  order: () => ORDER,
  words: ({ limits: all }) => [...new Set(all.map(({ item }) => item))],
  overridden: ({ path, limits: all }, later) => overridden(path, all, later),
})

/** A limit of the same domain that comes later wins. */
function overridden(own: string, all: readonly Limit[], later: readonly PlacedLine[]): Refused | undefined {
  for (const { domain, type = '-', item, value: most } of all) {
    const last = later.findLast(({ text: line }) => {
      const [itsDomain, itsType = '', itsItem] = line.trim().split(/\s+/)
      return itsDomain === domain && itsItem === item && (itsType === '-' || type === '-' || itsType === type)
    })
    const [, , , its = ''] = last?.text.trim().split(/\s+/) ?? []
    if (last !== undefined && bare(its) !== bare(String(most)))
      return {
        refused: `${item} of ${domain} would be ${its}: ${last.path} sets it in line ${last.number}, and is read after ${own}`,
        hint: 'choose a name that comes after it, such as zz-site, or remove the line there',
      }
  }
  return undefined
}

const bare = (most: string) => (/^(-1|unlimited|infinity)$/.test(most) ? 'unlimited' : most)

const read = resourceOptions<LimitsOptions>()(
  'limits',
  (given) => dropInName('limits', given),
  () => ({
    limits: list(
      'a list of limits: { domain, item, value }',
      nested('a limit: { domain, item, value }', {
        domain: text('a user, @group, % or *', /^[^\s#]+$/),
        type: oneOf(['soft', 'hard', '-']).optional(),
        item: oneOf(ITEMS),
        value: value<number | 'unlimited'>(
          'a whole number, or "unlimited"',
          (given) => given === 'unlimited' || (Number.isSafeInteger(given) && Number(given) >= -20),
        ),
        comment: text('one line', isLine).optional(),
      }),
    ).optional(),
    state: stateOption().optional(),
  }),
  ({ state, limits: all }) => [
    state !== 'absent' && (all === undefined || all.length === 0)
      ? { what: 'limits', expected: 'at least one limit, or state: absent', got: 'none' }
      : undefined,
  ],
)
