import { RolecallError } from '../errors.ts'
import type { LabDriver, Ownership } from './drivers/driver.ts'
import { driverOf } from './drivers/drivers.ts'
import { chosenNodes, type Lab, type LabNode, type LabRequest, type Say } from './model.ts'
import { currentOwnership } from './ownership/ownership.ts'
import { readRecord } from './ownership/registry.ts'
import { isRecord, requester, withLab } from './ownership/requester.ts'

/** A lab that is up, and the selected hosts. */
interface ChosenHosts {
  readonly driver: LabDriver
  readonly owned: Ownership
  readonly nodes: readonly LabNode[]
}

/**
 * Calls `work` with the named hosts of a lab that is up (default all). Meanwhile no other process can change the lab.
 *
 * @throws {RolecallError} when the lab is not up, or has no host of such a name.
 */
export async function withHosts(
  request: LabRequest,
  names: readonly string[],
  say: Say,
  work: (chosen: ChosenHosts) => Promise<void>,
): Promise<Lab> {
  const who = await requester(request)
  const entry = await readRecord(who.name)
  const driver = driverOf(isRecord(entry) ? entry.driver : undefined)
  if (isRecord(entry)) await driver.requireMachine(say)
  return await withLab(who, say, async () => {
    const owned = await currentOwnership(who)
    await work({ driver, owned, nodes: chosenNodes(owned.lab, names) })
    return (await currentOwnership(who)).lab
  })
}

/** Calls `work` for all nodes at once. Waits for every call before it throws. */
export async function forEachNode(nodes: readonly LabNode[], work: (node: LabNode) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(nodes.map(work))
  const reasons = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }: { reason: unknown }) => (reason instanceof Error ? reason : new Error(String(reason))))
  const unexpected = reasons.find((reason) => !(reason instanceof RolecallError))
  if (unexpected !== undefined) throw unexpected
  const problems = reasons.flatMap((reason) => (reason instanceof RolecallError ? reason.problems : []))
  if (problems.length > 0) throw new RolecallError(problems)
}
