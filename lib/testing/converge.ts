import type { Facts } from '../facts.ts'
import { Prediction } from '../resources/prediction/prediction.ts'
import type { Effect } from '../resources/prediction/effect.ts'
import type { Evaluation, Reply, Resource, Step } from '../resources/kit/kind.ts'
import { debian } from './facts.ts'
import { finish, run, start, type Environment, type Ran, type Shell } from './shells.ts'

/** A finished run: the first plan, the output of each step, and what was left to do afterwards. */
export interface Converged {
  readonly evaluation: Evaluation
  /** The summaries of the steps that succeeded. */
  readonly did: readonly string[]
  /** The step that failed, with its exit status and output. */
  readonly failed?: Ran & { readonly summary: string }
  /** The evaluation after the last step. */
  readonly again: Evaluation
}

/** The circumstances of a test. Default: a Debian 12 on which nothing is pending. */
export interface Circumstances {
  readonly facts?: Facts
  readonly prediction?: Prediction
  /** Additional environment for the scripts, such as a PATH with a fake tool in front. */
  readonly env?: Environment
}

/** Runs the probes of resources in one script, as `ensure` does: each in a subshell, with nothing on standard input. */
export async function probe(shell: Shell, resource: Resource, circumstances: Circumstances = {}): Promise<Reply> {
  const question = `(\n${resource.probe(circumstances.facts ?? debian).text}\n) </dev/null`
  const child = start(shell, ['-s'], circumstances.env)
  const { code, stdout } = await finish(child, Buffer.from(question))
  return reply(stdout, code)
}

/** The output of a probe, in the form that `read` takes. */
export function reply(printed: string | Uint8Array, code = 0): Reply {
  const bytes = typeof printed === 'string' ? Buffer.from(printed) : printed
  const text = Buffer.from(bytes).toString('utf8')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { code, bytes, text, lines }
}

/** Probes and plans, and changes nothing. */
export async function ask(shell: Shell, resource: Resource, circumstances: Circumstances = {}): Promise<Evaluation> {
  const answer = await probe(shell, resource, circumstances)
  return resource.evaluate(answer, circumstances.facts ?? debian, circumstances.prediction ?? new Prediction())
}

/** Probes, plans, runs the steps until one fails, probes and plans again. `again` has no steps when the kind converges. */
export async function converge(
  shell: Shell,
  resource: Resource,
  circumstances: Circumstances = {},
): Promise<Converged> {
  const evaluation = await ask(shell, resource, circumstances)
  const did: string[] = []
  for (const step of stepsOf(evaluation)) {
    const ran = await run(shell, step.sh, step.stdin, circumstances.env)
    if (ran.code !== 0) {
      return {
        evaluation,
        did,
        failed: { ...ran, summary: step.summary },
        again: await ask(shell, resource, circumstances),
      }
    }
    did.push(step.summary)
  }
  return { evaluation, did, again: await ask(shell, resource, circumstances) }
}

/** The steps of an evaluation. A refusal or an unknown has none. */
export function stepsOf(evaluation: Evaluation): readonly Step[] {
  return evaluation.type === 'planned' ? evaluation.plan.steps : []
}

/** The summaries of the steps, or why there are none: what a table test compares. */
export function words(evaluation: Evaluation): readonly string[] | string {
  if (evaluation.type === 'refused') return `refused: ${evaluation.refused}`
  if (evaluation.type === 'unknown') return `unknown: ${evaluation.unknown}`
  return evaluation.plan.steps.map((step) => step.summary)
}

/**
 * What earlier resources of the same run will bring, for tests of `predict`: their ids, with the effects of each.
 *
 * @example
 * await ask(shell, zone, { prediction: pending({ 'pkg:tzdata': [{ type: 'package', name: 'tzdata', installed: true }] }) })
 */
export function pending(effects: Readonly<Record<string, readonly Effect[]>>): Prediction {
  const prediction = new Prediction()
  for (const [id, each] of Object.entries(effects)) prediction.record(id, each)
  return prediction
}

/** The plan of a resource for this output of its probe: no shell is started. */
export function evaluate(
  resource: Resource,
  printed: string | Uint8Array,
  { facts = debian, prediction = new Prediction() }: Circumstances = {},
): Evaluation {
  return resource.evaluate(reply(printed), facts, prediction)
}
