import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { weaknessOf } from '../../trusted.ts'
import { ownIndex } from '../own.ts'

/** Every file that was read when all types were right, and what it was like then. */
const Verdict = z.strictObject({ files: z.record(z.string(), z.string()) })

/** Where it is kept that the types of a playbook are right. */
export function verdictFile(directory: string, entry: string, compiler: string): string {
  const id = createHash('sha256').update([entry, ownIndex(), compiler].join('\0')).digest('hex').slice(0, 16)
  return join(directory, `${id}.types.json`)
}

/** Whether all types were right, and every file is as it was then. */
export function readVerdict(file: string, entry: string): boolean {
  let text: string
  try {
    if (weaknessOf(file) !== undefined) return false
    text = readFileSync(file, 'utf8')
  } catch {
    return false
  }
  const files = parseVerdict(text)
  return files?.[entry] !== undefined && Object.entries(files).every(([path, state]) => stateOf(path) === state)
}

/** The files of a verdict and their states, if the text is one. */
export function parseVerdict(text: string): Readonly<Record<string, string>> | undefined {
  return Verdict.safeParse(asJson(text)).data?.files
}

/** Keeps that all types are right. Nothing is kept of a check that found errors: its cause may be a file that is missing. */
export function writeVerdict(file: string, files: readonly string[]): void {
  const settings = files.flatMap((path) => (isOfPackage(path) ? [] : settingsAbove(path)))
  const all = [...new Set([...files, ...settings])]
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify({ files: Object.fromEntries(all.map((path) => [path, stateOf(path)])) }), {
    flag: 'wx',
    mode: 0o644,
  })
  renameSync(draft, file)
}

/** The tsconfig.json and package.json that may decide about a file, there or not, and what npm has installed. */
function settingsAbove(path: string): string[] {
  const directory = dirname(path)
  const here = ['tsconfig.json', 'package.json', 'node_modules/.package-lock.json'].map((name) => join(directory, name))
  return directory === dirname(directory) ? here : [...here, ...settingsAbove(directory)]
}

/** A file of the user's by its content; one of a package by size and time, since there are hundreds. */
function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true) return ''
  if (isOfPackage(path)) return `${stat.size} ${stat.mtimeMs}`
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function isOfPackage(path: string): boolean {
  return path.includes('/node_modules/') || path.includes('/dist/types/')
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
