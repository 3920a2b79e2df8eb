import { readdirSync, readFileSync } from 'node:fs'

/** Memory of a process and all below it, in MiB. Source: proc(5), smaps_rollup. */
export function memoryOf(root: number): number {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = parentOf(name)
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings) siblings.push(Number(name))
    else children.set(parent, [Number(name)])
  }
  const tree = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(tree)]
  return tree(root).reduce((sum, pid) => sum + pssOf(pid), 0)
}

function parentOf(name: string): number | undefined {
  if (!/^\d+$/.test(name)) return undefined
  const stat = read(`/proc/${name}/stat`)
  // The name of the program is in parentheses and may hold anything.
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return parent === undefined ? undefined : Number(parent)
}

function pssOf(pid: number): number {
  const [, kib = '0'] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
  return Number(kib) / 1024
}

/** The seconds of CPU that a process and its dead children have used, in milliseconds. */
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
