import { unlockEffects } from '../accounts/account-locks.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import { kind, type Resource } from '../kit/kind.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'
import { flag, list, oneOf, seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { manager } from './managers.ts'
import { planned } from './pkg-plan.ts'
import { predict } from './pkg-prediction.ts'

export interface PkgOptions {
  readonly state?: 'present' | 'latest' | 'absent'
  readonly version?: string
  readonly recommends?: boolean
  readonly hold?: boolean
  readonly purge?: boolean
  readonly autoremove?: boolean
  readonly release?: string
  readonly enableRepositories?: readonly string[]
  readonly disableRepositories?: readonly string[]
  readonly deadline?: number
}

/**
 * Packages that are installed, or are not. All names of one `pkg` go into one transaction of the package manager
 * (apt; dnf or yum on the EL family). Which version is installed does not matter, unless `version` is given.
 *
 * - `state`: `present` (default), `latest` or `absent`. `latest` upgrades to what the package sources have now. `absent` removes, and leaves changed
 *   configuration files where they are, unless `purge: true`; with `autoremove: true` what came along and nothing else needs goes too.
 * - `hold`: with `true` a package stays in its version whatever is upgraded, until a `pkg` with another `version` changes that; `false` takes a
 *   hold away. By apt-mark; on the Red Hat family by dnf's plugin versionlock, in the version that is installed then.
 * - `release`: of which release apt takes it and what it needs: `bookworm-backports`.
 * - `enableRepositories`, `disableRepositories`: ids of repositories that dnf takes, or leaves out, for this transaction: `['crb']`.
 * - `version`: exactly this one; only with a single name. A trailing `*` matches the rest: `1:9.18.*`. Downgrades are
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
 * Check mode asks for a simulation when something is missing: the plan names versions, and the packages that come along are predicted. Apply hears
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
 * pkg('libyaml-devel', { enableRepositories: ['crb'] })
 *
 * Source: dpkg-query(1), apt-get(8), apt.conf(5), Debian policy 7.5 (virtual packages); rpm(8), dnf(8), yum(8).
 */
export function pkg(name: string | readonly string[], options: PkgOptions = {}): Resource {
  const { name: joined, options: given } = read(name, options)
  const { state = 'present', version, recommends = false, hold, purge, autoremove, release, deadline } = given
  const { enableRepositories, disableRepositories } = given
  const repositories = {
    ...(enableRepositories === undefined ? {} : { enableRepositories }),
    ...(disableRepositories === undefined ? {} : { disableRepositories }),
  }
  const names = joined.split(',')
  if (version !== undefined && names.length > 1)
    throw invalidOption(`version of pkg:${joined}`, 'given with a single package', names.join(', '))
  return make(joined, {
    names,
    state,
    version,
    recommends,
    hold,
    purge,
    autoremove,
    release,
    ...repositories,
    deadline,
  })
}

const repositoryIds = () => list('a list of ids of repositories', text('the id of a repository', /^[\w.*:-]+$/))

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
    enableRepositories: repositoryIds().optional(),
    disableRepositories: repositoryIds().optional(),
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

/** Every name once, joined by commas, which no name contains. */
function packageNames(given: unknown): string {
  const names: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (names.length === 0) throw invalidOption('pkg', 'at least one package name', 'none')
  for (const each of names) {
    // apt-get takes a trailing - for "remove this one" (apt-get(8)).
    if (typeof each !== 'string' || !/^[\w][\w.+:~-]*[\w.+~]$|^\w$/.test(each))
      throw invalidOption('pkg name', 'the name of one package', describeValue(each), hintForName(each))
  }
  return [...new Set(names)].join(',')
}

/** What other tools take in the place of a name. */
function hintForName(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  if (/^@[\w.+-]+$/.test(given)) return `a group is packageGroup('${given.slice(1)}')`
  const [, name, version] = /^([\w.+:~-]+)=(\S+)$/.exec(given) ?? []
  if (name !== undefined && version !== undefined) return `write pkg('${name}', { version: '${version}' })`
  if (/[*?[\]]/.test(given))
    return `name each package: pkg(['...', '...']); apt list '${given}' (dnf list) on a host names them`
  if (/[-]$/.test(given)) return `write pkg('${given.slice(0, -1)}', { state: 'absent' })`
  if (/\.(?:deb|rpm)$/.test(given)) return "a package in a file is packageFile('...', { source: '...' })"
  const names = given.split(/[\s,]+/).filter((each) => each !== '')
  return names.length > 1 ? `write pkg([${names.map((each) => `'${each}'`).join(', ')}])` : undefined
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
      const held = installed && want.names.includes(name) ? want.hold : undefined
      return {
        type: 'package',
        name,
        installed,
        ...(kept ? { kept } : {}),
        ...(asIs ? { asIs } : {}),
        ...(held === undefined ? {} : { held }),
      } as const
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
