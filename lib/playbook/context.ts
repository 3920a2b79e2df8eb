import type { z } from 'zod'
import type { Facts, OsFamily } from '../facts.ts'
import type { Commands } from '../host/commands.ts'
import type { Resource } from '../resources/kit/kind.ts'
import type { Status } from '../events.ts'
import type { Secret } from '../secret.ts'
import type { Sh } from '../sh/quote.ts'
import type { Expect } from './expect.ts'
import type { SharedShape, SharedValues } from './variables/shared-shape.ts'

/** The host that a role is set up on. */
export interface RoleHost extends Facts {
  /** The inventory's name of it. */
  readonly name: string
  /** The address that the inventory connects to; for a local connection the first one that the host has. */
  readonly address: string
  readonly groups: readonly string[]
  /**
   * Picks what goes with the host's family. A family that is not named ends the role with an error that says which ones it knows.
   *
   * @example
   * const bind = host.pick({ debian: { package: 'bind9', unit: 'named' }, el: { package: 'bind', unit: 'named' } })
   */
  pick<Choices extends Readonly<Partial<Record<OsFamily, unknown>>>>(
    choices: Choices,
  ): Exclude<Choices[keyof Choices & OsFamily], undefined>
}

/** Another host of the inventory, as a role sees it. */
export interface SiteHost {
  readonly name: string
  readonly address: string
  readonly groups: readonly string[]
  /**
   * What a role's variables are on that host, or the shared variables that `shared` made. A role that this playbook does not give the host is
   * read from the inventory alone. Throws a RolecallError when a value there is wrong, with its place.
   *
   * @example
   * host.vars(webServer).port
   * host.vars(site).domain
   */
  vars<Of extends AnyRole | SharedShape>(of: Of): ValuesOf<Of>
}

/** The values of a role's variables, or of shared ones. */
export type ValuesOf<Of extends AnyRole | SharedShape> = Of extends AnyRole
  ? VarsOf<Of>
  : Of extends SharedShape
    ? SharedValues<Of>
    : never

/** The whole inventory, for roles that must know of others: a name server of its hosts, a client of its server. */
export interface Site {
  /** Hosts by a pattern, in inventory order; none when a group is empty or not there. */
  hosts(pattern: string): readonly SiteHost[]
  /** The host of this name. Throws a RolecallError when the inventory has none. */
  host(name: string): SiteHost
}

/** How a file is read. */
export interface ReadOptions {
  /**
   * What a role goes on with in check mode while a pending change brings the file, and nobody knows yet what it will hold. Default: the prediction
   * ends there, and the rest of the role is unknown.
   */
  readonly whilePending?: string
}

/** Another host of the inventory, which `apply` of a role may also change. */
export interface ReachedHost extends SiteHost {
  /**
   * As `ensure` of the role, on that host: with a connection and the lock of its own, in its report, and in check mode upon what is pending there.
   * Roles that do so on one host take turns. The host need not be one of this run's.
   *
   * @example
   * await site.host('lb-01').ensure(file(`/etc/nginx/upstream.d/${host.name}.conf`, { content: `server ${host.address} down;\n` }))
   */
  ensure(...resources: readonly (Resource | readonly Resource[])[]): Promise<Outcome[]>
  /**
   * The text of a file there, or undefined when it is not there; in check mode what it will be. As `read` of the role, with a connection of its own.
   *
   * @example
   * const authority = await site.host('ca-01').read('/opt/certs/ca.pem')
   */
  read(path: string, options?: ReadOptions): Promise<string | undefined>
  /** What is known of it, as `host` of a role has it. It is connected to for that. */
  facts(): Promise<Facts>
}

/** The whole inventory, as `apply` of a role sees it. */
export interface ReachedSite extends Site {
  hosts(pattern: string): readonly ReachedHost[]
  host(name: string): ReachedHost
}

/** A host that the playbook gives a role, with the role's variables there. */
export interface SiteVarsHost<Vars> extends Omit<SiteHost, 'vars'> {
  readonly vars: Vars
}

/** What `validateSite` of a role looks at: the inventory and the variables, and no host. */
export interface SiteVars<Vars> {
  /** Every host that the playbook gives the role, whatever this run is limited to, in inventory order. */
  readonly hosts: readonly SiteVarsHost<Vars>[]
  /** Every host of the inventory. */
  readonly everyone: readonly Omit<SiteHost, 'vars'>[]
}

/** What is wrong with a role on some hosts. */
export interface SiteProblem {
  /** Whom it is about. It is told when this run touches one of them. */
  readonly hosts: readonly string[]
  readonly message: string
  readonly expected?: string
  readonly got?: string
  readonly hint?: string
}

export interface Outcome {
  readonly resource: string
  readonly status: Status
}

/** When a command that changes something is needed. One of the two must be said: that makes it idempotent. */
export type Needed = { readonly name?: string; readonly deadline?: number; readonly user?: string } & (
  | { readonly creates: string; readonly unless?: string | Sh }
  | { readonly creates?: string; readonly unless: string | Sh }
)

/**
 * zx's `$` with its two halves apart: `$.read` looks and runs in check mode too; `$({ creates })` changes, runs only when it is
 * needed, and is reported like a resource.
 *
 * @example
 * const kernel = (await $.read`uname -r`).stdout.trim()
 * await $({ creates: '/opt/app/bin/app' })`tar xf ${archive} -C /opt/app`
 */
export interface RoleCommands {
  (needed: Needed): (pieces: TemplateStringsArray, ...args: readonly CommandArgument[]) => Promise<Outcome>
  readonly read: Commands
  /**
   * Both halves as another user of the host: `$.as('postgres').read`psql -c ...``. It takes root.
   *
   * @example
   * const version = await $.as('postgres').read`psql -tAc ${'show server_version'}`
   */
  as(user: string): RoleCommands
}

/** `$` of `verify`: as in `apply`, without the half that changes something. */
export interface ReadCommands {
  /** zx on the host: it is meant for looking. */
  readonly read: Commands
  /** The same as another user of the host: `$.as('postgres').read`psql -c ...``. It takes root. */
  as(user: string): ReadCommands
}

/** One quoted word of a command, or several. A `Secret` is shown as `***`. */
export type CommandArgument = string | number | Secret | readonly (string | number | Secret)[]

/** What `apply` and `verify` both work with. */
export interface CommonContext<Vars> {
  readonly vars: Vars
  readonly host: RoleHost
  readonly site: Site
  /**
   * A part of the role with a tag of its own, one of its `parts`: `--tags config` runs only the parts of that name, and `--skip-tags config` leaves
   * them out. What stands outside of parts is run in any case, since parts may rest on it.
   *
   * @example
   * await part('config', async () => {
   *   await ensure(file('/etc/app.conf', { content: config(vars) }))
   * })
   */
  readonly part: (tag: string, work: () => Promise<void>) => Promise<void>
  /** Says something in the report. */
  readonly note: (message: string) => void
}

/** What `apply` of a role works with. */
export interface ApplyContext<Vars> extends CommonContext<Vars> {
  /**
   * This is check mode: nothing may change, and only hosts are kept from that. What a role does on the controller itself, such as
   * `fetch` with a POST or `writeFileSync`, happens in check mode too, unless it asks here first.
   *
   * @example
   * if (!checking) await fetch(vars.registry, { method: 'POST', body })
   */
  readonly checking: boolean
  /** The whole inventory. Its hosts may be changed as well: `site.host('lb-01').ensure(...)`. */
  readonly site: ReachedSite
  /**
   * Whether `ensure` would change something about these, now; nothing is done and nothing is told. It is for what must be done before a change and only then, such
   * as taking the host out of a load balancer.
   *
   * @example
   * if (await changes(release, app)) await site.host('lb-01').ensure(drained)
   */
  readonly changes: (...resources: readonly (Resource | readonly Resource[])[]) => Promise<boolean>
  /**
   * Does something once for all hosts of the play, on the first that comes to it; the others wait for its end, get the same result, and fail where it failed.
   * `per: 'batch'`: once for each batch of a rolling update.
   *
   * @example
   * await once('migrate', () => ensure(exec('schema', { run: './migrate up', cwd: '/srv/app', changedBy: /^applied /m })))
   */
  readonly once: <T>(what: string, work: () => Promise<T>, options?: { readonly per?: 'play' | 'batch' }) => Promise<T>
  /** Makes resources so, in their order; in check mode says what that would take. One round trip when there is nothing to do. */
  readonly ensure: (...resources: readonly (Resource | readonly Resource[])[]) => Promise<Outcome[]>
  readonly $: RoleCommands
  /** Whether a path is there, in check mode also: will be there. */
  readonly exists: (path: string) => Promise<boolean>
  /** The text of a file, or undefined when it is not there; in check mode what it will be. */
  readonly read: (path: string, options?: ReadOptions) => Promise<string | undefined>
  /**
   * Brings a file of the host to this machine, when what is here is another one: piece by piece, of any size, checked, and written whole or not at all. A relative `to` is beside the
   * file that this is written in; with a slash at its end it is a directory, in which each host has one of its own: `backups/web-01/etc/app.conf`. Check says whether it would change
   * something here, and is `unknown` while the file itself is pending.
   *
   * @example
   * await fetchFile('/etc/app/app.conf', '../backups/')
   * await fetchFile('/var/lib/app/dump.gz', `../backups/${host.name}.gz`, { missing: 'leave' })
   */
  readonly fetchFile: (path: string, to: string, options?: FetchFileOptions) => Promise<Outcome>
}

/** How `fetchFile` of a role does it. */
export interface FetchFileOptions {
  /** The mode of the file here. Default `'0600'`: what only root can read there may be secret. */
  readonly mode?: string
  /** Where there is no such file on the host: `fail` (default), or leave what is here as it is. */
  readonly missing?: 'fail' | 'leave'
}

/** What a play's `gate` works with: as `verify` of a role, without variables. */
export type GateContext = Omit<VerifyContext<never>, 'vars'>

/** What `verify` of a role works with. */
export interface VerifyContext<Vars> extends CommonContext<Vars> {
  readonly $: ReadCommands
  readonly expect: Expect
}

/** One chapter of how a machine is set up. Made by `role`. */
export interface Role<Schema extends z.ZodObject = z.ZodObject> {
  readonly type: 'role'
  readonly name: string
  readonly about: string | undefined
  readonly tags: readonly string[]
  readonly parts?: readonly string[]
  readonly deadline?: number
  readonly user?: string
  readonly vars: Schema
  /** As in the definition. */
  readonly from?: Readonly<Record<string, string | readonly string[] | undefined>>
  validateSite?(site: SiteVars<z.output<Schema>>): readonly SiteProblem[]
  apply(context: ApplyContext<z.output<Schema>>): Promise<void>
  verify?(context: VerifyContext<z.output<Schema>>): Promise<void>
}

export type AnyRole = Role

/** The variables of a role, as its `apply` sees them. */
export type VarsOf<R extends AnyRole> = R extends Role<infer Schema> ? z.output<Schema> : never
