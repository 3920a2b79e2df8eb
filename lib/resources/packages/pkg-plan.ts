import type { Facts } from '../../facts.ts'
import { nearest } from '../../text/nearest.ts'
import { unlockSteps } from '../accounts/account-locks.ts'
import type { Plan, Refused } from '../kit/kind.ts'
import { unmended } from './broken-dependencies.ts'
import { holdSteps, otherwiseHeld, unholdable } from './holds.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'
import { manager } from './managers.ts'

export function planned(want: PkgWant, have: PkgHave, facts: Facts): Plan | Refused {
  if (facts.packageManager === 'none') {
    return { refused: `packages of ${facts.os.name} cannot be managed: it has none of apt, dnf and yum` }
  }
  const wrongOnes = undone(want, have, facts)
  const holds = otherwiseHeld(want, have, wrongOnes)
  const refusedHold = unholdable(holds, have, facts) ?? otherFamily(want, facts)
  if (refusedHold !== undefined) return refusedHold
  if (wrongOnes.length === 0) return { steps: holdSteps(want, holds, facts) }
  const held = want.hold !== undefined ? undefined : wrongOnes.find((name) => have.installed.get(name)?.held === true)
  if (held !== undefined) {
    return {
      refused: `${held} is on hold at ${have.installed.get(held)?.version ?? '?'}`,
      hint: facts.packageManager === 'apt' ? `apt-mark unhold ${held}` : `dnf versionlock delete ${held}`,
    }
  }
  const refused =
    unmended(want, have, wrongOnes) ?? objection(want, have, wrongOnes, facts) ?? unreached(want, have, wrongOnes)
  if (refused !== undefined) return refused
  const plan = manager(facts).plan(want, have, wrongOnes, facts)
  return { ...plan, steps: [...unlockSteps(have.locks ?? []), ...plan.steps, ...holdSteps(want, holds, facts)] }
}

/** Options that one package manager has, and the host has another. */
function otherFamily(
  { enableRepositories, disableRepositories }: PkgWant,
  { packageManager }: Facts,
): Refused | undefined {
  const isGiven = (enableRepositories ?? disableRepositories) !== undefined
  return isGiven && packageManager === 'apt'
    ? { refused: 'apt knows no repositories by name', hint: 'say release, or give the option to hosts with dnf alone' }
    : undefined
}

/** The names that are not as wanted. */
export function undone(
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
export const HELD = 'E: Held packages were changed'

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
      hint: virtual
        ? words
        : near === undefined
          ? 'add the source that has it before this resource'
          : `did you mean "${near}"?`,
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
    hint: `put file('/etc/resolv.conf') before this resource`,
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
