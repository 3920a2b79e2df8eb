import type { Problem } from '../errors.ts'
import type { Remark } from './graph/notes.ts'

/** Takes what is wrong; `note` takes what a person should know although nothing is wrong. */
export interface Report {
  (problem: Problem): void
  note(remark: Remark): void
}
