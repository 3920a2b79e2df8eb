import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { matchesGlob } from '../text/glob.ts'
import { readPublicKey } from './keys/public-key.ts'

/**
 * An entry of a known_hosts file.
 *
 * Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 */
export interface KnownKey {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  readonly hosts: string
  readonly type: string
  readonly key: Buffer
  readonly place: string
}

type HostKeyVerdict =
  | { readonly type: 'known' }
  | { readonly type: 'revoked'; readonly place: string }
  | {
      readonly type: 'changed'
      readonly known: readonly { readonly type: string; readonly fingerprint: string; readonly place: string }[]
    }
  | { readonly type: 'unknown' }

export interface KnownHosts {
  /** Key types on file for the host, in the order of the file. The server is asked for these first. */
  types(host: string, port: number): readonly string[]
  /** Whether a certificate authority is on file for the host. */
  hasAuthority(host: string, port: number): boolean
  check(host: string, port: number, key: Buffer): HostKeyVerdict
  /** Whether exactly these keys are on file for the host. */
  hasExactly(host: string, port: number, keys: readonly Buffer[]): boolean
}

interface Numbered {
  /** Its position in the files. */
  readonly at: number
  readonly entry: KnownKey
}

type Texts = readonly { readonly path: string; readonly text: string }[]

const read = new Map<string, { readonly files: Texts; readonly known: KnownHosts }>()

/** The entries of known_hosts files. Equal texts are parsed once, however many hosts are looked up. */
export function knownHosts(files: Texts): KnownHosts {
  const key = files.map(({ path }) => path).join('\0')
  const before = read.get(key)
  if (before?.files.every(({ text }, at) => text === files[at]?.text)) return before.known
  const known = parseKnownHosts(files)
  read.set(key, { files, known })
  return known
}

/** Parses the text of known_hosts files. Invalid lines are skipped, as by ssh(1). */
export function parseKnownHosts(files: Texts): KnownHosts {
  const known = files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => parseLine(line, `${path}:${index + 1}`)),
  )
  // Plain names are indexed, so that a thousand lines are not searched for each of a thousand hosts.
  const byName = new Map<string, Numbered[]>()
  const others: Numbered[] = []
  for (const [at, entry] of known.entries()) {
    const isPlain = !/[|*?!]/.test(entry.hosts)
    for (const name of isPlain ? new Set(entry.hosts.toLowerCase().split(',')) : []) {
      const before = byName.get(name)
      if (before === undefined) byName.set(name, [{ at, entry }])
      else before.push({ at, entry })
    }
    if (!isPlain) others.push({ at, entry })
  }
  const looked = new Map<string, readonly KnownKey[]>()
  const entriesFor = (host: string, port: number) => {
    const name = nameOf(host, port)
    const before = looked.get(name)
    if (before !== undefined) return before
    const found = [...(byName.get(name) ?? []), ...others.filter(({ entry }) => matches(entry.hosts, name))]
    const entries = found.sort((a, b) => a.at - b.at).map(({ entry }) => entry)
    looked.set(name, entries)
    return entries
  }
  return {
    types: (host, port) => [
      ...new Set(entriesFor(host, port).flatMap((entry) => (entry.marker === undefined ? [entry.type] : []))),
    ],
    // One without the port counts as well, where no other line is about the host.
    hasAuthority: (host, port) =>
      [port, SSH_PORT].some((each) => entriesFor(host, each).some(({ marker }) => marker === 'cert-authority')),
    check(host, port, key) {
      const verdict = verdictAmong(entriesFor(host, port), key)
      // An entry without the port counts only when no other entry does, and only for its own key types.
      const isPlainKnown = () => verdictAmong(entriesFor(host, SSH_PORT), key).type === 'known'
      return verdict.type === 'unknown' && port !== SSH_PORT && isPlainKnown() ? { type: 'known' } : verdict
    },
    hasExactly(host, port, keys) {
      const known = entriesFor(host, port).map(({ key }) => key)
      const isIn = (list: readonly Buffer[]) => (key: Buffer) => list.some((each) => each.equals(key))
      return keys.every(isIn(known)) && known.every(isIn(keys))
    },
  }
}

/** Source: sshconnect.c and hostfile.c of OpenSSH. */
function verdictAmong(entries: readonly KnownKey[], key: Buffer): HostKeyVerdict {
  const revoked = entries.find((entry) => entry.marker === 'revoked' && entry.key.equals(key))
  if (revoked) return { type: 'revoked', place: revoked.place }
  const plain = entries.filter((entry) => entry.marker === undefined)
  if (plain.some((entry) => entry.key.equals(key))) return { type: 'known' }
  if (plain.length === 0) return { type: 'unknown' }
  return {
    type: 'changed',
    known: plain.map((entry) => ({ type: entry.type, fingerprint: fingerprint(entry.key), place: entry.place })),
  }
}

const SSH_PORT = 22

/** The name of a host in known_hosts. ssh(1) looks it up in lower case. */
export function nameOf(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === SSH_PORT ? name : `[${name}]:${port}`
}

/** The fingerprint as from `ssh-keygen -l`: `SHA256:` and unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The key type that a public key blob names in its first field (RFC 4253, 6.6). */
export function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}

/** The line to add for a new key. The name is hashed if `HashKnownHosts` is set. */
export function knownHostsLine(host: string, port: number, key: Buffer, isHashed = false): string {
  const name = nameOf(host, port)
  const salt = randomBytes(HASH_BYTES)
  const hash = () => createHmac('sha1', salt).update(name).digest('base64')
  return `${isHashed ? `|1|${salt.toString('base64')}|${hash()}` : name} ${keyType(key)} ${key.toString('base64')}\n`
}

/** Parses a line. Empty for lines that ssh(1) does not accept: they are no proof of a changed key. */
export function parseLine(line: string, place: string): KnownKey[] {
  const fields = line.replace(/^[ \t]+/, '').split(/[ \t]+/)
  const first = fields[0] ?? ''
  if (first === '' || first.startsWith('#')) return []
  const marker = first === '@revoked' ? 'revoked' : first === '@cert-authority' ? 'cert-authority' : undefined
  if (first.startsWith('@') && marker === undefined) return []
  const [hosts, type, base64] = marker === undefined ? fields : fields.slice(1)
  if (hosts === undefined || type === undefined || base64 === undefined) return []
  const key = readPublicKey(type, base64)
  return key === undefined ? [] : [{ marker, hosts, type, key, place }]
}

export function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHashed(hosts, name)
  const patterns = hosts.split(',')
  const hit = (pattern: string) => matchesGlob(pattern, name)
  return (
    !patterns.some((p) => p.startsWith('!') && hit(p.slice(1))) && patterns.some((p) => !p.startsWith('!') && hit(p))
  )
}

/** HMAC-SHA1 with a salt of the same length, both in base64. Source: ssh's hostfile.c. */
const HASH_BYTES = 20
const LONGEST_SALT = 64

function matchesHashed(hosts: string, name: string): boolean {
  const [, , salt, hash, more] = hosts.split('|')
  if (salt === undefined || hash === undefined || more !== undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(hash))
    return false
  const expected = Buffer.from(hash, 'base64')
  if (expected.length !== HASH_BYTES || salt.length > LONGEST_SALT) return false
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return timingSafeEqual(expected, actual)
}
