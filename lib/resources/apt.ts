import { lines, raw, sh, type Sh } from '../sh/quote.ts'
import type { Plan, Reply, Step } from './kind.ts'
import type { Installed, Manager, PkgHave, PkgWant } from './packages.ts'

/** Seconds to wait for somebody else's lock. unattended-upgrades holds it for a minute or so. */
const LOCK_SECONDS = 120
const DEADLINE_SECONDS = 1800

/** As -s never takes a lock, and an empty name keeps the cache in memory, a rehearsal writes nothing. */
const UNWRITTEN = raw('-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=')

/** Source: dpkg-query(1), apt-get(8), apt-cache(8). */
export const apt: Manager = { probe, read, plan, isVersion }

/**
 * One dpkg-query for all names. Only when that leaves something to do: how old the lists are, what `apt-get -s` would do,
 * and when it objects, what the lists offer. Ages are told in words, so that the same host gives the same bytes.
 */
function probe(want: PkgWant): Sh {
  const { names, state } = want
  const satisfied =
    state === 'absent'
      ? sh`! printf '%s\\n' "$q" | grep '|' | grep -qvE '[|][a-z]+ [a-z]+ (not-installed|config-files)[|]'`
      : sh`[ -n "$known" ] && ! printf '%s\\n' "$q" | grep -qv '|[a-z]* ok installed|'${versionTest(want)}`
  return sh`q=$(dpkg-query -W -f '\${Package}|\${Architecture}|\${Status}|\${Version}\\n' ${names} 2>/dev/null) && known=1 || known=
printf '%s\\n' "$q"
${satisfied} && exit 0
l=/var/lib/apt/lists
ls /var/lib/dpkg/updates | grep -q '^[0-9]' && echo '# interrupted'
if [ -z "$(find $l -maxdepth 1 -name '*_Packages*' 2>/dev/null | head -n 1)" ]; then echo '# lists none'
elif [ -n "$(find $l/partial -maxdepth 0 -mmin -1440 2>/dev/null)" ] &&
[ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer $l/partial 2>/dev/null | head -n 1)" ]; then echo '# lists fresh'
else echo '# lists stale'; fi
echo '# provides'
dpkg-query -W -f '\${Status}|\${Package}|\${Version}|\${Provides}\\n' | grep '^[a-z]* ok installed|' | grep -F ${raw(names.map((name) => sh`-e ${name}`.text).join(' '))}
echo '# rehearsal'
if s=$(apt-get -s -q -y ${UNWRITTEN} ${action(want)} 2>&1); then printf '%s\\n' "$s" | grep -E '^(Inst|Remv) '
else printf '%s\\n' "$s"; echo '# offers'; apt-cache ${UNWRITTEN} policy ${names} 2>/dev/null
echo '# near'; for n in ${names.map((name) => name.slice(0, 3))}; do apt-cache ${UNWRITTEN} pkgnames "$n"; done; fi
exit 0`
}

function read(want: PkgWant, reply: Reply): PkgHave {
  const sections = new Map<string, string[]>([['status', []]])
  let at = 'status'
  for (const line of reply.lines) {
    if (line.startsWith('# ')) sections.set((at = line.slice(2)), [])
    else sections.get(at)?.push(line)
  }
  const installed = new Map<string, Installed>()
  for (const line of sections.get('status') ?? []) {
    const [name = '', arch = '', status = '', version = ''] = line.split('|')
    const [wish, fault, state = ''] = status.split(' ')
    if (state === '' || state === 'not-installed' || state === 'config-files') continue
    const broken = fault !== 'ok' || state !== 'installed'
    for (const asked of [name, `${name}:${arch}`]) {
      if (want.names.includes(asked)) installed.set(asked, { version, broken, held: wish === 'hold' })
    }
  }
  const words = sections.get('rehearsal')
  const offered = sections.get('offers')
  const offers = offered && new Map(want.names.map((name) => [name, versionsOf(name, offered)]))
  for (const line of sections.get('provides') ?? []) {
    const [, , version, provides = ''] = line.split('|')
    for (const virtual of provides.split(', ').map((each) => each.replace(/ .*/, ''))) {
      const realOne =
        offers === undefined ? words?.some((word) => word.startsWith(`Inst ${virtual} `)) : offers.get(virtual)?.length
      if (want.names.includes(virtual) && !installed.has(virtual) && !realOne) installed.set(virtual, { version })
    }
  }
  const lists = (['fresh', 'stale', 'none'] as const).find((word) => sections.has(`lists ${word}`)) ?? 'unasked'
  return {
    installed,
    lists,
    interrupted: sections.has('interrupted'),
    ...(offers && words
      ? { offers, objection: objectionOf(words), near: sections.get('near') }
      : words && { rehearsal: rehearsalOf(words) }),
  }
}

function plan(want: PkgWant, have: PkgHave, names: readonly string[]): Plan {
  const steps: Step[] = []
  const broken = names.filter((name) => have.installed.get(name)?.broken === true)
  if (have.interrupted === true || broken.length > 0) {
    steps.push({
      say: `finish an interrupted installation${broken.length > 0 ? ` of ${broken.join(', ')}` : ''} (dpkg --configure -a)`,
      sh: sh`${environment}
${patience}
patient dpkg --configure -a --force-confdef --force-confold || apt-get ${options} -f install`,
      deadline: DEADLINE_SECONDS,
    })
  }
  const fetch = want.state === 'present' && (have.lists === 'none' || have.lists === 'stale')
  if (fetch) {
    const why = have.lists === 'none' ? 'there are none' : 'older than a day or than the sources'
    steps.push({
      say: `fetch package lists (${why})`,
      sh: lines(environment, patience, refresh, raw('refresh')),
      deadline: DEADLINE_SECONDS,
    })
  }
  const targets = want.state === 'absent' ? { ...want, names } : want
  const change = sh`change() { apt-get ${options} ${action(targets)}; }`
  // apt-get takes an unknown name with a dot in it for a regular expression (apt-get(8)).
  const literal = names.filter((name) => name.includes('.') && want.state === 'present')
  const exact = literal.map(
    (name) =>
      sh`apt-cache policy ${name} | grep -qxF ${`${name}:`} || { echo ${`E: Unable to locate package ${name}`} >&2; return 100; }`,
  )
  steps.push({
    say: saying(want, have, names),
    sh:
      want.state === 'absent'
        ? lines(environment, change, raw('change'))
        : lines(
            environment,
            patience,
            refresh,
            change,
            lines(raw('safely() {'), ...exact, raw('change; }')),
            raw(fetch ? 'safely' : 'safely || { refresh && safely; }'),
          ),
    deadline: DEADLINE_SECONDS,
  })
  return { steps, changes: names.map((name) => versions(want, have, name)) }
}

const environment = raw('export DEBIAN_FRONTEND=noninteractive LC_ALL=C')

const options = raw(
  `-q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=${LOCK_SECONDS} -o Acquire::Retries=3 ` +
    '-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold',
)

/** apt-get waits for dpkg's lock by itself, but neither dpkg nor `apt-get update` does. Shows what was said at the end. */
const patience = raw(`patient() {
i=0
while :; do
said=$("$@" 2>&1) && { printf '%s\\n' "$said"; return 0; }
case $said in *lock*) ;; *) break;; esac
[ $i -lt ${LOCK_SECONDS} ] || break
[ $i -gt 0 ] || echo 'waiting for another package manager' >&2
sleep 3; i=$((i+3))
done
printf '%s\\n' "$said" >&2
return 100
}`)

const refresh = raw('refresh() { patient apt-get -q -o Acquire::Retries=3 update; }')

function isVersion(wanted: string, version: string): boolean {
  return wanted.endsWith('*') ? version.startsWith(wanted.slice(0, -1)) : version === wanted
}

function action({ names, state, version, recommends }: PkgWant): Sh {
  if (state === 'absent') return sh`remove ${names}`
  const targets = names.map((name) => (version === undefined ? name : `${name}=${version}`))
  const weak = raw(recommends ? '--install-recommends' : '--no-install-recommends')
  return sh`${weak} ${raw(version === undefined ? '' : '--allow-downgrades')} install ${targets}`
}

function versionTest({ version }: PkgWant): Sh {
  if (version === undefined) return raw('')
  const pattern = version.endsWith('*') ? sh`${version.slice(0, -1)}*` : sh`${version}`
  return sh` && case $q in *"|"${pattern}) ;; *) false;; esac`
}

function saying({ state, version }: PkgWant, { rehearsal }: PkgHave, names: readonly string[]): string {
  const all = names.map((name) =>
    [name, state === 'absent' ? undefined : (rehearsal?.incoming.get(name) ?? version)].filter(Boolean).join(' '),
  )
  const more = state === 'absent' ? (rehearsal?.leaving ?? []) : [...(rehearsal?.incoming.keys() ?? [])]
  const along = more.filter((name) => !names.includes(name)).length
  return `${state === 'absent' ? 'remove' : 'install'} ${all.join(', ')}${along > 0 ? `, and ${along} more with it` : ''}`
}

function versions(
  want: PkgWant,
  { installed, rehearsal }: PkgHave,
  name: string,
): { before: string; after: string; label: string } {
  const there = installed.get(name)
  const before =
    there === undefined ? '' : `${name} ${there.version ?? ''}${there.broken === true ? ' (interrupted)' : ''}\n`
  const version = rehearsal?.incoming.get(name) ?? want.version ?? there?.version ?? ''
  return { label: name, before, after: want.state === 'absent' ? '' : `${name} ${version}`.trimEnd() + '\n' }
}

/** Lines like `Inst bind9 [1:9.16] (1:9.18 Debian:12/stable [amd64])` and `Remv exim4 [4.96]`. */
function rehearsalOf(words: readonly string[]): NonNullable<PkgHave['rehearsal']> {
  const incoming = new Map<string, string>()
  const leaving: string[] = []
  for (const line of words) {
    const [, verb, name = '', version = ''] = /^(Inst|Remv) (\S+)(?: \[[^\]]*\])?(?: \((\S+))?/.exec(line) ?? []
    if (verb === 'Inst') incoming.set(name, version)
    if (verb === 'Remv') leaving.push(name)
  }
  return { incoming, leaving }
}

function objectionOf(words: readonly string[]): string {
  const virtual = words.findIndex((line) => line.includes('is a virtual package provided by:'))
  if (virtual >= 0)
    return words
      .slice(
        virtual,
        words.findIndex((line, index) => index > virtual && line === ''),
      )
      .join('\n')
  return words.filter((line) => /^( \S|E: )/.test(line)).join('\n')
}

/** The version table of one name: lines like ` *** 1:9.18 500` and `     1:9.16 100`. */
function versionsOf(name: string, policy: readonly string[]): readonly string[] {
  const start = policy.indexOf(`${name}:`)
  if (start < 0) return []
  const next = policy.findIndex((line, index) => index > start && /^\S/.test(line))
  const table = policy.slice(start, next < 0 ? undefined : next)
  return table.flatMap((line) => /^ (?:\*\*\*|   ) (\S+) -?\d+$/.exec(line)?.[1] ?? [])
}
