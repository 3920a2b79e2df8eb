import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'

/**
 * A control group for one command. Everything that it starts is in it, also what outlives it or has another parent by then: the
 * masters of Ansible's ssh connections, and Mitogen's processes.
 */
export interface RunGroup {
  /** What /bin/sh is to be told so that a command runs in it. */
  entering(argv: readonly string[]): string[]
  /** CPU that all of them have used so far, in milliseconds. */
  cpuMs(): number
  /** The process ids of those that are alive. */
  processes(): number[]
  /** Ends whatever is left, so that the next run starts cold. */
  remove(): Promise<void>
}

const ENTER = 'echo $$ >"$0/cgroup.procs" && exec "$@"'

let made = 0

export async function runGroup(): Promise<RunGroup> {
  // Beside the groups of the labs, not below them: those are theirs to clean up.
  const top = dirname(dirname(await groupOf('none')))
  const path = join(top, `bench-${process.pid}-${made++}`)
  mkdirSync(path)
  return {
    entering: (argv) => ['-c', ENTER, path, ...argv],
    cpuMs: () => cpuOfGroup(path),
    processes: () => readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
    async remove() {
      writeFileSync(join(path, 'cgroup.kill'), '1')
      for (let tries = 0; !removed(path); tries++) {
        if (tries > 500) throw new Error(`processes in ${path} cannot be ended`)
        await sleep(10)
      }
    },
  }
}

/** Source: cgroup v2, cpu.stat. */
export function cpuOfGroup(path: string): number {
  const [, micros = '0'] = /^usage_usec (\d+)$/m.exec(readFileSync(join(path, 'cpu.stat'), 'utf8')) ?? []
  return Number(micros) / 1000
}

function removed(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false
    throw error
  }
}
