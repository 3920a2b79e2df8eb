import { readFileSync } from 'node:fs'

/** Memory of some processes together, in MiB. Source: proc(5), smaps_rollup. */
export function memoryOf(processes: readonly number[]): number {
  return processes.reduce((sum, pid) => sum + pssOf(pid), 0)
}

function pssOf(pid: number): number {
  const [, kib = '0'] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
  return Number(kib) / 1024
}

/** The CPU that a process and its dead children have used, in milliseconds. */
export function cpuOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
