import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The first place on the way to a path that another account of this machine can change, and why. */
export interface Weakness {
  readonly path: string
  /** Follows the path in a message: `belongs to user 1001`, `can be written by everybody`. */
  readonly why: string
}

/** Accounts and permissions that are accepted. */
interface Accepted {
  /** User ids that may own places on the way. */
  readonly owners: ReadonlySet<number>
  /** Places that are not checked. */
  readonly known?: ReadonlySet<string>
  /** Write permission bits that are accepted for a group, or for everybody. */
  readonly group?: number | undefined
  readonly everybody?: boolean
}

const MOST_LINKS = 40

/**
 * Why a path is not trusted: each directory from / down to the path, and the path itself, must belong to this account or to root, and nobody else may
 * write there. A sticky directory for all, such as /tmp, may be on the way when the next part belongs to us or root. Links are followed by the same
 * rule. Undefined when the path is trusted, also for a missing file in a trusted directory.
 *
 * Source: sshd_config(5), StrictModes. On systems without user ids everything is trusted.
 */
export function weaknessOf(path: string): Weakness | undefined {
  const us = process.geteuid?.()
  return us === undefined ? undefined : walk(path, { owners: new Set([0, us]) })
}

/**
 * Why code must not be loaded for a playbook: an account that could not have changed the playbook may have put it there. The directories above the
 * playbook are not checked; everything else must belong to this account, to root or to the owner of the playbook, and nobody else may write there.
 */
export function codeWeakness(path: string, playbook: string): Weakness | undefined {
  const us = process.geteuid?.()
  if (us === undefined) return undefined
  const directory = lstatOf(dirname(playbook))
  const owners = new Set([
    0,
    us,
    ...[lstatOf(playbook), directory].flatMap((stat) => (stat === undefined ? [] : stat.uid)),
  ])
  const mode = directory === undefined || isSticky(directory) ? 0 : directory.mode
  return walk(path, {
    owners,
    known: new Set(above(playbook)),
    group: (mode & 0o020) === 0 ? undefined : directory?.gid,
    everybody: (mode & 0o002) !== 0,
  })
}

/**
 * Why a program must not be run by its path: an account that could not have changed the project in the working directory may have put it there.
 * Undefined when it may run, and for a name that the system looks up in PATH.
 */
export function programWeakness(path: string): Weakness | undefined {
  return path.includes('/') ? codeWeakness(resolve(path), join(process.cwd(), 'playbooks')) : undefined
}

/** Resolves the path as the system does, one part after the other. */
function walk(path: string, accepted: Accepted): Weakness | undefined {
  const names = ['/', ...resolve(path).split('/')]
  let at = '/'
  let isShared = false
  let links = 0
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      at = dirname(at)
      continue
    }
    const here = join(at, name)
    const stat = lstatOf(here)
    if (stat === undefined) return isShared ? { path: at, why: 'can be written by everybody' } : undefined
    const isKnown = accepted.known?.has(here) === true
    if (!isKnown && !accepted.owners.has(stat.uid)) return { path: here, why: `belongs to user ${stat.uid}` }
    if (stat.isSymbolicLink()) {
      if (++links > MOST_LINKS) return { path: here, why: 'leads through too many links' }
      const target = readlinkSync(here)
      names.unshift(...target.split('/'))
      if (target.startsWith('/')) at = '/'
      continue
    }
    const writers = writersOf(stat, accepted)
    isShared = writers !== undefined && stat.isDirectory()
    if (!isKnown && writers !== undefined && !isSticky(stat)) return { path: here, why: `can be written by ${writers}` }
    at = here
  }
  return undefined
}

function writersOf({ mode, gid }: Stats, { owners, group, everybody }: Accepted): string | undefined {
  if ((mode & 0o002) !== 0 && everybody !== true) return 'everybody'
  if ((mode & 0o020) !== 0 && gid !== group && !isPrivate(gid, owners)) return `group ${gid}`
  return undefined
}

/**
 * Whether only these accounts are in a group: many systems give each account its own group, with write permission.
 *
 * Source: group(5), passwd(5).
 */
function isPrivate(gid: number, owners: ReadonlySet<number>): boolean {
  const users = fieldsOf('/etc/passwd').map(([name, , uid, primary]) => ({
    name,
    uid: Number(uid),
    gid: Number(primary),
  }))
  const ours = new Set(users.flatMap(({ name, uid }) => (owners.has(uid) ? [name] : [])))
  const having = users.filter((user) => user.gid === gid)
  const members = fieldsOf('/etc/group').flatMap(([, , id, names]) =>
    Number(id) === gid ? (names ?? '').split(',').filter((name) => name !== '') : [],
  )
  return having.length > 0 && having.every(({ uid }) => owners.has(uid)) && members.every((name) => ours.has(name))
}

function fieldsOf(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [line.split(':')]))
  } catch {
    return []
  }
}

function isSticky(stat: Stats): boolean {
  return stat.isDirectory() && (stat.mode & 0o1000) !== 0
}

/** Undefined for a missing path; an unreadable one is reported by whatever uses it next. */
function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

function above(path: string): string[] {
  const directory = dirname(path)
  return directory === path ? [] : [directory, ...above(directory)]
}
