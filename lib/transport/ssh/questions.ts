import type { SshTarget } from './target.ts'

/** The security keys of a connection, which sign only when touched. */
export interface Touch {
  /** Whether there may be such keys. An agent does not say when its key waits for a touch. */
  readonly isPossible: boolean
  /** Called with the key that ssh waits for. */
  asked: (key: string) => void
}

/** Questions that ssh(1) asks on its own behalf about a key. */
const ABOUT_KEY = /^Enter (passphrase for key|PIN.*? for(?: \S+-SK key)?) '?(.*?)'?:?\s*$/

/**
 * Answers ssh's questions: the passphrase of a key, the PIN of a token, and the password. Passes on that a security key must be touched. Other
 * questions get no answer.
 *
 * A jump host may ask for a password, too: its ssh uses the same program for questions. The password is for the host alone.
 */
export function answersOf(target: SshTarget, touch: Touch): (question: string) => Promise<string | undefined> {
  let wasAsked = false
  return async (question) => {
    const touched = /^Confirm user presence for key (.*)$/.exec(question)?.[1]
    if (touched !== undefined) {
      touch.asked(touched)
      return undefined
    }
    const [, what, key] = ABOUT_KEY.exec(question) ?? []
    if (what?.includes('confirm user presence') === true) touch.asked(key ?? '')
    if (key !== undefined)
      return (await target.passphrase(key, what?.startsWith('PIN') === true ? 'PIN' : 'passphrase'))?.reveal()
    if (wasAsked || !isPasswordQuestion(question, target)) return undefined
    wasAsked = true
    return target.password?.reveal()
  }
}

/**
 * Whether the host itself asks for the password. Where no other server is on the way, only the host can ask. Otherwise the question must begin with the
 * user and the host, which ssh puts there and no server can: before `'s password:` or, since 8.5, in parentheses before the words of a server.
 */
function isPasswordQuestion(question: string, { settings, address }: SshTarget): boolean {
  if (/yes\/no/.test(question)) return false
  if (settings.proxyJump.length === 0 && settings.proxyCommand === undefined) return /password|\(.*\)/i.test(question)
  const names = [settings.hostName, address].map((name) => name.toLowerCase().slice(0, LONGEST_NAME))
  return names.some(
    (name) =>
      question.startsWith(`(${settings.user}@${name}) `) || question.startsWith(`${settings.user}@${name}'s password:`),
  )
}

/** How many bytes of a host's name ssh(1) puts into its question. */
const LONGEST_NAME = 128
