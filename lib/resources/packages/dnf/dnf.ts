import type { Facts } from '../../../facts.ts'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { waits } from '../../../sh/waiting.ts'
import { action, probe, read, repositoriesOf } from './dnf-probe.ts'
import type { Plan } from '../../kit/kind.ts'
import { rereadUnits, saying, versions } from '../transaction-summary.ts'
import { isNamedRpm } from '../versions.ts'
import type { Manager, PkgHave, PkgWant } from '../package-manager.ts'

const DEADLINE_SECONDS = 1800

/** Source: rpm(8), dnf(8), yum(8). */
export const dnf: Manager = { probe, read, plan, isVersion }

function plan(want: PkgWant, have: PkgHave, names: readonly string[], facts: Facts): Plan {
  return {
    steps: [
      {
        summary: saying(want, have, names),
        sh: script(want, names, facts, have.lists === 'fresh'),
        deadline: DEADLINE_SECONDS,
      },
    ],
    changes: names.map((name) => versions(want, have, name)),
  }
}

/** Seconds to wait for somebody else's lock. */
const LOCK_SECONDS = 120

/**
 * dnf and yum wait for each other's lock by themselves, as long as the deadline lets them, and say so where nobody listens. So their
 * locks are read first: files with the number of a process that is there.
 *
 * Source: dnf's lock.py, build_metadata_lock, build_rpmdb_lock and build_download_lock; yum(8), /var/run/yum.pid.
 */
export const patience = lines(
  waits,
  raw(`patient() {
i=0
while :; do
who=
for f in /var/cache/dnf/*_lock.pid /var/lib/dnf/*_lock.pid /var/run/yum.pid; do
p=; { read -r p; } 2>/dev/null <"$f"
[ -d "/proc/\${p:-none}" ] && { read -r who; } 2>/dev/null <"/proc/$p/comm" && who="process $p ($who) holds $f"
done
[ -n "$who" ] || return 0
[ $i -lt ${LOCK_SECONDS} ] || { echo "gave up after $i s: another package manager is at work, $who" >&2; return 1; }
[ $i -gt 0 ] || waits "another package manager is at work, waited for up to ${LOCK_SECONDS} s: $who"
sleep 3; i=$((i+3))
done
}
patient || exit 1`),
)

function script(want: PkgWant, names: readonly string[], facts: Facts, isFresh: boolean): Sh {
  const { state, version } = want
  if (facts.packageManager !== 'dnf') return yum(want, names)
  if (state === 'absent')
    return sh`export LC_ALL=C
${patience}
dnf -y ${action({ ...want, names })} || exit
${rereadUnits}`
  return sh`export LC_ALL=C
${patience}
change() { dnf -y "$@" ${action({ ...want, names, version })}; }
${state === 'latest' && !isFresh ? raw('') : raw('change || ')}change --refresh || exit
${state === 'latest' ? sh`dnf -y ${repositoriesOf(want)} upgrade ${names} || exit` : raw('')}
${rereadUnits}`
}

/** yum 3 says that all is well when it does not know a name, unless told otherwise; later ones are dnf, and need no telling. */
function yum(want: PkgWant, names: readonly string[]): Sh {
  const { state, version } = want
  if (state === 'absent')
    return sh`export LC_ALL=C
${patience}
yum -y remove ${names} || exit
${rereadUnits}`
  const targets = names.map((name) => (version === undefined ? name : `${name}-${version}`))
  const down = version === undefined ? sh`false` : sh`yum -y downgrade ${targets}`
  return sh`export LC_ALL=C
${patience}
case $(yum --version 2>/dev/null | head -n 1) in 3.*) strict=--setopt=skip_missing_names_on_install=False;; *) strict=-q;; esac
change() { yum -y $strict ${repositoriesOf({ ...want, hold: undefined })} install ${targets}; }
change || { yum -q -y clean expire-cache && change; } || ${down} || exit
${rereadUnits}`
}

/** `VERSION`, `VERSION-RELEASE` and `EPOCH:VERSION-RELEASE` all name a version. */
function isVersion(wanted: string, version: string): boolean {
  if (!wanted.endsWith('*')) return isNamedRpm(wanted, version)
  const release = version.replace(/^\d+:/, '')
  const start = wanted.slice(0, -1).replace(/^0+:/, version === release ? '' : '0:')
  return [version, release].some((form) => form.startsWith(start))
}
