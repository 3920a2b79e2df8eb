import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Place, Problem } from '../../errors.ts'
import type { NotBegun, RunEvent, Status } from '../../events.ts'
import { shown } from '../../gate/gate.ts'
import { journalSchemas } from './journal-schemas.ts'
import { valueOf } from './journal-text.ts'
import type { RunHeader, SourceLine } from './journal.ts'
import { JOURNALS } from './journal-directory.ts'
import { runFrom } from './run-history.ts'
import type { PastRun } from './past-run.ts'
import type { SourceState } from './source-state.ts'

/** Everything in the journal of a run. */
export interface RecordedRun {
  readonly past: PastRun
  readonly opening: RunHeader
  readonly source: SourceState
  readonly events: readonly RunEvent[]
  /** The number of lines that cannot be read. */
  readonly damaged: number
}

const { count, end, mode, summary, texts, time: ms, unit } = journalSchemas()

/** Journals of versions before 0.2 call a change `change`. */
const status = z
  .enum(['ok', 'change', 'changed', 'unknown', 'failed', 'skipped'])
  .transform((said): Status => (said === 'change' ? 'changed' : said))

const PlaceText: z.ZodType<Place> = z.object({
  file: z.string(),
  line: z.exactOptional(count),
  column: z.exactOptional(count),
})
const ProblemText: z.ZodType<Problem> = z.object({
  // A later version may have more codes: an unknown one is shown as it is.
  code: z.string().transform((code) => code as Problem['code']),
  message: z.string(),
  place: z.exactOptional(PlaceText),
  host: z.exactOptional(z.string()),
  role: z.exactOptional(z.string()),
  resource: z.exactOptional(z.string()),
  expected: z.exactOptional(z.string()),
  got: z.exactOptional(z.string()),
  hint: z.exactOptional(z.string()),
  output: z.exactOptional(z.string()),
  lastLine: z.exactOptional(z.string()),
})
const failures = { play: z.string(), hosts: texts, allowed: count }
const NotBegunText: z.ZodType<NotBegun> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('interrupted') }),
  z.object({ type: z.literal('host-failed'), role: z.string(), play: z.string() }),
  z.object({ type: z.literal('play-stopped'), ...failures }),
  z.object({ type: z.literal('after-failed'), ...failures }),
  z.object({ type: z.literal('run-stopped'), ...failures }),
  z.object({ type: z.literal('declined'), play: z.string() }),
])
const on = { host: z.string(), at: ms }
const inUnit = { ...on, role: z.string(), resource: z.string() }

const EventText = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run: z.string(), mode, playbook: z.string(), hosts: texts, units: count, at: ms }),
  z.object({
    type: z.literal('resumed'),
    run: z.string(),
    end: z.enum(['done', 'failed', 'interrupted', 'crashed', 'running']),
    finished: count,
    units: count,
    changed: z.array(z.enum(['playbook', 'inventory'])),
    at: ms,
  }),
  z.object({ type: z.literal('connecting'), ...on }),
  z.object({ type: z.literal('waiting'), ...on, role: z.exactOptional(z.string()), message: z.string() }),
  z.object({ type: z.literal('connected'), ...on, os: z.string() }),
  z.object({ type: z.literal('unreachable'), ...on, problem: ProblemText }),
  z.object({ type: z.literal('unit'), ...on, ...unit }),
  z.object({
    type: z.literal('unit-end'),
    ...on,
    ...unit,
    end,
    asBefore: z.exactOptional(z.literal(true)),
    unverified: z.exactOptional(z.literal(true)),
    notBegun: z.exactOptional(NotBegunText),
    caught: z.exactOptional(z.array(z.object({ host: z.string(), resource: z.string() }))),
    durationMs: ms,
  }),
  z.object({ type: z.literal('step'), ...inUnit, say: z.string() }),
  z.object({ type: z.literal('output'), ...inUnit, stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({
    type: z.literal('resource'),
    ...inUnit,
    status,
    steps: texts,
    reason: z.exactOptional(z.string()),
    interrupted: z.exactOptional(z.literal(true)),
    lastLine: z.exactOptional(z.string()),
    diff: z.exactOptional(z.string()),
    durationMs: ms,
  }),
  z.object({ type: z.literal('note'), ...on, role: z.exactOptional(z.string()), message: z.string() }),
  z.object({ type: z.literal('problem'), problem: ProblemText, at: ms }),
  summary,
])

const SourceText: z.ZodType<SourceLine> = z.object({
  type: z.literal('source'),
  commit: z.exactOptional(z.string()),
  branch: z.exactOptional(z.string()),
  dirty: z.exactOptional(z.boolean()),
})

/**
 * Reads all events of a journal. The file is untrusted: damaged lines are skipped, and the rest passes the gate again.
 *
 * Throws a RolecallError if there is no such run, or its journal cannot be read.
 *
 * @param run its id; default the last one
 */
export function recordedRun(run?: string, directory = JOURNALS): RecordedRun {
  const past = runFrom(run, directory)
  const [first = '', ...lines] = readFileSync(join(directory, `${past.run}.jsonl`), 'utf8').split('\n')
  const opening = journalSchemas().header.parse(valueOf(first))
  const values = lines.map(valueOf)
  const damaged = lines.filter((line, at) => line !== '' && values[at] === undefined).length
  const source = values.map((value) => SourceText.safeParse(value).data).find((data) => data !== undefined)
  return { past, opening: shown(opening), source: shown(source ?? {}), events: eventsIn(values), damaged }
}

/** The events among the values of a journal, safe to show. */
export function eventsIn(values: readonly unknown[]): RunEvent[] {
  return values.flatMap((value) => {
    const event = EventText.safeParse(value).data
    return event === undefined ? [] : [shown<RunEvent>(event)]
  })
}

/**
 * The JSON schema of the events of a run, as `--json` prints them, one a line. Published as docs/events.schema.json.
 *
 * The promise: within a major version fields and types of events may be added, and none is removed, renamed or redefined. A reader must skip unknown
 * ones.
 */
export function eventsSchema(): object {
  const schema = z.toJSONSchema(EventText, { io: 'input', unrepresentable: 'any' })
  return { ...schema, title: 'An event of a run of Rolecall' }
}
