import { checkedLabel, restorable } from './disks/labels.ts'
import type { Saved } from './drivers/driver.ts'
import { chooseFamilies } from './families.ts'
import { chosenNodes, type Lab, type LabRequest, type Say } from './model.ts'
import { forEachNode, withHosts } from './nodes.ts'

/**
 * Saves the present disks of the named hosts (default all) under a label, for `restore`. Shuts the hosts down cleanly
 * and boots them again. Replaces earlier disks under the same label. Saved disks are kept until the lab
 * is taken down.
 *
 * @example await save({ project: process.cwd() }, 'after-site')
 * @throws {RolecallError} when the lab is not up, has no host of such a name, or a host does not come back.
 */
export async function save(
  request: LabRequest,
  label: string,
  names: readonly string[] = [],
  say: Say = silent,
): Promise<Lab> {
  checkedLabel(label)
  return await withHosts(request, names, say, async ({ driver, owned, nodes }) => {
    await driver.requireSavable(owned, nodes)
    await forEachNode(nodes, async (node) => {
      await driver.shutDown(owned, node)
      await driver.saveDisk(owned, label, node.name)
      say({ step: 'host', node: node.name, detail: `saved as ${label}, booting again` })
      await driver.boot(owned, node, say)
    })
    await driver.tidy(owned)
  })
}

/**
 * Puts the disks saved under a label back on the named hosts (default all that were saved) and boots them. Their present
 * disks are lost. Hosts without a saved disk are left alone. A label can be restored any number of times.
 *
 * @example await restore({ project: process.cwd() }, 'after-site', ['node-01'])
 * @throws {RolecallError} when nothing was saved under this label, or a named host was not.
 */
export async function restore(
  request: LabRequest,
  label: string,
  names: readonly string[] = [],
  say: Say = silent,
): Promise<Lab> {
  checkedLabel(label)
  return await withHosts(request, [], say, async ({ driver, owned }) => {
    const chosen = restorable(await driver.saved(owned), owned.lab, label, names)
    await forEachNode(chosenNodes(owned.lab, chosen), async (node) => {
      await driver.cutPower(owned, node)
      await driver.restoreDisk(owned, label, node)
    })
    // The saved disk may be of another family.
    const now = await chooseFamilies(driver, owned, chosenNodes(owned.lab, chosen), undefined, 'lost')
    await forEachNode(chosenNodes(now.lab, chosen), async (node) => {
      say({ step: 'host', node: node.name, detail: `booting from the disk saved as ${label}` })
      await driver.boot(now, node, say)
    })
    await driver.tidy(now)
  })
}

/**
 * The saved disks of a lab that is up.
 *
 * @throws {RolecallError} when the lab is not up, or is another project's.
 */
export async function saved(request: LabRequest): Promise<readonly Saved[]> {
  let found: readonly Saved[] = []
  await withHosts(request, [], silent, async ({ driver, owned }) => {
    found = await driver.saved(owned)
  })
  return found
}

function silent(): void {
  // This call reports no progress.
}
