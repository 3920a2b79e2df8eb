export { debian, rocky } from '../../lib/testing/facts.ts'
export { scratch } from '../../lib/testing/scratch.ts'
export { findTool, run, shells, start, type Ran, type Shell } from '../../lib/testing/shells.ts'
export {
  ask,
  converge,
  probe,
  reply,
  stepsOf,
  words,
  type Circumstances,
  type Converged,
} from '../../lib/testing/converge.ts'
