import { matchesGlob } from '../text/glob.ts'
import type { SshAnswer } from './answer.ts'

/** Older names. Source: readconf.c of OpenSSH 9.2. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  hostbasedkeytypes: 'hostbasedacceptedalgorithms',
  hostbasedacceptedkeytypes: 'hostbasedacceptedalgorithms',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  smartcarddevice: 'pkcs11provider',
}

/** A keyword in lower case, by the name that ssh prints. */
export function fullNameOf(keyword: string): string {
  const lower = keyword.toLowerCase()
  return OTHER_NAMES[lower] ?? lower
}

/** Whether all of the line is the value, with its quotes. */
export function takesLine(keyword: string): boolean {
  return /^(?:proxycommand|localcommand|remotecommand|knownhostscommand)$/.test(keyword)
}

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

/** Lists of algorithms that begin with `+`, `-` or `^` change the usual list: they add, take away, or put first. */
export function withRelativeAlgorithms(answer: SshAnswer): SshAnswer {
  return new Map(
    [...answer].map(([keyword, values]) => {
      const usual = Object.hasOwn(USUAL, keyword) ? USUAL[keyword] : undefined
      const [, sign, list = ''] = /^([-+^])(.*)$/.exec(values[0] ?? '') ?? []
      return usual === undefined || sign === undefined
        ? [keyword, values]
        : [keyword, [changed(usual, sign, list.split(',')).join(',')]]
    }),
  )
}

function changed(usual: readonly string[], sign: string, names: readonly string[]): readonly string[] {
  if (sign === '-') return usual.filter((name) => !names.some((pattern) => matchesGlob(pattern, name)))
  const ordered = sign === '^' ? [...names, ...usual] : [...usual, ...names]
  return [...new Set(ordered)]
}
