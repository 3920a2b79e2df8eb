import type { Source } from '../graph/tree.ts'
import type { Report } from '../report.ts'

export interface Reading {
  readonly source: Source
  readonly code: 'inventory' | 'vars'
  readonly report: Report
}

/** What the keys and tags above a value say about it. */
export interface Above {
  /** It may be a secret, so no message quotes it. */
  readonly hidden: boolean
  /** It is under `!unsafe`, Ansible's word for "this is no template". */
  readonly unsafe: boolean
}
