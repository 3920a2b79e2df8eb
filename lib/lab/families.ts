import type { LabDriver, Ownership } from './drivers/driver.ts'
import { ownershipOf } from './ownership/ownership.ts'
import { readFamilies, type Families } from './family.ts'
import { labError, type LabNode } from './model.ts'
import { isRecord, nameOption } from './ownership/requester.ts'
import { readRecord, writeRecord } from './ownership/registry.ts'

/** What to do with hosts whose disk is of another family: refuse (`up`), or continue because the disk is replaced anyway (`reset`). */
export type Disks = 'kept' | 'lost'

/**
 * Returns the lab with the requested families, and saves them in the lab's record, which everybody can read.
 * Hosts that are not among `nodes` stay as they are.
 *
 * @param choice a choice for `readFamilies`; undefined leaves every host as it is
 * @throws {RolecallError} that names the hosts with a disk of another family, and the command that replaces the disks.
 */
export async function chooseFamilies(
  driver: LabDriver,
  owned: Ownership,
  nodes: readonly LabNode[],
  choice: string | undefined,
  disks: Disks,
): Promise<Ownership> {
  const remembered = await remember(driver, owned)
  const wanted =
    choice === undefined
      ? {}
      : readFamilies(
          choice,
          owned.lab.nodes.map(({ name }) => name),
        )
  const asked = Object.fromEntries(nodes.flatMap(({ name }) => (wanted[name] ? [[name, wanted[name]] as const] : [])))
  const others = nodes.filter(({ name }) => remembered[name] && asked[name] && remembered[name] !== asked[name])
  if (disks === 'kept' && others.length > 0) {
    const names = others.map(({ name }) => name)
    throw labError(`${names.join(', ')} ${names.length > 1 ? 'have' : 'has'} a disk of another family`, {
      expected: names.map((name) => `${name} ${asked[name] ?? ''}`).join(', '),
      got: names.map((name) => `${name} ${remembered[name] ?? ''}`).join(', '),
      hint: `a fresh disk changes that: rolecall lab reset ${names.join(' ')} --family ${choice ?? ''}${nameOption(owned.lab.name)}`,
    })
  }
  const record = await readRecord(owned.lab.name)
  if (!isRecord(record)) return owned
  const changed = { ...record, families: { ...remembered, ...asked } }
  if (JSON.stringify(changed) !== JSON.stringify(record)) await writeRecord(changed)
  return ownershipOf(changed)
}

/** The families of hosts that have a disk. A disk cannot change its family. */
async function remember(driver: LabDriver, owned: Ownership): Promise<Families> {
  const found = await Promise.all(
    owned.lab.nodes.map(async ({ name }) => [name, await driver.familyOnDisk(owned, name)] as const),
  )
  return Object.fromEntries(found.flatMap(([name, family]) => (family ? [[name, family]] : [])))
}
