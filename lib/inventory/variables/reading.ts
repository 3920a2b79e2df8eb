import type { Source } from '../graph/tree.ts'
import type { Report } from '../report.ts'

export interface Reading {
  readonly source: Source
  readonly code: 'inventory' | 'vars'
  readonly report: Report
  /** The text is JSON: Ansible reads it as such, and not as YAML 1.1. */
  readonly isJson?: boolean
}

/** What the keys and tags above a value tell about it. */
export interface Above {
  /** The value may be a secret, so no message quotes it. */
  readonly hidden: boolean
  /** The value is under `!unsafe`, Ansible's tag for text that is not a template. */
  readonly unsafe: boolean
}
