import { chooseFamilies } from './families.ts'
import { currentOwnership } from './ownership/ownership.ts'
import { emptyTrash } from './disks/disk.ts'
import { boot, cutPowerOf, shutDown } from './nspawn/host.ts'
import { chosenNodes, type Lab, type LabNode, type LabRequest, type Say } from './model.ts'
import { requester, withLab } from './ownership/requester.ts'
import { requireMachine } from './machine/requirements.ts'
import { checkedLabel, requireRoom, restorable, restoreDisk, saveDisk, savedIn, type Saved } from './disks/saved.ts'
import { each, withHosts } from './nodes.ts'
import { discardUnused } from './disks/sharing.ts'

/**
 * Keeps the disks of hosts as they are now (of all hosts when none are named) under a label, for `restore`. The hosts are
 * shut down cleanly for it and booted again. What was saved of a host under the same label is replaced. It is kept until
 * the lab is taken down.
 *
 * @example await save({ project: process.cwd() }, 'after-site')
 * @throws {Refusal} when the lab is not up, has no host of such a name, or a host does not come back.
 */
export async function save(
  request: LabRequest,
  label: string,
  names: readonly string[] = [],
  say: Say = silent,
): Promise<Lab> {
  checkedLabel(label)
  return await withHosts(request, names, say, async ({ lab, dirs }, nodes) => {
    await requireRoom(dirs, lab, nodes)
    await each(nodes, async (node) => {
      await shutDown(lab, node)
      await saveDisk(dirs, label, node.name)
      say({ step: 'host', node: node.name, detail: `saved as ${label}, booting again` })
      await boot(dirs, lab, node, say)
    })
    await discardUnused(dirs)
    await emptyTrash(dirs)
  })
}

/**
 * Gives hosts the disks that were saved under a label (all that were when none are named) and boots them. What they
 * have is lost; hosts that were not saved are left alone. It can be done again and again.
 *
 * @example await restore({ project: process.cwd() }, 'after-site', ['node-01'])
 * @throws {Refusal} when nothing was saved under this label, or nothing of a host that is named.
 */
export async function restore(
  request: LabRequest,
  label: string,
  names: readonly string[] = [],
  say: Say = silent,
): Promise<Lab> {
  checkedLabel(label)
  return await withHosts(request, names, say, async (owned) => {
    const chosen = await restorable(owned.dirs, owned.lab, label, names)
    const give = async ({ name }: LabNode): Promise<void> => await restoreDisk(owned.dirs, label, name)
    await each(chosenNodes(owned.lab, chosen), async (node) => {
      await cutPowerOf(owned.lab, node)
      await give(node)
    })
    // A saved disk may be of another family than the host was of.
    const { lab, dirs } = await chooseFamilies(owned, chosenNodes(owned.lab, chosen), undefined, 'lost')
    await each(chosenNodes(lab, chosen), async (node) => {
      say({ step: 'host', node: node.name, detail: `booting from what was saved as ${label}` })
      await boot(dirs, lab, node, say)
    })
    await discardUnused(dirs)
    await emptyTrash(dirs)
  })
}

/**
 * What is saved in a lab that is up.
 *
 * @throws {Refusal} when the lab is not up, or is another project's.
 */
export async function saved(request: LabRequest): Promise<readonly Saved[]> {
  const who = await requester(request)
  await requireMachine(silent)
  return await withLab(who, silent, async () => await savedIn((await currentOwnership(who)).dirs))
}

function silent(): void {
  // Nobody is told.
}
