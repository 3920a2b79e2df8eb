import { accessSync, constants, statSync } from 'node:fs'
import { filesInPath } from '../files-in-path.ts'

/** The program `ssh` and what tells one version of it from another. */
export interface SshProgram {
  readonly path: string
  readonly identity: string
}

let found: { readonly path: string; readonly program: SshProgram | undefined } | undefined

/** Looks for `ssh` as a shell does. Undefined where there is none. */
export function sshProgram(path = process.env['PATH'] ?? ''): SshProgram | undefined {
  if (found?.path !== path) found = { path, program: look(path) }
  return found.program
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
