import { setTimeout as sleep } from 'node:timers/promises'
import type { LabDriver, MirrorStatus, NodeStatus, Ownership } from './drivers/driver.ts'
import { driverOf } from './drivers/drivers.ts'
import type { DriverName, LabNode, LabRequest } from './model.ts'
import { ownershipOf } from './ownership/ownership.ts'
import { readRecord } from './ownership/registry.ts'
import { isRecord, requester } from './ownership/requester.ts'

export interface LabStatus {
  readonly name: string
  readonly isUp: boolean
  /** The project of the lab. The other fields exist only while it is up. */
  readonly project?: string
  readonly driver?: DriverName
  readonly subnet?: string
  readonly bridge?: string
  readonly nodes: readonly NodeStatus[]
  readonly mirror?: MirrorStatus
}

/** The state of a lab, of this project or another. Needs no root, and changes nothing. */
export async function status(request: LabRequest): Promise<LabStatus> {
  const { name } = await requester(request)
  const record = await readRecord(name)
  if (!isRecord(record)) return { name, isUp: false, nodes: [] }
  const { lab } = ownershipOf(record)
  const driver = driverOf(lab.driver)
  const [mirror, ...nodes] = await Promise.all([
    driver.mirrorStatus(lab),
    ...lab.nodes.map((node) => driver.status(lab, node)),
  ])
  return {
    name,
    isUp: true,
    project: lab.project,
    driver: lab.driver,
    subnet: lab.subnet,
    bridge: lab.bridge,
    nodes,
    ...(mirror === undefined ? {} : { mirror }),
  }
}

/** How long to wait for a host that is shutting down. */
const stopLimitMs = 120_000

/** Whether a host needs no repair. Waits for a host that is booting or shutting down, because it may be rebooting. */
export async function needsNoRepair(driver: LabDriver, { lab }: Ownership, node: LabNode): Promise<boolean> {
  const giveUp = Date.now() + stopLimitMs
  for (;;) {
    const { state } = await driver.status(lab, node)
    if (state !== 'booting' && state !== 'stopping') return state === 'running'
    if (state === 'stopping' && Date.now() > giveUp) return false
    await sleep(100)
  }
}
