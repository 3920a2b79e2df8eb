import type { z } from 'zod'
import { Calls } from '../../converge/context/calls.ts'
import { ensureArguments } from '../../converge/events/ensure-arguments.ts'
import { RolecallError } from '../../errors.ts'
import type { Facts } from '../../facts.ts'
import { checkedContext } from '../../playbook/checked-context.ts'
import type { ApplyContext } from '../../playbook/context.ts'
import { pickByOs } from '../../playbook/pick-by-os.ts'
import type { Role } from '../../playbook/role.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { variablesBy } from '../../resources/kit/options/options.ts'
import { partOf } from '../units/role/part.ts'
import { checkPlayOptions, type PlayOptions } from './options.ts'
import { asChanged, PlayedHosts } from './played-host.ts'
import { playedSite, type PlayedReach } from './played-site.ts'

export type { PlayHost, PlayOptions } from './options.ts'

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
  const { host, facts } = playedFor(options)
  const calls = new Calls({ host: host.name, role: role.name })
  const hosts = new PlayedHosts(calls)
  const record = emptyRecord()
  const note = (message: string) => void record.notes.push(message)
  const fetched = (file: PlayRecord['fetched'][number]) => record.fetched.push(file)
  const askElsewhere = (other: string, wanted: readonly Resource[]) =>
    record.elsewhere.push(...wanted.map((resource) => ({ host: other, resource })))
  const reach: PlayedReach = {
    ensure(other, given) {
      const wanted = ensureArguments(given)
      calls.given(wanted)
      askElsewhere(other, wanted)
      return calls.call('ensure', () => Promise.resolve(wanted.map(asChanged)))
    },
    async on({ name, address, groups = [], facts: given, ...place }, work) {
      const there = { ...facts, hostname: name, addresses: [address], networks: [], ...given }
      const actions = await hosts.actionsOn({
        ...place,
        ...(options.checking === undefined ? {} : { checking: options.checking }),
        name,
        fetched,
        command: (command) => record.commandsElsewhere.push({ host: name, command }),
        asked: (wanted) => askElsewhere(name, wanted),
      })
      return await work({
        ...actions,
        note,
        host: { ...there, name, address, groups, pick: pickByOs(there, name, role.name) },
      })
    },
  }
  try {
    const actions = await hosts.actionsOn({
      ...options,
      name: host.name,
      fetched,
      command: (each) => record.commands.push(each),
      asked: (wanted) => record.asked.push(...wanted),
    })
    const context: ApplyContext<z.output<Schema>> = {
      ...actions,
      vars,
      host: { ...facts, ...host, pick: pickByOs(facts, host.name, role.name) },
      site: playedSite({ all: [host], ...options.site }, facts, reach),
      once: (_, work) => work(),
      part: partOf(role),
      note,
    }
    await calls.watch(() => role.apply(checkedContext(context)))
  } finally {
    hosts.close()
  }
  return record
}

type PlayRecord = { readonly [Name in keyof Played]: Played[Name][number][] }

function emptyRecord(): PlayRecord {
  return { asked: [], elsewhere: [], commands: [], commandsElsewhere: [], notes: [], fetched: [] }
}

/** The host that the role is played for, and its facts. */
function playedFor({ host: given = {} }: PlayOptions<unknown>) {
  const { name = 'node-01', address, groups = [], ...more } = given
  const facts: Facts = {
    ...debian,
    hostname: name,
    ...(address === undefined ? {} : { addresses: [address], networks: [] }),
    ...more,
  }
  return { host: { name, address: address ?? facts.addresses[0] ?? '', groups }, facts }
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
