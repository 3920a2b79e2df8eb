import { createHash } from 'node:crypto'
import type { Facts } from '../facts.ts'
import type { Host } from '../host/host.ts'
import { glimpse } from '../resources/glimpse.ts'
import type { Foreseen } from '../resources/foreseen.ts'
import type { Reply, Resource } from '../resources/kind.ts'
import { STAGED, staged } from '../resources/staging.ts'
import { scriptBytes, writeAll, type Write } from '../resources/write.ts'
import type { Answer, Bundle, Section } from '../sh/frame.ts'
import { sh } from '../sh/quote.ts'
import type { Ground } from './ensure.ts'
import type { Due, Forecast } from './forecast.ts'

/** How one step went. */
export interface StepResult {
  readonly due: Due
  readonly step: number
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ActResult {
  readonly done: readonly StepResult[]
  /** The first step that failed; nothing after it was tried. */
  readonly failed: StepResult | undefined
  /** The resource that had changed under us: neither it nor anything after it was tried. */
  readonly stale: Due | undefined
  readonly replies: readonly Reply[]
}

/** What the acting script tells as it goes. */
export type Watch = (
  news: { due: Due; step: number } & (
    { type: 'start' } | { type: 'output'; stream: 'stdout' | 'stderr'; bytes: Uint8Array }
  ),
) => void

/** EX_TEMPFAIL of sysexits.h. */
const STALE = 75
const DEFAULT_DEADLINE_SECONDS = 600
/** Enough for the last words of whatever failed; a step may print 100 MB. */
const KEPT_OUTPUT_BYTES = 65_536

/** One round trip: asks about every resource. */
export async function askAbout(host: Host, resources: readonly Resource[]): Promise<Reply[]> {
  if (resources.length === 0) return []
  return repliesOf(await host.ask(probes(resources, host.facts)))
}

/** One round trip: does the steps one after the other, and asks about every resource again. */
export async function act(
  { host, until }: Pick<Ground, 'host' | 'until'>,
  batch: readonly Due[],
  resources: readonly Resource[],
  watch: Watch,
): Promise<ActResult> {
  const plans = batch.flatMap((due): Planned[] => [
    ...(due.guarded ? [{ section: guard(due, host.facts), due, step: -1 }] : []),
    ...due.plan.steps.map(({ stdin, write }, index) => ({
      section: stepSection(due, index, until),
      due,
      step: index,
      ...(stdin === undefined ? {} : { stdin }),
      ...(write === undefined ? {} : { write }),
    })),
  ])
  const byName = new Map(plans.map((plan) => [plan.section.name, plan]))
  const answers = await host.ask(
    together(plans).map((some) => bundleOf(some) ?? some[0].section),
    {
      then: probes(resources, host.facts),
      stdin: Buffer.concat(plans.flatMap((plan) => (plan.stdin ? [plan.stdin] : []))),
      watch: (event, stream) => {
        const plan = byName.get(event.name)
        if (plan === undefined || plan.step < 0) return
        const { due, step } = plan
        if (event.type === 'start' && stream === 'stdout') watch({ due, step, type: 'start' })
        if (event.type === 'data') watch({ due, step, type: 'output', stream, bytes: event.bytes })
      },
    },
  )
  const done: StepResult[] = []
  let failed: StepResult | undefined
  let stale: Due | undefined
  for (const answer of answers) {
    const plan = byName.get(answer.name)
    if (plan === undefined) continue
    if (plan.step < 0) stale = answer.code === 0 ? stale : plan.due
    else if (answer.code === 0) done.push(resultOf(plan.due, plan.step, answer))
    else failed = resultOf(plan.due, plan.step, answer)
  }
  return { done, failed, stale, replies: repliesOf(answers.filter((answer) => !byName.has(answer.name))) }
}

interface Planned {
  readonly section: Section
  readonly due: Due
  /** Of the plan; -1 is the guard before it. */
  readonly step: number
  readonly stdin?: Uint8Array
  readonly write?: Write
}

/** A script goes to its shell as one word of the environment, which ends at 128 KiB. */
const LARGEST_SCRIPT = 64 * 1024
/** What is larger has a deadline of its own. */
const LARGEST_INPUT = 1024 * 1024

/** Neighbours that write files make one group; everything else is a group of its own. */
function together(plans: readonly Planned[]): (readonly [Planned, ...Planned[]])[] {
  const groups: [Planned, ...Planned[]][] = []
  let room = { script: 0, input: 0 }
  for (const plan of plans) {
    const last = groups.at(-1)
    const script = plan.write === undefined ? Infinity : scriptBytes(plan.write)
    const input = plan.stdin?.length ?? 0
    if (last?.[0].write !== undefined && script <= room.script && input <= room.input) {
      last.push(plan)
      room = { script: room.script - script, input: room.input - input }
    } else {
      groups.push([plan])
      room = { script: LARGEST_SCRIPT - script, input: LARGEST_INPUT - input }
    }
  }
  return groups
}

function bundleOf(some: readonly Planned[]): Bundle | undefined {
  const writes = some.flatMap(({ write }) => write ?? [])
  if (writes.length === 0) return undefined
  const sections = some.map(({ section }) => section)
  return { sections, sh: writeAll(writes), deadline: Math.max(...sections.map(({ deadline = 0 }) => deadline)) }
}

/** How a candidate pleased its validator. */
export interface Verdict {
  readonly accepted: boolean
  readonly said: string
  /** It was looked at where everything pending was made already: that is what it will be. */
  readonly final: boolean
}

/** One round trip: shows candidates to their validators. A verdict for each forecast that has a rehearsal. */
export async function rehearse(
  host: Host,
  forecasts: readonly Forecast[],
  foreseen: Foreseen,
): Promise<Map<number, Verdict>> {
  const rehearsals = forecasts.flatMap(({ index, weighed, turn }) =>
    'plan' in weighed && weighed.plan.steps.length > 0 && weighed.plan.rehearse
      ? [{ index, rehearse: weighed.plan.rehearse, props: foreseen.props(turn) }]
      : [],
  )
  if (rehearsals.length === 0) return new Map()
  const answers = await host.ask(
    rehearsals.map(({ index, rehearse: { stdin, ...rehearsal }, props }) => ({
      name: String(index),
      sh: staged(rehearsal, props),
      deadline: DEFAULT_DEADLINE_SECONDS,
      ...(stdin === undefined ? {} : { stdinBytes: stdin.length }),
    })),
    { stdin: Buffer.concat(rehearsals.flatMap(({ rehearse: { stdin } }) => (stdin ? [stdin] : []))) },
  )
  return new Map(answers.map((answer) => [Number(answer.name), verdictOf(answer)]))
}

function verdictOf({ code, stdout, stderr }: Answer): Verdict {
  const printed = decode(stdout)
  const final = printed === STAGED || printed.startsWith(`${STAGED}\n`)
  const said = `${final ? printed.slice(STAGED.length + 1) : printed}${decode(stderr)}`.trim()
  return { accepted: code === 0, said, final }
}

function probes(resources: readonly Resource[], facts: Facts): Section[] {
  const shared = glimpse(resources.flatMap((resource) => resource.looksAt))
  return resources.map((resource, index) => ({
    name: `${index} ${resource.id}`,
    sh: resource.probe(facts),
    ...(index === 0 && shared !== undefined ? { shared } : {}),
  }))
}

function repliesOf(answers: readonly Answer[]): Reply[] {
  return answers.map(({ code, stdout }) => new BytesReply(code, stdout))
}

function stepSection({ index, resource, plan }: Due, at: number, until = Infinity): Section {
  const step = plan.steps[at]
  return {
    name: `step ${index}.${at} ${resource.id}`,
    sh: step?.sh ?? sh`true`,
    // The host keeps it, also when the connection is gone.
    deadline: Math.max(1, Math.min(step?.deadline ?? DEFAULT_DEADLINE_SECONDS, Math.ceil((until - Date.now()) / 1000))),
    stopOnFailure: true,
    keepLast: KEPT_OUTPUT_BYTES,
    ...(step?.stdin === undefined ? {} : { stdinBytes: step.stdin.length }),
  }
}

/** Asks again and goes on only when the answer is, to the byte, the one that the plan was made from. */
function guard({ index, resource, reply }: Due, facts: Facts): Section {
  const digest = createHash('sha256').update(reply.bytes).update(`status ${reply.code}\n`).digest('hex')
  return {
    name: `guard ${index} ${resource.id}`,
    sh: sh`now=$( { (${resource.probe(facts)}
); echo "status $?"; } 2>/dev/null | sha256sum ); [ "\${now%% *}" = ${digest} ] || exit ${STALE}`,
    stopOnFailure: true,
  }
}

function resultOf(due: Due, step: number, { code, stdout, stderr }: Answer): StepResult {
  return { due, step, code, stdout: decode(stdout), stderr: decode(stderr) }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

class BytesReply implements Reply {
  readonly code: number
  readonly bytes: Uint8Array
  #text: string | undefined

  constructor(code: number, bytes: Uint8Array) {
    this.code = code
    this.bytes = bytes
  }

  get text(): string {
    this.#text ??= decode(this.bytes)
    return this.#text
  }

  get lines(): readonly string[] {
    const text = this.text
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  }
}
