import { z } from 'zod'
import { once } from '../../once.ts'
import { journalSchemas } from '../journal/journal-schemas.ts'
import { valueOf } from '../journal/journal-text.ts'
import type { JournalStamp, Moment, MomentsLine, RunEnding, RunEntry, RunLine } from './entry.ts'

/** The lines of an index. The file is untrusted: it is parsed, and damaged lines are skipped. */
const IndexText = once(() => {
  const { runner, request, runId } = journalSchemas()
  const count = z.number().int().nonnegative()
  const time = z.number().nonnegative().max(8_640_000_000_000_000)
  const texts = z.array(z.string())
  const ended: z.ZodType<RunEnding> = z.object({
    end: z.enum(['done', 'failed', 'interrupted']),
    durationMs: time,
    changed: count,
    failed: count,
    stopped: count,
    unreachable: count,
  })
  const about: z.ZodType<RunEntry> = z.object({
    run: runId,
    at: time,
    by: runner,
    request,
    resumes: z.exactOptional(runId),
    hosts: count,
    units: count,
    left: count,
    ended: z.exactOptional(ended),
  })
  const moment: z.ZodType<Moment> = z.discriminatedUnion('what', [
    z.object({
      what: z.enum(['changed', 'failed', 'caught', 'stopped']),
      at: time,
      role: z.string(),
      resource: z.string(),
      steps: texts,
      reason: z.exactOptional(z.string()),
    }),
    z.object({ what: z.literal('unreachable'), at: time, message: z.string() }),
  ])
  const run: z.ZodType<Pick<RunLine, 'about'>> = z.object({ about, moments: texts })
  const moments: z.ZodType<MomentsLine> = z.object({
    type: z.literal('moments'),
    entry: z.string(),
    host: z.string(),
    moments: z.array(moment),
  })
  return { run, moments }
})

/** The line of a run. Fields that every list needs come first, so that the rest of ten thousand lines need not be parsed. */
export interface IndexedRun extends Pick<RunLine, 'entry' | 'file' | 'journal' | 'before'> {
  /** The data for lists. Undefined if the line is damaged. */
  about(): RunEntry | undefined
  /** Whether the entry has moments of this host, or may have. */
  tellsOf(host: string): boolean
  /** The line itself. */
  readonly text: string
}

/** `entryText` writes them in this order. */
const STAMP = String.raw`\{"size":(\d+),"ino":(\d+),"ctimeMs":(\d+(?:\.\d+)?)\}`
const RUN_LINE = new RegExp(
  String.raw`^\{"type":"run","version":1,"entry":"([0-9a-f]+)","file":"([A-Za-z0-9][\w.-]*)","journal":${STAMP},(?:"before":${STAMP},)?"about":\{.*\]\}$`,
)
const MOMENTS = '"moments":['

export function runLineOf(text: string): IndexedRun | undefined {
  const [, entry, file, ...numbers] = RUN_LINE.exec(text) ?? []
  const journal = stampFrom(numbers.slice(0, 3))
  if (entry === undefined || file === undefined || journal === undefined) return undefined
  const before = stampFrom(numbers.slice(3))
  return {
    entry,
    file,
    journal,
    ...(before === undefined ? {} : { before }),
    text,
    about() {
      const about = IndexText().run.safeParse(valueOf(text)).data?.about
      return about !== undefined && (about.resumes === undefined) === (before === undefined) ? about : undefined
    },
    tellsOf: (host) => text.includes(JSON.stringify(host), text.lastIndexOf(MOMENTS)),
  }
}

function stampFrom(numbers: readonly (string | undefined)[]): JournalStamp | undefined {
  const [size, ino, ctimeMs] = numbers
  if (size === undefined || ino === undefined || ctimeMs === undefined) return undefined
  return { size: Number(size), ino: Number(ino), ctimeMs: Number(ctimeMs) }
}

export function momentsLineOf(line: string): MomentsLine | undefined {
  return IndexText().moments.safeParse(valueOf(line)).data
}
