import { Refusal } from '../errors.ts'
import { currentOwnership, type Ownership } from './ownership/ownership.ts'
import { chosenNodes, type Lab, type LabNode, type LabRequest, type Say } from './model.ts'
import { requester, withLab } from './ownership/requester.ts'
import { requireMachine } from './machine/requirements.ts'

/**
 * Does something with hosts of a lab that is up (all of them when none are named), while no other process changes the lab.
 *
 * @throws {Refusal} when the lab is not up, or has no host of such a name.
 */
export async function withHosts(
  request: LabRequest,
  names: readonly string[],
  say: Say,
  work: (owned: Ownership, nodes: readonly LabNode[]) => Promise<void>,
): Promise<Lab> {
  const who = await requester(request)
  await requireMachine(say)
  return await withLab(who, say, async () => {
    const owned = await currentOwnership(who)
    await work(owned, chosenNodes(owned.lab, names))
    return (await currentOwnership(who)).lab
  })
}

/** Does the same for every node at once, and lets all come to their end before it throws what went wrong. */
export async function each(nodes: readonly LabNode[], work: (node: LabNode) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(nodes.map(work))
  const reasons = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }: { reason: unknown }) => (reason instanceof Error ? reason : new Error(String(reason))))
  const unexpected = reasons.find((reason) => !(reason instanceof Refusal))
  if (unexpected !== undefined) throw unexpected
  const problems = reasons.flatMap((reason) => (reason instanceof Refusal ? reason.problems : []))
  if (problems.length > 0) throw new Refusal(problems)
}
