import { textOf } from './files.ts'
import type { Say } from '../model.ts'

/**
 * The text of a resolv.conf that works inside a host: the machine's own file, or systemd-resolved's list of real servers where the
 * machine's file names a resolver on the loopback address.
 */
export async function readResolvers(say: Say): Promise<string> {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const text = withoutLoopback((await textOf(file)) ?? '')
    if (text.includes('nameserver')) return text
  }
  say({ step: 'host', detail: 'no name server of this machine can be reached from the hosts: names will not resolve' })
  return '# No name server of the machine can be reached from here.\n'
}

/** Drops name servers on loopback addresses. */
export function withoutLoopback(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*nameserver\s+(127\.|::1\b)/.test(line))
    .join('\n')
}
