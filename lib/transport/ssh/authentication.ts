import { existsSync } from 'node:fs'
import type {
  AnyAuthMethod,
  AuthHandlerMiddleware,
  BaseAgent,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2'
import type { Problem } from '../../errors.ts'
import type { AgentKey } from '../keys/agent.ts'
import { acceptsKey } from './algorithms.ts'
import type { Identities, Identity } from './identities.ts'
import { loadLibrary } from './library.ts'
import { asLibraryKey } from '../keys/private-key.ts'
import { byHand, type SshTarget } from './target.ts'

/** Chooses what ssh2 tries next, and records the outcome. */
export interface Authentication {
  readonly next: AuthHandlerMiddleware
  readonly problem: (got: string) => Problem
  /** Why the program `ssh` may succeed where ssh2 failed. */
  readonly onlyProgram: () => string | undefined
}

type Try = AnyAuthMethod & { readonly what: string }

/** The attempts in the order of ssh(1): keys of the agent and of files, then the password, from the inventory or a prompt. */
export async function authentication(target: SshTarget, identities: Identities): Promise<Authentication> {
  const { settings, host } = target
  const { tries, notes } = await triesOf(target, identities)
  const done: string[] = []
  let offered: readonly string[] | undefined
  const next: AuthHandlerMiddleware = (left, _, give) => {
    // Before the first attempt there is no list, although the types say so.
    if (Array.isArray(left)) offered = left
    const isPossible = (method: Try) => offered?.includes(method.type === 'agent' ? 'publickey' : method.type) ?? true
    for (let method = tries.shift(); method !== undefined; method = tries.shift()) {
      if (!isPossible(method)) continue
      const { what, ...asked } = method
      done.push(what)
      return give(asked)
    }
    give(false as unknown as AnyAuthMethod)
  }
  return {
    next,
    problem: (got) => ({
      code: 'auth',
      host,
      message: `${settings.user}@${settings.hostName} refuses the login`,
      ...(offered === undefined ? {} : { expected: `one of ${offered.join(', ')}` }),
      got: [
        done.length === 0
          ? 'nothing was tried: there is no usable key, agent or password'
          : `tried: ${done.join(', ')}${/methods failed/.test(got) ? '' : ` (${got})`}`,
        ...notes,
      ].join('; '),
      hint: `try it by hand: ${byHand(target)}; then set ansible_user or ansible_ssh_private_key_file, or add the key to ssh-agent`,
    }),
    onlyProgram() {
      if (identities.onlyProgram.length > 0) return `of ${identities.onlyProgram.join(', ')}`
      const hasTicket = settings.hasGssapi && hasKerberosTicket()
      return hasTicket && (offered?.includes('gssapi-with-mic') ?? true) ? 'of a Kerberos ticket (GSSAPI)' : undefined
    },
  }
}

/** The default place of Kerberos tickets. Source: krb5.conf(5), default_ccache_name. */
function hasKerberosTicket(): boolean {
  return process.env['KRB5CCNAME'] !== undefined || existsSync(`/tmp/krb5cc_${process.getuid?.() ?? 0}`)
}

async function triesOf(target: SshTarget, identities: Identities): Promise<{ tries: Try[]; notes: string[] }> {
  const { settings, password } = target
  const notes = identities.unusable.map(({ path, why }) => `${path}: ${why}`)
  if (identities.hasDeadAgent) notes.push(`no agent answers at ${settings.agent ?? ''}`)
  notes.push(...identities.onlyProgram.map((what) => `${what}: needs the program ssh`))
  const tries: Try[] = []
  for (const method of settings.methods) {
    if (method === 'publickey') tries.push(...(await keyTries(target, identities.usable, notes)))
    else if (password !== undefined) tries.push(passwordTry(method, settings.user, () => password.reveal()))
  }
  return { tries, notes }
}

async function keyTries(target: SshTarget, usable: readonly Identity[], notes: string[]): Promise<Try[]> {
  const { settings } = target
  const username = settings.user
  const held = usable.flatMap((identity) =>
    identity.type === 'agent' && acceptsKey(settings.algorithms, identity.key.type) ? [identity.key] : [],
  )
  const tries: Try[] = []
  if (held.length > 0 && settings.agent !== undefined) {
    const what = `${held.length} ${held.length === 1 ? 'key' : 'keys'} of the agent`
    tries.push({ type: 'agent', username, agent: agentWith(await loadLibrary(), settings.agent, held), what })
  }
  for (const identity of usable) {
    if (identity.type === 'agent') continue
    const opened = await openKey(target, identity)
    if ('why' in opened) notes.push(`${identity.path}: ${opened.why}`)
    else if (!acceptsKey(settings.algorithms, opened.key.type))
      notes.push(`${identity.path}: PubkeyAcceptedAlgorithms of ssh's configuration leaves ${opened.key.type} out`)
    else tries.push({ type: 'publickey', username, key: opened.key, what: identity.path })
  }
  return tries
}

/** An agent that offers only some of its keys, in a chosen order. */
function agentWith(
  library: Awaited<ReturnType<typeof loadLibrary>>,
  socket: string,
  held: readonly AgentKey[],
): BaseAgent {
  const inner = library.createAgent(socket)
  class SomeKeys extends library.BaseAgent<ParsedKey> {
    override getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
      const keys = held.flatMap(({ type, blob }) => {
        const key = library.utils.parseKey(`${type} ${blob.toString('base64')}`)
        return key instanceof Error ? [] : [key]
      })
      done(undefined, keys)
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback | undefined,
      done?: SignCallback,
    ): void {
      if (typeof options === 'function') inner.sign(key, data, options)
      else inner.sign(key, data, options ?? {}, done)
    }
  }
  return new SomeKeys()
}

type Opened = { readonly key: ParsedKey } | { readonly why: string }

const opened = new Map<string, Promise<Opened>>()

/** Each key is decrypted once per run, however many hosts use it. */
async function openKey(target: SshTarget, { path, text, isEncrypted }: Extract<Identity, { type: 'file' }>) {
  const passphrase = isEncrypted ? (await target.passphrase(path, 'passphrase'))?.reveal() : undefined
  if (isEncrypted && passphrase === undefined)
    return {
      why: 'encrypted, and no passphrase was given (ansible_ssh_private_key_passphrase, --key-passphrase-file, or an agent)',
    }
  const key = `${path}\n${text}\n${passphrase ?? ''}`
  const opening = opened.get(key) ?? open(text, passphrase)
  opened.set(key, opening)
  return opening
}

async function open(text: string, passphrase: string | undefined): Promise<Opened> {
  const library = await loadLibrary()
  try {
    const key = library.utils.parseKey(asLibraryKey(text, passphrase), passphrase)
    if (key instanceof Error)
      return { why: passphrase === undefined ? 'damaged' : `not opened by the passphrase (${key.message})` }
    return { key: Array.isArray(key) ? ((key as ParsedKey[])[0] ?? key) : key }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { why: passphrase === undefined ? why : `not opened by the passphrase (${why})` }
  }
}

function passwordTry(type: 'password' | 'keyboard-interactive', username: string, reveal: () => string): Try {
  if (type === 'password') return { type, username, password: reveal(), what: 'the password' }
  let isAnswered = false
  return {
    type,
    username,
    what: 'the password, asked for by the host',
    // A single hidden question is the one for the password. Others get no answer.
    prompt: (_name, _instructions, _language, prompts, finish) => {
      const isPassword = prompts.length === 1 && prompts[0]?.echo !== true && !isAnswered
      isAnswered = true
      finish(isPassword ? [reveal()] : prompts.map(() => ''))
    },
  }
}
