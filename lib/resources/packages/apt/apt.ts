import { own } from '../../../sh/own.ts'
import { lines, raw, sh } from '../../../sh/quote.ts'
import { action, parseOutput, read, spelled } from './apt-answer.ts'
import { exact, quickProbe, probe } from './apt-probe.ts'
import type { Plan, Step } from '../../kit/kind.ts'
import { waits } from '../../../sh/waiting.ts'
import { rereadUnits, saying, versions } from '../transaction-summary.ts'
import { isSameDebian } from '../versions.ts'
import type { Manager, PkgHave, PkgWant } from '../package-manager.ts'

/** Seconds to wait for somebody else's lock. unattended-upgrades holds it for a minute or so. */
const LOCK_SECONDS = 120

const DEADLINE_SECONDS = 1800

/** Source: dpkg-query(1), apt-get(8), apt-cache(8). */
export const apt: Manager = { probe, quickProbe: { probe: quickProbe, parseOutput }, read, plan, isVersion }

function plan(want: PkgWant, have: PkgHave, names: readonly string[]): Plan {
  const steps: Step[] = []
  const broken = names.filter((name) => have.installed.get(name)?.broken !== undefined)
  const fetch = want.state !== 'absent' && (have.lists === 'none' || have.lists === 'stale')
  // What is to go needs no configuration before it.
  const finish = have.interrupted === true || (broken.length > 0 && want.state !== 'absent')
  // What was unpacked may lack something that only the lists have.
  if (finish && fetch) steps.push(fetchStep(have.lists))
  if (finish) steps.push(finishStep(broken, want.state))
  if (have.mend !== undefined) steps.push(mendStep(have.mend))
  const isVague = have.mend === undefined && have.unmet !== undefined && want.state !== 'absent'
  if (fetch && !finish) steps.push(fetchStep(have.lists))
  if (fetch && isVague) steps.push(mendLaterStep())
  const targets = want.state === 'absent' ? { ...want, names } : want
  const change = sh`change() { announced; apt-get ${options} ${action(targets)}; }`
  // What cannot go together is told on the standard output, and only the last sentence of it as an error.
  const resolves = sh`resolves() { said=$(apt-get -s ${options} ${action(targets)} 2>/dev/null) && return
said=$(printf '%s\\n' "$said" | sed -n '/unmet dependencies:/,$p'); [ -z "$said" ] || printf '%s\\n' "$said" >&2; return 100; }`
  const safely = lines(
    raw('safely() {\nunknown='),
    ...exact(targets),
    raw(`[ -z "$unknown" ] || { echo "E: Unable to locate package $unknown" >&2; return 100; }\nchange; }`),
  )
  steps.push({
    summary: saying(want, have, names),
    sh:
      want.state === 'absent'
        ? lines(environment, patience, change, raw('change || exit'), rereadUnits)
        : lines(
            environment,
            patience,
            refresh,
            change,
            resolves,
            safely,
            // Without lists nobody could say whether apt does anything before something broken is mended.
            have.lists === 'none'
              ? sh`apt-get -q check >/dev/null 2>&1 || apt-get ${options} --no-remove -f install || exit`
              : raw(':'),
            raw(fetch ? 'safely || { resolves; exit 100; }' : 'safely || { resolves && refresh && safely; } || exit'),
            rereadUnits,
          ),
    deadline: DEADLINE_SECONDS,
  })
  return { steps, changes: names.map((name) => versions(want, have, name)) }
}

/** Finishes what dpkg was interrupted in, which `broken` are a part of. */
export function finishStep(broken: readonly string[] = [], state: PkgWant['state'] = 'present'): Step {
  return {
    summary: `finish an interrupted installation${broken.length > 0 ? ` of ${broken.join(', ')}` : ''} (dpkg --configure -a)`,
    sh: sh`${environment}
${patience}
${own('dpkg')}
patient dpkg --configure -a --force-confdef --force-confold || ${state === 'absent' ? raw(':') : sh`apt-get ${options} --no-remove -f install`}`,
    deadline: DEADLINE_SECONDS,
  }
}

export function mendStep(mend: readonly string[]): Step {
  return {
    summary: `mend broken dependencies: install ${mend.join(', ')} (apt-get -f install)`,
    sh: lines(environment, patience, sh`announced; apt-get ${options} --no-remove -f install`),
    deadline: DEADLINE_SECONDS,
  }
}

export function mendLaterStep(): Step {
  return {
    summary: 'mend broken dependencies with what the lists have (apt-get -f install)',
    sh: lines(environment, patience, sh`announced; apt-get ${options} --no-remove -f install`),
    deadline: DEADLINE_SECONDS,
  }
}

export function fetchStep(lists: PkgHave['lists']): Step {
  const why = lists === 'none' ? 'there are none' : 'older than a day or than the sources, or fetched in part'
  return {
    summary: `fetch package lists (${why})`,
    sh: lines(environment, patience, refresh, raw('refresh')),
    deadline: DEADLINE_SECONDS,
  }
}

export const environment = raw('export DEBIAN_FRONTEND=noninteractive LC_ALL=C')

/**
 * The cache is not written: what is done with it makes it untrue, and its 35 MiB for Debian's lists cost 0.1 s of CPU, and the disk, each time.
 * That of the lists alone (srcpkgcache) is, and stays true.
 */
export const options = raw(
  `-q -y -o Dir::Cache::pkgcache= -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=${LOCK_SECONDS} -o Acquire::Retries=3 ` +
    '-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold',
)

/**
 * apt-get waits for dpkg's lock by itself, but neither dpkg nor `apt-get update` does: they are tried again. `announced` says who has
 * the lock that apt-get will wait for, as far as the kernel tells.
 *
 * Source: proc(5), /proc/locks: `1: POSIX ADVISORY WRITE 4711 00:1f:225 0 EOF`.
 */
export const patience = lines(
  waits,
  raw(`patient() {
i=0
while :; do
said=$("$@" 2>&1) && { printf '%s\\n' "$said"; return 0; }
case $said in *'Could not get lock'* | *'locked by another process'*) ;; *) break;; esac
who=$(printf '%s\\n' "$said" | sed -n '/Could not get lock\\|locked by another process/{s/^[A-Za-z]*: *//p;q;}')
[ $i -lt ${LOCK_SECONDS} ] || { printf '%s\\n' "$said" "gave up after $i s: another package manager is at work" >&2; return 100; }
[ $i -gt 0 ] || waits "another package manager is at work, waited for up to ${LOCK_SECONDS} s: $who"
sleep 3; i=$((i+3))
done
printf '%s\\n' "$said" >&2
return 100
}
announced() {
for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do
i=$(stat -c %i "$f" 2>/dev/null) || continue
p=$(sed -n "s/^[0-9]*: POSIX *ADVISORY *WRITE *\\\\([0-9]*\\\\) [^ ]*:$i 0 .*/\\\\1/p" /proc/locks 2>/dev/null | head -n 1)
[ -z "$p" ] || { waits "another package manager is at work, waited for up to ${LOCK_SECONDS} s: $f is held by process $p ($(cat "/proc/$p/comm" 2>/dev/null))"; return; }
done
}`),
)

export const refresh = raw('refresh() { patient apt-get -q -o Acquire::Retries=3 update; }')

function isVersion(wanted: string, version: string): boolean {
  return wanted.endsWith('*') ? version.startsWith(spelled(wanted).slice(0, -1)) : isSameDebian(wanted, version)
}
