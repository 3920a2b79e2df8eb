import { isObjectOfVariables } from '../../inventory/variables/extra.ts'
import { hostname } from 'node:os'
import { thisAccount } from '../../machine/account.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { redact } from '../../gate/redact.ts'
import { holdsSecret } from '../../secret.ts'
import { startOf } from './process-alive.ts'
import type { Unit } from '../units/units.ts'
import type { Mode } from '../../events.ts'

/** The request of a run: enough to repeat it. The names are those of `RunOptions`. */
export interface RunRequest {
  readonly mode: Mode
  /** The name or path by which the playbook was loaded. */
  readonly playbook: string
  /** One path, or several. */
  readonly inventory: string | readonly string[]
  readonly limit?: string
  readonly roles?: readonly string[]
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly startAt?: string
  readonly concurrency?: number
  readonly extra: readonly string[]
  /** Variables of `-e` whose values may be secret. Their values are not kept, so they must be given again. */
  readonly withheld: readonly string[]
  /** The saved plan that the run applied. Such a run is not resumed: the plan is applied again. */
  readonly plan?: string
  /** Work by hand without a playbook: `run uptime`. It cannot be resumed. */
  readonly command?: string
}

/** The options that narrow a run: hosts, roles, tags. */
export function selectionIn({ limit, roles, tags, skipTags, startAt }: Partial<RunRequest>) {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(roles === undefined ? {} : { roles }),
    ...(tags === undefined ? {} : { tags }),
    ...(skipTags === undefined ? {} : { skipTags }),
    ...(startAt === undefined ? {} : { startAt }),
  }
}

/** The process that the journal belongs to. */
export interface Runner {
  readonly user: string
  readonly machine: string
  readonly pid: number
  /** When the process started, by the clock of its machine: a later process with the same pid has another time. */
  readonly start?: string
}

export function thisRunner(): Runner {
  const start = startOf(process.pid)
  return {
    user: process.env['SUDO_USER'] ?? thisAccount().name,
    machine: hostname(),
    pid: process.pid,
    ...(start === undefined ? {} : { start }),
  }
}

/** Arguments of `-e` as they may be recorded: one that may hold a secret only by name, and an object not at all. */
export function withoutSecrets(
  extra: readonly string[],
  units: readonly Pick<Unit, 'role' | 'vars'>[],
): Pick<RunRequest, 'extra' | 'withheld'> {
  const secretVariables = new Set(
    units.flatMap(({ role, vars }) =>
      Object.entries(vars).flatMap(([name, value]) => (holdsSecret(value) ? [`${role.name}.${name}`] : [])),
    ),
  )
  const isSecret = (argument: string) =>
    !argument.startsWith('@') &&
    (isObjectOfVariables(argument) ||
      secretVariables.has(nameOf(argument)) ||
      redact(argument) !== argument ||
      // A name inside a value counts too: -e app.settings='{ token: ... }', and a URL with a password in it.
      argument.split(/[^\w-]+/).some(isSensitive) ||
      /:\/\/[^/\s]*:[^/\s]*@/.test(argument))
  return {
    extra: extra.filter((argument) => !isSecret(argument)),
    withheld: extra.filter(isSecret).map(nameOf),
  }
}

/** An object of variables, whose names may be anything. */
const AN_OBJECT = '{...}'

/** `vault.password` of `vault.password=...`. */
export function nameOf(argument: string): string {
  return isObjectOfVariables(argument) ? AN_OBJECT : (argument.split('=', 1)[0] ?? '')
}

/** An argument of `-e` to be typed again: `-e vault.password=VALUE`. */
export function typedExtra(name: string, value = '...'): string {
  return name === AN_OBJECT ? `-e '${AN_OBJECT}'` : `-e ${name}=${value}`
}
