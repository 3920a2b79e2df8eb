import type { Facts } from '../../facts.ts'
import { nearest } from '../../text/nearest.ts'
import { sh } from '../../sh/quote.ts'
import { locksLater, unlockEffects, unlockSteps } from '../accounts/account-locks.ts'
import { apt } from './apt/apt.ts'
import { dnf } from './dnf/dnf.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { withDeadline } from '../kit/deadline.ts'
import { kind, type Plan, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import { unmended } from './broken-dependencies.ts'
import type { Manager, PkgHave, PkgSimulation, PkgWant } from './package-manager.ts'
import { flag, oneOf, seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

export interface PkgOptions {
  readonly state?: 'present' | 'latest' | 'absent'
  readonly version?: string
  readonly recommends?: boolean
  readonly hold?: boolean
  readonly purge?: boolean
  readonly autoremove?: boolean
  readonly release?: string
  readonly deadline?: number
}

/**
 * Packages that are installed, or are not. All names of one `pkg` go into one transaction of the package manager
 * (apt; dnf or yum on the EL family). Which version is installed does not matter, unless `version` is given.
 *
 * - `state`: `present` (default), `latest` or `absent`. `latest` upgrades to what the package sources have now. `absent` removes, and leaves changed
 *   configuration files where they are, unless `purge: true`; with `autoremove: true` what came along and nothing else needs goes too.
 * - `hold`: with `true` a package stays in its version whatever is upgraded, until a `pkg` with another `version` changes that; `false` takes a
 *   hold away. On apt.
 * - `release`: of which release apt takes it and what it needs: `bookworm-backports`.
 * - `version`: exactly this one; only with a single name. A trailing `*` stands for the rest: `1:9.18.*`. Downgrades are
 *   made. On the EL family `VERSION`, `VERSION-RELEASE` and `EPOCH:VERSION-RELEASE` all do.
 * - `recommends`: whether recommended packages come along. Default false, unlike Debian's own: a host gets what its
 *   role names and no more. Where a role leans on a recommended package, name that package.
 * - `deadline`: seconds that each step may take, default 1800.
 *
 * A name that no package has itself, but an installed one provides (`awk`, `mail-transport-agent`; on EL `vim`), is present.
 * Configuration files that were edited are kept, services start as the distribution has it. Package lists are fetched first
 * when there are none, when they were fetched more than a day ago or before the sources were edited; and once more
 * when the transaction fails. A lock of somebody else is waited for, two minutes long. An interrupted
 * installation is finished first (`dpkg --configure -a`), and broken dependencies are mended (`apt-get -f install`) where nothing has to go
 * for that; the plan says so.
 *
 * Check mode asks for a simulation when something is missing: the plan names versions, and what comes along is foreseen. Apply hears
 * the same from the transaction itself, and asks for the simulation only when that fails or more than installing is to be done. On
 * apt it is `apt-get -s`, without writing its cache; on dnf `dnf -C --assumeno`, in a directory of its own upon the metadata that
 * the host has. yum, and a host without metadata, are not asked, because that would fetch it.
 *
 * Refused: a host without apt, dnf or yum; broken dependencies that cannot be mended so; a name or version that lists of today do not have,
 * dependencies that cannot be met, and another version for a package that is on hold.
 *
 * @example
 * pkg('bind9')
 * pkg(['nginx', 'curl'])
 * pkg('docker.io', { version: '20.10.*' })
 * pkg('exim4', { state: 'absent', purge: true })
 * pkg('postgresql-15', { version: '15.8-*', hold: true })
 *
 * Source: dpkg-query(1), apt-get(8), apt.conf(5), Debian policy 7.5 (virtual packages); rpm(8), dnf(8), yum(8).
 */
export function pkg(name: string | readonly string[], options: PkgOptions = {}): Resource {
  const { name: joined, options: given } = read(name, options)
  const { state = 'present', version, recommends = false, hold, purge, autoremove, release, deadline } = given
  const names = joined.split(',')
  if (version !== undefined && names.length > 1)
    throw invalidOption(`version of pkg:${joined}`, 'given with a single package', names.join(', '))
  return make(joined, { names, state, version, recommends, hold, purge, autoremove, release, deadline })
}

const UPGRADES = {
  installed: `that is 'present', the default`,
  removed: `write 'absent'`,
  purged: `write 'absent', with purge: true`,
}

const read = resourceOptions<PkgOptions>()(
  'pkg',
  packageNames,
  () => ({
    state: oneOf(['present', 'latest', 'absent'], UPGRADES).optional(),
    hold: flag().optional(),
    purge: flag().optional(),
    autoremove: flag().optional(),
    release: text('the name of a release, such as bookworm-backports', /^[\w][\w./*-]*$/).optional(),
    version: text('one version, or its beginning and *', /^[\w.+:~^-]+\*?$/, {
      hint: (given) => (typeof given === 'number' ? 'write it in quotes' : undefined),
    }).optional(),
    recommends: flag().optional(),
    deadline: seconds().optional(),
  }),
  ({ state, version, hold, release, purge, autoremove }, given) => [
    state === 'latest' && version !== undefined
      ? { what: 'version', expected: 'left out with latest', got: version }
      : undefined,
    ...(state === 'absent'
      ? leftOut(
          ['hold', 'release'].filter((name) => given.has(name)),
          'when it is to be absent',
          { hold, release },
        )
      : leftOut(
          ['purge', 'autoremove'].filter((name) => given.has(name)),
          'unless it is to be absent',
          { purge, autoremove },
        )),
    state === 'absent' && version !== undefined
      ? { what: 'version', expected: 'left out when it is to be absent', got: version }
      : undefined,
  ],
)

/** Every name once, joined by commas, which stand in none of them. */
function packageNames(given: unknown): string {
  const names: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (names.length === 0) throw invalidOption('pkg', 'at least one package name', 'none')
  for (const each of names) {
    // apt-get takes a trailing - for "remove this one" (apt-get(8)).
    if (typeof each !== 'string' || !/^[\w][\w.+:~-]*[\w.+~]$|^\w$/.test(each))
      throw invalidOption('pkg name', 'the name of one package', describeValue(each))
  }
  return [...new Set(names)].join(',')
}

const make = kind<PkgWant, PkgHave>({
  name: 'pkg',
  probe: (want, facts) => manager(facts).probe(want, facts),
  read: (want, reply, facts) => manager(facts).read(want, reply),
  plan: (want, have, facts) => withDeadline(planned(want, have, facts), want.deadline),
  effects(want, have, facts) {
    const unknown = { incoming: new Map<string, string>(), leaving: [], configured: new Set<string>() }
    const { incoming, leaving, configured: finished } = have.simulation ?? unknown
    const present = want.state !== 'absent' ? [...want.names, ...incoming.keys()] : []
    const coming = [...(have.mend ?? []), ...present, ...finished]
    const going = want.state === 'absent' ? [...want.names, ...leaving] : leaving
    const effect = (installed: boolean) => (name: string) => {
      // What is there in some version, and is not among what the simulation brings, is at most configured.
      const there = have.installed.get(name)
      const kept =
        installed &&
        !incoming.has(name) &&
        (finished.has(name) || (have.simulation !== undefined && there?.version !== undefined))
      const asIs = kept && !finished.has(name) && there?.broken === undefined
      return { type: 'package', name, installed, ...(kept ? { kept } : {}), ...(asIs ? { asIs } : {}) } as const
    }
    // apt ends every transaction with `dpkg --configure --pending`, whatever it was about.
    const configured = facts.packageManager === 'apt' ? [{ type: 'packages', configured: true } as const] : []
    return [
      ...[...new Set(going)].map(effect(false)),
      ...[...new Set(coming)].map(effect(true)),
      ...configured,
      ...unlockEffects(have.locks ?? []),
      { type: 'units', reloaded: true },
    ]
  },
  predict: predict,
  advanced: {
    declarations: ({ names, state, version }) => names.map((name) => [`package ${name}`, { state, version }]),
    quickProbe: {
      probe: (want, facts) => (manager(facts).quickProbe ?? manager(facts)).probe(want, facts),
      // What was asked in full says all that check says, also where that is little.
      parseOutput: (_, have, said, facts) =>
        have.simulation === undefined && have.offers === undefined
          ? { ...have, simulation: manager(facts).quickProbe?.parseOutput(said) }
          : have,
    },
  },
})

/** Of a host whose packages are refused. */
const nobody: Manager = {
  probe: () => sh`true`,
  read: () => ({ installed: new Map(), lists: 'unasked' }),
  plan: () => ({ steps: [] }),
  isVersion: () => false,
}

const MANAGERS = { apt, dnf, yum: dnf, none: nobody }

function manager(facts: Facts): Manager {
  return MANAGERS[facts.packageManager]
}

function planned(want: PkgWant, have: PkgHave, facts: Facts): Plan | Refused {
  if (facts.packageManager === 'none') {
    return { refused: `packages of ${facts.os.name} are not managed: it has none of apt, dnf and yum` }
  }
  const wrongOnes = undone(want, have, facts)
  const holds = otherwiseHeld(want, have, wrongOnes)
  if (holds.length > 0 && facts.packageManager !== 'apt')
    return { refused: `${holds.join(', ')} cannot be held back: this is done with apt alone` }
  if (wrongOnes.length === 0) return { steps: holdSteps(want, holds) }
  const held = want.hold !== undefined ? undefined : wrongOnes.find((name) => have.installed.get(name)?.held === true)
  if (held !== undefined) {
    return {
      refused: `${held} is on hold at ${have.installed.get(held)?.version ?? '?'}`,
      hint: `apt-mark unhold ${held}`,
    }
  }
  const refused =
    unmended(want, have, wrongOnes) ?? objection(want, have, wrongOnes, facts) ?? unreached(want, have, wrongOnes)
  if (refused !== undefined) return refused
  const plan = manager(facts).plan(want, have, wrongOnes, facts)
  return { ...plan, steps: [...unlockSteps(have.locks ?? []), ...plan.steps, ...holdSteps(want, holds)] }
}

/** The names whose hold is to be set or taken away. What is installed anew loses it. */
function otherwiseHeld(
  { names, state, hold }: PkgWant,
  { installed }: PkgHave,
  wrongOnes: readonly string[],
): string[] {
  if (hold === undefined || state === 'absent') return []
  return names.filter((name) => (installed.get(name)?.held === true) !== hold || (hold && wrongOnes.includes(name)))
}

function holdSteps({ hold }: PkgWant, names: readonly string[]): Step[] {
  if (names.length === 0) return []
  const verb = hold === true ? 'hold' : 'unhold'
  return [{ summary: `${verb} ${names.join(', ')}`, sh: sh`apt-mark ${verb} ${names} >/dev/null` }]
}

/** The names that are not as wanted. */
function undone(
  { names, state, version }: PkgWant,
  { installed, lists, simulation }: PkgHave,
  facts: Facts,
): readonly string[] {
  return names.filter((name) => {
    const there = installed.get(name)
    if (state === 'absent') return there !== undefined
    return (
      there === undefined ||
      there.broken !== undefined ||
      // Lists of yesterday do not know what is new.
      (state === 'latest' && (lists === 'stale' || lists === 'none' || simulation?.incoming.has(name) === true)) ||
      (version !== undefined && !manager(facts).isVersion(version, there.version ?? ''))
    )
  })
}

/** What apt says of packages on hold, installed or not. */
const HELD = 'E: Held packages were changed'

/** What today's lists have against the transaction. Older lists have no say, and neither has anyone while repairs are due. */
function objection(want: PkgWant, have: PkgHave, wrongOnes: readonly string[], facts: Facts): Refused | undefined {
  const { lists, offers, objection: words, excluded = [] } = have
  const left = want.state !== 'absent' ? wrongOnes.filter((name) => excluded.includes(name)) : []
  if (left.length > 0) return excludedHere(left, facts)
  if (words?.includes(HELD) === true && want.state !== 'absent')
    return {
      refused: `${wrongOnes.join(', ')} cannot be installed: packages that are on hold would change`,
      hint: words,
    }
  if (lists !== 'fresh' || offers === undefined || words === undefined || want.state === 'absent') return undefined
  if (have.interrupted === true || wrongOnes.some((name) => have.installed.get(name)?.broken !== undefined))
    return undefined
  const { version } = want
  const unknown = wrongOnes.filter((name) => (offers.get(name) ?? []).length === 0)
  if (unknown.length > 0) {
    const [near] = unknown.flatMap((name) => nearest(name, have.near ?? []))
    const virtual = /is a virtual package provided by:/.test(words)
    return {
      refused: `no package source of this host has ${unknown.join(', ')}`,
      hint: virtual ? words : near === undefined ? 'add the source that has it before it' : `did you mean "${near}"?`,
    }
  }
  if (have.mend !== undefined) return undefined
  const [name = ''] = wrongOnes
  const offered = offers.get(name) ?? []
  if (version !== undefined && !offered.some((each) => manager(facts).isVersion(version, each))) {
    return { refused: `no package source of this host has ${name} ${version}`, hint: `there is ${offered.join(', ')}` }
  }
  return { refused: `${wrongOnes.join(', ')} cannot be installed`, hint: words }
}

/** apt would stop at the first file that it has not in its cache. */
function unreached({ state }: PkgWant, { nameless = [] }: PkgHave, names: readonly string[]): Refused | undefined {
  const [host] = nameless
  if (host === undefined || state === 'absent') return undefined
  return {
    refused: `${names.join(', ')} cannot be fetched: ${host} has no address, because /etc/resolv.conf names no name server`,
    hint: `put file('/etc/resolv.conf') before it`,
  }
}

/** How old the lists are does not matter: it is the host's own settings that leave a package out. */
function excludedHere(names: readonly string[], { packageManager }: Facts): Refused {
  const where =
    packageManager === 'apt'
      ? 'pinned below 0 in /etc/apt/preferences.d'
      : 'excluded in /etc/dnf/dnf.conf or a repository'
  return {
    refused: `${names.join(', ')} cannot be installed: this host's package manager is told to leave ${names.length > 1 ? 'them' : 'it'} out`,
    hint: `it is ${where}`,
  }
}

const settings = ['/etc/apt/preferences', '/etc/apt/preferences.d', '/etc/dnf', '/etc/yum.repos.d', '/etc/yum.conf']

const sources = ['/etc/apt/sources.list', '/etc/apt/sources.list.d', '/etc/yum.repos.d']

/** Whether a pending change brings a package source. On the EL family packages do: `epel-release`, `centos-release-scl`. */
function sourcesToCome(later: Prediction): boolean {
  return (
    sources.some((path) => later.path(path) !== undefined) ||
    later.packages().some(({ name }) => /-release($|-)/.test(name))
  )
}

/**
 * What is left of a simulation on today's host once earlier, pending packages have come and gone: what they bring is not brought again. The very
 * same object comes back when that is all of it.
 */
function alone(simulation: PkgSimulation, later: Prediction): PkgSimulation {
  const { incoming, leaving } = simulation
  const here = new Set(later.coming().flatMap(({ name, kept }) => (kept ? [] : [name])))
  const gone = later.going()
  const left = {
    incoming: new Map([...incoming].filter(([name]) => !here.has(name))),
    leaving: leaving.filter((name) => !gone.has(name)),
    configured: new Set([...simulation.configured].filter((name) => !here.has(name))),
  }
  const isAll = left.incoming.size === incoming.size && left.leaving.length === leaving.length
  return isAll ? simulation : left
}

/** Something pending names a name server, or may. */
function isNamed(later: Prediction): boolean {
  const file = later.path('/etc/resolv.conf')?.state
  return (file !== undefined && file.type !== 'absent') || later.opaque() !== undefined
}

function predict(want: PkgWant, have: PkgHave, later: Prediction, facts: Facts): PkgHave | Unknown {
  const installed = new Map(have.installed)
  for (const name of want.names) {
    const pending = later.package(name)
    if (pending?.installed === false) installed.delete(name)
    else if (pending?.installed === true && (!installed.has(name) || want.version !== undefined)) {
      if (want.version !== undefined) return { unknown: `which version of ${name} comes with ${pending.from}` }
      installed.set(name, {})
    }
  }
  const unconfigured = [...installed].filter(([, { broken }]) => broken === 'unconfigured')
  const configured = (have.interrupted === true || unconfigured.length > 0) && later.configured() !== undefined
  if (configured) for (const [name, there] of unconfigured) installed.set(name, { ...there, broken: undefined })
  // So is what lacked another package: apt does nothing else before.
  const mended = have.mend !== undefined && later.configured() !== undefined
  const locks = have.locks && locksLater(have.locks, later)
  const resolves = have.nameless?.[0] !== undefined && isNamed(later)
  const changed = installed.size !== have.installed.size || configured || mended || locks !== have.locks || resolves
  // An earlier pkg will have fetched the lists by then, if they were old.
  const old =
    (have.lists === 'none' || have.lists === 'stale') && undone(want, { ...have, installed }, facts).length > 0
  const fetched = old && later.packages().some(({ from }) => from.startsWith('pkg:'))
  const simulation = have.simulation && alone(have.simulation, later)
  const result: PkgHave =
    changed || fetched || simulation !== have.simulation
      ? {
          ...have,
          simulation,
          installed,
          locks,
          ...(resolves ? { nameless: undefined } : {}),
          ...(mended ? { mend: undefined, objection: undefined, unmet: undefined } : {}),
          lists: fetched ? 'unasked' : have.lists,
          interrupted: have.interrupted === true && !configured,
        }
      : have
  if (!('refused' in planned(want, result, facts)) || have.objection === undefined) return result
  const isSet = have.excluded !== undefined && settings.some((path) => later.path(path) ?? later.below(path)[0])
  // What is held stays so, whatever the sources have.
  const isHeld = have.objection.includes(HELD)
  if (!isHeld && (sourcesToCome(later) || isSet)) return { ...result, excluded: undefined, lists: 'stale' }
  const opaque = later.opaque()
  return opaque ? { unknown: `${have.objection.split('\n')[0] ?? ''}, unless ${opaque.from} brings it` } : result
}
