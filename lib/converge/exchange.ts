import { isBytes, type Input } from '../sh/input.ts'
import { createHash } from 'node:crypto'
import type { Facts } from '../facts.ts'
import type { Host } from '../host/host.ts'
import { statBatch } from '../resources/files/path/stat-batch.ts'
import type { Prediction } from '../resources/prediction/prediction.ts'
import type { Reply, Resource, Step } from '../resources/kit/kind.ts'
import { STAGED, staged } from '../resources/prediction/overlay.ts'
import { scriptBytes, writeAll, type Write } from '../resources/files/writing/write.ts'
import { keptBefore } from './kept-files.ts'
import type { Answer, Bundle, Part, Section } from '../sh/frame.ts'
import { raw, sh, type Sh } from '../sh/quote.ts'
import type { BatchItem, Forecast } from './forecast.ts'
import type { ConvergeContext } from './converge-context.ts'

/** How one step went. */
export interface StepResult {
  readonly due: BatchItem
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
  readonly stale: BatchItem | undefined
  readonly replies: readonly Reply[]
}

/** What the acting script tells as it goes. */
export type Watch = (
  news: { due: BatchItem; step: number } & (
    { type: 'start' } | { type: 'output'; stream: 'stdout' | 'stderr'; bytes: Uint8Array }
  ),
) => void

/** EX_TEMPFAIL of sysexits.h. */
const STALE = 75
const DEFAULT_DEADLINE_SECONDS = 600
/** Enough for the last words of whatever failed; a step may print 100 MB. */
const KEPT_OUTPUT_BYTES = 65_536
/** What will be heard: some three lines for each package of a distribution's upgrade. */
const HEARD_OUTPUT_BYTES = 4 * 1024 * 1024

/** How much is asked: all that check mode has to foretell, or what is enough to act. */
export type Depth = 'probe' | 'quickProbe'

/** One round trip: asks about every resource, and tells each answer as soon as it is there. */
export async function probeAll(
  host: Host,
  resources: readonly Resource[],
  depth: Depth,
  hear: (reply: Reply) => void,
): Promise<void> {
  if (resources.length === 0) return
  const questions = questionsOf(resources, host.facts, depth)
  const early = new Map<string, Reply>()
  let parseOutput = 0
  const inTurn = () => early.get(questions[parseOutput]?.name ?? '')
  await host.ask(questions, {
    watch: (event, stream) => {
      if (event.type !== 'end' || stream !== 'stdout') return
      early.set(event.name, new BytesReply(event.code, event.bytes))
      // Slow ones are answered last, and each is planned upon those before it.
      for (let reply = inTurn(); reply !== undefined; reply = inTurn()) {
        parseOutput++
        hear(reply)
      }
    },
  })
}

/** One round trip: does the steps one after the other, and asks about every resource again. */
export async function applyBatch(
  { host, until }: Pick<ConvergeContext, 'host' | 'until'>,
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  watch: Watch,
): Promise<ActResult> {
  const kept = keptBefore(batch, resources)
  const plans = batch.flatMap((due): Planned[] => [
    ...(kept !== undefined && due === batch[0] ? [{ asks: keeping(kept), due, step: -1 }] : []),
    ...(due.guarded ? [{ asks: guard(due, host.facts), due, step: -1 }] : []),
    ...due.plan.steps.map((step, at) => ({
      asks: asked(due, step, at, until),
      due,
      step: at,
      stdin: step.upload ?? step.stdin,
    })),
  ])
  const byName = new Map(plans.map((plan) => ['part' in plan.asks ? plan.asks.part.name : plan.asks.name, plan]))
  const answers = await host.ask(together(plans.map(({ asks }) => asks)), {
    then: questionsOf(resources, host.facts, 'quickProbe'),
    stdin: joined(plans.flatMap((plan) => (plan.stdin ? [plan.stdin] : []))),
    watch: (event, stream) => {
      const plan = byName.get(event.name)
      if (plan === undefined || plan.step < 0) return
      const { due, step } = plan
      if (event.type === 'start' && stream === 'stdout') watch({ due, step, type: 'start' })
      if (event.type === 'data') watch({ due, step, type: 'output', stream, bytes: event.bytes })
    },
  })
  const done: StepResult[] = []
  let failed: StepResult | undefined
  let stale: BatchItem | undefined
  for (const answer of answers) {
    const plan = byName.get(answer.name)
    if (plan === undefined) continue
    if (plan.step < 0) stale = answer.code === 0 ? stale : plan.due
    else if (answer.code === 0) done.push(resultOf(plan.due, plan.step, answer))
    else failed = resultOf(plan.due, plan.step, answer)
  }
  return { done, failed, stale, replies: repliesOf(answers.filter((answer) => !byName.has(answer.name))) }
}

/** One round trip: does the steps one after the other, and asks nothing. */
export async function actOnly(
  { host, until }: Pick<ConvergeContext, 'host' | 'until'>,
  batch: readonly BatchItem[],
  watch: Watch,
): Promise<Pick<ActResult, 'done' | 'failed'>> {
  const { done, failed } = await applyBatch({ host, ...(until === undefined ? {} : { until }) }, batch, [], watch)
  return { done, failed }
}

function keeping(kept: Sh): Section {
  return { name: 'keep old files', sh: kept, stopOnFailure: true }
}

interface Planned {
  readonly asks: Section | Written
  readonly due: BatchItem
  /** Of the plan; -1 is the guard before it. */
  readonly step: number
  readonly stdin?: Input | undefined
}

/** A file to be written. It has an answer of its own and no script: neighbours share one. */
interface Written {
  readonly part: Part
  readonly write: Write
  readonly deadline: number
}

/** A script goes to its shell as one word of the environment, which ends at 128 KiB. */
const LARGEST_SCRIPT = 64 * 1024
/** What is larger has a deadline of its own. */
const LARGEST_INPUT = 1024 * 1024

/** Neighbours that write files make one bundle, but not two that write the same one; everything else stays by itself. */
function together(all: readonly (Section | Written)[]): (Section | Bundle)[] {
  const groups: (Section | Written[])[] = []
  let room = { script: 0, input: 0 }
  for (const each of all) {
    if (!('part' in each)) {
      groups.push(each)
      continue
    }
    const [script, input] = [scriptBytes(each.write), each.part.stdinBytes ?? 0]
    const last = groups.at(-1)
    const fits = Array.isArray(last) && script <= room.script && input <= room.input && !writes(last, each.write)
    if (fits) last.push(each)
    else groups.push([each])
    const before = fits ? room : { script: LARGEST_SCRIPT, input: LARGEST_INPUT }
    room = { script: before.script - script, input: before.input - input }
  }
  return groups.map((group) => (Array.isArray(group) ? bundleOf(group) : group))
}

function writes(some: readonly Written[], other: Write): boolean {
  const placeOf = ({ path, place = path }: Write) => place
  return some.some(({ write }) => placeOf(write) === placeOf(other))
}

function bundleOf(some: readonly Written[]): Bundle {
  return {
    parts: some.map(({ part }) => part),
    sh: writeAll(some.map(({ write }) => write)),
    deadline: Math.max(...some.map(({ deadline }) => deadline)),
  }
}

/** How a candidate pleased its validator. */
export interface ValidatorResult {
  readonly accepted: boolean
  readonly said: string
  /** It was looked at where everything pending was made already: that is what it will be. */
  readonly final: boolean
}

/** One round trip: shows candidates to their validators. A verdict for each forecast that has a rehearsal. */
export async function validateCandidates(
  host: Host,
  forecasts: readonly Forecast[],
  prediction: Prediction,
): Promise<Map<number, ValidatorResult>> {
  const rehearsals = forecasts.flatMap(({ index, evaluation, turn }) =>
    'plan' in evaluation && evaluation.plan.steps.length > 0 && evaluation.plan.rehearse
      ? [{ index, rehearse: evaluation.plan.rehearse, props: prediction.props(turn) }]
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
    { stdin: joined(rehearsals.flatMap(({ rehearse: { stdin } }) => (stdin ? [stdin] : []))) },
  )
  return new Map(answers.map((answer) => [Number(answer.name), verdictOf(answer)]))
}

/** One alone is not copied: it may be large, and for many hosts the same. */
function stdinBytes(input: Input | undefined): { readonly stdinBytes?: number } {
  return input === undefined ? {} : { stdinBytes: input.length }
}

function joined(inputs: readonly Input[]): Uint8Array | readonly Input[] {
  const [first = new Uint8Array(), ...others] = inputs
  if (!inputs.every(isBytes) || !isBytes(first)) return inputs
  return others.length === 0 ? first : Buffer.concat(inputs)
}

function verdictOf({ code, stdout, stderr }: Answer): ValidatorResult {
  const printed = decode(stdout)
  const final = printed === STAGED || printed.startsWith(`${STAGED}\n`)
  const said = `${final ? printed.slice(STAGED.length + 1) : printed}${decode(stderr)}`.trim()
  return { accepted: code === 0, said, final }
}

function questionsOf(resources: readonly Resource[], facts: Facts, depth: Depth): Section[] {
  const shared = statBatch(
    resources.flatMap((resource) => resource.statPaths),
    facts.uid,
  )
  return resources.map((resource, index) => ({
    name: `${index} ${resource.id}`,
    sh: (depth === 'quickProbe' ? quickestProbe(resource) : resource).probe(facts),
    question: resource.parallelProbe ? 'aside' : 'in turn',
    ...(index === 0 && shared !== undefined ? { shared } : {}),
  }))
}

/** Whoever knows no quicker way is probed. */
function quickestProbe(resource: Resource): Pick<Resource, 'probe'> {
  return resource.quickProbe ?? resource
}

function repliesOf(answers: readonly Answer[]): Reply[] {
  return answers.map(({ code, stdout }) => new BytesReply(code, stdout))
}

function asked({ index, resource }: BatchItem, step: Step, at: number, until = Infinity): Section | Written {
  const part: Part = {
    name: `step ${index}.${at} ${resource.id}`,
    stopOnFailure: true,
    keepLast: resource.quickProbe ? HEARD_OUTPUT_BYTES : KEPT_OUTPUT_BYTES,
    ...stdinBytes(step.upload ?? step.stdin),
  }
  // The host keeps it, also when the connection is gone.
  const most = Math.min(step.deadline ?? DEFAULT_DEADLINE_SECONDS, Math.ceil((until - Date.now()) / 1000))
  const deadline = Math.max(1, most)
  return step.write === undefined ? { ...part, sh: step.sh, deadline } : { part, write: step.write, deadline }
}

/** Asks again and goes on only when the answer is, to the byte, the one that the plan was made from. */
function guard({ index, resource, reply }: BatchItem, facts: Facts): Section {
  const digest = createHash('sha256').update(reply.bytes).update(`status ${reply.code}\n`).digest('hex')
  return {
    name: `guard ${index} ${resource.id}`,
    sh: sh`${statBatch(resource.statPaths, facts.uid) ?? raw(':')}
now=$( { (${quickestProbe(resource).probe(facts)}
); echo "status $?"; } 2>/dev/null | sha256sum ); [ "\${now%% *}" = ${digest} ] || exit ${STALE}`,
    stopOnFailure: true,
  }
}

function resultOf(due: BatchItem, step: number, { code, stdout, stderr }: Answer): StepResult {
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
