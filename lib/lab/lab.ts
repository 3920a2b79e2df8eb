import path from 'node:path'
import { ensureArtifacts } from './artifacts/artifacts.ts'
import { ensureBase, removeUnfinished, type Base } from './bases/base.ts'
import { groupOf, isPopulated } from './nspawn/cgroup.ts'
import { chooseFamilies, type Disks } from './families.ts'
import { takeOwnership, currentOwnership, ensureForwarding, release, type Ownership } from './ownership/ownership.ts'
import {
  discardDisk,
  discardDisks,
  emptyTrash,
  hasDisk,
  makeDisk,
  type HostIdentity,
  type LabDirectories,
} from './disks/disk.ts'
import type { FamilyName } from './family.ts'
import { boot, cutPowerOf, shutDown, waitUntilReady } from './nspawn/host.ts'
import { ensureInotify } from './machine/inotify.ts'
import { ensureKeys, writeProjectFiles } from './ownership/keys.ts'
import { chosenNodes, type Lab, type LabNode, type LabRequest, type BootRequest, type Say } from './model.ts'
import { ensureMirror } from './artifacts/mirror.ts'
import { ensureNetwork } from './nspawn/network.ts'
import { requester, withLab } from './ownership/requester.ts'
import { isFineFor } from './status.ts'
import { hasAllPrograms, requireMachine } from './machine/requirements.ts'
import { readResolvers } from './machine/resolvers.ts'
import { each, withHosts } from './nodes.ts'
import { discardUnused, repairLayers } from './disks/sharing.ts'

export { inventoryFor } from './inventory.ts'
export { sshArguments } from './ownership/keys.ts'
export { restore, save, saved } from './saving.ts'
export type { Saved } from './disks/saved.ts'
export { chosenNodes } from './model.ts'
export type { FamilyName } from './family.ts'
export type { Lab, LabNode, LabProgress, LabRequest, LabStep, BootRequest, Say } from './model.ts'
export { status, type LabStatus, type NodeState, type NodeStatus } from './status.ts'

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
export async function up(request: BootRequest, say: Say = silent): Promise<Lab> {
  const who = await requester(request)
  await requireMachine(say)
  return await withLab(who, say, async () => {
    const { lab, dirs, nodes } = await chosen(await takeOwnership(who), request, 'kept')
    const artifacts = await ensureArtifacts(dirs.cache, await ensureBase(dirs.cache, 'debian', say), say)
    const bases = await basesOf(dirs, nodes, say)
    await ensureNetwork(lab, say)
    await ensureForwarding()
    await ensureInotify(say)
    await ensureMirror(lab, dirs, artifacts, say)
    const made = await identity({ lab, dirs }, say)
    await each(nodes, (node) => bringUp({ lab, dirs }, node, bases(node), made, say))
    await emptyTrash(dirs)
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
  const who = await requester(request)
  if (!(await hasAllPrograms())) return say({ step: 'clean-up', detail: `lab ${who.name} was never up` })
  await requireMachine(say)
  await withLab(who, say, async () => {
    const dirs = await release(who)
    await discardDisks(dirs)
    await emptyTrash(dirs)
    await removeUnfinished(dirs.cache)
    say({ step: 'clean-up', detail: `lab ${who.name} is down` })
  })
}

/**
 * Gives hosts (all of them when none are named) a factory-fresh disk and boots them. Their keys stay as they were, and
 * so does their family, unless another one is asked for.
 *
 * @throws {Refusal} when the lab is not up, or has no host of such a name.
 */
export async function reset(request: BootRequest, names: readonly string[] = [], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async (before) => {
    const { nodes, ...owned } = await chosen(before, { ...request, nodes: names }, 'lost')
    const bases = await basesOf(owned.dirs, nodes, say)
    const made = await identity(owned, say)
    await each(nodes, async (node) => {
      await cutPowerOf(owned.lab, node)
      await discardDisk(owned.dirs, node.name)
      await bringUp(owned, node, bases(node), made, say)
    })
    await discardUnused(owned.dirs)
    await emptyTrash(owned.dirs)
  })
}

/**
 * Shuts hosts down cleanly and boots them again from the same disk.
 *
 * @throws {Refusal} when the lab is not up, has no host of such a name, or one does not come back.
 */
export async function restartHosts(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ lab, dirs }, nodes) => {
    await each(nodes, async (node) => {
      await shutDown(lab, node)
      await boot(dirs, lab, node, say)
    })
  })
}

/** Takes the power of hosts away, as a dead machine does: no goodbye to anyone. `up` brings them back. */
export async function cutPower(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ lab }, nodes) => {
    await each(nodes, (node) => cutPowerOf(lab, node))
  })
}

/**
 * The lab of this project, when it is up. Asks no host.
 *
 * @throws {Refusal} when it is not up, or is another project's.
 */
export async function openLab(request: LabRequest): Promise<Lab> {
  return (await currentOwnership(await requester(request))).lab
}

/** The lab with the families that are asked for, and the nodes that are meant. */
async function chosen(owned: Ownership, { nodes: names = [], family }: BootRequest, disks: Disks) {
  const { lab, dirs } = await chooseFamilies(owned, chosenNodes(owned.lab, names), family, disks)
  return { lab, dirs, nodes: chosenNodes(lab, names) }
}

/** Gives the base of each of these nodes; what is missing is made, one after the other. */
async function basesOf(
  { cache }: LabDirectories,
  nodes: readonly LabNode[],
  say: Say,
): Promise<(node: LabNode) => Base> {
  const bases = new Map<FamilyName, Base>()
  for (const { family } of nodes) if (!bases.has(family)) bases.set(family, await ensureBase(cache, family, say))
  return ({ family }) => bases.get(family) ?? { fingerprint: '' }
}

async function identity({ lab, dirs }: Ownership, say: Say): Promise<HostIdentity> {
  const keys = await ensureKeys(lab, path.join(dirs.cache, dirs.lab))
  await writeProjectFiles(lab, keys)
  return { keys, resolvers: await readResolvers(say) }
}

async function bringUp(
  { lab, dirs }: Ownership,
  node: LabNode,
  base: Base,
  made: HostIdentity,
  say: Say,
): Promise<void> {
  await repairLayers(dirs, node.name)
  const isComplete = await hasDisk(dirs, node.name)
  if (isComplete && (await isFineFor(lab, node))) return await waitUntilReady(dirs, lab, node, say)
  const tell = (detail: string): void => say({ step: 'host', node: node.name, detail })
  if (await isPopulated(await groupOf(lab.name, node.name))) tell('does not work, is started again')
  await cutPowerOf(lab, node)
  if (!isComplete) await makeDisk(dirs, lab, node, base, made)
  tell(isComplete ? 'booting from its disk' : 'booting, factory-fresh')
  await boot(dirs, lab, node, say)
}
