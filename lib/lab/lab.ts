import path from 'node:path'
import { ensureArtifacts } from './artifacts.ts'
import { ensureBase, removeUnfinished, type Base } from './base.ts'
import { groupOf, isPopulated } from './cgroup.ts'
import { chooseFamilies, type Disks } from './choice.ts'
import { claim, claimed, ensureForwarding, release, type Claim } from './claim.ts'
import { discardDisk, discardDisks, emptyTrash, hasDisk, makeDisk, type Made, type Rooms } from './disk.ts'
import type { FamilyName } from './family.ts'
import { boot, cut, halt, waitUntilReady } from './host.ts'
import { ensureInotify } from './inotify.ts'
import { ensureKeys, writeProjectFiles } from './keys.ts'
import { chosenNodes, type Lab, type LabNode, type LabRequest, type LabWish, type Say } from './model.ts'
import { ensureMirror } from './mirror.ts'
import { ensureNetwork } from './network.ts'
import { claimant, withLab } from './owner.ts'
import { isFineFor } from './state.ts'
import { hasAllPrograms, requireMachine } from './requirements.ts'
import { readResolvers } from './resolvers.ts'
import { each, withHosts } from './several.ts'
import { discardUnused, mendLayers } from './sharing.ts'

export { inventoryFor } from './inventory.ts'
export { sshArguments } from './keys.ts'
export { restore, save, saved } from './saving.ts'
export type { Saved } from './saved.ts'
export { chosenNodes } from './model.ts'
export type { FamilyName } from './family.ts'
export type { Lab, LabNode, LabProgress, LabRequest, LabStep, LabWish, Say } from './model.ts'
export { status, type LabStatus, type NodeState, type NodeStatus } from './state.ts'

const silent: Say = () => undefined

/**
 * Brings the five hosts of a lab up, or those that are named, and waits until each answers over SSH. What is there and
 * works is left alone, what is missing or broken is repaired; so it is also the way back after a crash.
 *
 * @example const lab = await up({ project: process.cwd() }, ({ detail }) => console.log(detail))
 * @example await up({ project: process.cwd(), name: 'rocky', family: 'el', nodes: ['node-01'] })
 * @throws {Refusal} when the machine cannot do it, the lab is another project's, a host does not come up, or has a disk
 * of another family than is asked for.
 */
export async function up(wish: LabWish, say: Say = silent): Promise<Lab> {
  const who = await claimant(wish)
  await requireMachine(say)
  return await withLab(who, say, async () => {
    const { lab, rooms, nodes } = await chosen(await claim(who), wish, 'kept')
    const artifacts = await ensureArtifacts(rooms.cache, await ensureBase(rooms.cache, 'debian', say), say)
    const bases = await basesOf(rooms, nodes, say)
    await ensureNetwork(lab, say)
    await ensureForwarding()
    await ensureInotify(say)
    await ensureMirror(lab, rooms, artifacts, say)
    const made = await identity({ lab, rooms }, say)
    await each(nodes, (node) => bringUp({ lab, rooms }, node, bases(node), made, say))
    await emptyTrash(rooms)
    return lab
  })
}

/**
 * Takes a lab down: its processes, mounts, bridge, firewall rules, record and disks, and the machine's forwarding if it
 * was off before. The base and the lab's keys stay in the cache. Does nothing when there is no such lab.
 *
 * @throws {Refusal} when the lab is another project's.
 */
export async function down(request: LabRequest, say: Say = silent): Promise<void> {
  const who = await claimant(request)
  if (!(await hasAllPrograms())) return say({ step: 'clean-up', detail: `lab ${who.name} was never up` })
  await requireMachine(say)
  await withLab(who, say, async () => {
    const rooms = await release(who)
    await discardDisks(rooms)
    await emptyTrash(rooms)
    await removeUnfinished(rooms.cache)
    say({ step: 'clean-up', detail: `lab ${who.name} is down` })
  })
}

/**
 * Gives hosts (all of them when none are named) a factory-fresh disk and boots them. Their keys stay as they were, and
 * so does their family, unless another one is asked for.
 *
 * @throws {Refusal} when the lab is not up, or has no host of such a name.
 */
export async function reset(wish: LabWish, names: readonly string[] = [], say: Say = silent): Promise<Lab> {
  return await withHosts(wish, names, say, async (before) => {
    const { nodes, ...owned } = await chosen(before, { ...wish, nodes: names }, 'lost')
    const bases = await basesOf(owned.rooms, nodes, say)
    const made = await identity(owned, say)
    await each(nodes, async (node) => {
      await cut(owned.lab, node)
      await discardDisk(owned.rooms, node.name)
      await bringUp(owned, node, bases(node), made, say)
    })
    await discardUnused(owned.rooms)
    await emptyTrash(owned.rooms)
  })
}

/**
 * Shuts hosts down cleanly and boots them again from the same disk.
 *
 * @throws {Refusal} when the lab is not up, has no host of such a name, or one does not come back.
 */
export async function restartHosts(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ lab, rooms }, nodes) => {
    await each(nodes, async (node) => {
      await halt(lab, node)
      await boot(rooms, lab, node, say)
    })
  })
}

/** Takes the power of hosts away, as a dead machine does: no goodbye to anyone. `up` brings them back. */
export async function cutPower(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ lab }, nodes) => {
    await each(nodes, (node) => cut(lab, node))
  })
}

/**
 * The lab of this project, when it is up. Asks no host.
 *
 * @throws {Refusal} when it is not up, or is another project's.
 */
export async function openLab(request: LabRequest): Promise<Lab> {
  return (await claimed(await claimant(request))).lab
}

/** The lab with the families that are asked for, and the nodes that are meant. */
async function chosen(owned: Claim, { nodes: names = [], family }: LabWish, disks: Disks) {
  const { lab, rooms } = await chooseFamilies(owned, chosenNodes(owned.lab, names), family, disks)
  return { lab, rooms, nodes: chosenNodes(lab, names) }
}

/** Gives the base of each of these nodes; what is missing is made, one after the other. */
async function basesOf({ cache }: Rooms, nodes: readonly LabNode[], say: Say): Promise<(node: LabNode) => Base> {
  const bases = new Map<FamilyName, Base>()
  for (const { family } of nodes) if (!bases.has(family)) bases.set(family, await ensureBase(cache, family, say))
  return ({ family }) => bases.get(family) ?? { fingerprint: '' }
}

async function identity({ lab, rooms }: Claim, say: Say): Promise<Made> {
  const keys = await ensureKeys(lab, path.join(rooms.cache, rooms.lab))
  await writeProjectFiles(lab, keys)
  return { keys, resolvers: await readResolvers(say) }
}

async function bringUp({ lab, rooms }: Claim, node: LabNode, base: Base, made: Made, say: Say): Promise<void> {
  await mendLayers(rooms, node.name)
  const isComplete = await hasDisk(rooms, node.name)
  if (isComplete && (await isFineFor(lab, node))) return await waitUntilReady(rooms, lab, node, say)
  const tell = (detail: string): void => say({ step: 'host', node: node.name, detail })
  if (await isPopulated(await groupOf(lab.name, node.name))) tell('does not work, is started again')
  await cut(lab, node)
  if (!isComplete) await makeDisk(rooms, lab, node, base, made)
  tell(isComplete ? 'booting from its disk' : 'booting, factory-fresh')
  await boot(rooms, lab, node, say)
}
