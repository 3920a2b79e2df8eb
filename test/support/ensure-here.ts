import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'uvu'
import type { ConvergeContext } from '../../lib/converge/ensure.ts'
import { RolecallError } from '../../lib/errors.ts'
import type { ResourceEvent, RunEvent } from '../../lib/events.ts'
import { Host } from '../../lib/host/host.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { prepare } from './prepare.ts'

/** This machine as a host, while the tests of a file run. */
let host: Host
/** A directory of each test's own. */
export let room = ''
export let events: RunEvent[] = []
export function forget(): void {
  events = []
}

/** Runs the tests of a suite with this machine as their host. */
export function onThisMachine(test: Test): void {
  prepare(test, async () => {
    host = await Host.connect('here', { kind: 'local' })
  })
  test.after(() => host.close())
  test.before.each(() => {
    room = mkdtempSync(join(tmpdir(), 'ensure-'))
    forget()
  })
  test.after.each(() => rmSync(room, { recursive: true }))
}

export const ground = (mode: 'check' | 'apply'): ConvergeContext => ({
  host,
  role: 'test',
  mode,
  prediction: new Prediction(),
  emit: (event) => events.push(event),
  signal: new AbortController().signal,
})
export const told = () => events.filter((event): event is ResourceEvent => event.type === 'resource')
export const statuses = () => told().map((event) => event.status)
export const trips = async (work: () => Promise<unknown>) => {
  const before = host.roundTrips
  await work()
  return host.roundTrips - before
}
export const refusal = async (work: () => Promise<unknown>): Promise<RolecallError> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
