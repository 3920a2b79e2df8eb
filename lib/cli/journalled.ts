import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../events.ts'
import { counted, duration } from '../report/words.ts'

/** A run as its journal tells it. All of it is text, for a table. */
export type JournalledRun = Readonly<Record<'run' | 'when' | 'mode' | 'playbook' | 'hosts' | 'ended', string>>

/** The latest runs in a directory of journals, the oldest first. */
export function journalledRuns(directory: string, most: number): JournalledRun[] {
  if (!existsSync(directory)) return []
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
  return files
    .slice(-Math.min(most, files.length))
    .flatMap((name) => journalledRun(readFileSync(join(directory, name), 'utf8')) ?? [])
}

function journalledRun(text: string): JournalledRun | undefined {
  const lines = text.trimEnd().split('\n')
  const first = eventOf(lines[0])
  if (first?.type !== 'run') return undefined
  return {
    run: first.run,
    when: new Date(first.at).toLocaleString('sv-SE'),
    mode: first.mode,
    playbook: first.playbook,
    hosts: counted(first.hosts.length, 'host'),
    ended: endOf(eventOf(lines.at(-1))),
  }
}

function endOf(last: RunEvent | undefined): string {
  if (last?.type !== 'summary') return 'stopped half-way'
  const hosts = Object.values(last.hosts)
  const counts: [number, string][] = [
    [hosts.reduce((sum, host) => sum + host.changed, 0), last.mode === 'check' ? 'would change' : 'changed'],
    [hosts.reduce((sum, host) => sum + host.failed, 0), 'failed'],
    [hosts.filter((host) => host.unreachable).length, 'unreachable'],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return `${last.ok ? 'ok' : 'not ok'} in ${duration(last.durationMs)}${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}

/** A run that was killed may have left half a line. */
function eventOf(line: string | undefined): RunEvent | undefined {
  try {
    return JSON.parse(line ?? '') as RunEvent
  } catch {
    return undefined
  }
}
