import { setTimeout as delay } from 'node:timers/promises'
import { RolecallError } from '../../errors.ts'
import { placeOfRole } from '../../playbook/role.ts'
import type { HostSession } from '../hosts/pool.ts'
import type { Unit } from '../units/units.ts'

/** The host itself ends a step at its deadline, and that error should arrive first. */
const GRACE_MS = 3000
/** A role that awaits something other than its host is abandoned after this time. */
const TELLING_MS = 1000

/** Seconds that a unit may take: the shorter of its role's and its play's. */
export function deadlineOf({ role, play }: Pick<Unit, 'role' | 'play'>): number | undefined {
  const seconds = Math.min(role.deadline ?? Infinity, play.deadline ?? Infinity)
  return seconds === Infinity ? undefined : seconds
}

/**
 * Waits for a unit, at most as long as it may take. Then everything that it runs on its host is ended with its children, including questions and
 * commands of `$.read`. The role is abandoned if it awaits something else.
 */
export async function within(
  seconds: number | undefined,
  unit: Unit,
  { host }: HostSession,
  work: Promise<void>,
): Promise<void> {
  if (seconds === undefined) return work
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const settled = work.catch(() => undefined)
  const timeUp = new Promise<never>((_, reject) => {
    const place = placeOfRole(unit.role)
    const tell = () =>
      reject(
        new RolecallError({
          code: 'unit-timeout',
          host: host.name,
          role: unit.role.name,
          ...(place === undefined ? {} : { place }),
          message: `the role reached its deadline of ${seconds} s; what it ran on the host was ended`,
          hint: 'run again when the cause is gone, or give the role or its play a longer deadline',
        }),
      )
    timer = setTimeout(
      () => {
        isLate = true
        const ended = host.abandon().catch(() => host.close())
        // Lets the role report what it was doing first.
        ended.then(() => Promise.race([settled, delay(TELLING_MS, undefined, { ref: false })])).then(tell, tell)
      },
      seconds * 1000 + GRACE_MS,
    )
  })
  const inTime = work.catch((error: unknown) => {
    if (isLate) return timeUp
    throw error
  })
  await Promise.race([inTime, timeUp]).finally(() => clearTimeout(timer))
}
