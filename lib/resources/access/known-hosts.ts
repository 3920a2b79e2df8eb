import { createHmac } from 'node:crypto'
import { accountOption } from '../accounts/account.ts'
import { stateOption } from '../files/absent-state.ts'
import { editWant } from '../files/edit.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { flag, list, path as pathOption } from '../kit/options/option-types.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { insert, join, split, type Line } from '../kit/text.ts'
import { homeEdit, type HomeEditWant } from './home-file.ts'
import { publicKey, readKey } from './public-key.ts'

export interface KnownHostsOptions {
  /** The host's public keys: `ssh-ed25519 AAAA...`. All of them, or none with `state: 'absent'`. */
  readonly keys?: readonly string[]
  /** Into the user's own `.ssh/known_hosts`. Default: for all users, /etc/ssh/ssh_known_hosts. */
  readonly user?: string
  /** Another file. */
  readonly path?: string
  /** A new line hides the host's name. Default false. */
  readonly hashed?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type KnownHostsWant = HomeEditWant & {
  readonly host: string
  readonly keys: readonly string[]
  readonly hashed: boolean
}

/**
 * The keys by which a host is known to ssh: these and no others. Lines that name several hosts keep the others; hashed names are recognised.
 *
 * @example
 * knownHosts('git.example.com', { keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA3c0C3a4b6VLxYM0Tu6tRAMtdXO4lUYGkA3cVvDE5Hd'] })
 * knownHosts('[git.example.com]:2222', { keys: [key], user: 'deploy' })
 * knownHosts('old.example.com', { state: 'absent' })
 *
 * Defaults: a new file has mode 0644, in a home 0600; the directory `.ssh` is made there.
 * Refused: a text that is no public key, before any host is touched; no such user.
 *
 * Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 */
export function knownHosts(host: string, options: KnownHostsOptions): Resource {
  const { name: written, options: given } = read(host, options)
  // ssh looks for small letters, and names the port only where it is not 22: ssh(1), known_hosts of sshd(8).
  const name = written.toLowerCase().replace(/^\[(.*)\]:22$/, '$1')
  const { user, path = user === undefined ? '/etc/ssh/ssh_known_hosts' : undefined, state, hashed = false } = given
  const absent = state === 'absent'
  const attributes = absent ? {} : { create: true, ...(user === undefined ? {} : { owner: user, mode: '0600' }) }
  const keys = (given.keys ?? []).flatMap((each) => {
    const key = readKey(each)
    return key === undefined ? [] : [`${key.type} ${key.blob}`]
  })
  return make(user === undefined ? name : `${name} of ${user}`, {
    ...editWant(path ?? '', attributes, absent, false),
    user,
    below: path === undefined ? '.ssh/known_hosts' : undefined,
    managesDirectory: path === undefined,
    host: name,
    keys,
    hashed,
  })
}

const make = kind(
  homeEdit<KnownHostsWant>({
    name: 'knownHosts',
    edit: (want, live) => editKnownHosts(live, want),
    summary: ({ host, absent }) => `${absent ? 'remove' : 'set'} the keys of ${host}`,
    declarations: ({ host, path, user, keys }) => [
      [`known host ${host} in ${path || `the home of ${user ?? ''}`}`, keys],
    ],
  }),
)

/** The file in which this host has these keys. What it gave, it gives again. */
export function editKnownHosts(
  live: string,
  want: Pick<KnownHostsWant, 'host' | 'keys' | 'absent' | 'hashed'>,
): string {
  const left = new Set(want.absent ? [] : want.keys)
  const kept = split(live).flatMap((line): Line[] => {
    const [, mark = '', hosts, key] = /^\s*(@\S+\s+)?([^\s#@]\S*)\s+(\S+\s+\S+)/.exec(line.text) ?? []
    if (hosts === undefined || key === undefined || mark !== '') return [line]
    const names = hosts.split(',')
    if (!names.some((name) => isHost(name, want.host))) return [line]
    const plain = key.replace(/\s+/, ' ')
    if (left.delete(plain)) return [line]
    const others = names.filter((name) => !isHost(name, want.host))
    if (others.length === 0) return []
    return [{ ...line, text: line.text.replace(hosts, others.join(',')) }]
  })
  const name = () => (want.hashed ? hashOf(want.host) : want.host)
  return join(
    insert(
      kept,
      [...left].map((key) => `${name()} ${key}`),
      {},
    ),
  )
}

function isHost(name: string, host: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/s.exec(name) ?? []
  if (salt === undefined) return name.toLowerCase() === host.toLowerCase()
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(host.toLowerCase()).digest('base64') === hash
}

/** The salt is made of the name, so that the same line comes out each time. */
function hashOf(host: string): string {
  const salt = createHmac('sha1', 'known host').update(host).digest()
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host).digest('base64')}`
}

function hostName(given: unknown): string {
  if (typeof given === 'string' && /^(\[[\w.:%-]+\]:\d+|[\w.:%-]+)$/.test(given)) return given
  throw invalidOption('host of knownHosts', 'a name or an address, with a port as "[name]:2222"', describeValue(given))
}

const read = resourceOptions<KnownHostsOptions>()(
  'knownHosts',
  hostName,
  () => ({
    keys: list('a list of public keys', publicKey()).optional(),
    user: accountOption().optional(),
    path: pathOption().optional(),
    hashed: flag().optional(),
    state: stateOption().optional(),
  }),
  (options) =>
    options.state === 'absent'
      ? leftOut(['keys', 'hashed'], 'with state: absent', options)
      : [
          (options.keys ?? []).length === 0
            ? { what: 'keys', expected: 'at least one key, or state: absent', got: 'none' }
            : undefined,
        ],
)
