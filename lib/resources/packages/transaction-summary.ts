import { raw } from '../../sh/quote.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'

/** A transaction in words: `install bind 9.18.49-1.el9, and 12 more with it`. */
export function saying(
  { state, version, purge, autoremove }: PkgWant,
  have: PkgHave,
  names: readonly string[],
): string {
  const { rehearsal } = have
  const all = names.map((name) =>
    [name, state === 'absent' ? undefined : (rehearsal?.incoming.get(name) ?? version)].filter(Boolean).join(' '),
  )
  const more = state === 'absent' ? (rehearsal?.leaving ?? []) : [...(rehearsal?.incoming.keys() ?? [])]
  const along = more.filter((name) => !names.includes(name)).length
  const isThere = state === 'latest' && names.every((name) => have.installed.has(name))
  const verb = isThere ? 'upgrade' : state === 'absent' ? (purge === true ? 'purge' : 'remove') : 'install'
  const what = autoremove === true && along === 0 ? ', and what nothing else needs' : ''
  return `${verb} ${all.join(', ')}${along > 0 ? `, and ${along} more with it` : ''}${what}`
}

/**
 * Packages with units mostly have systemd read them, which takes 0.2 s of CPU. Here it does so again, so that nobody has to know which package has
 * one, unless nothing has changed since it last did where it reads units, and what its generators make units of: it says itself when and
 * where that was. An old one does not say when. Under /run is what it makes itself.
 *
 * Source: systemctl(1), systemd.unit(5), systemd.generator(7), systemd-sysv-generator(8), find(1) of GNU.
 */
export const rereadUnits = raw(`reread_units() {
at= in=
while IFS='=' read -r name value; do
case $name in UnitsLoadTimestamp) at=$value;; UnitPath) in=$value;; esac
done <<.
$(systemctl show -p UnitsLoadTimestamp -p UnitPath --timestamp=us+utc 2>/dev/null)
.
set --
for d in $in /lib/systemd/system-generators /usr/lib/systemd/system-generators /etc/systemd/system-generators /etc/init.d /etc/rc[0-6S].d /etc/fstab; do
case $d in /run/*) ;; *) [ ! -e "$d" ] || set -- "$@" "$d";; esac
done
[ -n "$at" ] && [ -n "$in" ] && new=$(find -H "$@" -newerct "$at" -print -quit 2>/dev/null) && [ -z "$new" ] || systemctl daemon-reload
}
[ ! -d /run/systemd/system ] || reread_units`)

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
