import { sh } from '../../sh/quote.ts'
import { accountName } from './account.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

export interface LingerOptions {
  readonly state?: 'present' | 'absent'
}

export interface LingerWant {
  readonly user: string
  readonly state: 'present' | 'absent'
}

interface State {
  /** systemd, logind and pam_systemd, without which a user's systemd does not start. */
  readonly tool: boolean
  readonly user: boolean
  readonly lingers: boolean
  /** The user's own systemd runs. */
  readonly manager: boolean
}

/**
 * A user whose own systemd runs from the boot on, without anybody logging in: what services of a user need.
 *
 * @example
 * linger('deploy')
 *
 * Refused: a host without systemd or pam_systemd (libpam-systemd on Debian); a user that is not there, unless one is to come.
 *
 * Source: loginctl(1), `enable-linger`.
 */
export function linger(user: string, options: LingerOptions = {}): Resource {
  const { name, options: given } = read(user, options)
  return make(name, { user: name, state: given.state ?? 'present' })
}

const read = resourceOptions<LingerOptions>()(
  'linger',
  (name) => {
    accountName('linger', name)
    return String(name)
  },
  () => ({ state: oneOf(['present', 'absent']).optional() }),
)

const make = kind<LingerWant, State>({
  name: 'linger',
  probe: ({
    user,
  }) => sh`[ -d /run/systemd/system ] && command -v loginctl >/dev/null 2>&1 && ls /lib/security/pam_systemd.so /lib64/security/pam_systemd.so /lib/*/security/pam_systemd.so 2>/dev/null | grep -q . && echo tool
u=$(id -u -- ${user} 2>/dev/null) || exit 0
echo user
[ ! -e ${`/var/lib/systemd/linger/${user}`} ] || echo lingers
[ ! -S "/run/user/$u/systemd/private" ] || echo manager`,
  read: (_, { lines }) => ({
    tool: lines.includes('tool'),
    user: lines.includes('user'),
    lingers: lines.includes('lingers'),
    manager: lines.includes('manager'),
  }),
  plan({ user, state }, have): Step[] | Refused {
    if (state === 'absent')
      return have.lingers
        ? [{ summary: `let the systemd of ${user} end with the last login`, sh: sh`loginctl disable-linger ${user}` }]
        : []
    if (!have.tool)
      return {
        refused: 'this host has no systemd, or nothing that gives a user one of its own (pam_systemd)',
        hint: "put pkg('libpam-systemd') before this resource",
      }
    if (!have.user) return { refused: `there is no user ${user}`, hint: `put user('${user}') before this resource` }
    if (have.lingers && have.manager) return []
    return [
      {
        summary: `let the systemd of ${user} run from the boot on`,
        sh: sh`loginctl enable-linger ${user} || exit 1
u=$(id -u -- ${user}); n=0
while [ ! -S "/run/user/$u/systemd/private" ]; do n=$((n + 1)); [ "$n" -le 20 ] || { echo "the systemd of the user does not start: journalctl -u user@$u" >&2; exit 1; }
[ "$n" != 2 ] || systemctl start "user@$u.service"; sleep 0.5 2>/dev/null || sleep 1; done`,
      },
    ]
  },
  effects: ({ user, state }) => [{ type: 'object', of: 'user manager', name: user, exists: state === 'present' }],
  predict({ user }, have, prediction) {
    if (prediction.empty) return have
    const account = prediction.accounts.get('user', user)
    const tool =
      have.tool || prediction.packages.installed().some(({ name }) => /^(libpam-systemd|dbus|systemd)/.test(name))
    if (account === undefined) return tool === have.tool ? have : { ...have, tool }
    return account.exists ? { ...have, tool, user: true } : { tool, user: false, lingers: false, manager: false }
  },
})
