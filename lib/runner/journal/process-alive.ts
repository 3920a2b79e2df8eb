import { readFileSync } from 'node:fs'

/**
 * When a process of this machine started, in ticks since boot; undefined where this cannot be known.
 *
 * Source: proc(5), /proc/pid/stat, field 22. The name in field 2 may hold blanks and brackets.
 */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** Whether a process of this machine still runs, and is the same one that started at that time. */
export function isProcessAlive(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return start === undefined || startOf(pid) === start
}
