import type { Facts } from '../../facts.ts'
import type { Sh } from '../../sh/quote.ts'
import type { StaleLock } from '../accounts/account-locks.ts'
import type { Plan, Reply } from '../kit/kind.ts'

/** What `pkg` asks of a package manager: apt.ts and dnf.ts are the two. */
export interface Manager {
  probe(want: PkgWant, facts: Facts): Sh
  /** What is enough to act upon, and what its steps then printed, as a simulation would have said it beforehand. */
  readonly quickProbe?: { probe(want: PkgWant): Sh; parseOutput(said: string): PkgSimulation }
  read(want: PkgWant, reply: Reply): PkgHave
  /** How to bring `names`, which are not as wanted, to where they should be. */
  plan(want: PkgWant, have: PkgHave, names: readonly string[], facts: Facts): Plan
  /** Whether an installed or offered version is the wanted one, which may end in `*`. */
  isVersion(wanted: string, version: string): boolean
}

export interface PkgWant {
  readonly names: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  /** Changed configuration files go too. */
  readonly purge?: boolean | undefined
  /** What nobody else needs goes with them. */
  readonly autoremove?: boolean | undefined
  /** Whether they stay in the version that they have. */
  readonly hold?: boolean | undefined
  /** Of which release apt takes them. */
  readonly release?: string | undefined
  /** Repositories of dnf that count for this one transaction, or do not. */
  readonly enableRepositories?: readonly string[] | undefined
  readonly disableRepositories?: readonly string[] | undefined
  readonly version?: string | undefined
  readonly recommends: boolean
  readonly deadline?: number | undefined
}

/** A package that is on the host. */
export interface Installed {
  /** Left out when it is only predicted. */
  readonly version?: string | undefined
  /** Its installation was interrupted, or waits for another one: it only has to be configured, or to be installed again. */
  readonly broken?: 'unconfigured' | 'half-installed' | undefined
  /** Somebody asked the package manager to leave it is. */
  readonly held?: boolean
}

/** A transaction as the package manager tells it, beforehand or as it goes. */
export interface PkgSimulation {
  /** Versions that come in. */
  readonly incoming: ReadonlyMap<string, string>
  readonly leaving: readonly string[]
  /** Of all packages of the host, those that are configured. */
  readonly configured: ReadonlySet<string>
}

export interface PkgHave {
  /** dnf can lock versions. Only asked where something is to be held or let go. */
  readonly canLock?: boolean | undefined
  /** By the name that was asked for. A name that is missing here is not installed. */
  readonly installed: ReadonlyMap<string, Installed>
  /** What the package lists say, oldest refresh a day ago. */
  readonly lists: 'fresh' | 'stale' | 'none' | 'unasked'
  readonly simulation?: PkgSimulation | undefined
  /** What must come in before anything else can, because a package that is there lacks what it depends on. */
  readonly mend?: readonly string[] | undefined
  /** Packages lack what they depend on: what each of them lacks, and what would go if that was mended. */
  readonly unmet?: { readonly lacking: readonly string[]; readonly leaving: readonly string[] } | undefined
  /** Why the simulation failed, in the package manager's words. */
  readonly objection?: string | undefined
  /** Names that the package manager is told to leave alone: excluded, or pinned below 0. */
  readonly excluded?: readonly string[] | undefined
  /** Versions that the lists offer for a name, only asked when the simulation failed. */
  readonly offers?: ReadonlyMap<string, readonly string[]> | undefined
  /** Names like the ones that no list has. */
  readonly near?: readonly string[] | undefined
  readonly interrupted?: boolean
  /** Locks of the account files at which the scripts of a package would stop. */
  readonly locks?: readonly StaleLock[] | undefined
  /** Hosts of package sources that have no address, because no name server is named, though something is to be fetched. */
  readonly nameless?: readonly string[] | undefined
}
