import { accessSync, constants, statSync } from 'node:fs'
import { thisAccount } from '../machine/account.ts'
import { filesInPath } from '../machine/files-in-path.ts'
import { processState } from '../process-state.ts'

/** The program `ssh` and what tells one version of it from another. */
export interface SshProgram {
  readonly path: string
  readonly identity: string
}

/** By the value of PATH. */
const found = processState(() => new Map<string, SshProgram | undefined>())

/** Looks for `ssh` as a shell does. Undefined where there is none, and for a user id without an account, for which ssh does nothing at all. */
export function sshProgram(path = process.env['PATH'] ?? ''): SshProgram | undefined {
  if (!thisAccount().isKnown) return undefined
  const programs = found()
  if (!programs.has(path)) programs.set(path, look(path))
  return programs.get(path)
}

function look(path: string): SshProgram | undefined {
  for (const file of filesInPath('ssh', path)) {
    try {
      accessSync(file, constants.X_OK)
      const stat = statSync(file)
      if (stat.isFile()) return { path: file, identity: `${file} ${stat.size} ${stat.mtimeMs}` }
    } catch {
      continue
    }
  }
  return undefined
}

/** What to do where something needs the program `ssh`, and `sshProgram` is undefined. */
export function sshProgramHint(): string {
  const { isKnown, uid } = thisAccount()
  return isKnown
    ? 'install ssh on this machine (Debian: openssh-client, Red Hat: openssh-clients)'
    : `add an account with the user id ${uid} to /etc/passwd: ssh does nothing for an id without one`
}
