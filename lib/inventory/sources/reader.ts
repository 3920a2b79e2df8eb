import type { Report } from '../parse.ts'
import type { SecretReader } from './secret-reader.ts'

/** What every reader of a file gets. */
export interface Reader {
  readonly report: Report
  readonly secrets: SecretReader | undefined
  /** Called with every text that is read, for the inventory's digest. */
  readonly onRead: (file: string, text: string) => void
}
