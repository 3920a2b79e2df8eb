import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { hostFiles } from '../bases/el/recipe.ts'
import type { HostIdentity } from '../drivers/driver.ts'
import type { FamilyName } from '../family.ts'
import { makeDirectory, replaceAtomically, textOf } from '../machine/files.ts'
import { hostnameOf, type Lab, type LabNode } from '../model.ts'
import { keyFile, publicKey } from '../ownership/keys.ts'

/** Files that only hosts of one family get on their disk. */
const filesOf: Readonly<Record<FamilyName, (lab: Lab, node: LabNode) => Readonly<Record<string, string>>>> = {
  debian: () => ({}),
  el: hostFiles,
}

/**
 * Writes the host's own files (name, address, keys) below a directory.
 *
 * @param ops the base's user for logins; undefined where this process may not change the owner of files
 */
export async function writeHostFiles(
  upper: string,
  lab: Lab,
  node: LabNode,
  made: HostIdentity,
  ops?: { readonly uid: number; readonly gid: number },
): Promise<void> {
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
    { home: 'root', owner: ops && { uid: 0 } },
    { home: 'home/ops', owner: ops },
  ]) {
    await makeDirectory(path.join(upper, home), { ...owner, mode: 0o700 })
    await makeDirectory(path.join(upper, home, '.ssh'), { ...owner, mode: 0o700 })
    await replaceAtomically(path.join(upper, home, '.ssh/authorized_keys'), authorized, { ...owner, mode: 0o600 })
  }
}

async function writeAll(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true, mode: 0o755 })
    await replaceAtomically(path.join(directory, file), text)
  }
}

/** The name must sort before systemd's own 80-container-host0.network. Otherwise the host only gets a link-local address. */
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
