import { hostsText } from '../../report/fold.ts'
import { counted, duration } from '../../report/text/words.ts'
import type { PlanCost } from '../../runner/plan/cost.ts'

/** The cost of a plan, in words: time, restarts, reboots. */
export function costLines({ hosts, changes, unknowns, restarts, seconds, untold, runs }: PlanCost): string[] {
  if (changes === 0) return [`cost: nothing would change${unknownText(unknowns)}`]
  const time =
    seconds === undefined
      ? 'duration unknown: no past run made these changes'
      : `about ${duration(seconds * 1000)} by ${counted(runs, 'past run')}${untold === 0 ? '' : `, without ${counted(untold, 'change')} of unknown duration`}`
  const restarted = [...restarts].map(([unit, on]) => `${unit} on ${hostsText(on)}`)
  return [
    `cost: ${counted(changes, 'change')} on ${counted(hosts, 'host')}${unknownText(unknowns)}, ${time}`,
    ...(restarted.length === 0 ? ['restarts: none known'] : [`restarts: ${restarted.join('; ')}`]),
  ]
}

function unknownText(unknowns: number): string {
  return unknowns === 0 ? '' : `, ${counted(unknowns, 'unknown', 'unknown')}`
}
