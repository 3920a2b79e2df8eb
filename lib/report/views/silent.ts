import type { RunView } from '../report.ts'

/** Shows nothing: for a command that prints the result itself. */
export const silentView: RunView = { tell: () => undefined, say: () => undefined, end: () => undefined }
