import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ensureArtifacts } from '../artifacts/artifacts.ts'
import type { Base } from '../bases/base.ts'
import { diskOf } from '../disks/directories.ts'
import { discardDisk, discardDisks, emptyTrash, familyOnDisk, moveToTrash } from '../disks/disk.ts'
import { savedIn } from '../disks/saved.ts'
import type { LabDriver, Ownership } from '../drivers/driver.ts'
import type { FamilyName } from '../family.ts'
import { exists, replaceAtomically, textOf } from '../machine/files.ts'
import { hasProgram } from '../machine/requirements.ts'
import { run } from '../machine/run.ts'
import { labError, type Lab, type LabNode, type Say } from '../model.ts'
import { nameOption } from '../ownership/requester.ts'
import type { ProjectLab } from '../project/types.ts'
import { engineOf, isApart, isUsable, requireEngine, startOptions, type Engine, type EngineName } from './engine.ts'
import * as host from './host.ts'
import { ensureImage } from './image.ts'
import { ensureMirror, mirrorStatus, workbench } from './mirror.ts'
import { baseImage, containerName, labLabel, networkName, routerAddress, savedImage } from './names.ts'

/**
 * Runs hosts as containers of podman or docker, with systemd as the first process. A host's disk is the layer of its container; a saved disk is
 * an image. The lab's directory records which hosts have a disk, as with the other driver.
 */
export function containers(name: EngineName): LabDriver {
  let engine: Promise<Engine> | undefined
  const engineHere = (): Promise<Engine> => (engine ??= engineOf(name))
  return {
    name,
    options: async () => ((await isApart(await engineHere())) ? { byPorts: true } : {}),
    limits: [
      `hosts are containers of ${name}: the kernel, its modules and sysctl settings are this machine’s own`,
      'not possible in containers: Docker inside a host, firewalls, and a power cut that loses unwritten data',
    ],
    requireMachine: async () => await requireEngine(name),
    wasEverUsed: async () => await isUsable(name),
    subnetsInUse: async (lab) => await subnetsInUse(await engineHere(), lab),
    isRunning: async (lab) => (await containersOf(await engineHere(), lab, 'running')).length > 0,
    async removeRunning(lab) {
      const here = await engineHere()
      for (const each of await containersOf(here, lab, 'all')) await host.removeContainer(here, each)
      if (await here.succeeds(['network', 'inspect', networkName(lab)]))
        await here.run(['network', 'rm', networkName(lab)])
    },
    async prepare(owned, project, say) {
      const here = await engineHere()
      await ensureNetwork(here, owned.lab, say)
      await serveArtifacts(here, owned, project, say)
    },
    bases: async ({ dirs }, nodes, project, say) => {
      const here = await engineHere()
      const bases = new Map<FamilyName, Base>()
      for (const { family } of nodes)
        if (!bases.has(family)) bases.set(family, await ensureImage(here, dirs.cache, family, project, say))
      return ({ family }) => bases.get(family) ?? { fingerprint: '' }
    },
    hasDisk: async ({ lab, dirs }, node) =>
      (await exists(path.join(diskOf(dirs, node), 'base'))) &&
      (await host.stateOf(await engineHere(), containerName(lab.name, node))) !== undefined,
    familyOnDisk: async ({ dirs }, node) => await familyOnDisk(dirs, node),
    async makeDisk(owned, node, base, identity) {
      await discardDisk(owned.dirs, node.name)
      await host.createContainer(await engineHere(), owned.lab, node, baseImage(base.fingerprint))
      await host.giveIdentity(await engineHere(), owned, node, identity)
      await writeMarks(diskOf(owned.dirs, node.name), node.family, base.fingerprint)
    },
    async discardDisk({ lab, dirs }, node) {
      await host.removeContainer(await engineHere(), containerName(lab.name, node))
      await discardDisk(dirs, node)
    },
    boot: async ({ lab }, node, say) => await host.boot(await engineHere(), lab, node, say),
    waitUntilReady: async ({ lab }, node, say) => await host.waitUntilReady(await engineHere(), lab, node, say),
    hasProcesses: async ({ lab }, node) =>
      (await host.stateOf(await engineHere(), containerName(lab.name, node.name)))?.status === 'running',
    shutDown: async ({ lab }, node) => await host.shutDown(await engineHere(), lab.name, node.name),
    cutPower: async ({ lab }, node) => await host.cutPower(await engineHere(), lab.name, node.name),
    status: async (lab, node) => await host.nodeStatus(await engineHere(), lab, node),
    mirrorStatus: async (lab) => await mirrorStatus(await engineHere(), lab),
    requireSavable: async (owned, nodes) => await requireDisks(owned, nodes),
    saveDisk: async (owned, label, node) => await saveDisk(await engineHere(), owned, label, node),
    saved: async ({ dirs }) => await savedIn(dirs),
    restoreDisk: async (owned, label, node) => await restoreDisk(await engineHere(), owned, label, node),
    tidy: async ({ dirs }) => await emptyTrash(dirs),
    async discardAll(lab, dirs) {
      const here = await engineHere()
      for (const { label, nodes } of await savedIn(dirs))
        for (const node of nodes) await removeImage(here, savedImage(lab, node, label))
      await discardDisks(dirs)
      await emptyTrash(dirs)
    },
  }
}

async function ensureNetwork(engine: Engine, lab: Lab, say: Say): Promise<void> {
  const network = networkName(lab.name)
  if (await engine.succeeds(['network', 'inspect', network])) return
  const addresses = ['--subnet', lab.subnet, '--gateway', routerAddress(lab)]
  await engine.run(['network', 'create', '--label', `${labLabel}=${lab.name}`, ...addresses, network])
  say({ step: 'network', detail: `network ${network} with ${lab.subnet}` })
}

/** Builds the project's artifacts, and starts the container that serves them to the hosts. */
async function serveArtifacts(engine: Engine, { lab, dirs }: Ownership, project: ProjectLab, say: Say): Promise<void> {
  const { artifacts = {} } = project
  if (Object.keys(artifacts).length === 0) return
  if (process.platform !== 'linux')
    return say({ step: 'mirror', detail: 'artifacts of lab/lab.ts are not served: this needs Linux' })
  const base = await ensureImage(engine, dirs.cache, 'debian', project, say)
  const image = baseImage(base.fingerprint)
  const printed = await engine.run(['run', '--rm', ...startOptions(engine), image, 'dpkg', '--print-architecture'])
  const bench = workbench(engine, dirs.cache, lab.project, base.fingerprint, printed.trim())
  await ensureMirror(engine, lab, base.fingerprint, await ensureArtifacts(artifacts, bench, say), say)
}

async function requireDisks({ lab, dirs }: Ownership, nodes: readonly LabNode[]): Promise<void> {
  for (const { name } of nodes)
    if (!(await exists(path.join(diskOf(dirs, name), 'base'))))
      throw labError(`${name} has no disk to save`, {
        host: name,
        hint: `rolecall lab up ${name}${nameOption(lab.name)}`,
      })
}

/** The containers of a lab, by name. */
async function containersOf(engine: Engine, lab: string, which: 'all' | 'running'): Promise<readonly string[]> {
  const all = which === 'all' ? ['--all'] : []
  const listed = await engine.run(['ps', ...all, '--filter', `label=${labLabel}=${lab}`, '--format', '{{.Names}}'])
  return listed.split('\n').filter((line) => line !== '')
}

/** The third octets used by the machine's routes and the engine's networks. */
async function subnetsInUse(engine: Engine, lab: string): Promise<ReadonlySet<number>> {
  const names = (await engine.run(['network', 'ls', '--format', '{{.Name}}'])).split('\n')
  const others = names.filter((name) => name !== '' && name !== networkName(lab))
  const described = others.length === 0 ? '' : await engine.run(['network', 'inspect', ...others])
  const routes = (await hasProgram('ip')) ? await run('ip', ['-4', 'route']) : ''
  const found = `${described}\n${routes}`.matchAll(/10\.10\.(\d+)\.0\/24/g)
  return new Set([...found].map(([, third]) => Number(third)))
}

/** Records that a host has a disk, and its contents. `base` is written last: a record without it is incomplete. */
async function writeMarks(directory: string, family: string, base: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await replaceAtomically(path.join(directory, 'family'), `${family.trim()}\n`)
  await replaceAtomically(path.join(directory, 'base'), base)
}

async function saveDisk(engine: Engine, { lab, dirs }: Ownership, label: string, node: string): Promise<void> {
  const disk = diskOf(dirs, node)
  await engine.run(['commit', containerName(lab.name, node), savedImage(lab.name, node, label)])
  const place = path.join(dirs.cache, dirs.lab, 'saved', label, node)
  const draft = path.join(dirs.cache, dirs.lab, 'trash', `${node}-${randomBytes(4).toString('hex')}`)
  await writeMarks(
    draft,
    (await textOf(path.join(disk, 'family'))) ?? 'debian',
    (await textOf(path.join(disk, 'base'))) ?? '',
  )
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
  await moveToTrash(dirs, place, node)
  await rename(draft, place)
}

async function restoreDisk(engine: Engine, { lab, dirs }: Ownership, label: string, node: LabNode): Promise<void> {
  const image = savedImage(lab.name, node.name, label)
  if (!(await engine.succeeds(['image', 'inspect', image])))
    throw labError(`the saved disk ${label} of ${node.name} is gone: ${engine.name} has no image ${image}`, {
      host: node.name,
    })
  const place = path.join(dirs.cache, dirs.lab, 'saved', label, node.name)
  const disk = diskOf(dirs, node.name)
  await rm(disk, { recursive: true, force: true })
  await host.createContainer(engine, lab, node, image)
  await writeMarks(
    disk,
    (await textOf(path.join(place, 'family'))) ?? 'debian',
    (await textOf(path.join(place, 'base'))) ?? '',
  )
}

async function removeImage(engine: Engine, image: string): Promise<void> {
  if (await engine.succeeds(['image', 'inspect', image])) await engine.run(['image', 'rm', '--force', image])
}
