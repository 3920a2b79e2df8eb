import type { Effect, Prediction } from '../prediction/prediction.ts'

/** The files that the tools of shadow write, with a content that nobody wrote down. */
export const ACCOUNT_PATHS: readonly string[] = [
  '/etc/passwd',
  '/etc/group',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/subuid',
  '/etc/subgid',
]

export const ACCOUNT_FILES: readonly Effect[] = ACCOUNT_PATHS.map((path) => ({
  type: 'path',
  path,
  state: { type: 'file', confirm: true, rewritten: true },
}))

/** Whose a number will be: of the account that has it now, unless something pending frees it, or of one that is given it. */
export function holderOf(
  type: 'user' | 'group',
  id: number | undefined,
  { name, now }: { readonly name: string; readonly now: string | undefined },
  prediction: Prediction,
): string | undefined {
  if (id === undefined) return undefined
  const other = prediction.accounts
    .peekAll(type)
    .find((each) => each.name !== name && each.exists && each.entry?.id === String(id))
  if (other !== undefined) return prediction.accounts.get(type, other.name)?.name
  if (now === undefined || now === name) return now
  const pending = prediction.accounts.get(type, now)
  const isFree = pending !== undefined && (!pending.exists || (pending.entry?.id ?? String(id)) !== String(id))
  return isFree ? undefined : now
}

/**
 * An account to come for which nobody has said a number, and which may get this one: each new one gets the number after the highest.
 *
 * Source: useradd(8); shadow 4.13, lib/find_new_uid.c and find_new_gid.c.
 */
export function mayGet(
  type: 'user' | 'group',
  id: number | undefined,
  { name, next = [] }: { readonly name: string; readonly next?: readonly number[] | undefined },
  prediction: Prediction,
): string | undefined {
  if (id === undefined || next.length === 0) return undefined
  const others = prediction.accounts.peekAll(type).filter((each) => each.exists && each.name !== name)
  const open = others.filter(({ entry }) => entry?.id === undefined)
  const [first] = open
  if (first === undefined) return undefined
  const numbers = others.flatMap(({ entry }) => (entry?.id === undefined ? [] : [Number(entry.id) + 1]))
  // A user's own group gets the number of the user, where that is free.
  const owners = type === 'user' ? [] : open.map((group) => prediction.accounts.get('user', group.name)?.entry?.id)
  const given = owners.flatMap((owner) => (owner === undefined ? [] : [Number(owner)]))
  const starts = [...(type === 'user' ? next.slice(0, 1) : next), ...numbers, ...given]
  const isNear = starts.some((from) => id >= from && id < from + open.length)
  return isNear ? prediction.accounts.get(type, first.name)?.from : undefined
}

/** Packages whose account has another name, in Debian and in the EL family. */
const ACCOUNTS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries<readonly string[]>({
    bind: ['named'],
    dbus: ['messagebus', 'dbus'],
    'default-mysql-server': ['mysql'],
    'docker-ce': ['docker'],
    'exim4-base': ['Debian-exim'],
    httpd: ['apache'],
    'libvirt-daemon-system': ['libvirt', 'libvirt-qemu'],
    'mariadb-server': ['mysql'],
    'openssh-server': ['sshd'],
    'wireshark-common': ['wireshark'],
  }),
)

/**
 * The package to come that brings an account, as far as its name tells: `postgres` with postgresql-15, `redis` with redis-server, `_chrony` with chrony,
 * `nodeexporter` with node-exporter.
 * No package list says which accounts a package has.
 */
export function bringerOf(account: string, prediction: Prediction): string | undefined {
  const stem = account.replace(/^_/, '').replace(/^[Dd]ebian-/, '')
  const bringer = prediction.packages
    .peekInstalled()
    .find(
      ({ name, asIs }) =>
        !asIs &&
        (ACCOUNTS.get(name)?.includes(account) === true ||
          joined(name) === joined(stem) ||
          (stem.length > 2 && name.startsWith(stem) && /^([-.\d]|ql)/.test(name.slice(stem.length)))),
    )
  return bringer && prediction.packages.get(bringer.name)?.from
}

function joined(name: string): string {
  return name.replaceAll(/[-_.+]/g, '').toLowerCase()
}
