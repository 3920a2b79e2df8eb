import type { RunProgress } from '../run-progress.ts'
import { counted, duration, oneLine } from '../text/words.ts'
import { hostLine } from './plain.ts'

/** CI systems stop programs that are silent for long, and people get impatient sooner. */
export const SILENCE_MS = 10_000

const MOST_HOSTS = 3

/** Lines after a long silence: what hosts are doing, for how long, and the last line of each step's output. */
export function signOfLife(tally: RunProgress, now: number): string[] {
  const atWork = Array.from(tally.hosts.values())
    .filter(({ state }) => state === 'working' || state === 'connecting')
    .sort((a, b) => (a.since ?? now) - (b.since ?? now))
  const lines = atWork.slice(0, MOST_HOSTS).map(({ name, role, doing = 'looking', since = now, lastLine }) => {
    const what = role === undefined ? doing : `${role}: ${doing}`
    const said = lastLine === undefined ? '' : `: ${lastLine}`
    return hostLine(name, tally, `... ${oneLine(what)}, for ${duration(now - since)}${oneLine(said)}`)
  })
  const more = atWork.length - lines.length
  return more > 0 ? [...lines, `... and ${counted(more, 'more host', 'more hosts')} at work`] : lines
}
