import { z } from 'zod'
import type { HostSummary, SummaryEvent } from '../../events.ts'
import { namedValues } from '../../named-values.ts'
import { once } from '../../once.ts'
import type { RunHeader } from './journal.ts'
import type { Runner, RunRequest } from './request.ts'

/** The part of a journal that is read back: who requested what, and how far the run came. The file is untrusted data, so it is parsed. */
interface JournalText {
  readonly opening: RunHeader
  readonly events: readonly JournalEvent[]
}

/** The events that say how far a run came. */
export type JournalEvent =
  | { readonly type: 'run'; readonly hosts: readonly string[]; readonly units: number }
  | { readonly type: 'unit'; readonly host: string; readonly role: string; readonly play: string }
  | {
      readonly type: 'unit-end'
      readonly host: string
      readonly role: string
      readonly play: string
      readonly end: 'done' | 'failed' | 'unreachable' | 'skipped' | 'cancelled'
    }
  | SummaryEvent

/** The forms of journal that this reader knows. */
const VERSION = 1
/** The longest event that is read back. */
const LONGEST_LINE = 16 * 1024 * 1024
const LATEST_TIME = 8_640_000_000_000_000

/** The name of a run is also the name of a file. */
const RUN_ID = /^[A-Za-z0-9][\w.-]{0,99}$/

export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

/** The schemas of journals: their first line, the events above, and parts of these that other files use. Made when first needed. */
export const journalSchemas = once(() => {
  const runId = z.string().regex(RUN_ID)
  const count = z.number().int().nonnegative()
  const time = z.number().nonnegative().max(LATEST_TIME)
  const texts = z.array(z.string())
  const mode = z.enum(['check', 'apply', 'verify'])

  const runner: z.ZodType<Runner> = z.object({
    user: z.string(),
    machine: z.string(),
    pid: z.number().int().positive(),
    start: z.exactOptional(z.string()),
  })

  const request: z.ZodType<RunRequest> = z.object({
    mode,
    playbook: z.string(),
    inventory: z.union([z.string(), texts]),
    limit: z.exactOptional(z.string()),
    roles: z.exactOptional(texts),
    tags: z.exactOptional(texts),
    skipTags: z.exactOptional(texts),
    startAt: z.exactOptional(z.string()),
    concurrency: z.exactOptional(z.number().int().positive()),
    extra: texts,
    withheld: texts,
    plan: z.exactOptional(z.string()),
    command: z.exactOptional(z.string()),
  })

  const header: z.ZodType<RunHeader> = z.object({
    type: z.literal('request'),
    version: z.literal(VERSION),
    run: runId,
    at: time,
    by: runner,
    request,
    digests: z.object({ playbook: z.exactOptional(z.string()), inventory: z.string() }),
    resumes: z.exactOptional(runId),
    program: z.exactOptional(z.string()),
    ci: z.exactOptional(z.string()),
  })

  const hostSummary: z.ZodType<HostSummary> = z.object({
    ok: count,
    changed: count,
    unknown: count,
    failed: count,
    skipped: count,
    interrupted: z.exactOptional(count),
    caught: z.exactOptional(count),
    unreachable: z.boolean(),
    roundTrips: count,
  })

  const summary = z.object({
    type: z.literal('summary'),
    mode,
    ok: z.boolean(),
    durationMs: time,
    hosts: namedValues(hostSummary),
  })

  const unit = { host: z.string(), role: z.string(), play: z.string() }
  const end = z.enum(['done', 'failed', 'unreachable', 'skipped', 'cancelled'])

  const event: z.ZodType<JournalEvent> = z.discriminatedUnion('type', [
    z.object({ type: z.literal('run'), hosts: texts, units: count }),
    z.object({ type: z.literal('unit'), ...unit }),
    z.object({ type: z.literal('unit-end'), ...unit, end }),
    summary,
  ])
  return { header, event, summary, unit, end, runner, request, runId, mode, count, time, texts }
})

/**
 * Reads a journal that may end anywhere. `torn`: not even its first line is complete, so no host had been touched. `foreign`: the first line is not
 * one of Rolecall's. Damaged lines after it are skipped.
 */
export function readJournal(text: string): JournalText | 'torn' | 'foreign' {
  // Text after the last newline is torn, or empty.
  const [first, ...others] = text.split('\n').slice(0, -1)
  if (first === undefined) return 'torn'
  const opening = journalSchemas().header.safeParse(valueOf(first))
  if (!opening.success) return 'foreign'
  return {
    opening: opening.data,
    events: others.flatMap((line) =>
      READ_AGAIN.test(line) ? (journalSchemas().event.safeParse(valueOf(line)).data ?? []) : [],
    ),
  }
}

/** Only about one line in ten matters to a reader of past runs; the others are not parsed. */
const READ_AGAIN = /"(run|unit|unit-end|summary)"/

/** A line of a journal as a value; undefined where the line is damaged. */
export function valueOf(line: string): unknown {
  if (line.length > LONGEST_LINE) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
