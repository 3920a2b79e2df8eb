/**
 * What tests of kinds and roles import from `rolecall/testing`.
 *
 * @packageDocumentation
 */
export { debian, rocky } from './facts.ts'
export { scratch } from './scratch.ts'
export { findTool, run, shells, type Environment, type Ran, type Shell } from './shells.ts'
export {
  ask,
  converge,
  evaluate,
  pending,
  probe,
  reply,
  stepsOf,
  words,
  type Circumstances,
  type Converged,
} from './converge.ts'
export type { Evaluation } from '../resources/kit/kind.ts'
// A role is tested on a host in memory.
export { play, type Played, type PlayHost, type PlayOptions } from '../runner/play/play.ts'
