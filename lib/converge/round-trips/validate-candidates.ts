import type { Host } from '../../host/host.ts'
import type { Prediction } from '../../resources/prediction/prediction.ts'
import { COMPLETE_OVERLAY, inOverlay } from '../../resources/prediction/overlay.ts'
import { VALIDATOR_MISSING } from '../../resources/files/writing/validate.ts'
import type { Answer } from '../../sh/frame.ts'
import type { Forecast } from '../forecast.ts'
import { joined } from './input.ts'

/** A validator's result for the new content of a file. */
export interface ValidatorResult {
  readonly accepted: boolean
  /** The host has no such validator. */
  readonly missing: boolean
  /** What the validator printed. */
  readonly said: string
  /** The validator ran on top of all pending changes, so apply will get the same result. */
  readonly final: boolean
}

const DEADLINE_SECONDS = 600

/** Shows candidates to their validators in one round trip, in check mode. The results are by the forecast's index. */
export async function validateCandidates(
  host: Host,
  forecasts: readonly Forecast[],
  prediction: Prediction,
): Promise<Map<number, ValidatorResult>> {
  const validations = forecasts.flatMap(({ index, evaluation, turn }) =>
    evaluation.type === 'planned' && evaluation.plan.steps.length > 0 && evaluation.plan.validation
      ? [{ index, validation: evaluation.plan.validation, overlayState: prediction.overlayState(turn) }]
      : [],
  )
  if (validations.length === 0) return new Map()
  const answers = await host.ask(
    validations.map(({ index, validation: { stdin, ...validation }, overlayState }) => ({
      name: String(index),
      sh: inOverlay(validation, overlayState),
      deadline: DEADLINE_SECONDS,
      ...(stdin === undefined ? {} : { stdinBytes: stdin.length }),
    })),
    { stdin: joined(validations.flatMap(({ validation: { stdin } }) => (stdin ? [stdin] : []))) },
  )
  return new Map(answers.map((answer) => [Number(answer.name), resultOf(answer)]))
}

function resultOf({ code, stdout, stderr }: Answer): ValidatorResult {
  const printed = textOf(stdout)
  const final = printed === COMPLETE_OVERLAY || printed.startsWith(`${COMPLETE_OVERLAY}\n`)
  const said = `${final ? printed.slice(COMPLETE_OVERLAY.length + 1) : printed}${textOf(stderr)}`.trim()
  return { accepted: code === 0, missing: code === VALIDATOR_MISSING, said, final }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
