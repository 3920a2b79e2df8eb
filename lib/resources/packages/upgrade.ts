import type { Facts } from '../../facts.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { kind, type Change, type Plan, type Refused, type Reply, type Resource, type Step } from '../kit/kind.ts'
import { described, flag, seconds } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { environment, options as aptOptions, patience, refresh } from './apt/apt.ts'
import { age } from './apt/apt-probe.ts'
import { patience as dnfPatience } from './dnf/dnf.ts'
import { newestList } from './dnf/dnf-probe.ts'
import { rereadUnits } from './transaction-summary.ts'

export interface UpgradeOptions {
  /** Only what mends a security problem. Default false. */
  readonly security?: boolean
  /** Packages may go where an upgrade needs that, as with `apt-get dist-upgrade`. Default false. */
  readonly full?: boolean
  /** What came along with other packages and nothing needs any more goes. Default false. */
  readonly autoremove?: boolean
  /** Seconds, default 3600. */
  readonly deadline?: number
}

export interface UpgradeWant {
  readonly security: boolean
  readonly full: boolean
  readonly autoremove: boolean
  readonly deadline: number
}

interface Coming {
  readonly name: string
  readonly from: string
  readonly to: string
}

interface UpgradeHave {
  readonly lists: 'fresh' | 'stale' | 'none'
  readonly coming: readonly Coming[]
  readonly leaving: readonly string[]
  /** Why the package manager would not do it. */
  readonly objection?: string | undefined
}

/**
 * All packages of the host are in the newest version that its package sources have. Check mode says which would come. Packages on hold stay.
 *
 * - `security`: only from sources of security updates (a suite that ends in `-security`; advisories of type security with dnf).
 * - `full`: packages may go where that is needed. `autoremove`: what nothing needs any more goes.
 * - `deadline`: seconds, default 3600.
 *
 * Package lists that are older than a day, or than the sources, are fetched first; then it is known only afterwards what comes. Configuration files that were
 * edited are kept. The host is not restarted.
 *
 * Refused: a host without apt or dnf; dependencies that cannot be met, in the package manager's words.
 *
 * @example
 * upgrade('security updates', { security: true })
 * upgrade('everything', { full: true, autoremove: true })
 *
 * Source: apt-get(8), `upgrade --with-new-pkgs`, `dist-upgrade`; dnf(8), `check-update`, `upgrade --security`.
 */
export function upgrade(name: string, options: UpgradeOptions = {}): Resource {
  const { name: text, options: given } = read(name, options)
  const { security = false, full = false, autoremove = false, deadline = 3600 } = given
  return make(text, { security, full, autoremove, deadline })
}

const read = resourceOptions<UpgradeOptions>()(
  'upgrade',
  (name) => described('upgrade', name),
  () => ({
    security: flag().optional(),
    full: flag().optional(),
    autoremove: flag().optional(),
    deadline: seconds().optional(),
  }),
)

const make = kind<UpgradeWant, UpgradeHave>({
  name: 'upgrade',
  probe: (want, { packageManager }) =>
    packageManager === 'apt' ? probeApt(want) : packageManager === 'dnf' ? probeDnf(want) : sh`:`,
  read: (want, reply, { packageManager }) => (packageManager === 'apt' ? readApt(want, reply) : readDnf(reply)),
  plan: planned,
  effects: (_, { coming, leaving }) => [
    ...coming.map(({ name }) => ({ type: 'package', name, installed: true }) as const),
    ...leaving.map((name) => ({ type: 'package', name, installed: false }) as const),
    { type: 'packages', configured: true },
    { type: 'units', reloaded: true },
  ],
  predict(_, have, prediction) {
    const brought = new Set(prediction.packages.peekInstalled().flatMap(({ name, asIs }) => (asIs ? [] : [name])))
    const coming = have.coming.filter(({ name }) => !brought.has(name))
    const lists = have.lists !== 'fresh' && prediction.packages.installed().some(({ from }) => from.startsWith('pkg:'))
    if (lists) return { unknown: 'what comes is known only when the package lists are fetched' }
    const mender = have.objection === undefined ? undefined : prediction.packages.configured()
    if (mender !== undefined)
      return { unknown: `what comes is known only after ${mender.from}, which may mend broken dependencies` }
    return coming.length === have.coming.length ? have : { ...have, coming }
  },
  advanced: { parallelProbe: true },
})

const verb = ({ full, autoremove }: UpgradeWant) =>
  raw(`${autoremove ? '--auto-remove ' : ''}${full ? 'dist-upgrade' : '--with-new-pkgs upgrade'}`)

function probeApt(want: UpgradeWant): Sh {
  return sh`${age}
s=$(LC_ALL=C apt-get -s -q -y -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= ${verb(want)} 2>&1) || echo '# refused'
printf '%s\n' "$s" | grep -E '^(Inst|Remv|E:|W:) '; :`
}

/** Lines like `Inst libc6 [2.36-9] (2.36-10 Debian-Security:12/stable-security [amd64])`. */
function readApt({ security }: UpgradeWant, reply: Reply): UpgradeHave {
  const coming = reply.lines.flatMap((line): Coming[] => {
    const [, name = '', from = '', to = '', origin = ''] =
      /^Inst (\S+)(?: \[([^\]]*)\])?(?: \((\S+) ([^)]*))?/.exec(line) ?? []
    return name === '' || (security && !/-security/i.test(origin)) ? [] : [{ name, from, to }]
  })
  const leaving = reply.lines.flatMap((line) => /^Remv (\S+)/.exec(line)?.[1] ?? [])
  return { ...about(reply), coming, leaving: security ? [] : leaving }
}

function about({ lines: said }: Reply): Pick<UpgradeHave, 'lists' | 'objection'> {
  const lists = (['fresh', 'stale', 'none'] as const).find((word) => said.includes(`# lists ${word}`)) ?? 'fresh'
  if (!said.includes('# refused')) return { lists }
  return { lists, objection: said.filter((line) => line.startsWith('E:')).join('\n') }
}

function probeDnf({ security, autoremove }: UpgradeWant): Sh {
  return sh`d=$(mktemp -d /var/tmp/.rolecall.XXXXXX) || exit 0
trap 'rm -rf "$d"' EXIT
c=/var/cache/dnf
${newestList}
if [ -z "$l" ]; then echo '# lists none'
elif [ -z "$(find "$l" -mmin +1440)" ] && [ -z "$(find /etc/yum.repos.d /etc/dnf/dnf.conf -newer "$l" 2>/dev/null | head -n 1)" ]; then echo '# lists fresh'
else echo '# lists stale'; fi
mkdir "$d/cache" && ln -s "$c"/* "$d/cache/" 2>/dev/null
rm -f "$d"/cache/*.json "$d"/cache/*.db "$d"/cache/*.pid
ask() { LC_ALL=C timeout 120 dnf -C -q --setopt=cachedir="$d/cache" --setopt=logdir="$d" "$@" 2>/dev/null; }
ask check-update ${raw(security ? '--security' : '')} | awk 'NF == 3 && /^[^ ]+[.][a-z0-9_]+ / { sub(/[.][^.]*$/, "", $1); print "coming", $1, $2 } /^Obsoleting/ { exit }'
${raw(autoremove ? `ask repoquery --unneeded --qf 'leaving %{name}'` : ':')}; :`
}

function readDnf(reply: Reply): UpgradeHave {
  const words = reply.lines.map((line) => line.split(' '))
  return {
    ...about(reply),
    coming: words.flatMap(([word, name = '', to = '']) => (word === 'coming' ? [{ name, from: '', to }] : [])),
    leaving: words.flatMap(([word, name = '']) => (word === 'leaving' ? [name] : [])),
  }
}

function planned(want: UpgradeWant, have: UpgradeHave, { packageManager, os }: Facts): Plan | Refused {
  if (packageManager !== 'apt' && packageManager !== 'dnf')
    return { refused: `${os.name} cannot be upgraded: it has neither apt nor dnf` }
  const { coming, leaving, lists, objection } = have
  if (objection !== undefined && lists === 'fresh')
    return { refused: 'the packages of this host cannot be upgraded', hint: objection }
  if (lists === 'fresh' && coming.length === 0 && leaving.length === 0) return { steps: [] }
  const isApt = packageManager === 'apt'
  const fetch: Step[] =
    lists === 'fresh' || !isApt
      ? []
      : [
          {
            summary: `fetch package lists (${lists === 'none' ? 'there are none' : 'older than a day or than the sources, or fetched in part'})`,
            sh: lines(environment, patience, refresh, raw('refresh')),
            deadline: want.deadline,
          },
        ]
  const act = isApt ? actApt(want) : actDnf(want)
  return {
    steps: [...fetch, { summary: say(want, have), sh: act, deadline: want.deadline }],
    changes: coming.map(({ name, from, to }): Change => ({
      label: name,
      before: from === '' ? '' : `${name} ${from}\n`,
      after: `${name} ${to}\n`,
    })),
  }
}

function say({ security, autoremove }: UpgradeWant, { coming, leaving, lists }: UpgradeHave): string {
  const what = security ? 'security updates' : 'packages'
  if (lists !== 'fresh') return `upgrade ${what} as the package lists then are`
  const parts = [
    ...(coming.length === 0 ? [] : [`upgrade ${coming.length} ${what}: ${named(coming.map(({ name }) => name))}`]),
    ...(leaving.length === 0 ? [] : [`${autoremove ? 'remove what nothing needs' : 'remove'}: ${named(leaving)}`]),
  ]
  return parts.join('; ')
}

const MOST_NAMES = 8

function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What the lists have after they were fetched is found out on the host. */
function actApt(want: UpgradeWant): Sh {
  const change = want.security
    ? sh`set -- $(apt-get -s -q -y ${verb(want)} 2>/dev/null | sed -n 's/^Inst \\([^ ]*\\) .*([^)]*-[Ss]ecurity[^)]*).*/\\1/p')
[ $# = 0 ] || apt-get ${aptOptions} --only-upgrade --with-new-pkgs install "$@"`
    : sh`apt-get ${aptOptions} ${verb(want)}`
  return lines(environment, patience, raw('announced'), sh`${change} || exit`, rereadUnits)
}

function actDnf({ security, autoremove, full }: UpgradeWant): Sh {
  return sh`export LC_ALL=C
${dnfPatience}
dnf -y --refresh upgrade ${raw(`${security ? '--security' : ''} ${full ? '--allowerasing' : ''}`)} || exit
${raw(autoremove ? 'dnf -y autoremove || exit' : ':')}
${rereadUnits}`
}
