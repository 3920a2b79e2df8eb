import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { exists, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'
import { chosenNodes, type Lab, type LabNode } from '../model.ts'
import { run } from '../machine/run.ts'

/** The keys of a lab: made once, kept across `reset` and `down`, so that a fresh host has the host key that clients already know. */
export interface Keys {
  readonly directory: string
}

/** The key of the client, or of a host by that name: the path of its private half. */
export function keyFile(keys: Keys, name = 'client'): string {
  return path.join(keys.directory, name)
}

/** The text of a public key, such as `ssh-ed25519 AAAA... comment`. */
export async function publicKey(keys: Keys, name = 'client'): Promise<string> {
  return ((await textOf(`${keyFile(keys, name)}.pub`)) ?? '').trim()
}

/** Makes the missing keys of a lab. A key with only one of its halves counts as missing. */
export async function ensureKeys(lab: Lab, dirs: string): Promise<Keys> {
  const keys = { directory: path.join(dirs, 'keys') }
  const draft = { directory: `${keys.directory}.new` }
  const names = ['client', ...lab.nodes.map((node) => node.name)]
  const there = await namesIn(keys.directory)
  const missing = names.filter((name) => !there.includes(name))
  if (missing.length === 0) return keys
  await rm(draft.directory, { recursive: true, force: true })
  await mkdir(draft.directory, { recursive: true, mode: 0o700 })
  await Promise.all(
    missing.map((name) => {
      const comment = name === 'client' ? `rolecall lab ${lab.name}` : name
      return run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', keyFile(draft, name)])
    }),
  )
  await mkdir(keys.directory, { recursive: true, mode: 0o700 })
  for (const name of missing)
    for (const file of [`${name}.pub`, name])
      await rename(path.join(draft.directory, file), path.join(keys.directory, file))
  await rm(draft.directory, { recursive: true, force: true })
  return keys
}

/**
 * Writes the project's files: the client key, known_hosts and an ssh_config for `ssh -F`. They get the owner of the
 * project, even under sudo, and are kept out of version control.
 */
export async function writeProjectFiles(lab: Lab, keys: Keys): Promise<void> {
  const { uid, gid } = await stat(lab.project)
  // Only root can change owners, and only root needs to.
  const owner = process.getuid?.() === 0 ? { uid, gid } : {}
  const above = path.join(lab.project, '.rolecall')
  for (const directory of [above, path.dirname(lab.directory), lab.directory]) await makeDirectory(directory, owner)
  const ignore = path.join(above, '.gitignore')
  if (!(await exists(ignore))) await replaceAtomically(ignore, '*\n', owner)

  const hostKeys = await Promise.all(lab.nodes.map((node) => publicKey(keys, node.name)))
  const files = [
    { file: lab.privateKey, mode: 0o600, text: (await textOf(keyFile(keys))) ?? '' },
    { file: `${lab.privateKey}.pub`, mode: 0o644, text: `${await publicKey(keys)}\n` },
    { file: lab.knownHosts, mode: 0o644, text: knownHosts(lab, hostKeys) },
    { file: lab.sshConfig, mode: 0o644, text: sshConfig(lab) },
  ]
  for (const { file, mode, text } of files) {
    const isThere = (await textOf(file)) === text && ((await stat(file)).mode & 0o777) === mode
    if (!isThere) await replaceAtomically(file, text, { ...owner, mode })
  }
}

/** The lines of known_hosts, one for each node, from the texts of their public keys in the same order. */
export function knownHosts(lab: Lab, hostKeys: readonly string[]): string {
  return lab.nodes
    .map((node, index) => `${knownNames(node)} ${(hostKeys[index] ?? '').split(' ').slice(0, 2).join(' ')}\n`)
    .join('')
}

/** The names under which ssh and Rolecall look up a host's key: its name, and the address used for connecting. */
function knownNames({ name, ssh: { address, port } }: LabNode): string {
  return `${name},${port === 22 ? address : `[${address}]:${port}`}`
}

/** An ssh_config(5) with which `ssh -F FILE node-01` reaches every node, and no other host. */
export function sshConfig(lab: Lab): string {
  // In ssh_config a percent sign starts a token, and a path with spaces needs quotes.
  const quoted = (file: string): string => `"${file.replaceAll('%', '%%')}"`
  const hosts = lab.nodes.map((node) =>
    [
      `Host ${node.name}`,
      `  HostName ${node.ssh.address}`,
      ...(node.ssh.port === 22 ? [] : [`  Port ${node.ssh.port}`]),
      '',
    ].join('\n'),
  )
  const common = [
    `Host ${lab.nodes.map((node) => node.name).join(' ')}`,
    `  User ${lab.user}`,
    `  IdentityFile ${quoted(lab.privateKey)}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${quoted(lab.knownHosts)}`,
    '  StrictHostKeyChecking yes',
    '',
  ]
  return [...hosts, common.join('\n')].join('\n')
}

/**
 * The arguments of `ssh` to log in to a node.
 *
 * @example spawn('ssh', [...sshArguments(lab, 'node-01'), 'hostname'])
 * @throws {RolecallError} when the lab has no such node.
 */
export function sshArguments(lab: Lab, node: string): readonly string[] {
  return ['-F', lab.sshConfig, ...chosenNodes(lab, [node]).map(({ name }) => name)]
}
