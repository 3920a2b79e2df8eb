import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeWeakness } from '../../machine/trusted.ts'
import { indexPath, type MomentsLine } from './entry.ts'
import { momentsLineOf, runLineOf, type IndexedRun } from './line-text.ts'

/** The largest index that is read, in bytes: reading a larger one is slower than reading the journals. */
const MOST_BYTES = 512 * 1024 * 1024

/** The complete lines of an index. */
interface IndexFile {
  /** The last line of each journal, by its name. */
  readonly runs: ReadonlyMap<string, IndexedRun>
  /** Lines that later ones of the same run have replaced. */
  readonly replaced: number
  /** The moments of a host, by entry. */
  momentsOf(host: string): (entry: string) => MomentsLine | undefined
  /** All lines of these entries, unchanged. */
  textOf(entries: ReadonlySet<string>): string
  /** False: the index must not be written, since another account may be able to change it. */
  readonly isOurs: boolean
}

const RUN_START = '{"type":"run",'
const MOMENTS_START = '{"type":"moments",'
const NEWLINE = 0x0a

/** Reads an index that may be cut off or damaged anywhere. One that is missing, or that another account can have written, counts as empty. */
export function readIndexFile(directory: string): IndexFile {
  const { bytes, isOurs } = bytesOf(directory)
  const lines = [...linesOf(bytes, RUN_START)].flatMap((line) => runLineOf(line) ?? [])
  const runs = new Map(lines.map((line) => [line.file, line]))
  return {
    runs,
    replaced: lines.length - runs.size,
    momentsOf(host) {
      const texts = new Map<string, string[]>()
      for (const line of linesOf(bytes, `"host":${JSON.stringify(host)}`)) {
        const entry = entryIn(line)
        texts.set(entry, [...(texts.get(entry) ?? []), line])
      }
      // Lists usually show a week, not a year, so only those lines are parsed.
      return (entry) =>
        texts
          .get(entry)
          ?.map(momentsLineOf)
          .findLast((line) => line?.host === host)
    },
    textOf(entries) {
      const moments = [...linesOf(bytes, MOMENTS_START)].filter((line) => entries.has(entryIn(line)))
      const kept = [...runs.values()].filter(({ entry }) => entries.has(entry))
      return [...moments, ...kept.map(({ text }) => text)].map((line) => `${line}\n`).join('')
    },
    isOurs,
  }
}

/** The lines that contain a text, each once. An index may have hundreds of thousands of lines; only matching ones become strings. */
function* linesOf(bytes: Buffer, text: string): Generator<string> {
  let at = bytes.indexOf(text)
  while (at >= 0) {
    const begin = bytes.lastIndexOf(NEWLINE, at) + 1
    const end = bytes.indexOf(NEWLINE, at)
    // Anything after the last newline is torn.
    if (end < 0) return
    yield bytes.toString('utf8', begin, end)
    at = bytes.indexOf(text, end)
  }
}

function entryIn(line: string): string {
  return /^\{"type":"moments","entry":"([0-9a-f]+)"/.exec(line)?.[1] ?? ''
}

function bytesOf(directory: string): { readonly bytes: Buffer; readonly isOurs: boolean } {
  const nothing = Buffer.alloc(0)
  const path = indexPath(directory)
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return { bytes: nothing, isOurs: true }
    if (!stat.isFile() || codeWeakness(path, join(dirname(dirname(path)), 'journals')) !== undefined)
      return { bytes: nothing, isOurs: false }
    return { bytes: stat.size > MOST_BYTES ? nothing : readFileSync(path), isOurs: true }
  } catch {
    return { bytes: nothing, isOurs: false }
  }
}

/** Replaces the index atomically. Entries that another run appends meanwhile are lost, and made again from its journal. */
export function replaceIndexFile(directory: string, text: string): void {
  const path = indexPath(directory)
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 })
    chmodSync(temporary, 0o600)
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}
