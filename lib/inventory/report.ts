import type { Problem } from '../errors.ts'
import type { Remark } from './graph/notes.ts'

/** Collects problems. `note` collects remarks about things that are not wrong. */
export interface Report {
  (problem: Problem): void
  note(remark: Remark): void
}
