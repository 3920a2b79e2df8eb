import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { homeDirectory, thisAccount } from '../machine/account.ts'
import { z } from 'zod'
import { makeDirectory } from '../machine/make-directory.ts'
import { namedValues } from '../named-values.ts'
import { once } from '../once.ts'
import { weaknessOf } from '../machine/trusted.ts'
import type { SshAnswer } from './answer.ts'
import type { ConfigFile } from './files.ts'
import type { SshProgram } from './program.ts'
import { wordsOf, type SshQuestion } from './question.ts'

/** Answers of ssh that are kept for the next run. */
export interface KeptAnswers {
  get(question: SshQuestion): SshAnswer | undefined
  set(question: SshQuestion, answer: SshAnswer): void
  /** Writes what is new. Where that is not possible, the next run asks again. */
  write(): void
}

/** Of one state of the configuration. Older states are removed. */
const MOST_ANSWERS = 20_000
const MOST_STATES = 4

const Answers = once(() => namedValues(z.array(z.tuple([z.string(), z.array(z.string())]))))

/**
 * Answers that hold as long as every file that ssh reads has the same content, the program is the same, and so is who runs it where. They are
 * kept in the user's cache directory, where nobody else can write on the way.
 */
export function keptAnswers(program: SshProgram, files: readonly ConfigFile[]): KeptAnswers {
  const directory = directoryOf(process.env)
  const path = join(directory, `${stateOf(program, files)}.json`)
  const kept = read(path)
  let isNew = false
  return {
    get: (question) => kept.get(keyOf(question)),
    set(question, answer) {
      if (kept.size >= MOST_ANSWERS) return
      kept.set(keyOf(question), answer)
      isNew = true
    },
    write() {
      if (!isNew) return
      isNew = false
      write(directory, path, kept)
    },
  }
}

/** As the XDG Base Directory Specification has it. */
function directoryOf({ XDG_CACHE_HOME: cache }: NodeJS.ProcessEnv): string {
  return join(cache === undefined || cache === '' ? join(homeDirectory(), '.cache') : cache, 'rolecall/ssh')
}

function stateOf(program: SshProgram, files: readonly ConfigFile[]): string {
  const texts = files.map(({ path, text }) => [path, text])
  const names = new Set(files.flatMap(({ text }) => [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '')))
  const environment = [...names].map((name) => [name, process.env[name]])
  const who = { ...thisAccount(), machine: hostname() }
  return hash(JSON.stringify([program.identity, who, environment, texts]))
}

function keyOf(question: SshQuestion): string {
  return hash(JSON.stringify([question.address, ...wordsOf(question)]))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32)
}

function read(path: string): Map<string, SshAnswer> {
  try {
    if (weaknessOf(path) !== undefined) return new Map()
    const answers = Answers().parse(JSON.parse(readFileSync(path, 'utf8')))
    return new Map(Object.entries(answers).map(([key, pairs]) => [key, new Map(pairs)]))
  } catch {
    return new Map()
  }
}

function write(directory: string, path: string, kept: ReadonlyMap<string, SshAnswer>): void {
  const temporary = `${path}.${process.pid}`
  try {
    makeDirectory(directory, 0o700)
    if (weaknessOf(directory) !== undefined) return
    chmodSync(directory, 0o700)
    const answers = Object.fromEntries([...kept].map(([key, answer]) => [key, [...answer]]))
    writeFileSync(temporary, JSON.stringify(answers), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
    removeOld(directory)
  } catch {
    rmSync(temporary, { force: true })
  }
}

function removeOld(directory: string): void {
  const states = readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, at: statSync(join(directory, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
  for (const { name } of states.slice(MOST_STATES)) rmSync(join(directory, name), { force: true })
}
