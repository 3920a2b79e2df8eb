import type {
  Algorithms as LibraryAlgorithms,
  CipherAlgorithm,
  KexAlgorithm,
  MacAlgorithm,
  ServerHostKeyAlgorithm,
} from 'ssh2'
import type { Algorithms } from '../../ssh-config/settings.ts'
import { matchesGlob } from '../../text/glob.ts'

const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** The algorithms of ssh2. Those that are off by default come last. */
const KEX: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
]
const CIPHERS: readonly CipherAlgorithm[] = [
  'chacha20-poly1305@openssh.com',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes256-cbc',
  'aes192-cbc',
  'aes128-cbc',
  '3des-cbc',
]
const MACS: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
  'hmac-md5',
]
const MORE_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [...HOST_KEYS, 'ssh-rsa', 'ssh-dss']

/**
 * The algorithms for ssh2 to offer. Undefined when ssh2 has none of the wanted ones.
 *
 * @param types the types of the host's known keys. They come first, or a host with several keys would seem to have a changed key. As with ssh(1),
 * not where HostKeyAlgorithms says an order of its own
 */
export function libraryAlgorithms(wanted: Algorithms, types: readonly string[]): LibraryAlgorithms | undefined {
  const lists = {
    kex: common(wanted.kex, KEX),
    cipher: common(wanted.cipher, CIPHERS),
    hmac: common(wanted.mac, MACS),
    serverHostKey: wanted.hostKey === undefined ? undefined : common(wanted.hostKey, MORE_HOST_KEYS),
  }
  if (Object.values(lists).some((list) => list?.length === 0)) return undefined
  const { kex, cipher, hmac, serverHostKey = HOST_KEYS } = lists
  return {
    ...(kex === undefined ? {} : { kex }),
    ...(cipher === undefined ? {} : { cipher }),
    ...(hmac === undefined ? {} : { hmac }),
    serverHostKey: isChosenOrder(wanted.hostKey) ? [...serverHostKey] : preferred(serverHostKey, types),
  }
}

function common<T extends string>(wanted: readonly string[] | undefined, able: readonly T[]): T[] | undefined {
  return wanted?.flatMap((name) => able.filter((known) => known === name))
}

/** ssh's own list, also with algorithms added or removed, begins with certificates and keeps its order. */
function isChosenOrder(wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return false
  const places = wanted.map((name) => HOST_KEYS.findIndex((known) => known === name)).filter((place) => place >= 0)
  return wanted[0]?.includes('-cert-') !== true || places.some((place, at) => place < (places[at - 1] ?? -1))
}

function preferred(algorithms: readonly ServerHostKeyAlgorithm[], types: readonly string[]): ServerHostKeyAlgorithm[] {
  const known = (algorithm: string) => types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...algorithms].sort((a, b) => Number(known(b)) - Number(known(a)))
}

/** The signature algorithms of a key type. For other types the names are equal. Source: RFC 8332. */
const BY_RSA: readonly string[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']

/** Whether the configuration allows keys of this type. Its list may have patterns. */
export function acceptsKey({ publicKey }: Algorithms, type: string): boolean {
  const algorithms = type === 'ssh-rsa' ? BY_RSA : [type]
  return publicKey?.some((pattern) => algorithms.some((name) => matchesGlob(pattern, name))) ?? true
}
