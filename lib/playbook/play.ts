import type { AnyRole, GateContext } from './context.ts'
import type { SharedShape } from './variables/shared-shape.ts'

/** A role with variables that this playbook sets. Made by `using`. */
export interface RoleUse {
  readonly type: 'use'
  readonly role: AnyRole
  /** Values, or shared variables that are read for each host. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Shared variables, and values that are computed from them for each host. */
  readonly computed?: {
    readonly shared: SharedShape
    readonly make: (values: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  }
}

/** Hosts, groups and tags of a project, as `rolecall schema` writes them into `rolecall-env.d.ts`. */
export interface ProjectNames {
  /** The version of this interface. */
  readonly version?: 1
}

/**
 * An inventory pattern: any text, or, once `rolecall schema` has listed the project's names, a host, a group, or a text with an operator of patterns.
 */
export type HostPattern = ProjectNames extends {
  readonly hosts: infer Host extends string
  readonly groups: infer Group extends string
}
  ? Host | Group | 'all' | `${string}${':' | ',' | '*' | '?' | '[' | '~' | '!' | '&'}${string}`
  : string

export interface Play {
  readonly name: string
  /** An inventory pattern: `all`, `dns:ca`, `docker:!node-04`, `web[0:2]`, `~node-0[1-3]`. */
  readonly hosts: HostPattern
  /** Roles that run one after the other on each host. */
  readonly roles: readonly (AnyRole | RoleUse)[]
  /**
   * Plays that must have succeeded before this one begins: on a host of both plays, the earlier one must have succeeded there; on any other host, it
   * must have failed on no more hosts than its `maxFailures` allows (none by default). With `{ play, ended: true }` the earlier play only has to be
   * over, in any way. A play that was stopped by `maxFailures` or `anyErrorsFatal` has not succeeded anywhere. Plays that do not wait for one another
   * run at the same time. A `verify` only keeps the order.
   */
  readonly after?: readonly (string | { readonly play: string; readonly ended: true })[]
  /** How many hosts of this play run at once. Default: as many as the run allows. */
  readonly concurrency?: number
  /**
   * A rolling update: this many hosts (or `'30%'` of them) must be done before the next ones begin. A list has the sizes of the batches in order, and
   * its last entry repeats: `[1, '10%', '100%']`. A percentage is rounded down, to at least one host. Default: all in one batch.
   */
  readonly serial?: BatchSize | readonly BatchSize[]
  /**
   * The pause between two batches if the first of them changed something: a number of seconds, or `'ask'` to ask at the terminal whether to go on.
   * Any answer but yes ends the play there, and the run has failed. If nobody can be asked, such a run is refused before any host is touched, unless
   * `--yes` answers beforehand. Default: none.
   */
  readonly pause?: number | 'ask'
  /**
   * The condition on each host of a batch for the next batch to begin: `'verify'`, the `verify` of the play's roles, or a function with the context
   * of a role's `verify`, without variables. A host that does not meet it has failed. With a gate the play stops before the next batch when it has
   * failed on more hosts than `maxFailures` allows, none by default. Apply runs the gate when the roles of a host are done; check does not.
   *
   * @example
   * gate: async ({ $, expect }) => expect((await $.read`curl -fs http://127.0.0.1/health`.nothrow()).exitCode).toBe(0)
   */
  readonly gate?: 'verify' | ((context: GateContext) => Promise<void>)
  /**
   * When more hosts than this have failed, the play begins on no further host, and no play that comes `after` it begins. Default: the play goes on
   * without them, and on other hosts a play that comes `after` it begins only when this play had no failure.
   */
  readonly maxFailures?: number | Percent
  /** The first failure ends the play for all its hosts, and no play that comes `after` it begins. Default false. */
  readonly anyErrorsFatal?: boolean
  /**
   * Roles that apply runs when the play has failed on more hosts than `maxFailures` allows (none by default), once all units of the play that began
   * are over: on every reachable host where one of its roles began, also where it failed. Their own failures are reported and change nothing more.
   * Values that `using` sets for them win over `-e`, which may name the release that has failed.
   *
   * @example
   * onFailure: [using(app, { release: 'previous' })]
   */
  readonly onFailure?: readonly (AnyRole | RoleUse)[]
  /**
   * `'files'`: each host keeps copies of the files that the play changes until its batch is over. When the play has failed on more hosts than
   * `maxFailures` allows (none by default), no further batch begins, and on the hosts of the failed batches these files are restored, new files are
   * removed, and services that are `restartedAfter` or `reloadedAfter` them are restarted or reloaded: on the host, and then on other hosts that its
   * roles changed. `onFailure` comes after that. The copies survive an interrupted run: the next run restores what was there before the first.
   * Packages, accounts, data and effects of commands are not restored. Default: none.
   *
   * @example
   * { name: 'web', hosts: 'web', roles: [deploy], serial: [1, '100%'], gate: 'verify', rollback: 'files' }
   */
  readonly rollback?: 'files'
  /**
   * Seconds that each of its roles may take on a host. After that the role has failed, and everything it runs on the host is ended with its children.
   * The role's own deadline wins if it is shorter. Default: none; steps have deadlines of their own.
   */
  readonly deadline?: number
  /**
   * `'stop-run'`: when the play has failed on more hosts than `maxFailures` allows (none by default), nothing further begins in the whole run, and
   * units that began are finished. Default: that of the playbook, else `'go-on'`.
   */
  readonly failures?: Failures
  readonly tags?: readonly string[]
}

/** The consequence of a play's failures for the rest of the run. */
export type Failures = 'go-on' | 'stop-run'

/** A number of hosts, or a percentage of the hosts of the play. */
export type BatchSize = number | Percent

export type Percent = `${number}%`
