import { readFileSync, readdirSync } from 'node:fs'

/** The first process of a systemd-nspawn container, which systemd-machined need not know. Source: proc(5). */
export function leaderOf(container: string): string | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const at = words.findIndex((word) => word === '-M' || word === '--machine')
      const isNamed = words[at + 1] === container && at >= 0
      if (!/(^|\/)systemd-nspawn$/.test(words[0] ?? '')) continue
      if (!isNamed && !words.includes(`--machine=${container}`) && !words.includes(`-M${container}`)) continue
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
      if (child !== undefined && child !== '') return child
    } catch {
      continue
    }
  }
  return undefined
}
