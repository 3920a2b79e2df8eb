import { thisAccount } from '../machine/account.ts'
import { matchesGlob } from '../text/glob.ts'
import type { SshAnswer } from './answer.ts'
import { addressOf, isUserName, readDestination, type Destination } from './destination.ts'
import { ConfigFault } from './fault.ts'
import { includedFiles, type ConfigFile } from './files.ts'
import { withWholeLists } from './syntax/algorithms.ts'
import { criteriaOf, type Criterion } from './syntax/criteria.ts'
import { withoutComment } from './syntax/jump.ts'
import { takesLine } from './syntax/keywords.ts'
import { readLine } from './syntax/line.ts'
import { numberOf, portOf } from './syntax/values.ts'
import { expandPath, expandTokens, TAKEN, type Tokens } from './tokens.ts'

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
 * counts. Throws an UnknownCriterion, and a ConfigFault for what ssh refuses.
 *
 * Source: readconf.c of OpenSSH 9.2.
 */
export function evaluateConfig({ address, given }: Asked, files: readonly ConfigFile[]): SshAnswer {
  const evaluation = new Evaluation(address, files)
  for (const line of given) evaluation.commandLine(line)
  evaluation.destination()
  const roots = files.filter(({ isRoot }) => isRoot)
  for (const root of roots) evaluation.file(root)
  evaluation.endFaults()
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
  readonly #faults: string[] = []
  #host: string
  #isActive = true
  #isFinal = false
  wantsFinal = false

  readonly #destination: Destination

  constructor(address: string, files: readonly ConfigFile[]) {
    this.#destination = readDestination(address)
    this.#address = this.#destination.host
    this.#host = this.#address
    this.#files = files
  }

  /** What the destination says counts after the options of the command line. */
  destination(): void {
    const { user, port } = this.#destination
    if (user !== undefined && !this.#said.has('user')) this.#said.set('user', [user])
    if (port !== undefined && !this.#said.has('port')) this.#said.set('port', [String(port)])
  }

  beginFinal(): void {
    this.#host = this.#hostName()
    this.#isFinal = true
  }

  file(file: ConfigFile): void {
    this.#isActive = true
    this.#lines(file, false, 0)
  }

  /** The words of the command line come first, and no file is meant. */
  commandLine(line: string): void {
    this.#isActive = true
    this.#line(line, undefined, 'command-line line 0', false, 0)
    this.endFaults()
    const user = this.#said.get('user')?.[0]
    if (user !== undefined && !isUserName(user)) throw new ConfigFault('remote username contains invalid characters')
  }

  /** Throws a ConfigFault with all of them. */
  endFaults(): void {
    if (this.#faults.length > 0) throw new ConfigFault(this.#faults.join('\n'))
  }

  #lines(file: ConfigFile, isNever: boolean, depth: number): void {
    if (file.trouble !== undefined) this.#faults.push(file.trouble)
    const lines = file.text.split('\n')
    for (const [at, line] of lines.entries()) this.#line(line, file, `${file.path} line ${at + 1}`, isNever, depth)
  }

  #line(line: string, file: ConfigFile | undefined, place: string, isNever: boolean, depth: number): void {
    const read = readLine(line, (keyword) => this.#isIgnored(keyword))
    if (read.type === 'nothing') return
    if (read.type === 'fault') {
      this.#faults.push(`${place}: ${read.fault}`)
      return
    }
    const { keyword, rest, words } = read.setting
    if (file === undefined && /^(host|match|include)$/.test(keyword)) {
      this.#faults.push(`${keyword} is not supported as a command-line option`)
      return
    }
    switch (keyword) {
      case 'host':
        this.#isActive = !isNever && matchesList(words, this.#host, true)
        return
      case 'match': {
        const criteria = criteriaOf(rest)
        this.#isActive = typeof criteria !== 'string' && this.#matches(criteria) && !isNever
        return
      }
      case 'include':
        if (file !== undefined) this.#include(words, file, place, isNever, depth)
        return
      default:
        if (this.#isActive && !isNever) this.#set(keyword, words, rest)
    }
  }

  #isIgnored(keyword: string): boolean {
    const patterns = this.#said.get('ignoreunknown')?.[0]?.split(',') ?? []
    return matchesList(patterns, keyword, false)
  }

  /** What is included within a section that does not hold says nothing, whatever its own sections say. */
  #include(words: readonly string[], file: ConfigFile, place: string, isNever: boolean, depth: number): void {
    if (depth >= DEEPEST) return
    if (file.isSystem && words.some((word) => word.startsWith('~')))
      this.#faults.push(`${place}: bad include path ${words.join(' ')}.`)
    const wasActive = this.#isActive
    for (const inner of includedFiles(words, file, this.#files)) {
      this.#lines(inner, isNever || !wasActive, depth + 1)
      this.#isActive = wasActive
    }
  }

  #set(keyword: string, written: readonly string[], rest: string): void {
    const said = this.#said
    const line = rest.replace(/^[ \t\r\n=]+/, '')
    const words = takesLine(keyword) ? [line] : keyword === 'proxyjump' ? [withoutComment(line)] : [...written]
    if (words.length === 0) return
    // Of ProxyJump and ProxyCommand the first one counts, also where it is "none".
    const rival = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' }[keyword]
    if (rival !== undefined && said.has(rival)) return
    if (keyword === 'sendenv') return this.#sendEnv(words)
    if (keyword === 'setenv') return void (said.has(keyword) || said.set(keyword, firstOfEach(words)))
    const values = /^(userknownhostsfile|globalknownhostsfile)$/.test(keyword)
      ? words
      : [GATHERING.has(keyword) ? (words[0] ?? '') : words.join(' ')]
    const before = said.get(keyword)
    if (before === undefined) said.set(keyword, values)
    else if (GATHERING.has(keyword)) said.set(keyword, [...new Set([...before, ...values])])
  }

  /** A pattern with a minus removes what comes before it. */
  #sendEnv(words: readonly string[]): void {
    const sent = words.reduce<readonly string[]>(
      (kept, word) =>
        word.startsWith('-') ? kept.filter((name) => !matchesGlob(word.slice(1), name)) : [...kept, word],
      this.#said.get('sendenv') ?? [],
    )
    this.#said.set('sendenv', [...sent])
  }

  #matches(criteria: readonly Criterion[]): boolean {
    let holds = true
    for (const criterion of criteria) {
      if (criterion.name === 'final') this.wantsFinal = true
      if (this.#holds(criterion) === criterion.isNegated) holds = false
    }
    return holds
  }

  #holds({ name, value }: Criterion): boolean {
    const among = (text: string, isExact: boolean) => matchesList(value.split(','), text, isExact)
    switch (name) {
      case 'all':
        return true
      case 'canonical':
      case 'final':
        return this.#isFinal
      case 'host':
        return among(this.#named(), false)
      case 'originalhost':
        return among(this.#address, false)
      case 'user':
        return among(this.#said.get('user')?.[0] ?? thisAccount().name, true)
      case 'localuser':
        return among(thisAccount().name, true)
      default:
        throw new UnknownCriterion(name)
    }
  }

  #hostName(): string {
    return this.#isFinal ? this.#host : addressOf(this.#named())
  }

  #named(): string {
    const name = this.#said.get('hostname')?.[0]
    if (this.#isFinal) return this.#host
    return name === undefined ? this.#address : expandTokens(name, this.#tokens(this.#host), TAKEN.hostName)
  }

  #tokens(hostName: string): Tokens {
    const one = (keyword: string) => this.#said.get(keyword)?.[0]
    return {
      original: this.#address,
      hostName,
      port: portOf(one('port') ?? '22') ?? 22,
      user: one('user') ?? thisAccount().name,
      hostKeyAlias: one('hostkeyalias')?.toLowerCase(),
      proxyJump: undefined,
    }
  }

  answer(): SshAnswer {
    const answer = new Map(this.#said)
    const hostName = this.#hostName()
    answer.set('hostname', [hostName])
    this.#expand(answer, this.#tokens(hostName))
    // Of a later version.
    const refusal = answer.get('refuseconnection')?.[0]
    if (refusal !== undefined) throw new ConfigFault(`RefuseConnection: ${refusal}`)
    const attempts = answer.get('connectionattempts')?.[0]
    if (attempts !== undefined && numberOf(attempts) === 0)
      throw new ConfigFault('Invalid number of ConnectionAttempts')
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
        jump.map((hops) => hops.replaceAll(/(^|,)ssh:\/\/([^,/]*)\/?/gi, '$1$2').replaceAll(/:(?=,|$)/g, '')),
      )
    // Source: ssh_config(5), UpdateHostKeys.
    const [byDns = 'no'] = answer.get('verifyhostkeydns') ?? []
    // Source: ssh_config(5), BatchMode.
    const isBatch = /^(yes|true)$/i.test(answer.get('batchmode')?.[0] ?? '')
    if (isBatch && !answer.has('serveraliveinterval')) answer.set('serveraliveinterval', ['300'])
    const isOff = answer.has('userknownhostsfile') || !['no', 'false'].includes(byDns.toLowerCase())
    if (isOff && !answer.has('updatehostkeys')) answer.set('updatehostkeys', ['no'])
    return withWholeLists(answer)
  }

  /** Expands the values that `ssh -G` prints expanded, and checks the others. */
  #expand(answer: Map<string, readonly string[]>, tokens: Tokens): void {
    const change = (keyword: string, expanded: (value: string) => string) => {
      const values = answer.get(keyword)
      if (values !== undefined) answer.set(keyword, values.map(expanded))
    }
    const path = (value: string) => (value.toLowerCase() === 'none' ? value : expandPath(value, tokens))
    change('controlpath', path)
    change('identityagent', (value) => (/^\$[^{]/.test(value) ? value : path(value)))
    change('forwardagent', (value) => (/^(yes|no|true|false)$|^\$[^{]/i.test(value) ? value : path(value)))
    change('userknownhostsfile', path)
    for (const keyword of ['identityfile', 'certificatefile']) answer.get(keyword)?.forEach(path)
    answer.get('remotecommand')?.forEach((value) => expandTokens(value, tokens, TAKEN.path))
  }
}

/** Of variables with the same name the first counts. */
function firstOfEach(words: readonly string[]): string[] {
  const nameOf = (word: string) => word.replace(/=.*$/s, '')
  return words.filter((word, at) => words.findIndex((each) => nameOf(each) === nameOf(word)) === at)
}

/** A list of patterns; one with an exclamation mark keeps what matches it out. */
function matchesList(patterns: readonly string[], text: string, isExact: boolean): boolean {
  const matches = (pattern: string) => matchesGlob(pattern, text, isExact)
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern))
}
