import { raw, sh } from '../sh/quote.ts'
import { accountId, accountName, probeAccount, readEntry, type Entry } from './account.ts'
import { kind, type Refused, type Resource, type Step } from './kind.ts'

export interface GroupOptions {
  readonly gid?: number
  readonly system?: boolean
  readonly state?: 'present' | 'absent'
}

export interface GroupWant {
  readonly gid?: number | undefined
  readonly system: boolean
  readonly state: 'present' | 'absent'
}

/**
 * A group that exists, or does not. Who is in it is said by `user`.
 *
 * - `gid`: its number. When it changes, files keep the old one.
 * - `system`: with a number from the system's range. Only matters when the group is made. Default false.
 * - `state`: `present` (default) or `absent`.
 *
 * Refused: a `gid` that another group has; changing a group that comes from elsewhere than /etc/group, such as LDAP;
 * changing a gid on a host that has only busybox's tools.
 *
 * @example
 * group('deploy', { gid: 1500 })
 *
 * Source: groupadd(8), groupmod(8), groupdel(8), getent(1), group(5); busybox's addgroup and delgroup.
 */
export function group(name: string, options: GroupOptions = {}): Resource<GroupWant> {
  const { gid, system = false, state = 'present' } = options
  return make(accountName('group name', name), { gid: accountId(`gid of group ${name}`, gid), system, state, name })
}

const make = kind<GroupWant & { readonly name: string }, Entry>({
  name: 'group',
  probe: ({ name, gid }) => probeAccount('group', name, gid, 'groupadd'),
  read: (_, reply) => readEntry(reply.lines),
  plan({ name, gid, system, state }, have): Step[] | Refused {
    const exists = have.fields !== undefined
    const current = have.fields?.[2]
    if (exists === (state === 'present') && (state === 'absent' || gid === undefined || current === String(gid)))
      return []
    if (exists && !have.local)
      return { refused: `group ${name} does not come from /etc/group, so it cannot be changed here` }
    if (state === 'absent')
      return [{ say: `remove group ${name}`, sh: sh`${raw(have.tools ? 'groupdel' : 'delgroup')} ${name}` }]
    if (have.taken !== undefined && have.taken !== name)
      return { refused: `gid ${gid ?? ''} belongs to group ${have.taken}` }
    const number = gid === undefined ? raw('') : sh`-g ${gid}`
    if (!exists) {
      const add = have.tools ? sh`groupadd ${raw(system ? '-r' : '')}` : sh`addgroup ${raw(system ? '-S' : '')}`
      return [
        { say: `create group ${name}${gid === undefined ? '' : ` (gid ${gid})`}`, sh: sh`${add} ${number} ${name}` },
      ]
    }
    if (!have.tools)
      return { refused: `group ${name} has gid ${current ?? ''}, and this host has no groupmod to change it` }
    return [
      { say: `change gid of group ${name} from ${current ?? ''} to ${gid ?? ''}`, sh: sh`groupmod ${number} ${name}` },
    ]
  },
  effects: ({ name, state }) => [{ about: 'group', name, exists: state === 'present' }],
  foresee({ name, gid }, have, later) {
    const pending = later.account('group', name)
    if (pending === undefined || pending.exists === (have.fields !== undefined)) return have
    if (!pending.exists) return { ...have, fields: undefined }
    if (gid !== undefined) return { unknown: `which gid ${pending.from} gives group ${name}` }
    return { ...have, fields: [name, 'x', '', ''] }
  },
})
