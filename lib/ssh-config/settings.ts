import { join } from 'node:path'
import { thisAccount } from '../machine/account.ts'
import type { SshAnswer } from './answer.ts'
import { addressOf, readDestination } from './destination.ts'
import { portOf, secondsOf } from './syntax/values.ts'
import { expandPath, expandTokens, TAKEN, type Tokens } from './tokens.ts'

/** What happens to a host key that is in no known_hosts file. */
export type UnknownKeys = 'refuse' | 'accept-new'

/** Everything that ssh's configuration says of one host, as typed values with expanded paths. */
export interface SshSettings {
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** Default: the usual ones of ~/.ssh. */
  readonly identityFiles: readonly string[] | undefined
  readonly identitiesOnly: boolean
  readonly certificateFiles: readonly string[]
  /** The socket of the agent; undefined: there is none to ask. */
  readonly agent: string | undefined
  readonly forwardAgent: boolean
  readonly proxyCommand: string | undefined
  /** Hops in their order, each `[user@]host[:port]`. */
  readonly proxyJump: readonly string[]
  /** The user's own first; new keys are added to the first. */
  readonly knownHostsFiles: readonly string[]
  readonly globalKnownHostsFiles: readonly string[]
  readonly hashKnownHosts: boolean
  /** Keys that a host announces are learned, and forgotten when it no longer has them. */
  readonly updatesHostKeys: boolean
  /** Under which name the host key is looked up instead of the address. */
  readonly hostKeyAlias: string | undefined
  readonly unknownHostKeys: UnknownKeys
  /** StrictHostKeyChecking is off, and Rolecall refuses changed keys all the same. */
  readonly isUnchecked: boolean
  readonly isLoopbackUnchecked: boolean
  readonly connectTimeoutSeconds: number | undefined
  readonly connectionAttempts: number
  readonly keepaliveSeconds: number | undefined
  readonly keepaliveCount: number
  readonly family: 4 | 6 | undefined
  readonly bindAddress: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly algorithms: Algorithms
  readonly methods: readonly Method[]
  /** What only the program `ssh` can do, in words of ssh_config(5). */
  readonly onlyProgram: readonly string[]
  /** What ssh would start at a login in place of a shell, in words of ssh_config(5). A run has a shell of its own. */
  readonly insteadOfShell: readonly string[]
  /** Forwarded ports that somebody may miss, in words of ssh_config(5). A run forwards none. */
  readonly missedForwards: readonly string[]
  readonly hasGssapi: boolean
  /** The socket of a connection that may be there already. */
  readonly controlPath: string | undefined
}

/** Undefined: as each client has them. */
export interface Algorithms {
  readonly kex: readonly string[] | undefined
  readonly cipher: readonly string[] | undefined
  readonly mac: readonly string[] | undefined
  readonly hostKey: readonly string[] | undefined
  readonly publicKey: readonly string[] | undefined
}

export type Method = 'publickey' | 'keyboard-interactive' | 'password'

const METHODS: readonly Method[] = ['publickey', 'keyboard-interactive', 'password']

/** What an answer of ssh's configuration means. Throws a ConfigFault for a path or a command that ssh could not expand. */
export function settingsOf(address: string, answer: SshAnswer): SshSettings {
  const keywords = new Keywords(answer)
  const tokens = tokensOf(address, keywords)
  const { hostName, port, user, hostKeyAlias } = tokens
  return {
    hostName,
    port,
    user,
    ...keysOf(keywords, tokens),
    ...proxiesOf(keywords, tokens),
    ...hostKeysOf(keywords),
    hostKeyAlias,
    ...timesOf(keywords),
    family: FAMILIES[keywords.one('addressfamily')?.toLowerCase() ?? ''],
    bindAddress: keywords.one('bindaddress'),
    environment: { ...sentEnvironment(keywords.all('sendenv')), ...setEnvironment(keywords.all('setenv')) },
    algorithms: algorithmsOf(keywords),
    methods: methodsOf(answer),
    onlyProgram: onlyProgram(answer),
    insteadOfShell: insteadOfShell(keywords.one('remotecommand'), answer.get('sessiontype')?.[0]),
    missedForwards: missedForwards(keywords),
    hasGssapi: keywords.isOn('gssapiauthentication', false),
    controlPath: keywords.one('controlpath'),
  }
}

/** Reads values of an answer as ssh_config(5) means them. */
class Keywords {
  readonly #answer: SshAnswer

  constructor(answer: SshAnswer) {
    this.#answer = answer
  }

  has(key: string): boolean {
    return this.#answer.has(key)
  }

  all(key: string): readonly string[] {
    return this.#answer.get(key) ?? []
  }

  /** The first value; undefined if there is none, or if it is `none`. */
  one(key: string): string | undefined {
    const [value] = this.all(key)
    return value === '' || value?.toLowerCase() === 'none' ? undefined : value
  }

  /** A list from which a minus removed everything is empty, not absent. */
  list(key: string): readonly string[] | undefined {
    return this.all(key)[0] === '' ? [] : this.one(key)?.split(',')
  }

  isOn(key: string, usual: boolean): boolean {
    const value = this.one(key)?.toLowerCase()
    return value === undefined ? usual : /^(yes|true|1|ask|force|always|auto)$/.test(value)
  }

  /** The paths of known_hosts files. */
  knownHosts(key: string, usual: readonly string[]): readonly string[] {
    return pathsIn(this.#answer.get(key), usual).filter((path) => path.toLowerCase() !== 'none')
  }
}

function tokensOf(address: string, keywords: Keywords): Tokens {
  const original = readDestination(address).host
  return {
    original,
    hostName: keywords.one('hostname') ?? addressOf(original),
    port: portOf(keywords.one('port') ?? '22') ?? 22,
    user: keywords.one('user') ?? thisAccount().name,
    hostKeyAlias: keywords.one('hostkeyalias'),
    proxyJump: keywords.one('proxyjump'),
  }
}

/** Keys to log in with. */
function keysOf(keywords: Keywords, tokens: Tokens) {
  // These files alone are printed by ssh -G as they were written.
  const files = (key: string) =>
    keywords
      .all(key)
      .filter((file) => file.toLowerCase() !== 'none')
      .map((file) => expandPath(file, tokens, TAKEN.laterPath))
  return {
    identityFiles: keywords.has('identityfile') ? files('identityfile') : undefined,
    identitiesOnly: keywords.isOn('identitiesonly', false),
    certificateFiles: files('certificatefile'),
    agent: agentOf(keywords.all('identityagent')[0]),
    forwardAgent: keywords.isOn('forwardagent', false),
  }
}

function proxiesOf(keywords: Keywords, tokens: Tokens) {
  const command = keywords.one('proxycommand')
  const hops = keywords.list('proxyjump') ?? []
  return {
    proxyCommand: command === undefined ? undefined : expandTokens(command, tokens, TAKEN.proxy),
    proxyJump: hops.map((hop) => expandTokens(hop, tokens, TAKEN.proxy)),
  }
}

/** Where keys of hosts are looked up, and what becomes of an unknown one. */
function hostKeysOf(keywords: Keywords) {
  const { home } = thisAccount()
  const strict = keywords.one('stricthostkeychecking')?.toLowerCase() ?? ''
  const isUnchecked = /^(no|false|off)$/.test(strict)
  return {
    knownHostsFiles: keywords.knownHosts('userknownhostsfile', [
      join(home, '.ssh/known_hosts'),
      join(home, '.ssh/known_hosts2'),
    ]),
    globalKnownHostsFiles: keywords.knownHosts('globalknownhostsfile', [
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ]),
    hashKnownHosts: keywords.isOn('hashknownhosts', false),
    updatesHostKeys: keywords.one('updatehostkeys')?.toLowerCase() !== 'ask' && keywords.isOn('updatehostkeys', true),
    unknownHostKeys: isUnchecked || strict === 'accept-new' ? 'accept-new' : 'refuse',
    isUnchecked,
    isLoopbackUnchecked: keywords.isOn('nohostauthenticationforlocalhost', false),
  } as const
}

function timesOf(keywords: Keywords) {
  return {
    connectTimeoutSeconds: seconds(keywords.one('connecttimeout')),
    connectionAttempts: Number(keywords.one('connectionattempts') ?? 1),
    keepaliveSeconds: seconds(keywords.one('serveraliveinterval')),
    keepaliveCount: Number(keywords.one('serveralivecountmax') ?? 3),
  }
}

function algorithmsOf(keywords: Keywords): Algorithms {
  return {
    kex: keywords.list('kexalgorithms'),
    cipher: keywords.list('ciphers'),
    mac: keywords.list('macs'),
    hostKey: keywords.list('hostkeyalgorithms'),
    publicKey: keywords.list('pubkeyacceptedalgorithms'),
  }
}

/** The keywords that start something other than a shell. `SessionType none` is one of them: no command at all, as with `ssh -N`. */
function insteadOfShell(remoteCommand: string | undefined, sessionType: string | undefined): readonly string[] {
  return [
    ...(remoteCommand === undefined ? [] : ['RemoteCommand']),
    ...(sessionType === undefined || sessionType.toLowerCase() === 'default' ? [] : [`SessionType ${sessionType}`]),
  ]
}

/** What roles may use on the host, and, with ExitOnForwardFailure, what ssh would not do without. */
function missedForwards(keywords: Keywords): readonly string[] {
  const all = keywords.isOn('exitonforwardfailure', false)
  return ['RemoteForward', ...(all ? ['LocalForward', 'DynamicForward'] : [])].filter((name) =>
    keywords.has(name.toLowerCase()),
  )
}

const FAMILIES: Readonly<Record<string, 4 | 6>> = { inet: 4, inet6: 6 }

/** `ssh -G` does not quote: a word that is no path belongs to the path before it. */
function pathsIn(values: readonly string[] | undefined, usual: readonly string[]): readonly string[] {
  if (values === undefined) return usual
  const paths: string[] = []
  for (const word of values.join(' ').split(' ')) {
    const before = paths.at(-1)
    if (before === undefined || /^[/~$%]/.test(word) || word === 'none') paths.push(word)
    else paths[paths.length - 1] = `${before} ${word}`
  }
  return paths
}

function agentOf(text: string | undefined): string | undefined {
  if (text === undefined || text === 'SSH_AUTH_SOCK') return fromEnvironment('SSH_AUTH_SOCK')
  if (text === 'none') return undefined
  return text.startsWith('$') && !text.startsWith('${') ? fromEnvironment(text.slice(1)) : text
}

/** ssh ignores an empty variable. */
function fromEnvironment(name: string): string | undefined {
  const value = process.env[name]
  return value === '' ? undefined : value
}

/** A number of seconds, or a time as sshd_config(5) has it: `2m`, `1h30m`. 0 means none. */
function seconds(text: string | undefined): number | undefined {
  const sum = text === undefined ? undefined : secondsOf(text)
  return sum === 0 ? undefined : sum
}

/** The shell of a run sets the language itself, so what Debian sends by default is not sent. */
function sentEnvironment(patterns: readonly string[]): Record<string, string> {
  const wanted = patterns
    .flatMap((text) => text.split(/\s+/))
    .filter((pattern) => !/^(LANG|LC_\*|LANGUAGE)$/.test(pattern))
  if (wanted.length === 0) return {}
  const isSent = (name: string) =>
    wanted.some((pattern) =>
      new RegExp(
        `^${pattern
          .replaceAll(/[^\w*?]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      ).test(name),
    )
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && isSent(name) ? [[name, value]] : [],
    ),
  )
}

function setEnvironment(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.flatMap((text) => {
      const [, name, value] = /^([^=\s]+)=(.*)$/.exec(text) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

const OFF = /^(no|false|off|0)$/i

function methodsOf(answer: SshAnswer): readonly Method[] {
  const isOff = (key: string) => OFF.test(answer.get(key)?.[0] ?? '')
  const preferred = answer.get('preferredauthentications')?.[0]?.split(',')
  const off: ReadonlySet<Method> = new Set([
    ...(isOff('pubkeyauthentication') ? (['publickey'] as const) : []),
    ...(isOff('kbdinteractiveauthentication') ? (['keyboard-interactive'] as const) : []),
    ...(isOff('passwordauthentication') ? (['password'] as const) : []),
  ])
  const ordered =
    preferred === undefined ? METHODS : preferred.flatMap((name) => METHODS.filter((method) => method === name))
  return ordered.filter((method) => !off.has(method))
}

/** Keywords that only the program can follow, with the value at which they say nothing. */
const PROGRAM_ONLY: Readonly<Record<string, RegExp>> = {
  pkcs11provider: /^(none)?$/,
  knownhostscommand: /^(none)?$/,
  proxyusefdpass: OFF,
  hostbasedauthentication: OFF,
  verifyhostkeydns: OFF,
  bindinterface: /^(none)?$/,
  revokedhostkeys: /^(none)?$/,
  requiredrsasize: /^1024$/,
  forwardagent: /^(yes|no|true|false)$/i,
}

function onlyProgram(answer: SshAnswer): readonly string[] {
  return Object.entries(PROGRAM_ONLY).flatMap(([key, nothing]) => {
    const value = answer.get(key)?.[0]
    return value === undefined || nothing.test(value) ? [] : [key]
  })
}
