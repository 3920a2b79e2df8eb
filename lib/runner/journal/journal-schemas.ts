import { z } from 'zod'
import type { HostSummary, SummaryEvent } from '../../events.ts'
import { namedValues } from '../../named-values.ts'
import { once } from '../../once.ts'
import type { RunHeader } from './journal.ts'
import type { Runner, RunRequest } from './request.ts'

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
const LATEST_TIME = 8_640_000_000_000_000

/** The name of a run is also the name of a file. */
const RUN_ID = /^[A-Za-z0-9][\w.-]{0,99}$/

export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

/** The schemas of journals: their first line, the events above, and parts of these that other files use. Made when first needed. */
export const journalSchemas = once(() => {
  const parts = valueSchemas()
  return { ...parts, ...headerSchemas(parts), ...eventSchemas(parts) }
})

type ValueSchemas = ReturnType<typeof valueSchemas>

/** The values that the first line and the events have in common. */
function valueSchemas() {
  return {
    runId: z.string().regex(RUN_ID),
    count: z.number().int().nonnegative(),
    time: z.number().nonnegative().max(LATEST_TIME),
    texts: z.array(z.string()),
    mode: z.enum(['check', 'apply', 'verify']),
  }
}

/** The first line: who requested what. */
function headerSchemas({ runId, time, texts, mode }: ValueSchemas) {
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
  return { runner, request, header }
}

/** The lines after the first one: how far the run came. */
function eventSchemas({ count, time, texts, mode }: ValueSchemas) {
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
  return { event, summary, unit, end }
}
