import { RolecallError, type Problem } from '../errors.ts'
import { sshProgram, sshProgramHint } from '../ssh-config/program.ts'
import { findIdentities, type Identities } from './ssh/identities.ts'
import { hostKeyNotes, readKnownHosts } from './ssh/host-keys.ts'
import { isListening } from './ssh/listening.ts'
import { connectByLibrary, type HopConnection } from './ssh/by-library.ts'
import { connectByProgram } from './ssh/by-program.ts'
import { keyNameOf, type SshTarget } from './ssh/target.ts'
import { openWay } from './ssh/way.ts'

/**
 * Opens an SSH connection: through ssh2, or by the program ssh(1) where ssh2 cannot connect or the inventory asks for it.
 *
 * Throws a RolecallError whose problem is `connect` (nobody answers), `host-key` (unknown, changed or revoked) or `auth`.
 */
export async function connectSsh(target: SshTarget): Promise<HopConnection> {
  const notes = new Set<string>()
  const connection = await connect(target, (message) => notes.add(message))
  const { insteadOfShell, missedForwards } = target.settings
  connection.notes = [...notes, ...insteadOfShell.map(notStarted), ...missedForwards.map(notForwarded)]
  return connection
}

/** ssh would refuse it beside a command, so whoever has it for logins at a terminal wants no failure of each run. */
function notStarted(option: string): string {
  return `${option} in ssh's configuration is not used: Rolecall starts a shell as the user that logs in, and ansible_become is for another one`
}

function notForwarded(option: string): string {
  return `${option} in ssh's configuration is not used: a run forwards no ports. If a role needs the port, keep ssh -N to the host open beside the run`
}

async function connect(target: SshTarget, note: (message: string) => unknown): Promise<HopConnection> {
  for (const message of hostKeyNotes(target)) note(message)
  const { controlPath } = target.settings
  const existing = controlPath !== undefined && (await isListening(controlPath)) ? controlPath : undefined
  if (target.client === 'openssh') return byProgram(target, undefined, existing)
  const chosen = async (opening: Promise<HopConnection>, reason: string) => {
    const opened = await opening
    note(`${target.settings.hostName} is reached by the program ssh, because ${reason}`)
    return opened
  }
  if (existing !== undefined) return chosen(byProgram(target, undefined, existing), 'of a connection that ssh shares')
  const identities = await findIdentities(target)
  const reason = await onlyByProgram(target, identities)
  if (reason !== undefined && sshProgram() !== undefined) return chosen(byProgram(target), reason)
  const opened = await connectByLibrary(target, identities, () => openWay(target, (hop) => connect(hop, note)))
  if (!('reason' in opened)) return opened
  if (sshProgram() === undefined) throw new RolecallError(opened.problem)
  return chosen(byProgram(target, opened.problem), opened.reason)
}

/** Why ssh2 is not tried at all. */
async function onlyByProgram(
  target: SshTarget,
  { certificates, usable, onlyProgram }: Identities,
): Promise<string | undefined> {
  const { settings } = target
  const [option] = settings.onlyProgram
  if (option !== undefined) return `of ${option} in ssh's configuration`
  if (certificates.length > 0 && settings.methods.includes('publickey')) return `of ${certificates[0] ?? ''}`
  if (usable.length === 0 && onlyProgram.length > 0) return `of ${onlyProgram[0] ?? ''}`
  const { host, port } = keyNameOf(target)
  return (await readKnownHosts(target)).hasAuthority(host, port) ? 'of @cert-authority in known_hosts' : undefined
}

function byProgram(target: SshTarget, otherwise?: Problem, existing?: string): Promise<HopConnection> {
  const program = sshProgram()
  if (program === undefined) return Promise.reject(new RolecallError(otherwise ?? noProgram(target)))
  return connectByProgram(target, program.path, existing)
}

function noProgram({ host }: SshTarget): Problem {
  return {
    code: 'connect',
    host,
    message: 'the program ssh is not there, or does nothing for this user',
    expected: 'ssh in PATH, for ansible_connection: openssh',
    hint: `${sshProgramHint()}; or remove ansible_connection`,
  }
}
