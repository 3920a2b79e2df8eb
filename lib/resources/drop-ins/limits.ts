import { kind, type Resource } from '../kit/kind.ts'
import { list, nested, oneOf, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { ownedFile, type OwnedFile } from '../files/owned-file.ts'
import { dropInName, HEADER } from './drop-in.ts'
import { stateOption } from '../files/gone.ts'

export interface Limit {
  /** A user, `@group`, `*` for all, `1000:` for numbers. */
  readonly domain: string
  /** Default `-`: both. */
  readonly type?: 'soft' | 'hard' | '-'
  readonly item: (typeof ITEMS)[number]
  readonly value: number | 'unlimited'
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
 * Refused: no directory /etc/security/limits.d (PAM is not there).
 *
 * Source: limits.conf(5), pam_limits(8).
 */
export function limits(name: string, options: LimitsOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/security/limits.d/${file}.conf`
  if (given.state === 'absent') return make(file, { path })
  const lines = (given.limits ?? []).map(
    ({ domain, type = '-', item, value: most }) => `${domain} ${type} ${item} ${most}\n`,
  )
  return make(file, { path, content: HEADER + lines.join(''), mode: '0644' })
}

const make = kind(ownedFile<OwnedFile>('limits'))

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
