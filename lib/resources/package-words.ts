import { raw } from '../sh/quote.ts'
import type { PkgHave, PkgWant } from './packages.ts'

/** A transaction in words: `install bind 9.18.49-1.el9, and 12 more with it`. */
export function saying({ state, version }: PkgWant, { rehearsal }: PkgHave, names: readonly string[]): string {
  const all = names.map((name) =>
    [name, state === 'absent' ? undefined : (rehearsal?.incoming.get(name) ?? version)].filter(Boolean).join(' '),
  )
  const more = state === 'absent' ? (rehearsal?.leaving ?? []) : [...(rehearsal?.incoming.keys() ?? [])]
  const along = more.filter((name) => !names.includes(name)).length
  return `${state === 'absent' ? 'remove' : 'install'} ${all.join(', ')}${along > 0 ? `, and ${along} more with it` : ''}`
}

/**
 * Packages with units mostly have systemd read them. Here it always does, so that nobody has to know which package has one.
 *
 * Source: systemctl(1).
 */
export const rereadUnits = raw('[ ! -d /run/systemd/system ] || systemctl daemon-reload')

/** One package before and after, for the diff. */
export function versions(
  want: PkgWant,
  { installed, rehearsal }: PkgHave,
  name: string,
): { before: string; after: string; label: string } {
  const there = installed.get(name)
  const before =
    there === undefined ? '' : `${name} ${there.version ?? ''}${there.broken !== undefined ? ' (interrupted)' : ''}\n`
  const version = rehearsal?.incoming.get(name) ?? want.version ?? there?.version ?? ''
  return { label: name, before, after: want.state === 'absent' ? '' : `${name} ${version}`.trimEnd() + '\n' }
}
