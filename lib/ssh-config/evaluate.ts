import { thisAccount } from '../machine/account.ts'
import { matchesGlob } from '../text/glob.ts'
import type { SshAnswer } from './answer.ts'
import { includedFiles, type ConfigFile } from './files.ts'
import { fullNameOf, takesLine, withRelativeAlgorithms } from './keywords.ts'
import { splitLine } from './split-line.ts'

/** Keywords that gather values; of others the first counts. */
const GATHERING: ReadonlySet<string> = new Set(['identityfile', 'certificatefile', 'sendenv'])
const DEEPEST = 16

/** What is asked: a host as it was given, and the lines of the command line. */
export interface Asked {
  readonly address: string
  readonly given: readonly string[]
}

/** A criterion of Match that takes the program to know. */
export class UnknownCriterion extends Error {}

/**
 * Evaluates ssh's configuration as ssh(1) does: Host, Match (all, canonical, final, host, originalhost, user, localuser), Include, and the first value
 * counts. Throws an UnknownCriterion.
 *
 * Source: readconf.c of OpenSSH 9.2.
 */
export function evaluateConfig({ address, given }: Asked, files: readonly ConfigFile[]): SshAnswer {
  const evaluation = new Evaluation(address, files)
  for (const line of given) evaluation.line(line)
  const roots = files.filter(({ isRoot }) => isRoot)
  for (const root of roots) evaluation.file(root)
  if (evaluation.wantsFinal) {
    evaluation.beginFinal()
    for (const root of roots) evaluation.file(root)
  }
  return evaluation.answer()
}

class Evaluation {
  readonly #address: string
  readonly #files: readonly ConfigFile[]
  readonly #said = new Map<string, string[]>()
  #host: string
  #isActive = true
  #isFinal = false
  wantsFinal = false

  constructor(address: string, files: readonly ConfigFile[]) {
    const [, user, name, port] = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/i.exec(address) ?? []
    const at = address.lastIndexOf('@')
    this.#address = name?.replace(/^\[(.*)\]$/, '$1') ?? address.slice(at + 1)
    this.#host = this.#address
    this.#files = files
    const before = name === undefined && at > 0 ? address.slice(0, at) : user
    if (before !== undefined) this.#said.set('user', [before])
    if (port !== undefined) this.#said.set('port', [port])
  }

  beginFinal(): void {
    this.#host = this.#hostName()
    this.#isFinal = true
  }

  file({ path, text }: ConfigFile): void {
    this.#isActive = true
    this.#lines(path, text, false, 0)
  }

  #lines(path: string, text: string, isNever: boolean, depth: number): void {
    for (const line of text.split('\n')) this.line(line, path, isNever, depth)
  }

  line(line: string, path = '', isNever = false, depth = 0): void {
    const [, written = '', rest = ''] = /^\s*"?(\w+)"?(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    if (written === '') return
    const keyword = fullNameOf(written)
    switch (keyword) {
      case 'host':
        this.#isActive = !isNever && matchesList(splitLine(rest), this.#host, true)
        return
      case 'match':
        this.#isActive = this.#matches(splitLine(rest)) && !isNever
        return
      case 'include':
        return this.#include(rest, path, isNever, depth)
      default:
        if (this.#isActive && !isNever) this.#set(keyword, rest)
    }
  }

  /** What is included within a section that does not hold says nothing, whatever its own sections say. */
  #include(rest: string, path: string, isNever: boolean, depth: number): void {
    if (depth >= DEEPEST) return
    const wasActive = this.#isActive
    for (const { path: inner, text } of includedFiles(rest, path, this.#files)) {
      this.#lines(inner, text, isNever || !wasActive, depth + 1)
      this.#isActive = wasActive
    }
  }

  #set(keyword: string, rest: string): void {
    const said = this.#said
    const words = takesLine(keyword) ? [rest] : keyword === 'proxyjump' ? firstWord(rest) : [...splitLine(rest)]
    if (words.length === 0) return
    // Of ProxyJump and ProxyCommand the first one counts, also where it is "none".
    const rival = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' }[keyword]
    if (rival !== undefined && said.has(rival)) return
    if (keyword === 'sendenv') return this.#sendEnv(words)
    const values = keyword === 'setenv' ? words : [GATHERING.has(keyword) ? (words[0] ?? '') : words.join(' ')]
    const before = said.get(keyword)
    if (before === undefined) said.set(keyword, values)
    else if (GATHERING.has(keyword)) said.set(keyword, [...new Set([...before, ...values])])
  }

  /** A pattern with a minus takes away what stands before it. */
  #sendEnv(words: readonly string[]): void {
    const sent = words.reduce<readonly string[]>(
      (kept, word) =>
        word.startsWith('-') ? kept.filter((name) => !matchesGlob(word.slice(1), name)) : [...kept, word],
      this.#said.get('sendenv') ?? [],
    )
    this.#said.set('sendenv', [...sent])
  }

  #matches(words: readonly string[]): boolean {
    let holds = words.length > 0
    for (let at = 0; at < words.length; at++) {
      const [name = '', assigned] = (words[at] ?? '').split(/=(.*)/s)
      const isNegated = name.startsWith('!')
      const criterion = name.replace(/^!/, '').toLowerCase()
      if (criterion === 'final') this.wantsFinal = true
      const value = this.#criterion(criterion, () => assigned ?? words[++at] ?? '')
      if (value === isNegated) holds = false
    }
    return holds
  }

  #criterion(criterion: string, value: () => string): boolean {
    const among = (text: string, isExact: boolean) => matchesList(value().split(','), text, isExact)
    switch (criterion) {
      case 'all':
        return true
      case 'canonical':
      case 'final':
        return this.#isFinal
      case 'host':
        return among(this.#hostName(), false)
      case 'originalhost':
        return among(this.#address, false)
      case 'user':
        return among(this.#said.get('user')?.[0] ?? thisAccount().name, true)
      case 'localuser':
        return among(thisAccount().name, true)
      default:
        throw new UnknownCriterion(criterion)
    }
  }

  #hostName(): string {
    const name = this.#said.get('hostname')?.[0]
    const expanded = name?.replaceAll(/%([%h])/g, (_, token) => (token === 'h' ? this.#host : '%'))
    return this.#isFinal ? this.#host : (expanded ?? this.#address).toLowerCase()
  }

  answer(): SshAnswer {
    const answer = new Map(this.#said)
    answer.set('hostname', [this.#hostName()])
    const alias = answer.get('hostkeyalias')
    if (alias !== undefined)
      answer.set(
        'hostkeyalias',
        alias.map((name) => name.toLowerCase()),
      )
    const jump = answer.get('proxyjump')
    if (jump !== undefined)
      answer.set(
        'proxyjump',
        jump.map((hops) => hops.replaceAll(/(^|,)ssh:\/\/([^,/]*)\/?/gi, '$1$2')),
      )
    // Source: ssh_config(5), UpdateHostKeys.
    const [byDns = 'no'] = answer.get('verifyhostkeydns') ?? []
    // Source: ssh_config(5), BatchMode.
    const isBatch = /^(yes|true)$/i.test(answer.get('batchmode')?.[0] ?? '')
    if (isBatch && !answer.has('serveraliveinterval')) answer.set('serveraliveinterval', ['300'])
    const isOff = answer.has('userknownhostsfile') || !['no', 'false'].includes(byDns.toLowerCase())
    if (isOff && !answer.has('updatehostkeys')) answer.set('updatehostkeys', ['no'])
    return withRelativeAlgorithms(answer)
  }
}

/** Of ProxyJump the first word counts, and quotes are a part of it. */
function firstWord(rest: string): string[] {
  const [word = ''] = rest.split(/\s+/)
  return word === '' ? [] : [word]
}

/** A list of patterns; one with an exclamation mark keeps what matches it out. */
function matchesList(patterns: readonly string[], text: string, isExact: boolean): boolean {
  const matches = (pattern: string) => matchesGlob(pattern, text, isExact)
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}
