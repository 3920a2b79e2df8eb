import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Whether this module runs from source: in development, under a loader. */
const isSource = import.meta.url.endsWith('.ts')

/**
 * The URL of the index of this installation. A playbook's `import 'rolecall'` resolves to it, so that the process has exactly one Rolecall, however
 * many are installed.
 */
export function selfIndexPath(): string {
  return new URL(isSource ? '../../index.ts' : './index.js', import.meta.url).href
}

/** A directory from which Rolecall's own dependencies are found. */
export function selfDirectory(): string {
  return dirname(fileURLToPath(import.meta.url))
}
