import path from 'node:path'
import { ensureArtifacts, mirrorParts } from '../artifacts/artifacts.ts'
import { ensureMirror, mirrorStatus } from '../artifacts/mirror.ts'
import { baseRoot, ensureBase, removeUnfinished, type Base } from '../bases/base.ts'
import { elWorld } from '../bases/el/packages.ts'
import { discardDisk, discardDisks, emptyTrash, familyOnDisk, hasDisk, makeDisk } from '../disks/disk.ts'
import { restoreDisk, requireRoom, saveDisk, savedIn } from '../disks/saved.ts'
import { discardUnused, repairLayers } from '../disks/sharing.ts'
import type { LabDriver } from '../drivers/driver.ts'
import type { FamilyName } from '../family.ts'
import { ensureInotify } from '../machine/inotify.ts'
import { hasAllPrograms, requireMachine } from '../machine/requirements.ts'
import { readArchive } from '../machine/archive.ts'
import { replaceAtomically } from '../machine/files.ts'
import { contained, run } from '../machine/run.ts'
import type { LabNode, Say } from '../model.ts'
import { ensureForwarding } from '../ownership/forwarding.ts'
import type { ProjectLab } from '../project/types.ts'
import { nodeStatus } from './node-status.ts'
import { destroyGroup, groupOf, isPopulated } from './cgroup.ts'
import { boot, cutPowerOf, shutDown, waitUntilReady } from './host.ts'
import { ensureNetwork, removeNetwork, subnetsInUse } from './network.ts'
import { removeOwnGroups } from './own-groups.ts'

/** Runs hosts by systemd-nspawn, on layers above one base. The fastest driver, and the most like real hosts. Needs root. */
export const nspawn: LabDriver = {
  name: 'nspawn',
  options: () => Promise.resolve({}),
  limits: [],
  requireMachine,
  // Without root, the public record tells whether the lab is up.
  wasEverUsed: async () => process.getuid?.() === 0 && (await hasAllPrograms()),
  subnetsInUse,
  isRunning: async (lab) => await isPopulated(await groupOf(lab)),
  async removeRunning(lab) {
    await destroyGroup(await groupOf(lab))
    await removeOwnGroups(lab)
    await removeNetwork(lab)
  },
  async prepare({ lab, dirs }, { artifacts = {} }, say) {
    const isServing = Object.keys(artifacts).length > 0
    const made = isServing
      ? await ensureArtifacts(artifacts, await workbench(dirs.cache, lab.project, say), say)
      : undefined
    await ensureNetwork(lab, say)
    await ensureForwarding()
    await ensureInotify(say)
    if (made) await ensureMirror(lab, dirs, made, say)
  },
  bases: async ({ dirs }, nodes, project, say) => await basesOf(dirs.cache, nodes, project, say),
  hasDisk: async ({ dirs }, node) => {
    await repairLayers(dirs, node)
    return await hasDisk(dirs, node)
  },
  familyOnDisk: async ({ dirs }, node) => await familyOnDisk(dirs, node),
  makeDisk: async ({ lab, dirs }, node, base, identity) => await makeDisk(dirs, lab, node, base, identity),
  discardDisk: async ({ dirs }, node) => await discardDisk(dirs, node),
  boot: async ({ lab, dirs }, node, say) => await boot(dirs, lab, node, say),
  waitUntilReady: async ({ lab, dirs }, node, say) => await waitUntilReady(dirs, lab, node, say),
  hasProcesses: async ({ lab }, node) => await isPopulated(await groupOf(lab.name, node.name)),
  shutDown: async ({ lab }, node) => await shutDown(lab, node),
  cutPower: async ({ lab }, node) => await cutPowerOf(lab, node),
  status: nodeStatus,
  mirrorStatus,
  requireSavable: async ({ lab, dirs }, nodes) => await requireRoom(dirs, lab, nodes),
  saveDisk: async ({ dirs }, label, node) => await saveDisk(dirs, label, node),
  saved: async ({ dirs }) => await savedIn(dirs),
  restoreDisk: async ({ dirs }, label, node) => await restoreDisk(dirs, label, node.name),
  async tidy({ dirs }) {
    await discardUnused(dirs)
    await emptyTrash(dirs)
  },
  async discardAll(_lab, dirs) {
    await discardDisks(dirs)
    await emptyTrash(dirs)
    await removeUnfinished(dirs.cache)
  },
}

async function basesOf(
  cache: string,
  nodes: readonly LabNode[],
  project: ProjectLab,
  say: Say,
): Promise<(node: LabNode) => Base> {
  const bases = new Map<FamilyName, Base>()
  for (const { family } of nodes)
    if (!bases.has(family)) bases.set(family, await ensureBase(cache, family, say, elWorld(project.el)))
  return ({ family }) => bases.get(family) ?? { fingerprint: '' }
}

/** Runs recipes of artifacts in layers above the Debian base. */
async function workbench(cache: string, project: string, say: Say) {
  const base = await ensureBase(cache, 'debian', say)
  return {
    cache,
    project,
    base: base.fingerprint,
    architecture: (await readArchive()).architecture,
    async debian(directory: string, script: string, packages: readonly string[], onLine: (line: string) => void) {
      // Relative, so that the path needs no escaping in the overlay's options.
      const root = path.relative(directory, path.join(cache, baseRoot(base)))
      const file = '.script'
      await replaceAtomically(path.join(directory, file), script)
      const arguments_ = [path.join(mirrorParts, 'in-debian.sh'), root, file, ...packages]
      await run(...contained('sh', arguments_), { cwd: directory, onLine })
    },
  }
}
