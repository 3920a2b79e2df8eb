import { z } from 'zod'
import { once } from '../../once.ts'
import { LineText, valueOf } from '../journal/journal-text.ts'
import type { JournalStamp, Moment, MomentsLine, RunEnding, RunEntry, RunLine } from './entry.ts'

/** The lines of an index. It is a file as any other: it is parsed, and what is damaged is no entry. */
const IndexText = once(() => {
  const { runner, request, runId } = LineText()
  const count = z.number().int().nonnegative()
  const time = z.number().nonnegative().max(8_640_000_000_000_000)
  const texts = z.array(z.string())
  const stamp: z.ZodType<JournalStamp> = z.object({ size: count, ino: count, ctimeMs: time })
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
  const run: z.ZodType<RunLine> = z.object({
    type: z.literal('run'),
    version: z.literal(1),
    entry: z.string(),
    file: z.string(),
    journal: stamp,
    before: z.exactOptional(stamp),
    about,
    moments: texts,
  })
  const moments: z.ZodType<MomentsLine> = z.object({
    type: z.literal('moments'),
    entry: z.string(),
    host: z.string(),
    moments: z.array(moment),
  })
  return { run, moments }
})

export function runLineOf(line: string): RunLine | undefined {
  return IndexText().run.safeParse(valueOf(line)).data
}

export function momentsLineOf(line: string): MomentsLine | undefined {
  return IndexText().moments.safeParse(valueOf(line)).data
}
