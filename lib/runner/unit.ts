import { roleCommands } from '../converge/command.ts'
import { ensure, type Ground } from '../converge/ensure.ts'
import { Horizon } from '../converge/horizon.ts'
import { look } from '../converge/look.ts'
import { Refusal, type Problem } from '../errors.ts'
import type { Mode, RunEvent } from '../events.ts'
import { commandsOf } from '../host/commands.ts'
import type { Host as InventoryHost, Inventory } from '../inventory/inventory.ts'
import { selectHosts } from '../inventory/select.ts'
import type { RoleHost, Site, SiteHost } from '../playbook/context.ts'
import { placeIn } from '../place.ts'
import { makeExpect, type Expectation } from '../playbook/expect.ts'
import { picker } from '../playbook/pick.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { AnyRole, VarsOf } from '../playbook/role.ts'
import { redact } from '../secret.ts'
import type { Member } from './pool.ts'
import type { Unit } from './units.ts'
import { variablesInPlaybook } from './variables.ts'

/** What a unit needs of its run. */
export interface Stage {
  readonly mode: Mode
  readonly inventory: Inventory
  readonly playbook: Playbook
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** When the unit must be over: milliseconds since the epoch. */
  readonly until?: number
}

/** Runs one role on one host. Throws a Refusal with all that went wrong. */
export async function runUnit({ host: target, role, vars }: Unit, member: Member, stage: Stage): Promise<void> {
  const { emit, mode, signal } = stage
  const host = roleHost(target, member, role.name)
  const common = {
    vars,
    host,
    site: siteOf(stage),
    note: (message: string) =>
      emit({ type: 'note', host: target.name, role: role.name, message: redact(message), at: Date.now() }),
  }
  try {
    if (mode === 'verify') {
      const problems: Problem[] = []
      const expect = makeExpect((expectation) => {
        const problem = tellExpectation(expectation, target.name, role.name, emit)
        if (problem) problems.push(problem)
      })
      await role.verify?.({ ...common, $: commandsOf(member.host), expect })
      if (problems.length > 0) throw new Refusal(problems)
      return
    }
    const { host: machine, foreseen } = member
    const until = stage.until === undefined ? {} : { until: stage.until }
    const ground: Ground = { host: machine, role: role.name, mode, foreseen, emit, signal, ...until }
    const horizon = new Horizon(foreseen)
    const work = () =>
      role.apply({
        ...common,
        ensure: (...resources) => {
          horizon.hold()
          return ensure(ground, resources.flat())
        },
        $: roleCommands(ground, horizon),
        ...look(ground, horizon),
      })
    const reason = await horizon.reach(async () => work(), signal)
    if (reason !== undefined) tellRest(ground, reason)
  } catch (error) {
    if (error instanceof Refusal) throw error
    signal.throwIfAborted()
    throw new Refusal(thrown(error, target.name, role.name))
  }
}

/** What a role does beyond what can be foreseen is told as one thing, and may be anything to those after it. */
function tellRest({ host, role, foreseen, emit }: Ground, reason: string): void {
  const resource = `role:${role}`
  foreseen.lay(resource, [{ about: 'anything' }])
  const event = { host: host.name, role, resource, status: 'unknown', reason: redact(reason) } as const
  emit({ type: 'resource', ...event, steps: [], durationMs: 0, at: Date.now() })
}

function roleHost(target: InventoryHost, { host }: Member, role: string): RoleHost {
  return {
    ...host.facts,
    name: target.name,
    address: addressOf(target) ?? host.facts.addresses[0] ?? '',
    groups: target.groups,
    pick: picker(host.facts, target.name, role),
  }
}

function addressOf(host: InventoryHost): string | undefined {
  return host.connection.kind === 'ssh' ? host.connection.address : undefined
}

function siteOf({ inventory, playbook }: Stage): Site {
  const asSiteHost = (host: InventoryHost): SiteHost => ({
    name: host.name,
    address: addressOf(host) ?? host.name,
    groups: host.groups,
    vars<R extends AnyRole>(role: R) {
      // Of the whole playbook, not only of what --role and --limit left: a value must not depend on what else is run.
      const found = variablesInPlaybook(playbook, inventory, host, role)
      if (found && 'vars' in found) return found.vars as VarsOf<R>
      throw new Refusal(
        found?.problems ?? {
          code: 'playbook',
          message: `playbook ${playbook.name} does not give ${host.name} the role ${role.name}, so its variables there are not known`,
          hint: `give ${host.name} the role ${role.name} in the playbook, or ask another host`,
        },
      )
    },
  })
  return {
    hosts(pattern) {
      const isName = /^[\w.-]+$/.test(pattern)
      const group = inventory.groups.get(pattern)
      const isHost = inventory.hosts.some((host) => host.name === pattern)
      if (isName && !isHost && (group === undefined || group.hosts.length === 0)) return []
      return selectHosts(inventory, pattern).map(asSiteHost)
    },
  }
}

function tellExpectation(
  expectation: Expectation,
  host: string,
  role: string,
  emit: Stage['emit'],
): Problem | undefined {
  const place = placeIn(expectation.stack)
  const name = expectation.what ?? (place ? `${place.file}:${place.line ?? 0}` : 'expectation')
  const resource = `expect:${name}`
  emit({
    type: 'resource',
    host,
    role,
    resource,
    status: expectation.passed ? 'ok' : 'failed',
    steps: [],
    ...(expectation.passed ? {} : { reason: redact(`expected ${expectation.expected}, got ${expectation.got}`) }),
    durationMs: 0,
    at: Date.now(),
  })
  if (expectation.passed) return undefined
  return {
    code: 'verify-failed',
    host,
    role,
    resource,
    message: `${name} is not as it should be`,
    ...(place === undefined ? {} : { place }),
    expected: redact(expectation.expected),
    got: redact(expectation.got),
    hint: `look at the host, then rolecall check to see whether anything has drifted`,
  }
}

function thrown(error: unknown, host: string, role: string): Problem {
  // The words first: while a stack is rendered, V8 renders no other by the playbook's source map, and a command's words have one in them.
  const said = error instanceof Error ? error.message : String(error)
  const place = error instanceof Error ? placeIn(error.stack ?? '') : undefined
  return {
    code: 'role-threw',
    host,
    role,
    message: `the role ended with an error: ${redact(said.split('\n')[0] ?? '')}`,
    ...(place === undefined ? {} : { place }),
    ...(said.includes('\n') ? { output: redact(said) } : {}),
    hint: 'correct the role, then run again: what is done will not be done twice',
  }
}
