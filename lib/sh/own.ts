import { raw, type Sh } from './quote.ts'

/**
 * Makes program names mean the host's own programs in the PATH. A busybox that prefers its applets (Debian's busybox-static as /bin/sh) would run its
 * own `rpm`, which cannot read today's databases, its own `dpkg`, which knows few options, and its own `wget`, which checks no certificate. A name
 * that the PATH lacks keeps its meaning. Starts no process.
 *
 * @example sh`${own('rpm')}\nrpm -q bash`
 * Source: busybox's Config, FEATURE_PREFER_APPLETS and FEATURE_SH_STANDALONE; a function goes before an applet.
 */
export function own(...programs: readonly ('rpm' | 'dpkg' | 'wget')[]): Sh {
  return raw(programs.map(functionOf).join('\n'))
}

function functionOf(name: string): string {
  return `${name}() {
local d p="$PATH:"
while [ -n "$p" ]; do d=\${p%%:*}; p=\${p#*:}; [ -f "$d/${name}" ] && [ -x "$d/${name}" ] && { "$d/${name}" "$@"; return; }; done
command ${name} "$@"
}`
}
