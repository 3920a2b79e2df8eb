import { matchesGlob } from '../../text/glob.ts'
import type { SshAnswer } from '../answer.ts'
import { ConfigFault } from '../fault.ts'

/** What OpenSSH 9.2 offers where nothing is said. */
const KEX = [
  'sntrup761x25519-sha512',
  'sntrup761x25519-sha512@openssh.com',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
const CIPHERS = [
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
]
const MACS = ['umac-64', 'umac-128', 'hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1']
const SIGNED = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521']
const KEYS = [
  'ssh-ed25519-cert-v01@openssh.com',
  ...SIGNED.map((name) => `${name}-cert-v01@openssh.com`),
  'sk-ssh-ed25519-cert-v01@openssh.com',
  'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
  'ssh-ed25519',
  ...SIGNED,
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
const USUAL: Readonly<Record<string, readonly string[]>> = {
  kexalgorithms: KEX,
  ciphers: CIPHERS,
  macs: [
    ...MACS.map((name) => `${name}-etm@openssh.com`),
    ...MACS.map((name) => (name.startsWith('umac') ? `${name}@openssh.com` : name)),
  ],
  hostkeyalgorithms: KEYS,
  pubkeyacceptedalgorithms: KEYS,
}

/** Those that OpenSSH knows besides the usual ones. The last of the key exchanges are of later versions. */
const MORE_KEX = [
  ...['diffie-hellman-group1-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'],
  'mlkem768x25519-sha256',
]
const MORE_CIPHERS = ['3des-cbc', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc']
const MORE_MACS = ['hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'].flatMap((name) => [name, `${name}-etm@openssh.com`])
/** As ssh-keygen(1) names types, in any case. */
const SHORT_NAMES = /^(ed25519|ed25519-sk|ecdsa|ecdsa-sk|rsa|dsa)$/i
/** In the order in which a pattern finds them. */
const ALL_KEYS = [
  ...['ssh-ed25519', 'sk-ssh-ed25519', ...SIGNED, 'sk-ecdsa-sha2-nistp256'].flatMap((name) => [
    name.startsWith('sk-') ? `${name}@openssh.com` : name,
    `${name}-cert-v01@openssh.com`,
  ]),
  'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
  ...['ssh-dss', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].flatMap((name) => [name, `${name}-cert-v01@openssh.com`]),
]
const ALL: Readonly<Record<string, readonly string[]>> = {
  kexalgorithms: [...KEX, ...MORE_KEX],
  ciphers: [...CIPHERS, ...MORE_CIPHERS],
  macs: [...(USUAL['macs'] ?? []), ...MORE_MACS],
  hostkeyalgorithms: ALL_KEYS,
  pubkeyacceptedalgorithms: ALL_KEYS,
}

/**
 * Lists of algorithms as `ssh -G` prints them. One that begins with `+`, `-` or `^` changes the usual list: adds, takes away, or puts first. Throws a
 * ConfigFault where nothing is left of one.
 *
 * Source: kex_assemble_names of OpenSSH 9.2.
 */
export function withWholeLists(answer: SshAnswer): SshAnswer {
  return new Map([...answer].map(([keyword, values]) => [keyword, wholeList(keyword, values)]))
}

function wholeList(keyword: string, values: readonly string[]): readonly string[] {
  const usual = Object.hasOwn(USUAL, keyword) ? USUAL[keyword] : undefined
  const [, sign = '', list = ''] = /^([-+^]?)(.*)$/s.exec(values[0] ?? '') ?? []
  if (usual === undefined || values.length === 0) return values
  if (sign === '-')
    return [usual.filter((name) => !list.split(',').some((pattern) => matchesGlob(pattern, name))).join(',')]
  const all = ALL[keyword] ?? usual
  const names = list
    .split(',')
    .flatMap((pattern) => (/^gss-/.test(pattern) ? [pattern] : all.filter((name) => matchesGlob(pattern, name, true))))
  if (names.length === 0) throw new ConfigFault(`${keyword}: no algorithm is called ${list}`)
  const before = sign === '+' ? usual : []
  return [[...new Set([...before, ...names, ...(sign === '^' ? usual : [])])].join(',')]
}

/** The names of a list, without the sign that changes the usual list. To ssh, a list ends with an empty name. */
function namesIn(list: string): readonly string[] {
  const names = list.replace(/^[+^]/, '').split(',')
  const end = names.indexOf('')
  return end === -1 ? names : names.slice(0, end)
}

function isListOf(list: string, isName: (name: string) => boolean): boolean {
  return list.startsWith('-') || (!/^[+^]?$/.test(list) && namesIn(list).every(isName))
}

export function isCipherList(list: string): boolean {
  return isListOf(list, (name) => ALL['ciphers']?.includes(name) === true)
}

export function isMacList(list: string): boolean {
  return isListOf(list, (name) => ALL['macs']?.includes(name) === true)
}

/** Key exchanges; those of GSSAPI end in a hash. */
export function isAlgorithmList(list: string): boolean {
  return isListOf(list, (name) => ALL['kexalgorithms']?.includes(name) === true || /^gss-[\w-]+-/.test(name))
}

/** Types of keys, also as patterns. */
export function isHostKeyList(list: string): boolean {
  return isListOf(
    list,
    (name) => SHORT_NAMES.test(name) || ALL_KEYS.some((each) => matchesGlob(name.replace(/^!/, ''), each, true)),
  )
}
