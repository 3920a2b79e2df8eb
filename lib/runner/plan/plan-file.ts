import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { isRecord } from '../../is-record.ts'
import { RolecallError } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { eventsIn } from '../journal/journal-events.ts'
import { journalSchemas } from '../journal/journal-schemas.ts'
import { once } from '../../once.ts'
import type { Runner, RunRequest } from '../journal/request.ts'
import type { SourceState } from '../journal/source-state.ts'
import type { PlanKey } from './plan-key.ts'

/** The plan for one resource of a role on a host. Digests are keyed. */
export interface PlannedResource {
  readonly host: string
  readonly role: string
  /** `kind:name` */
  readonly resource: string
  readonly status: 'changed' | 'unknown' | 'failed' | 'skipped'
  /** The summary of the steps, secrets masked. */
  readonly steps: readonly string[]
  /** Digest of the host's answer. */
  readonly answer: string
  /** Digest of the scripts of its steps, with their input. */
  readonly script: string
  /** Digest of its changes. */
  readonly changes: string
  /** The resource was planned as if earlier changes were made. */
  readonly isPredicted?: true
  /** The actions of its steps on units, such as `restart`. */
  readonly actions?: readonly string[]
}

/** One role on one host, with a digest of its variables. */
export interface PlannedUnit {
  readonly host: string
  readonly role: string
  readonly play: string
  readonly vars: string
  readonly connection: string
  /** Where ssh's configuration leads from there. Only for a host that is reached by SSH. */
  readonly ssh?: string
}

/** A saved plan. */
export interface SavedPlan {
  readonly type: 'plan'
  readonly version: 1
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly expiresAt: number
  readonly by: Runner
  /** The version of Rolecall. */
  readonly program: string
  readonly source: SourceState
  readonly ci?: string
  readonly request: RunRequest
  /** Identifies the key of the digests. */
  readonly key: string
  readonly digests: { readonly playbook: string; readonly inventory: string }
  readonly units: readonly PlannedUnit[]
  readonly resources: readonly PlannedResource[]
  /** The check that the plan was made from, without resources that are as wanted. */
  readonly events: readonly RunEvent[]
  /** Keyed digest of everything above. */
  readonly seal: string
}

const PlanText = once(() => {
  const texts = z.array(z.string())
  const time = z.number().nonnegative().max(8_640_000_000_000_000)
  return z.object({
    type: z.literal('plan'),
    version: z.literal(1),
    id: z.string().regex(/^[0-9a-f]{16}$/),
    at: time,
    expiresAt: time,
    by: journalSchemas().runner,
    program: z.string(),
    source: z.object({
      commit: z.exactOptional(z.string()),
      branch: z.exactOptional(z.string()),
      dirty: z.exactOptional(z.boolean()),
    }),
    ci: z.exactOptional(z.string()),
    request: journalSchemas().request,
    key: z.string(),
    digests: z.object({ playbook: z.string(), inventory: z.string() }),
    units: z.array(
      z.object({
        host: z.string(),
        role: z.string(),
        play: z.string(),
        vars: z.string(),
        connection: z.string(),
        ssh: z.exactOptional(z.string()),
      }),
    ),
    resources: z.array(
      z.object({
        host: z.string(),
        role: z.string(),
        resource: z.string(),
        status: z.enum(['changed', 'unknown', 'failed', 'skipped']),
        steps: texts,
        answer: z.string(),
        script: z.string(),
        changes: z.string(),
        isPredicted: z.exactOptional(z.literal(true)),
        actions: z.exactOptional(texts),
      }),
    ),
    events: z.array(z.unknown()),
    seal: z.string(),
  })
})

/** Seals a plan. The seal covers the text that is written, so no part of it can be changed. */
export function sealed(plan: Omit<SavedPlan, 'seal'>, key: PlanKey): SavedPlan {
  return { ...plan, seal: key.digest('seal', JSON.stringify(plan)) }
}

export function planText(plan: SavedPlan): string {
  return `${JSON.stringify(plan)}\n`
}

/** The limit in bytes: a plan of a thousand hosts has 20 MB. */
const MOST_BYTES = 512 * 1024 * 1024

/** A plan that was read, and its text without the seal. */
interface ReadPlan {
  readonly plan: SavedPlan
  readonly isSealed: (key: PlanKey) => boolean
}

/** Reads a plan. Throws a RolecallError if the file is not a plan. Its author is unknown until the seal is checked. */
export function readPlan(file: string): ReadPlan {
  const text = textOf(file)
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw notAPlan(file, 'it is cut off, or no JSON')
  }
  if (!isRecord(data) || data['type'] !== 'plan') throw notAPlan(file, 'it is something else')
  if (data['version'] !== 1)
    throw new RolecallError({
      code: 'usage',
      message: `${file} has the plan format of another version`,
      expected: 'version 1',
      got: `version ${String(data['version'])}`,
      hint: 'read it with the version of Rolecall that made it, or plan again',
    })
  const read = PlanText().safeParse(data)
  if (!read.success) {
    const [issue] = read.error.issues
    throw notAPlan(file, `${(issue?.path ?? []).join('.')}: ${issue?.message ?? ''}`)
  }
  const plan: SavedPlan = { ...read.data, events: eventsIn(read.data.events) }
  const { seal, ...rest } = data
  return { plan, isSealed: (key) => key.matches(String(seal), 'seal', JSON.stringify(rest)) }
}

function textOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined)
    throw new RolecallError({
      code: 'usage',
      message: `there is no plan ${file}`,
      hint: 'rolecall check PLAYBOOK --out FILE makes one',
    })
  if (!found.isFile()) throw notAPlan(file, 'it is not a file')
  if (found.size > MOST_BYTES) throw notAPlan(file, `it has ${found.size} bytes`)
  return readFileSync(file, 'utf8')
}

function notAPlan(file: string, got: string): RolecallError {
  return new RolecallError({
    code: 'usage',
    message: `${file} is not a plan`,
    expected: 'a file that rolecall check PLAYBOOK --out FILE has written',
    got,
    hint: 'make the plan again',
  })
}
