import type { SshAnswer } from './answer.ts'
import { readCommandLine } from './command-line.ts'
import { addressOf, readDestination } from './destination.ts'
import type { ConfigFile } from './files.ts'
import { wordsOf, type SshQuestion } from './question.ts'
import { readLine } from './syntax/line.ts'

/** One keyword with its value, the keyword in lower case. */
type Setting = readonly [key: string, value: string]

const NUMBER = /^\d{1,6}$/
const SWITCH = /^(yes|no|true|false)$/i
const NAME = /^[\w.@:-]+$/
const PATH = /^(?!none$)[\w./:@+,-]+$/
const PATH_OF_HOME = /^(?!none$)(~\/)?[\w./:@+,-]+$/
const ANYTHING = /^/

/**
 * Keywords whose values are the same in `ssh -G` as they were written, where they look so. With any other, ssh itself is asked: nobody else knows its
 * rules as well.
 */
const PLAIN: Readonly<Record<string, RegExp>> = {
  port: NUMBER,
  user: NAME,
  identityfile: PATH_OF_HOME,
  identitiesonly: SWITCH,
  userknownhostsfile: PATH,
  stricthostkeychecking: /^(yes|no|ask|off|accept-new)$/i,
  hashknownhosts: SWITCH,
  connecttimeout: NUMBER,
  connectionattempts: /^[1-9]$/,
  serveraliveinterval: NUMBER,
  serveralivecountmax: NUMBER,
  gssapiauthentication: SWITCH,
  gssapidelegatecredentials: SWITCH,
  passwordauthentication: SWITCH,
  kbdinteractiveauthentication: SWITCH,
  pubkeyauthentication: SWITCH,
  preferredauthentications: /^[\w,-]+$/,
  forwardagent: SWITCH,
  batchmode: SWITCH,
  sendenv: ANYTHING,
  // Without a ControlPath they say nothing.
  controlmaster: ANYTHING,
  controlpersist: ANYTHING,
  // Not for what Rolecall does over ssh.
  compression: SWITCH,
  forwardx11: SWITCH,
  forwardx11trusted: SWITCH,
  loglevel: ANYTHING,
  visualhostkey: ANYTHING,
  tcpkeepalive: SWITCH,
  checkhostip: SWITCH,
  addkeystoagent: ANYTHING,
  updatehostkeys: SWITCH,
  ipqos: ANYTHING,
  requesttty: ANYTHING,
}

/** Keywords that add to what is there; of others the first counts. */
const ADDING: ReadonlySet<string> = new Set(['identityfile', 'sendenv'])

const LETTERS: Readonly<Record<string, readonly [key: string, value: string]>> = {
  '4': ['addressfamily', 'inet'],
  '6': ['addressfamily', 'inet6'],
  A: ['forwardagent', 'yes'],
  a: ['forwardagent', 'no'],
}

/** Options that are nothing to how a host is reached. */
const SILENT = /^[CTnqvxXY]$/

/** What ssh would say, where that is plain without it: the inventory says something simple, and the files say nothing of single hosts. */
export function plainAnswer(question: SshQuestion, files: readonly ConfigFile[]): SshAnswer | undefined {
  const hostName = plainName(question.address)
  if (hostName === undefined) return undefined
  const given = settingsOfWords(wordsOf(question))
  const written = files.map(settingsOfFile)
  if (given === undefined || !written.every((settings) => settings !== undefined)) return undefined
  const answer = new Map<string, string[]>([['hostname', [hostName]]])
  for (const [key, value] of [...given, ...written.flat()]) {
    if (PLAIN[key]?.test(value) !== true && key !== 'addressfamily') return undefined
    const before = answer.get(key)
    if (before === undefined) answer.set(key, [value])
    else if (ADDING.has(key)) before.push(value)
  }
  return disagree(written) ? undefined : answer
}

/** Which of two files comes first depends on where one includes the other. */
function disagree(files: readonly (readonly Setting[])[]): boolean {
  const said = new Map<string, { readonly file: number; readonly value: string }>()
  return files.some((settings, file) =>
    settings.some(([key, value]) => {
      const before = said.get(key)
      said.set(key, before ?? { file, value })
      return before !== undefined && before.file !== file && (before.value !== value || ADDING.has(key))
    }),
  )
}

function settingsOfWords(words: readonly string[]): readonly Setting[] | undefined {
  const settings = readCommandLine(words)?.map(({ letter, value }): Setting | undefined => {
    if (letter === 'o') return settingOf(value ?? '')
    if (letter === 'p') return ['port', value ?? '']
    if (letter === 'l') return ['user', value ?? '']
    if (letter === 'i') return ['identityfile', value ?? '']
    return SILENT.test(letter) ? ['loglevel', ''] : LETTERS[letter]
  })
  return settings?.every((setting) => setting !== undefined) === true ? settings : undefined
}

/** Undefined for a destination that is more than a name or an address. */
function plainName(address: string): string | undefined {
  return /^[\w.:-]+$/.test(address) && !address.startsWith('-') ? addressOf(readDestination(address).host) : undefined
}

/** Undefined for what is not plain, and for what ssh refuses. */
function settingOf(text: string): Setting | undefined {
  const read = readLine(text, () => false)
  if (read.type !== 'setting') return undefined
  const { keyword, words, rest } = read.setting
  const [word = ''] = words
  return [keyword, words.length === 1 ? word : rest]
}

/** Undefined for a file that says different things of different hosts. What it includes is a file of its own. */
function settingsOfFile({ text, trouble }: ConfigFile): readonly Setting[] | undefined {
  const settings: Setting[] = []
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line) || /^\s*Host\s+\*\s*$/i.test(line)) continue
    const setting = settingOf(line)
    if (setting === undefined) return undefined
    if (setting[0] !== 'include') settings.push(setting)
  }
  return trouble === undefined ? settings : undefined
}
