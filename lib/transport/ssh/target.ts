import type { SshSettings } from '../../ssh-config/settings.ts'

/** A value that is shown to nobody. */
interface Concealed {
  reveal(): string
}

/** A host that is reached over SSH, with all that is known of the way. */
export interface SshTarget {
  /** The inventory's name of the host, for messages. */
  readonly host: string
  /** As it would be given to ssh(1). */
  readonly address: string
  readonly settings: SshSettings
  /** The words for ssh(1) that lead to these settings. */
  readonly words: readonly string[]
  /** Always by the program. */
  readonly client?: 'openssh' | undefined
  readonly password?: Concealed | undefined
  /** Gives the passphrase of a private key; undefined: there is none to be had. */
  readonly passphrase: (file: string) => Promise<Concealed | undefined>
  /** Seconds for connecting and authenticating together. */
  readonly connectTimeout: number
  /** Seconds between signs of life; after three without an answer the connection counts as lost. */
  readonly keepaliveInterval: number
  /** Tells whoever waits what the connection waits for, such as a touch. */
  readonly say?: ((message: string) => void) | undefined
  /** Ends connecting. A connection that stands is closed by whoever has it. */
  readonly signal?: AbortSignal | undefined
  /** Unknown host keys are accepted for this run, also of hosts on the way. */
  readonly acceptsNewKeys: boolean
  /** How many hosts are on the way to the one that asked for this one. */
  readonly depth: number
}

/** Where the host is, as messages have it. */
export function placeOf({ settings: { hostName, port } }: SshTarget): string {
  return `${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`
}

/** The name under which its host key is looked up. An alias has no port. */
export function keyNameOf({ settings }: SshTarget): { readonly host: string; readonly port: number } {
  const { hostKeyAlias, hostName, port } = settings
  return hostKeyAlias === undefined ? { host: hostName, port } : { host: hostKeyAlias, port: 22 }
}

/** The command with which a person tries the same. */
export function byHand({ settings, address }: SshTarget): string {
  const isKnown = settings.hostName !== address
  return isKnown ? `ssh ${address}` : `ssh -p ${settings.port} ${settings.user}@${address}`
}
