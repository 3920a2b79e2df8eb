import { own } from '../../../sh/own.ts'
import { shellFunction, lines, raw, sh, type ShellFunction, type Sh } from '../../../sh/quote.ts'
import { probeLocks } from '../../accounts/account-locks.ts'
import { privateDirectory } from '../../files/writing/temp-file.ts'
import type { PkgWant } from '../package-manager.ts'
import { listAge } from './list-age.sh.ts'
import { isPlain, action, spelled } from './apt-answer.ts'

/**
 * As a simulation never takes a lock, and an empty name keeps a cache in memory, it writes nothing. Of the cache of all lists it has a copy,
 * in a place that a boot empties: to rebuild it takes 0.35 s, to copy it 0.03 s. apt sees whether it is still true.
 */
export const UNWRITTEN = raw('-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="$c"')

export const copyOfCache = lines(
  own('dpkg'),
  privateDirectory(),
  raw(`b=/var/cache/apt/srcpkgcache.bin c=
if [ -n "$room" ] && [ -f $b ]; then cp $b "$room/c" 2>/dev/null && c=$room/c || rm -f "$room/c"; fi`),
)

/**
 * Leaves in `$s` what `apt-get -s` would say. That asks about every package once more as it goes, which takes as long as to find the answer; so first
 * apt is asked what it would fetch if it had nothing, in an empty directory: 0.3 s instead of 0.7 s for forty packages. That says all
 * when nothing goes, is downgraded or waits to be configured, and it is as many files as packages. Where nothing is to be fetched, apt would note in its
 * own file that a package which came along is now wanted for itself: it gets another file for that.
 *
 * Source: apt-get(8), `--print-uris`: `'http://deb.debian.org/.../bind9_9.18_amd64.deb' bind9_1%3a9.18_amd64.deb 497000 MD5Sum:...`.
 */
const quickly = (want: PkgWant) =>
  want.state === 'absent'
    ? raw('false')
    : sh`[ -n "$room" ] && u=$(LC_ALL=C apt-get -q -y --print-uris ${UNWRITTEN} -o Dir::Cache::archives="$room/" -o Dir::State::extended_states="$room/marks" ${action(want)} 2>/dev/null) &&
s=$(printf '%s\n' "$u" | awk -v arch="$(dpkg --print-architecture)" ${FETCHED})`

const FETCHED = `/^[0-9]+ upgraded, [0-9]+ newly installed, 0 to remove and / { told = 1; most = $1 + $3 }
/ not fully installed or removed[.]$/ { told = 0 }
/^'/ { n = split($2, part, /_|[.]deb$/); if (n != 4 || (part[3] != arch && part[3] != "all")) told = 0
lines = lines "Inst " part[1] " (" part[2] ")\\nConf " part[1] "\\n"; count++ }
END { if (!told || count != most) exit 1; printf "%s", lines }`

/** What would mend broken dependencies, where apt names them in `$s`. */
export const lacking = sh`case $s in *--fix-broken*) if f=$(apt-get -s -q -y ${UNWRITTEN} -f install 2>&1); then echo '# mend'
printf '%s\\n' "$f" | grep -E '^(Inst|Remv) '; fi;; esac`

/**
 * One dpkg-query for all names. Only when that leaves something to do: how old the lists are, what apt would do,
 * and when it objects, what the lists offer. An update that was interrupted leaves files in lists/partial, and old or no lists
 * beside new ones. Ages are told in words, so that the same host gives the same bytes.
 *
 * apt refuses everything else while a package that is there lacks one that it depends on; then it is asked what would mend that.
 */
export function probe(want: PkgWant): ShellFunction {
  return question(want, false)
}

/**
 * Up to the simulation, which takes as long as the beginning of the transaction itself; with it, where more is to be done than to install
 * what is not there: something broken, a version, lists that are to be fetched, a name that something installed provides.
 */
export function quickProbe(want: PkgWant): ShellFunction {
  return question(want, want.state === 'present' && want.version === undefined && want.release === undefined)
}

function question(want: PkgWant, isQuick: boolean): ShellFunction {
  const { names, state } = want
  const satisfied =
    state === 'absent'
      ? sh`! printf '%s\\n' "$q" | grep '|' | grep -qvE ${`[|][a-z]+ [a-z]+ (not-installed${want.purge === true ? '' : '|config-files'})[|]`}`
      : state === 'latest'
        ? sh`false`
        : sh`[ -n "$known" ] && all_installed${versionTest(want)}`
  // A name with an architecture is not in the books as it is asked for.
  const remember = state !== 'absent' && names.every((name) => !name.includes(':'))
  const asked = sh`all_installed() { set -f; IFS='
'; for l in $q; do case $l in *'|'*' ok installed|'*) ;; *) known=; break;; esac; done; unset IFS; set +f; [ -n "$known" ]; }
${remember ? remembered(names) : raw('q= known=')}
[ -n "$known" ] || { q=$(dpkg-query -W -f ${FORMAT} ${names} 2>/dev/null) && known=1 || known=; }
printf '%s\\n' "$q"
! { ${satisfied}; } || return 0
(
${probeLocks}
${age}
echo '# provides'
provides=$(dpkg-query -W -f '\${Status}|\${Package}|\${Version}|\${Provides}\\n' | grep -F ${raw(names.map((name) => sh`-e ${name}`.text).join(' '))})
printf '%s\\n' "$provides"
${isQuick ? isPlain(names) : raw('')}
${copyOfCache}
echo '# simulation'
unknown=
${lines(...exact(want))}
${state !== 'absent' ? nameless(want) : raw('')}
if [ -z "$unknown" ] && { { ${quickly(want)}; } || s=$(apt-get -s -q -y ${UNWRITTEN} ${action(want)} 2>&1); }; then printf '%s\\n' "$s" | grep -E '^(Inst|Remv|Conf) '
else [ -z "$unknown" ] || s="E: Unable to locate package $unknown"
printf '%s\\n' "$s"; ${lacking}; echo '# offers'; apt-cache ${UNWRITTEN} policy ${names} 2>/dev/null
echo '# near'; for n in ${names.map((name) => name.slice(0, 3))}; do apt-cache ${UNWRITTEN} pkgnames "$n"; done; fi
exit 0
)`
  return shellFunction(['q', 'known', 'l'], asked, remember ? books : undefined)
}

const FORMAT = '${Package}|${Architecture}|${Status}|${Version}\\n'

/**
 * Leaves in `$rolecall_packages` what dpkg says of all packages, for every question of a run: each dpkg-query reads its database again, 12 ms for 230
 * packages. They hold as long as dpkg has not written a new file of them, which it puts in the place of the old one. Here that is held open, so that no
 * other file can have its inode; nobody who is started from here has it.
 *
 * Source: dpkg, `lib/dpkg/dbmodify.c`: `modstatdb_checkpoint` rewrites `status`, and `updates` has in it what is done until then.
 */
const books = sh`rolecall_books() { [ -n "$rolecall_packages" ] && [ /var/lib/dpkg/status -ef /proc/$$/fd/7 ] && set -- /var/lib/dpkg/updates/[0-9]* && [ ! -e "$1" ]; }
rolecall_books || { rolecall_packages=; [ ! -r /var/lib/dpkg/status ] || { exec 7</var/lib/dpkg/status; rolecall_packages=$(exec dpkg-query -W -f ${FORMAT} 7<&- 9>&-); }; }`

/** Leaves in `$q` what dpkg-query would print of these names, and `$known`, where all of them are in the books as the shell has them in mind. */
function remembered(names: readonly string[]): Sh {
  const patterns = raw(names.map((name) => sh`${name}'|'*`.text).join(' | '))
  return sh`q= known=
if rolecall_books 2>/dev/null; then
known=${names.length}; set -f; IFS='
'
for l in $rolecall_packages; do case $l in ${patterns}) q="$q\${q:+
}$l"; known=$((known-1));; esac; done
unset IFS; set +f
[ $known = 0 ] || known=
fi`
}

/**
 * Leaves in `$unknown` a name that no list has, of those that apt-get would take for a regular expression: it does so with an unknown name that
 * has a dot in it. Lists may be compressed; then apt is asked, which takes 0.4 s.
 *
 * Source: apt-get(8), `install`.
 */
export function exact({ names, state }: PkgWant): Sh[] {
  const literal = names.filter((name) => name.includes('.') && state !== 'absent')
  if (literal.length === 0) return []
  return [
    raw(`known() {
grep -qsxF "Package: $1" /var/lib/apt/lists/*_Packages || apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy "$1" | grep -qxF "$1:"
}`),
    ...literal.map((name) => sh`known ${name} || unknown=${name}`),
  ]
}

/**
 * Where no name server is named, the hosts of sources that have no address all the same, from /etc/hosts say: apt would stop at what it has not in its
 * cache. Nothing else about the network can be predicted.
 */
function nameless(want: PkgWant): Sh {
  return sh`grep -qsE '^[[:space:]]*nameserver[[:space:]]' /etc/resolv.conf || {
echo '# nameless'
if [ "$lists" = none ]; then LC_ALL=C apt-get indextargets --format '$(REPO_URI)' 2>/dev/null
else LC_ALL=C apt-get -q -y --print-uris ${UNWRITTEN} ${action(want)} 2>/dev/null | sed -n "s/^'\\([^']*\\)'.*/\\1/p"; fi |
sed -nE 's#^https?://([^/:@]+@)?([^/:]+).*#\\2#p' | sort -u | while read -r h; do getent ahosts "$h" >/dev/null 2>&1 || echo "$h"; done
echo '# simulation'; }`
}

/** Says how old the lists are, and leaves it in `$lists`; in `$interrupted`, whether dpkg was interrupted. */
export const age = raw(listAge)

function versionTest({ version }: PkgWant): Sh {
  if (version === undefined) return raw('')
  const said = spelled(version)
  const pattern = said.endsWith('*') ? sh`${said.slice(0, -1)}*` : sh`${said}`
  return sh` && case $q in *"|"${pattern}) ;; *) false;; esac`
}
