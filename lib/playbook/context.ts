import type { z } from 'zod'
import type { Details } from '../host-details.ts'
import type { Facts, OsFamily } from '../facts.ts'
import type { Resources } from '../resources/kit/kind.ts'
import type { Expect } from './expect.ts'
import type { Outcome, ReadCommands, RoleCommands } from './role-commands.ts'
import type { SharedShape, SharedValues } from './variables/shared-shape.ts'

/** The host that a role runs on. */
export interface RoleHost extends Facts {
  /** The name of the host in the inventory. */
  readonly name: string
  /** The address that the inventory connects to; for a local connection the host's first address. */
  readonly address: string
  readonly groups: readonly string[]
  /**
   * Returns the entry for the host's family. A missing family is an error that says which families the role knows.
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
   * The variables of a role on that host, or the shared variables that `shared` made. If this playbook does not give the role to the host, only the
   * inventory is read. Throws a RolecallError with the place of an invalid value.
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

/** The whole inventory, for roles that need other hosts: a name server needs its clients, a client its server. */
export interface Site {
  /** Hosts that match a pattern, in inventory order; none when a group is empty or missing. */
  hosts(pattern: string): readonly SiteHost[]
  /** The host of this name. Throws a RolecallError when the inventory has none. */
  host(name: string): SiteHost
}

/** Options of `read`. */
export interface ReadOptions {
  /**
   * The content to continue with in check mode while a pending change creates the file and its content is not known yet. Default: the prediction ends
   * there, and the rest of the role is unknown.
   */
  readonly whilePending?: string
}

/** Another host of the inventory, which `apply` of a role may also change. */
export interface ReachedHost extends SiteHost {
  /**
   * Like `ensure` of the role, on that host: with its own connection and lock, as part of this role's report, and in check mode on top of the changes
   * that are pending there. Roles that do this on one host take turns. The host need not be part of this run.
   *
   * @example
   * await site.host('lb-01').ensure(file(`/etc/nginx/upstream.d/${host.name}.conf`, { content: `server ${host.address} down;\n` }))
   */
  ensure(...resources: readonly Resources[]): Promise<Outcome[]>
  /**
   * The text of a file there, or undefined when it is missing; in check mode its predicted text. Like `read` of the role, with its own connection.
   *
   * @example
   * const authority = await site.host('ca-01').read('/opt/certs/ca.pem')
   */
  read(path: string, options?: ReadOptions): Promise<string | undefined>
  /** The facts of that host, like `host` of a role. Connects to it. */
  facts(): Promise<Facts>
  /** The details of that host, like `details` of a role. Connects to it. */
  readonly details: Details
}

/** The whole inventory, as `apply` of a role sees it. */
export interface ReachedSite extends Site {
  hosts(pattern: string): readonly ReachedHost[]
  host(name: string): ReachedHost
  /**
   * Runs a part of the role on another host, with that host's facts, connection and lock: commands, reads and `ensure` run there and are reported
   * under its name. In check mode they see the pending changes there. Returns the result of the function. The host need not be part of this run.
   * Calls to one host take turns with other roles that change it. Commands run as the inventory's user, whatever the role's `user` is. Throws a
   * RolecallError if the inventory has no such host.
   *
   * @example
   * const token = await site.on('kube-01', async ({ $, ensure, host }) => {
   *   await ensure(pkg(host.pick({ debian: 'kubeadm', el: 'kubernetes-kubeadm' })))
   *   return (await $.read`kubeadm token create --ttl 10m`).stdout.trim()
   * })
   */
  on<T>(name: string, work: (there: HostContext) => Promise<T>): Promise<T>
}

/** A host to which the playbook gives a role, with the role's variables there. */
export interface SiteVarsHost<Vars> extends Omit<SiteHost, 'vars'> {
  readonly vars: Vars
}

/** The argument of `validateSite`: the inventory and the variables, before any host is touched. */
export interface SiteVars<Vars> {
  /** Every host to which the playbook gives the role, in inventory order, even those that this run leaves out. */
  readonly hosts: readonly SiteVarsHost<Vars>[]
  /** Every host of the inventory. */
  readonly everyone: readonly Omit<SiteHost, 'vars'>[]
}

/** A problem of a role on some hosts. */
export interface SiteProblem {
  /** The hosts that have the problem. It is reported when this run touches one of them. */
  readonly hosts: readonly string[]
  readonly message: string
  readonly expected?: string
  readonly got?: string
  readonly hint?: string
}

/** What `apply` and `verify` have in common. */
export interface CommonContext<Vars> {
  readonly vars: Vars
  readonly host: RoleHost
  readonly site: Site
  /**
   * A part of the role with its own tag, one of its `parts`: `--tags config` runs only parts with this tag, and `--skip-tags config` leaves them out.
   * Code outside of parts always runs, since parts may depend on it.
   *
   * @example
   * await part('config', async () => {
   *   await ensure(file('/etc/app.conf', { content: config(vars) }))
   * })
   */
  readonly part: (tag: string, work: () => Promise<void>) => Promise<void>
  /** Prints a message in the report. */
  readonly note: (message: string) => void
}

/** The context of a role's `apply`. */
export interface ApplyContext<Vars> extends CommonContext<Vars> {
  /**
   * Whether this is check mode, where nothing on hosts may change. Code that changes the controller itself, such as `fetch` with a POST or
   * `writeFileSync`, runs in check mode too unless it asks here first.
   *
   * @example
   * if (!checking) await fetch(vars.registry, { method: 'POST', body })
   */
  readonly checking: boolean
  /** The whole inventory. Its hosts may be changed too: `site.host('lb-01').ensure(...)`. */
  readonly site: ReachedSite
  /**
   * Whether `ensure` would change any of these resources now. Changes and reports nothing. For work that must come before a change, such as taking
   * the host out of a load balancer.
   *
   * @example
   * if (await changes(release, app)) await site.host('lb-01').ensure(drained)
   */
  readonly changes: (...resources: readonly Resources[]) => Promise<boolean>
  /**
   * Runs a function once for all hosts of the play, on the first host that calls it. The others wait and get the same result, or the same failure.
   * `per: 'batch'`: once for each batch of a rolling update. A role may use each name only once.
   *
   * @example
   * await once('migrate', () => ensure(exec('schema', { run: './migrate up', cwd: '/srv/app', changedBy: /^applied /m })))
   */
  readonly once: <T>(what: string, work: () => Promise<T>, options?: { readonly per?: 'play' | 'batch' }) => Promise<T>
  /** Converges resources in their order; in check mode reports what this would take. One round trip when there is nothing to do. */
  readonly ensure: (...resources: readonly Resources[]) => Promise<Outcome[]>
  /**
   * Hardware, file systems, network and more of the host, read on request in one round trip. `custom` reads a site's own facts, as Ansible keeps them
   * in `/etc/ansible/facts.d/NAME.fact` (JSON, INI, or a program that prints one of them), with their types. A program there runs in check mode too.
   * Throws a RolecallError for a fact that does not fit the schema, and for a file that an account other than root can change.
   *
   * @example
   * const { memory, processors } = await details()
   * const workers = Math.min(2 * processors.count, Math.floor(memory.total / 512 / 1024 ** 2))
   * const { custom } = await details({ custom: z.object({ rack: z.object({ row: z.number() }) }) })
   */
  readonly details: Details
  readonly $: RoleCommands
  /** Whether a path exists; in check mode whether it will exist. */
  readonly exists: (path: string) => Promise<boolean>
  /**
   * The text of a file, or undefined when it is missing; in check mode its predicted text. Calls of `read` and `exists` with no other call in between
   * share one round trip.
   *
   * @example
   * const [key, certificate] = await Promise.all([read('/etc/app/key.pem'), read('/etc/app/cert.pem')])
   */
  readonly read: (path: string, options?: ReadOptions) => Promise<string | undefined>
  /**
   * Copies a file of the host to this machine if the local copy differs: in pieces, of any size, with a checksum, and written whole or not at all. A
   * relative `to` is relative to the file of the call. With a slash at its end `to` is a directory with a subdirectory for each host:
   * `backups/web-01/etc/app.conf`. Check says whether the local file would change, and reports `unknown` while the remote file itself is pending.
   *
   * @example
   * await fetchFile('/etc/app/app.conf', '../backups/')
   * await fetchFile('/var/lib/app/dump.gz', `../backups/${host.name}.gz`, { missing: 'leave' })
   */
  readonly fetchFile: (path: string, to: string, options?: FetchFileOptions) => Promise<Outcome>
}

/** A role's context on another host, by `site.on`: the functions that act on a host, and the host itself with its facts. */
export type HostContext = Pick<
  ApplyContext<never>,
  'host' | 'checking' | 'changes' | 'ensure' | 'details' | '$' | 'exists' | 'read' | 'fetchFile' | 'note'
>

/** Options of `fetchFile`. */
export interface FetchFileOptions {
  /** The mode of the local file. Default `'0600'`, since a file that only root can read there may be secret. */
  readonly mode?: string
  /** What to do if the host has no such file: `fail` (default), or leave the local file unchanged. */
  readonly missing?: 'fail' | 'leave'
}

/** The context of a play's `gate`: like `verify` of a role, without variables. */
export type GateContext = Omit<VerifyContext<never>, 'vars'>

/** The context of a role's `verify`. */
export interface VerifyContext<Vars> extends CommonContext<Vars> {
  /** As in `apply`. */
  readonly details: Details
  readonly $: ReadCommands
  readonly expect: Expect
}

/** One chapter of a machine's setup. Made by `role`. */
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

/** The `vars` of a role that declares no variables. To read one, declare it: `vars: z.object({ port: z.number() })`. */
export type NoVariables = { readonly [none]?: never }

declare const none: unique symbol

/** What `apply`, `verify` and `validateSite` get as `vars`. */
export type DeclaredVars<Schema extends z.ZodObject> = [Schema['shape'][keyof Schema['shape']]] extends [never]
  ? NoVariables
  : z.output<Schema>

/** The variables of a role, as its `apply` sees them. */
export type VarsOf<R extends AnyRole> = R extends Role<infer Schema> ? z.output<Schema> : never
