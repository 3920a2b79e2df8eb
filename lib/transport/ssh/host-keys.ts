import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import type { Problem } from '../../errors.ts'
import { fingerprint, keyType, knownHosts, knownHostsLine, type KnownHosts } from '../known-hosts.ts'
import { keyNameOf, type SshTarget } from './target.ts'

/** The known_hosts entries for a host. */
export async function readKnownHosts({ settings }: SshTarget): Promise<KnownHosts> {
  const files = [...settings.knownHostsFiles, ...settings.globalKnownHostsFiles]
  const texts = await Promise.all(files.map((path) => readFile(path, 'latin1').catch(() => '')))
  return knownHosts(files.map((path, index) => ({ path, text: texts[index] ?? '' })))
}

/** The verdict on a host key. `isNew`: accepted, and to be saved. */
export function checkKey(
  known: KnownHosts,
  target: SshTarget,
  key: Buffer,
): { readonly problem?: Problem; readonly isNew: boolean } {
  const { host, settings } = target
  const { host: lookedUp, port } = keyNameOf(target)
  if (settings.isLoopbackUnchecked && isLoopback(settings.hostName)) return { isNew: false }
  const verdict = known.check(lookedUp, port, key)
  const got = `${keyType(key)} ${fingerprint(key)}`
  const name = port === 22 ? lookedUp : `[${lookedUp}]:${port}`
  const files = settings.knownHostsFiles
  switch (verdict.type) {
    case 'known':
      return { isNew: false }
    case 'unknown':
      if (settings.unknownHostKeys === 'accept-new') return { isNew: true }
      return {
        isNew: false,
        problem: {
          code: 'host-key',
          host,
          message: `the host key of ${name} is not known`,
          expected: `a line for ${name} in ${[...files, ...settings.globalKnownHostsFiles].join(' or ')}`,
          got,
          hint: `compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then run again with --accept-new-host-keys`,
        },
      }
    case 'revoked':
      return {
        isNew: false,
        problem: {
          code: 'host-key',
          host,
          message: `the host key of ${name} is revoked`,
          expected: 'a key that is not marked @revoked',
          got,
          hint: `it is revoked at ${verdict.place}: do not connect before you know why it was revoked`,
        },
      }
    case 'changed':
      return {
        isNew: false,
        problem: {
          code: 'host-key',
          host,
          message: `the host key of ${name} has changed: either the host was reinstalled, or someone intercepts the connection`,
          expected: verdict.known.map((entry) => `${entry.type} ${entry.fingerprint} (${entry.place})`).join(' or '),
          got,
          hint: `if you know that the host was reinstalled: ssh-keygen -R '${name}' -f ${files[0] ?? ''}, then run again with --accept-new-host-keys`,
        },
      }
  }
}

export function isLoopback(address: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(address)
}

/** Saves a new key. Returns the problem when this is not possible. */
export async function rememberKey(target: SshTarget, key: Buffer): Promise<Problem | undefined> {
  const { settings } = target
  const [file] = settings.knownHostsFiles
  if (file === undefined || file === '/dev/null') return undefined
  const { host, port } = keyNameOf(target)
  try {
    makeDirectory(dirname(file), 0o700)
    const before = await readFile(file, 'latin1').catch(() => '')
    const line = knownHostsLine(host, port, key, settings.hashKnownHosts)
    // At once: the file may be another one a moment later.
    appendFileSync(file, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 })
    return undefined
  } catch (error) {
    return notRemembered(target.host, host, file, error)
  }
}

/** A key must be saved in a file, or the next run would accept any other key. */
function notRemembered(host: string, name: string, file: string, error: unknown): Problem {
  return {
    code: 'host-key',
    host,
    message: `the new host key cannot be saved, so the connection is not used`,
    expected: `${file} can be written`,
    got: error instanceof Error ? error.message : String(error),
    hint: `make ${file} and its directory writable for this user, or add the key by hand: ssh-keyscan ${name} >> known_hosts, after comparing its fingerprint`,
  }
}

/** Notes about weak settings for checking host keys. */
export function hostKeyNotes({ settings }: SshTarget): readonly string[] {
  const [file] = settings.knownHostsFiles
  const keepsNone = file === undefined || file === '/dev/null'
  if (keepsNone && settings.unknownHostKeys === 'accept-new')
    return [
      'the identity of the host is not checked: StrictHostKeyChecking accepts unknown host keys, and UserKnownHostsFile saves none. Give these hosts a known_hosts file of their own',
    ]
  return settings.isUnchecked
    ? ['StrictHostKeyChecking=no is taken as accept-new: an unknown host key is kept, and a changed one is refused']
    : []
}
