import { createHash } from 'node:crypto'
import type { Facts } from '../../facts.ts'
import { statBatch } from '../../resources/files/path/stat-batch.ts'
import type { Reply, Resource, Step } from '../../resources/kit/kind.ts'
import type { Answer, Part, Section } from '../../sh/frame.ts'
import type { Input } from '../../sh/input.ts'
import { raw, sh } from '../../sh/quote.ts'
import type { ConvergeContext } from '../converge-context.ts'
import type { BatchItem } from '../forecast.ts'
import { bundleWrites, type FileWrite } from './bundle-writes.ts'
import { joined } from './input.ts'
import { backUpFiles } from './back-up-files.ts'
import { questionsOf, quickestProbe, repliesOf } from './probe-all.ts'

/** The result of one step. */
export interface StepResult {
  readonly item: BatchItem
  /** The step's index in the item's plan. */
  readonly step: number
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The result of a round trip that acts. */
export interface BatchResult {
  /** The steps that succeeded. */
  readonly done: readonly StepResult[]
  /** The first step that failed; nothing after it was tried. */
  readonly failed: StepResult | undefined
  /** The answers of the resources afterwards, in their order. */
  readonly replies: readonly Reply[]
}

/** The progress of a step while it runs. */
type StepNews = { readonly item: BatchItem; readonly step: number } & (
  | { readonly type: 'start' }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
)

export type OnStep = (news: StepNews) => void

/** EX_TEMPFAIL of sysexits.h: the exit status of a guard whose resource now has another answer. */
const STALE = 75
const DEFAULT_DEADLINE_SECONDS = 600
/** Enough for the end of a failed step's output: a step may print 100 MB. */
const KEPT_OUTPUT_BYTES = 65_536
/** For kinds that read the output of their steps: about three lines for each package of a distribution upgrade. */
const PARSED_OUTPUT_BYTES = 4 * 1024 * 1024

/** Runs the steps of a batch one after the other and probes every resource again, in one round trip. */
export async function applyBatch(
  { host, until, rollback }: Pick<ConvergeContext, 'host' | 'until' | 'rollback'>,
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  onStep: OnStep,
): Promise<BatchResult> {
  const planned = batch.map((item, at) => ({
    before: [
      ...(at === 0 ? keepingOld(batch, resources, rollback) : []),
      ...(item.guarded ? [guardOf(item, host.facts)] : []),
    ],
    steps: stepsOf(item, until),
  }))
  const sections = planned.flatMap(({ before, steps }) => [...before, ...steps.map(({ section }) => section)])
  const steps = new Map(planned.flatMap((item) => item.steps).map((step) => [step.name, step]))
  const answers = await host.ask(bundleWrites(sections), {
    then: questionsOf(resources, host.facts, 'quickProbe'),
    stdin: joined([...steps.values()].flatMap(({ stdin }) => (stdin ? [stdin] : []))),
    watch: (event, stream) => {
      const running = steps.get(event.name)
      if (running === undefined) return
      const { item, step } = running
      if (event.type === 'start' && stream === 'stdout') onStep({ item, step, type: 'start' })
      if (event.type === 'data') onStep({ item, step, type: 'output', stream, bytes: event.bytes })
    },
  })
  const results = answers.flatMap((answer) => {
    const step = steps.get(answer.name)
    if (step !== undefined) return [resultOf(step, answer)]
    // A file is not changed if its copy for a rollback cannot be kept.
    const [item] = batch
    return answer.name === KEEPING && answer.code !== 0 && item !== undefined
      ? [resultOf({ item, step: -1 }, answer)]
      : []
  })
  const asked = new Set(sections.map((section) => ('part' in section ? section.part.name : section.name)))
  return {
    done: results.filter(({ code }) => code === 0),
    failed: results.find(({ code }) => code !== 0),
    replies: repliesOf(answers.filter(({ name }) => !asked.has(name))),
  }
}

/** A step, and the section of the script that runs it. */
interface PlannedStep {
  readonly name: string
  readonly item: BatchItem
  readonly step: number
  readonly section: Section | FileWrite
  readonly stdin: Input | undefined
}

function stepsOf(item: BatchItem, until: number | undefined): PlannedStep[] {
  const { index, resource, plan } = item
  return plan.steps.map((planned, step) => {
    const name = `step ${index}.${step} ${resource.id}`
    const stdin = planned.upload ?? planned.stdin
    return { name, item, step, stdin, section: sectionOf(name, resource, planned, until) }
  })
}

function sectionOf(name: string, { quickProbe }: Resource, step: Step, until = Infinity): Section | FileWrite {
  const stdin = step.upload ?? step.stdin
  const part: Part = {
    name,
    stopOnFailure: true,
    keepLast: quickProbe ? PARSED_OUTPUT_BYTES : KEPT_OUTPUT_BYTES,
    ...(stdin === undefined ? {} : { stdinBytes: stdin.length }),
  }
  // The host itself ends the step in time, even if the connection is gone.
  const most = Math.min(step.deadline ?? DEFAULT_DEADLINE_SECONDS, Math.ceil((until - Date.now()) / 1000))
  const deadline = Math.max(1, most)
  return step.write === undefined ? { ...part, sh: step.sh, deadline } : { part, write: step.write, deadline }
}

const KEEPING = 'keep old files'

/** Keeps copies of the files that this trip changes and that a later unit tests, or that a rollback would restore. */
function keepingOld(batch: readonly BatchItem[], resources: readonly Resource[], rollback?: string): Section[] {
  const kept = backUpFiles(batch, resources, rollback)
  return kept === undefined ? [] : [{ name: KEEPING, sh: kept, stopOnFailure: true }]
}

/** Probes a resource again, and continues only if the answer is byte for byte the one that the plan was made from. */
function guardOf({ index, resource, reply }: BatchItem, facts: Facts): Section {
  const digest = createHash('sha256').update(reply.bytes).update(`status ${reply.code}\n`).digest('hex')
  return {
    name: `guard ${index} ${resource.id}`,
    of: resource.id,
    sh: sh`${statBatch(resource.statPaths, facts.uid) ?? raw(':')}
now=$( { (${quickestProbe(resource).probe(facts)}
); echo "status $?"; } 2>/dev/null | sha256sum ); [ "\${now%% *}" = ${digest} ] || exit ${STALE}`,
    stopOnFailure: true,
  }
}

function resultOf({ item, step }: Pick<PlannedStep, 'item' | 'step'>, { code, stdout, stderr }: Answer): StepResult {
  return { item, step, code, stdout: textOf(stdout), stderr: textOf(stderr) }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
