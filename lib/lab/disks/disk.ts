import { randomBytes } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { baseRoot, type Base } from '../bases/base.ts'
import { hostFiles } from '../bases/el/recipe.ts'
import { familyNames, type FamilyName } from '../family.ts'
import { exists, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'
import { layersOf } from './layers.ts'
import { keyFile, publicKey } from '../ownership/keys.ts'
import { hostnameOf, type Lab, type LabNode } from '../model.ts'
import type { HostIdentity } from '../drivers/driver.ts'
import { diskOf, type LabDirectories } from './directories.ts'
import { run } from '../machine/run.ts'

/** The user `ops` of the base. */
const ops = { uid: 1000, gid: 1000 }

/** What a host of each family has on its own disk, besides what all have. */
const filesOf: Readonly<Record<FamilyName, (lab: Lab, node: LabNode) => Readonly<Record<string, string>>>> = {
  debian: () => ({}),
  el: hostFiles,
}

/** Whether a host has a complete disk, upon a base and layers that still exist. */
export async function hasDisk(dirs: LabDirectories, node: string): Promise<boolean> {
  const disk = diskOf(dirs, node)
  const fingerprint = await textOf(path.join(disk, 'base'))
  if (fingerprint === undefined) return false
  const layers = [...(await layersOf(disk)), baseRoot({ fingerprint })]
  return (await Promise.all(layers.map((layer) => exists(path.join(dirs.cache, layer))))).every(Boolean)
}

/**
 * Gives a host a factory-fresh disk: an empty layer with what makes this host itself: name, address, keys.
 * What was there before is set aside for `emptyTrash`. The host must not run.
 */
export async function makeDisk(
  dirs: LabDirectories,
  lab: Lab,
  node: LabNode,
  base: Base,
  made: HostIdentity,
): Promise<void> {
  await discardDisk(dirs, node.name)
  const disk = diskOf(dirs, node.name)
  const upper = path.join(disk, 'upper')
  await mkdir(disk, { recursive: true, mode: 0o700 })
  for (const part of ['upper', 'work', 'root', 'data']) await makeDirectory(path.join(disk, part))
  for (const parent of ['etc', 'etc/ssh', 'etc/systemd', 'etc/systemd/network', 'home'])
    await makeDirectory(path.join(upper, parent))

  const etc = path.join(upper, 'etc')
  const hosts = `127.0.0.1 localhost\n127.0.1.1 ${hostnameOf(node)}\n::1 localhost ip6-localhost ip6-loopback\n`
  await replaceAtomically(path.join(etc, 'hostname'), `${hostnameOf(node)}\n`)
  await replaceAtomically(path.join(etc, 'hosts'), hosts)
  // An empty machine-id would make systemd treat every boot as the first one and preset all units.
  await replaceAtomically(path.join(etc, 'machine-id'), `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 })
  await replaceAtomically(path.join(etc, 'resolv.conf'), made.resolvers)
  await replaceAtomically(path.join(etc, 'systemd/network/10-host0.network'), networkFile(lab, node))

  await writeAll(upper, filesOf[node.family](lab, node))

  const hostKey = (await textOf(keyFile(made.keys, node.name))) ?? ''
  await replaceAtomically(path.join(etc, 'ssh/ssh_host_ed25519_key'), hostKey, { mode: 0o600 })
  await replaceAtomically(path.join(etc, 'ssh/ssh_host_ed25519_key.pub'), `${await publicKey(made.keys, node.name)}\n`)
  const authorized = `${await publicKey(made.keys)}\n`
  for (const { home, owner } of [
    { home: 'root', owner: { uid: 0 } },
    { home: 'home/ops', owner: ops },
  ]) {
    await makeDirectory(path.join(upper, home), { ...owner, mode: 0o700 })
    await makeDirectory(path.join(upper, home, '.ssh'), { ...owner, mode: 0o700 })
    await replaceAtomically(path.join(upper, home, '.ssh/authorized_keys'), authorized, { ...owner, mode: 0o600 })
  }
  await replaceAtomically(path.join(disk, 'family'), `${node.family}\n`)
  // Last: a disk without it is not complete.
  await replaceAtomically(path.join(disk, 'base'), base.fingerprint)
}

async function writeAll(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true, mode: 0o755 })
    await replaceAtomically(path.join(directory, file), text)
  }
}

/** The name must sort before systemd's own 80-container-host0.network, or the host only gets a link-local address. */
function networkFile(lab: Lab, node: LabNode): string {
  return [
    '[Match]',
    'Name=host0',
    '',
    '[Network]',
    `Address=${node.address}/24`,
    `Gateway=${lab.gateway}`,
    'LinkLocalAddressing=no',
    'LLDP=no',
    'IPv6AcceptRA=no',
    '',
  ].join('\n')
}

/** Sets the disks of all hosts aside, and all that was saved. */
export async function discardDisks(dirs: LabDirectories): Promise<void> {
  for (const part of ['hosts', 'saved', 'layers']) await setAside(dirs, path.join(dirs.cache, dirs.lab, part), part)
}

/** Sets a host's disk aside. */
export async function discardDisk(dirs: LabDirectories, node: string): Promise<void> {
  await setAside(dirs, diskOf(dirs, node), node)
}

/** Sets a directory aside for `emptyTrash`, if it is there: renaming takes no time, deleting does. */
export async function setAside(dirs: LabDirectories, directory: string, name: string): Promise<void> {
  if (!(await exists(directory))) return
  const trash = path.join(dirs.cache, dirs.lab, 'trash')
  await mkdir(trash, { recursive: true, mode: 0o700 })
  await rename(directory, path.join(trash, `${name}-${randomBytes(4).toString('hex')}`))
}

/** Deletes what was set aside. */
export async function emptyTrash(dirs: LabDirectories): Promise<void> {
  const lab = path.join(dirs.cache, dirs.lab)
  if ((await namesIn(path.join(lab, 'trash'))).length === 0) return
  await run('rm', ['-rf', '--one-file-system', '--', path.join(lab, 'trash')])
}

/** The family of what is on a host's disk; undefined when it has none that is complete. */
export async function familyOnDisk(dirs: LabDirectories, node: string): Promise<FamilyName | undefined> {
  const disk = diskOf(dirs, node)
  const word = (await textOf(path.join(disk, 'family')))?.trim()
  const isMade = (await textOf(path.join(disk, 'base'))) !== undefined
  return isMade ? (familyNames.find((name) => name === word) ?? 'debian') : undefined
}
