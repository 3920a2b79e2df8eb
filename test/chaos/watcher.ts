import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Machine } from './machine.ts'

/** Where managed files are. */
const PLACES = ['etc', 'opt', 'usr/local', 'root']

export interface Watcher {
  /** Every time that a watched name was written to or made anew in place, instead of being renamed to. */
  readonly torn: readonly string[]
  stop(): void
}

/**
 * Watches files by the kernel's own account (inotify). A file that appears by a rename alone was whole when it appeared,
 * so a `create` or a `modify` under its real name is all that can make it half-written: no content has to be caught in time.
 */
export async function watch(machine: Machine, names: ReadonlySet<string>): Promise<Watcher> {
  const root = `/proc/${(await machine.leader()) ?? ''}/root`
  const places = PLACES.map((place) => `${root}/${place}`).filter((place) => existsSync(place))
  const options = ['--monitor', '--recursive', '--event', 'create,modify', '--format', '%w%f|%e']
  const child = spawn('inotifywait', [...options, ...places], { stdio: ['ignore', 'pipe', 'pipe'] })
  const torn: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [path = '', events = ''] = line.slice(root.length).split('|')
    if (names.has(path) && !events.includes('ISDIR')) torn.push(`${machine.name} ${path} ${events}`)
  })
  await new Promise<void>((ready, fail) => {
    child.once('error', fail)
    createInterface({ input: child.stderr }).on('line', (line) => line.includes('Watches established') && ready())
    child.once('close', () => ready())
  })
  return { torn, stop: () => void child.kill('SIGKILL') }
}
