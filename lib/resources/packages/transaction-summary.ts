import { raw } from '../../sh/quote.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'
import { rereadUnits as rereadUnitsText } from './reread-units.sh.ts'

/** A transaction in words: `install bind 9.18.49-1.el9, and 12 more with it`. */
export function saying(
  { state, version, purge, autoremove }: PkgWant,
  have: PkgHave,
  names: readonly string[],
): string {
  const { simulation } = have
  const all = names.map((name) =>
    [name, state === 'absent' ? undefined : (simulation?.incoming.get(name) ?? version)].filter(Boolean).join(' '),
  )
  const more = state === 'absent' ? (simulation?.leaving ?? []) : [...(simulation?.incoming.keys() ?? [])]
  const along = more.filter((name) => !names.includes(name)).length
  const isThere = state === 'latest' && names.every((name) => have.installed.has(name))
  const verb = isThere ? 'upgrade' : state === 'absent' ? (purge === true ? 'purge' : 'remove') : 'install'
  const what = autoremove === true && along === 0 ? ', and what nothing else needs' : ''
  return `${verb} ${all.join(', ')}${along > 0 ? `, and ${along} more with it` : ''}${what}`
}

export const rereadUnits = raw(rereadUnitsText)

/** One package before and after, for the diff. */
export function versions(
  want: PkgWant,
  { installed, simulation }: PkgHave,
  name: string,
): { before: string; after: string; label: string } {
  const there = installed.get(name)
  const before =
    there === undefined ? '' : `${name} ${there.version ?? ''}${there.broken !== undefined ? ' (interrupted)' : ''}\n`
  const version = simulation?.incoming.get(name) ?? want.version ?? there?.version ?? ''
  return { label: name, before, after: want.state === 'absent' ? '' : `${name} ${version}`.trimEnd() + '\n' }
}
