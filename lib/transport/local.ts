import { connectPrograms } from './programs.ts'
import type { Connection } from './transport.ts'

/** The controller itself: commands run as child processes. */
export function connectLocal(): Connection {
  return connectPrograms((command) => ['/bin/sh', ['-c', command]])
}
