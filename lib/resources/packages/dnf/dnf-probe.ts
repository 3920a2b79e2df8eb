import type { Facts } from '../../../facts.ts'
import { own } from '../../../sh/own.ts'
import { raw, sh, type Sh } from '../../../sh/quote.ts'
import { probeLocks, readLocks } from '../../accounts/account-locks.ts'
import { onSignals } from '../../files/writing/temp-file.ts'
import type { Reply } from '../../kit/kind.ts'
import { isLockOf, probeVersionLocks } from '../holds.ts'
import type { Installed, PkgHave, PkgWant } from '../package-manager.ts'
import { allAfter } from '../../kit/text.ts'

/**
 * Leaves in `$l` the file that dnf fetched last into its cache, `$c`. Metadata that are asked for again and are the same keep their repomd.xml, and dnf touches
 * another file beside it; repositories that are no longer used leave theirs behind.
 *
 * Source: libdnf, Repo::Impl::resetMetadataExpired and tryRevive.
 */
export const newestList: Sh = raw('l=$(find "$c"/*/repodata -type f -exec ls -td {} + 2>/dev/null | head -n 1)')

/**
 * Says how old the lists are, and defines `ask`: dnf with what it has fetched before, which writes nothing that outlives it. Cache, state and log are in a directory of its own, the
 * host's metadata is linked into it, and `-C` keeps it from fetching any. Ends the script where there is no metadata, or nobody but root may read it.
 */
export const ownCache: Sh = sh`[ "$(id -u)" = 0 ] || exit 0
c=/var/cache/dnf
set -- "$c"/*.solv
[ -e "$1" ] || { echo '# lists none'; exit 0; }
${newestList}
if [ -n "$l" ] && [ -z "$(find "$l" -mmin +1440)" ] && [ -z "$(find /etc/yum.repos.d /etc/dnf/dnf.conf -newer "$l" 2>/dev/null | head -n 1)" ]; then
echo '# lists fresh'; else echo '# lists stale'; fi
d=$(mktemp -d /var/tmp/.rolecall.XXXXXX) || exit 0
trap 'rm -rf "$d"' EXIT
${onSignals}
mkdir "$d/cache" && ln -s "$c"/* "$d/cache/" && rm -f "$d"/cache/*.json "$d"/cache/*.db "$d"/cache/*.pid && cp -p "$c"/*.json "$c"/*.db "$d/cache/" 2>/dev/null
cp -rp /var/lib/dnf "$d/state" || exit 0
ask() { LC_ALL=C timeout 60 dnf -C --setopt=cachedir="$d/cache" --setopt=persistdir="$d/state" --setopt=logdir="$d" "$@" 2>&1 | grep -v '^Last metadata'; }`

/**
 * One rpm for all names; one more for each that no package has as its own name, because another may provide it. Only when
 * that leaves something to do, and only from the metadata that the host has: what `dnf --assumeno` would do. yum 3, and a host without metadata, are not asked.
 */
export function probe(want: PkgWant, facts: Facts): Sh {
  const { names, state } = want
  const satisfied =
    state === 'absent'
      ? sh`! printf '%s\\n' "$all" | grep -q '^= '`
      : state === 'latest'
        ? sh`false`
        : sh`! printf '%s\\n' "$all" | grep -q '^! '${versionTest(want)}`
  const look = sh`${own('rpm')}
q() { rpm -q --qf '= %{NAME}|%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' "$@" 2>/dev/null; }
if all=$(q ${names}); then all=$(printf '%s\\n' "$all" | grep '^= ')
else all=$(for n in ${names}; do echo "? $n"; q "$n" | grep '^= ' || q --whatprovides "$n" | grep '^= ' || echo "! $n"; done); fi
printf '%s\\n' "$all"
${want.hold === undefined ? raw(':') : probeVersionLocks}
`
  if (facts.packageManager !== 'dnf') return sh`${look}exit 0`
  return sh`${look}${satisfied} && exit 0
${probeLocks}
${ownCache}
echo '# simulation'
s=$(${state === 'latest' ? sh`if ! printf '%s\\n' "$all" | grep -q '^! '; then ask --assumeno ${repositoriesOf(want)} upgrade ${names}; else ask --assumeno ${action(want)}; fi` : sh`ask --assumeno ${action(want)}`})
printf '%s\\n' "$s"
case $s in *'Transaction Summary'* | *'Nothing to do.'*) exit 0;; esac
echo '# offers'; ask -q ${repositoriesOf(want)} repoquery --qf '%{name}|%{evr}' ${names}
echo '# near'; ask -q repoquery --qf '%{name}' ${names.map((name) => `${name.slice(0, 3)}*`)}
exit 0`
}

export function read(want: PkgWant, reply: Reply): PkgHave {
  const sections = new Map<string, string[]>([['status', []]])
  let at = 'status'
  for (const line of reply.lines) {
    if (line.startsWith('# ')) sections.set((at = line.slice(2)), [])
    else sections.get(at)?.push(line)
  }
  const lists = (['fresh', 'stale', 'none'] as const).find((word) => sections.has(`lists ${word}`)) ?? 'unasked'
  const words = sections.get('simulation') ?? []
  const isWhole = !words.some((line) => /Cache-only enabled but no cache|Ignoring repositories/.test(line))
  const have: PkgHave = {
    installed: installedIn(want, sections.get('status') ?? []),
    lists: isWhole ? lists : 'none',
    locks: readLocks(sections.get('status') ?? []),
    ...(want.hold === undefined ? {} : { canLock: sections.get('status')?.includes('+ versionlock') === true }),
  }
  const simulation = simulationOf(words)
  if (simulation !== undefined) return { ...have, simulation }
  const objection = words
    .filter((line) => /^(Error:|All matches were filtered|No match for|Problem|\s+(Problem|- ))/.test(line))
    .join('\n')
  if (objection === '') return { ...have, lists: have.lists === 'none' ? 'none' : 'unasked' }
  const offered = sections.get('offers') ?? []
  const missing = words.flatMap((line) => /^No match for argument: (\S+)$/.exec(line)?.[1] ?? [])
  const offers = new Map(
    want.names.map((name) => {
      const versions = offered.flatMap((line) => (line.startsWith(`${name}|`) ? [line.slice(name.length + 1)] : []))
      // A name that dnf finds no match for has no offer; any other one may be a name that a package provides.
      return [name, versions.length > 0 ? versions : missing.includes(name) ? [] : ['?']] as const
    }),
  )
  const excluded = words.flatMap(
    (line) => /filtered out by (?:exclude|modular) filtering for argument: (\S+)$/.exec(line)?.[1] ?? [],
  )
  return { ...have, objection, excluded, offers, near: sections.get('near') ?? [] }
}

function installedIn({ names }: PkgWant, lines: readonly string[]): ReadonlyMap<string, Installed> {
  const installed = new Map<string, Installed>()
  const locks = allAfter(lines, '+ lock')
  let asked: string | undefined
  for (const line of lines) {
    if (line.startsWith('? ')) asked = line.slice(2)
    const [, name = '', arch = '', version] = /^= ([^|]*)\|([^|]*)\|(.*)$/s.exec(line) ?? []
    if (version === undefined) continue
    for (const each of asked === undefined ? [name, `${name}.${arch}`] : [asked]) {
      if (names.includes(each))
        installed.set(each, {
          version: version.replace(/^0:/, ''),
          ...(locks.some((spec) => isLockOf(name, spec)) ? { held: true } : {}),
        })
    }
  }
  return installed
}

/** What dnf is to do, as its arguments. */
export function action(want: PkgWant): Sh {
  const { names, state, version, recommends } = want
  if (state === 'absent') return sh`remove ${names}`
  const targets = names.map((name) => (version === undefined ? name : `${name}-${version}`))
  const weak = raw(recommends ? 'True' : 'False')
  return sh`${repositoriesOf(want)} --setopt=install_weak_deps=${weak} install ${targets}`
}

/** Which repositories count, and that locks do not where the hold itself is to be changed. Source: dnf(8), --enablerepo; dnf-versionlock(8). */
export function repositoriesOf({ hold, enableRepositories = [], disableRepositories = [] }: PkgWant): Sh {
  return sh`${[
    ...disableRepositories.map((id) => `--disablerepo=${id}`),
    ...enableRepositories.map((id) => `--enablerepo=${id}`),
    ...(hold === undefined ? [] : ['--disableplugin=versionlock']),
  ]}`
}

function versionTest({ version }: PkgWant): Sh {
  if (version === undefined) return raw('')
  const text = version.replace(/\*$/, '')
  return sh` && case $all in *[:\\|]${text}*) ;; *) false;; esac`
}

/**
 * The table of a transaction. Rows are ` name  arch  version  repository  size`; a long name has a line of its own.
 * Undefined when dnf did not come to one.
 */
function simulationOf(words: readonly string[]): PkgHave['simulation'] {
  if (words.some((line) => line === 'Nothing to do.'))
    return { incoming: new Map(), leaving: [], configured: new Set() }
  const from = words.indexOf('Dependencies resolved.')
  const to = words.indexOf('Transaction Summary')
  if (from < 0 || to < from) return undefined
  const incoming = new Map<string, string>()
  const leaving: string[] = []
  let isGoing = false
  let pending = ''
  for (const line of words.slice(from, to)) {
    const [, title] = /^(\S.*):$/s.exec(line) ?? []
    if (title !== undefined) isGoing = /^(Removing|Obsolet)/.test(title)
    const [name = '', arch, version = ''] = `${pending} ${line}`.trim().split(/\s+/)
    const isRow = line.startsWith(' ') && title === undefined
    pending = isRow && arch === undefined ? name : ''
    if (!isRow || version === '' || name === 'Package') continue
    if (name === 'replacing') leaving.push(arch?.replace(/\.[^.]*$/, '') ?? '')
    else if (isGoing) leaving.push(name)
    else incoming.set(name, version)
  }
  return { incoming, leaving, configured: new Set(incoming.keys()) }
}
