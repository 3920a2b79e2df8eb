import type { SshSettings } from '../../ssh-config/settings.ts'

/** A secret value. */
interface Concealed {
  reveal(): string
}

/** What opens a key: the passphrase of its file, or the PIN of the device that holds it. A key may have both. */
export type KeySecret = 'passphrase' | 'PIN'

/** A host reached over SSH, with all settings for connecting. */
export interface SshTarget {
  /** The inventory's name of the host, for messages. */
  readonly host: string
  /** The name as an argument of ssh(1). */
  readonly address: string
  readonly settings: SshSettings
  /** The arguments of ssh(1) for these settings. */
  readonly words: readonly string[]
  /** Whether to always use the program. */
  readonly client?: 'openssh' | undefined
  readonly password?: Concealed | undefined
  /** Gets the passphrase or the PIN of a private key; undefined without one. */
  readonly passphrase: (key: string, what: KeySecret) => Promise<Concealed | undefined>
  /** Seconds for connecting and authenticating together. */
  readonly connectTimeout: number
  /** Seconds between keepalives. After three without an answer the connection counts as lost. */
  readonly keepaliveInterval: number
  /** Tells the user what the connection waits for, such as a touch. */
  readonly say?: ((message: string) => void) | undefined
  /** Aborts connecting. An open connection is closed by its user instead. */
  readonly signal?: AbortSignal | undefined
  /** Whether to accept unknown host keys for this run, also of jump hosts. */
  readonly acceptsNewKeys: boolean
  /** The depth of nested jump hosts so far. */
  readonly depth: number
}

/** The address of the host, for messages. */
export function placeOf({ settings: { hostName, port } }: SshTarget): string {
  return `${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`
}

/** The name for looking up the host key. An alias has no port. */
export function keyNameOf({ settings }: SshTarget): { readonly host: string; readonly port: number } {
  const { hostKeyAlias, hostName, port } = settings
  return hostKeyAlias === undefined ? { host: hostName, port } : { host: hostKeyAlias, port: 22 }
}

/** The command for trying the same connection by hand. */
export function byHand({ settings, address }: SshTarget): string {
  const isKnown = settings.hostName !== address
  return isKnown ? `ssh ${address}` : `ssh -p ${settings.port} ${settings.user}@${address}`
}
