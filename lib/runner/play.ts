import type { z } from 'zod'
import { askedFor } from '../converge/events/asked.ts'
import { Calls } from '../converge/context/calls.ts'
import { readFetch } from '../converge/context/fetch-options.ts'
import { roleCommands } from '../converge/context/command.ts'
import type { RoleActions } from '../converge/context/role-actions.ts'
import { RolecallError } from '../errors.ts'
import type { Facts } from '../facts.ts'
import { commandsOf } from '../host/commands.ts'
import { Host } from '../host/host.ts'
import { checkedContext } from '../playbook/checked-context.ts'
import type { ApplyContext, HostContext, ReachedHost, ReachedSite } from '../playbook/context.ts'
import type { Outcome } from '../playbook/role-commands.ts'
import { detailsIn } from './play-details.ts'
import { pickByOs } from '../playbook/pick-by-os.ts'
import type { AnyRole, Role } from '../playbook/role.ts'
import { isSharedShape, sharedSchema, type SharedShape } from '../playbook/variables/shared-shape.ts'
import type { Resource, Resources } from '../resources/kit/kind.ts'
import { variablesBy } from '../resources/kit/options/options.ts'
import { markIn } from '../sh/frame.ts'
import { checkPlayOptions, type PlayHost, type PlayOptions } from './play-options.ts'
import { partOf } from './units/role/part.ts'
import { connectMemory, type MemoryAnswer } from '../transport/memory.ts'

export type { PlayHost, PlayOptions } from './play-options.ts'

/** The record of what a role asked for. */
export interface Played {
  /** Every resource, in the order of the calls; `$({ creates })` is one of kind `exec`. */
  readonly asked: readonly Resource[]
  /** Every resource for another host, by `site.host(NAME).ensure` or `site.on(NAME, ...)`. */
  readonly elsewhere: readonly { readonly host: string; readonly resource: Resource }[]
  /** Every command of `$.read`. */
  readonly commands: readonly string[]
  /** Every command of `$.read` on another host, by `site.on(NAME, ...)`. */
  readonly commandsElsewhere: readonly { readonly host: string; readonly command: string }[]
  readonly notes: readonly string[]
  /** Every file that `fetchFile` would have copied, with its local path. */
  readonly fetched: readonly { readonly path: string; readonly to: string }[]
}

const debian: Facts = {
  digest: 'b2sum',
  hostname: 'node-01',
  os: { family: 'debian', id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  arch: 'x86_64',
  init: 'systemd',
  packageManager: 'apt',
  addresses: ['192.0.2.1'],
  networks: [{ device: 'eth0', cidr: '192.0.2.1/24' }],
  uid: 0,
}

/**
 * Plays a role without a host and records what it asks for. Every resource counts as changed, and no probe and no step runs. So this shows what the
 * role decides, not whether a host would accept it.
 *
 * Throws what the role throws; a RolecallError for variables that the role's schema refuses, for unknown options, for a call without `await`, and for
 * a resource that is made and never given to `ensure`.
 *
 * @example
 * const { asked } = await play(motd, { vars: { text: 'hello' }, files: { '/etc/motd': 'old' } })
 * assert.equal(asked.map((resource) => resource.id), ['file:/etc/motd'])
 */
export async function play<Schema extends z.ZodObject>(
  role: Role<Schema>,
  options: PlayOptions<z.input<Schema>> = {},
): Promise<Played> {
  const vars = checked(role, options)
  const { name = 'node-01', address, groups = [], ...facts } = options.host ?? {}
  const known: Facts = {
    ...debian,
    hostname: name,
    ...(address === undefined ? {} : { addresses: [address], networks: [] }),
    ...facts,
  }
  const self = { name, address: address ?? known.addresses[0] ?? '', groups }
  const asked: Resource[] = []
  const elsewhere: { host: string; resource: Resource }[] = []
  const commands: string[] = []
  const commandsElsewhere: { host: string; command: string }[] = []
  const notes: string[] = []
  const fetched: { path: string; to: string }[] = []
  const machines: Host[] = []
  const calls = new Calls({ host: name, role: role.name })
  const actionsOn = async (place: PlayedPlace): Promise<RoleActions> => {
    const machine = await hostInMemory(place.name, (command) => {
      place.command(command)
      return place.answers?.(command) ?? {}
    })
    machines.push(machine)
    const ask = <T>(what: string, wanted: readonly Resource[], answer: (outcomes: Outcome[]) => T): Promise<T> => {
      calls.given(wanted)
      place.asked(wanted)
      return calls.call(what, () => Promise.resolve(answer(wanted.map(asChanged))))
    }
    return {
      changes(...given) {
        calls.given(askedFor(given))
        return calls.call('changes', () => Promise.resolve(true))
      },
      checking: options.checking ?? false,
      ensure: (...given) => ask('ensure', askedFor(given), (outcomes) => outcomes),
      $: roleCommands(
        calls,
        (resource) => ask('$({ ... })', [resource], only),
        () => commandsOf(machine),
      ),
      details: (more) => calls.call('details', () => Promise.resolve(detailsIn(place.details, more))),
      exists: (path) => calls.call('exists', () => Promise.resolve(isThere(place.files ?? {}, path))),
      read: (path) => calls.call('read', () => Promise.resolve(place.files?.[path])),
      fetchFile(path, to, more = {}) {
        fetched.push({ path, to: readFetch(path, to, more, place.name).to })
        return calls.call('fetchFile', () => Promise.resolve({ resource: `fetchFile:${path}`, status: 'changed' }))
      },
    }
  }
  const askElsewhere = (other: string, wanted: readonly Resource[]) =>
    elsewhere.push(...wanted.map((resource) => ({ host: other, resource })))
  const note = (message: string) => void notes.push(message)
  try {
    const here = { ...options, name, command: (each: string) => commands.push(each) }
    const context: ApplyContext<z.output<Schema>> = {
      vars,
      host: { ...known, ...self, pick: pickByOs(known, name, role.name) },
      site: siteOf({ all: [self], ...options.site }, known, {
        ensure(other, given) {
          const wanted = askedFor(given)
          calls.given(wanted)
          askElsewhere(other, wanted)
          return calls.call('ensure', () => Promise.resolve(wanted.map(asChanged)))
        },
        async on({ name: other, address: at, groups: its = [], facts: given, ...place }, work) {
          const there = { ...known, hostname: other, addresses: [at], networks: [], ...given }
          const actions = await actionsOn({
            ...place,
            name: other,
            command: (command) => commandsElsewhere.push({ host: other, command }),
            asked: (wanted) => askElsewhere(other, wanted),
          })
          const pick = pickByOs(there, other, role.name)
          return await work({ ...actions, note, host: { ...there, name: other, address: at, groups: its, pick } })
        },
      }),
      once: (_, work) => work(),
      part: partOf(role),
      note,
      ...(await actionsOn({ ...here, asked: (wanted) => asked.push(...wanted) })),
    }
    await calls.watch(() => role.apply(checkedContext(context)))
  } finally {
    for (const machine of machines) machine.close()
  }
  return { asked, elsewhere, commands, commandsElsewhere, notes, fetched }
}

/** A host in memory on which a role is played, and where its requests are recorded. */
interface PlayedPlace extends Pick<PlayOptions<never>, 'files' | 'answers' | 'details'> {
  readonly name: string
  readonly command: (command: string) => void
  readonly asked: (resources: readonly Resource[]) => void
}

function asChanged({ id }: Resource): Outcome {
  return { resource: id, status: 'changed' }
}

/** Validates the options. Throws before anything is awaited, so that the error's stack begins at the line of the test. */
function checked<Schema extends z.ZodObject>(
  role: Role<Schema>,
  options: PlayOptions<z.input<Schema>>,
): z.output<Schema> {
  try {
    checkPlayOptions(options, role.name)
    return variablesBy(role.vars, `vars of play(${role.name})`, options.vars)
  } catch (error) {
    if (error instanceof RolecallError) Error.captureStackTrace(error, play)
    throw error
  }
}

/** A host without a machine. The first request asks for facts, which are not used: a role gets those of the options. */
function hostInMemory(name: string, answer: (command: string) => MemoryAnswer): Promise<Host> {
  let isFirst = true
  const connection = connectMemory((script) => {
    if (!isFirst) return answer(script)
    isFirst = false
    const mark = markIn(script) ?? ''
    const section = `\n${mark} s 0\n\n${mark} e 0 0\n`
    return { stdout: section, stderr: section }
  })
  return Host.over(name, connection)
}

function only([outcome]: readonly Outcome[]): Outcome {
  if (outcome === undefined) throw new Error('a command had no outcome')
  return outcome
}

/** How a played role acts on other hosts. */
interface PlayedReach {
  readonly ensure: (host: string, given: readonly Resources[]) => Promise<Outcome[]>
  readonly on: <T>(host: PlayHost, work: (there: HostContext) => Promise<T>) => Promise<T>
}

function siteOf(given: Readonly<Record<string, readonly PlayHost[]>>, known: Facts, reach: PlayedReach): ReachedSite {
  const reached = ({ name, address, groups = [], vars = {}, files = {}, facts }: PlayHost): ReachedHost => ({
    name,
    address,
    groups,
    vars: (of) => varsOf(of, { name, vars }) as never,
    ensure: (...resources) => reach.ensure(name, resources),
    read: (path) => Promise.resolve(files[path]),
    details: (more) => Promise.resolve(detailsIn(undefined, more)),
    facts: () => Promise.resolve({ ...known, hostname: name, addresses: [address], networks: [], ...facts }),
  })
  const hostNamed = (name: string): PlayHost => {
    const host = Object.values(given)
      .flat()
      .find((each) => each.name === name)
    if (host !== undefined) return host
    throw new RolecallError({
      code: 'pattern',
      message: `the role asks for the host ${JSON.stringify(name)}, and the test does not say what that is`,
      hint: `play(role, { site: { ${JSON.stringify(name)}: [{ name: ${JSON.stringify(name)}, address: '192.0.2.9' }] } })`,
    })
  }
  return {
    hosts(pattern) {
      const hosts = given[pattern]
      if (hosts !== undefined) return hosts.map(reached)
      throw new RolecallError({
        code: 'pattern',
        message: `the role asks for the hosts of ${JSON.stringify(pattern)}, and the test does not say which those are`,
        expected: `one of ${Object.keys(given).join(', ')}`,
        hint: `play(role, { site: { ${JSON.stringify(pattern)}: [] } })`,
      })
    },
    host: (name) => reached(hostNamed(name)),
    on: async (name, work) => await reach.on(hostNamed(name), work),
  }
}

/** The variables of a role, or shared variables, on another host of the test. */
function varsOf(of: AnyRole | SharedShape, { name, vars = {} }: Pick<PlayHost, 'name' | 'vars'>): unknown {
  if (!isSharedShape(of)) return variablesBy(of.vars, `vars.${of.name} of the test's host ${name}`, vars[of.name])
  const schema = sharedSchema(of)
  return schema === undefined ? {} : variablesBy(schema, `vars of the test's host ${name}`, vars)
}

function isThere(files: Readonly<Record<string, string>>, path: string): boolean {
  return Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`))
}
