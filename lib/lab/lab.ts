import path from 'node:path'
import { homeDirectory } from '../machine/account.ts'
import { missingArtifacts, withArtifacts } from './artifacts/artifacts.ts'
import { baseOf, type Base } from './bases/base.ts'
import type { HostIdentity, LabDriver, Ownership } from './drivers/driver.ts'
import { chooseDriver, usedDriver } from './drivers/choose.ts'
import { chooseFamilies, type Disks } from './families.ts'
import { hostChoice } from './hosts.ts'
import { cacheDirectory } from './machine/files.ts'
import { readResolvers } from './machine/resolvers.ts'
import { chosenNodes, type BootRequest, type Lab, type LabNode, type LabRequest, type Say } from './model.ts'
import { forEachNode, withHosts } from './nodes.ts'
import { ensureKeys, writeProjectFiles } from './ownership/keys.ts'
import { currentOwnership, release, takeOwnership } from './ownership/ownership.ts'
import { readRecord } from './ownership/registry.ts'
import { isRecord, requester, withLab } from './ownership/requester.ts'
import { projectLab } from './project/load.ts'
import type { ProjectLab } from './project/types.ts'
import { needsNoRepair } from './status.ts'

export type { NodeState, NodeStatus, Saved } from './drivers/driver.ts'
export { inventoryFor } from './inventory.ts'
export { sshArguments } from './ownership/keys.ts'
export { restore, save, saved } from './saving.ts'
export { chosenNodes } from './model.ts'
export type { FamilyName } from './family.ts'
export type { BootRequest, DriverName, Lab, LabNode, LabProgress, LabRequest, LabStep, Say } from './model.ts'
export { status, type LabStatus } from './status.ts'

const silent: Say = () => undefined

/**
 * Boots all hosts of a lab, or the named ones, and waits until each answers over SSH. Hosts that work are left alone. Missing or
 * broken parts are repaired, so `up` also helps after a crash.
 *
 * @example const lab = await up({ project: process.cwd() }, ({ detail }) => console.log(detail))
 * @example await up({ project: process.cwd(), name: 'rocky', family: 'el', nodes: ['node-01'] })
 * @throws {RolecallError} when the machine cannot do it, the lab is another project's, a host does not start, or has a disk
 * of another family than is asked for.
 */
export async function up(request: BootRequest, say: Say = silent): Promise<Lab> {
  const who = await requester(request)
  const entry = await readRecord(who.name)
  const before = isRecord(entry) && entry.project === who.project ? entry : undefined
  const driver = await chooseDriver(request.driver, before, say)
  await driver.requireMachine(say)
  const own = await projectLab(who.project)
  const project = { ...own, artifacts: withArtifacts(own.artifacts, request.artifacts) }
  const choice = hostChoice(project, request.like, before)
  return await withLab(who, say, async () => {
    const owned = await takeOwnership(who, driver, choice)
    if (before === undefined) for (const detail of driver.limits) say({ step: 'requirements', detail })
    else await discardStrangers(driver, owned, before.hosts ?? [], say)
    const { nodes, ...chosen } = await chosenHosts(driver, owned, request, 'kept')
    await driver.prepare(chosen, project, say)
    const base = await driver.bases(chosen, nodes, project, say)
    const identity = await identityOf(chosen, say)
    await forEachNode(nodes, (node) => bringUp(driver, chosen, node, base(node), identity, say))
    await driver.tidy(chosen)
    return chosen.lab
  })
}

/**
 * Takes a lab down: its processes, mounts, bridge, firewall rules, record and disks, and the machine's forwarding if it
 * was off before. The base and the lab's keys stay in the cache. Does nothing without such a lab.
 *
 * @throws {RolecallError} when the lab is another project's.
 */
export async function down(request: LabRequest, say: Say = silent): Promise<void> {
  const who = await requester(request)
  const driver = await usedDriver(await readRecord(who.name))
  if (driver === undefined) return say({ step: 'clean-up', detail: `lab ${who.name} was never up` })
  await driver.requireMachine(say)
  await withLab(who, say, async () => {
    const dirs = await release(who, driver)
    await driver.discardAll(who.name, dirs)
    say({ step: 'clean-up', detail: `lab ${who.name} is down` })
  })
}

/**
 * Gives hosts (all of them when none are named) a factory-fresh disk and boots them. Their keys stay as they were, and
 * so does their family, unless another one is asked for.
 *
 * @throws {RolecallError} when the lab is not up, or has no host of such a name.
 */
export async function reset(request: BootRequest, names: readonly string[] = [], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ driver, owned: before }) => {
    const { nodes, ...owned } = await chosenHosts(driver, before, { ...request, nodes: names }, 'lost')
    const isAnyEl = nodes.some(({ family }) => family === 'el')
    const project: ProjectLab = isAnyEl ? await projectLab(owned.lab.project) : { type: 'lab' }
    const base = await driver.bases(owned, nodes, project, say)
    const identity = await identityOf(owned, say)
    await forEachNode(nodes, async (node) => {
      await driver.cutPower(owned, node)
      await driver.discardDisk(owned, node.name)
      await bringUp(driver, owned, node, base(node), identity, say)
    })
    await driver.tidy(owned)
  })
}

/**
 * Shuts hosts down cleanly and boots them again from the same disk.
 *
 * @throws {RolecallError} when the lab is not up, has no host of such a name, or one does not come back.
 */
export async function restartHosts(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ driver, owned, nodes }) => {
    await forEachNode(nodes, async (node) => {
      await driver.shutDown(owned, node)
      await driver.boot(owned, node, say)
    })
  })
}

/** Kills hosts at once, as a power cut would. `up` boots them again. */
export async function cutPower(request: LabRequest, names: readonly string[], say: Say = silent): Promise<Lab> {
  return await withHosts(request, names, say, async ({ driver, owned, nodes }) => {
    await forEachNode(nodes, (node) => driver.cutPower(owned, node))
  })
}

/**
 * The lab of this project, when it is up. Does not connect to hosts.
 *
 * @throws {RolecallError} when it is not up, or is another project's.
 */
export async function openLab(request: LabRequest): Promise<Lab> {
  return (await currentOwnership(await requester(request))).lab
}

/**
 * Those of a project's artifacts that `up` would have to build, because the cache does not have them.
 *
 * @throws {RolecallError} when the project has no artifact of such a name.
 */
export async function artifactsToBuild(project: string, names: readonly string[]): Promise<readonly string[]> {
  const { artifacts } = await projectLab(project)
  const wanted = Object.entries(withArtifacts(artifacts, names)).filter(([name]) => names.includes(name))
  const { fingerprint: base } = await baseOf('debian')
  const cache = cacheDirectory(process.env, homeDirectory())
  return await missingArtifacts(Object.fromEntries(wanted), { cache, project, base })
}

/** The lab with the requested families, and the selected nodes. */
async function chosenHosts(
  driver: LabDriver,
  owned: Ownership,
  { nodes: names = [], family }: BootRequest,
  disks: Disks,
): Promise<Ownership & { readonly nodes: readonly LabNode[] }> {
  const { lab, dirs } = await chooseFamilies(driver, owned, chosenNodes(owned.lab, names), family, disks)
  return { lab, dirs, nodes: chosenNodes(lab, names) }
}

/** Removes hosts that are no longer part of the lab, and the disks of hosts whose address has changed. */
async function discardStrangers(
  driver: LabDriver,
  owned: Ownership,
  before: readonly { readonly name: string; readonly octet: number }[],
  say: Say,
): Promise<void> {
  for (const { name, octet } of before) {
    const now = owned.lab.nodes.find((node) => node.name === name)
    if (now?.octet === octet) continue
    const then = now ?? { name, octet, address: '', ssh: { address: '', port: 22 }, family: 'debian', groups: [] }
    await driver.cutPower(owned, then)
    await driver.discardDisk(owned, name)
    const why = now === undefined ? 'is no longer a host of this lab' : 'has another address, and gets a fresh disk'
    say({ step: 'host', node: name, detail: why })
  }
}

async function identityOf({ lab, dirs }: Ownership, say: Say): Promise<HostIdentity> {
  const keys = await ensureKeys(lab, path.join(dirs.cache, dirs.lab))
  await writeProjectFiles(lab, keys)
  return { keys, resolvers: await readResolvers(say) }
}

async function bringUp(
  driver: LabDriver,
  owned: Ownership,
  node: LabNode,
  base: Base,
  identity: HostIdentity,
  say: Say,
): Promise<void> {
  const isComplete = await driver.hasDisk(owned, node.name)
  if (isComplete && (await needsNoRepair(driver, owned, node))) return await driver.waitUntilReady(owned, node, say)
  const tell = (detail: string): void => say({ step: 'host', node: node.name, detail })
  if (await driver.hasProcesses(owned, node)) tell('does not answer, starting it again')
  await driver.cutPower(owned, node)
  if (!isComplete) await driver.makeDisk(owned, node, base, identity)
  tell(isComplete ? 'booting from its disk' : 'booting from a fresh disk')
  await driver.boot(owned, node, say)
}
