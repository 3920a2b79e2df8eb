import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inventoryFor, type Lab } from '../../lib/lab/lab.ts'
import { pointAtMirror } from '../support/mirror.ts'

/** Copies the site into a directory of its own, with the lab as its inventory. It is gone when this process ends. */
export function layOutProject(repository: string, lab: Lab): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-chaos-')))
  process.on('exit', () => rmSync(project, { recursive: true, force: true }))
  for (const part of ['playbooks', 'roles', 'inventory'])
    cpSync(join(repository, part), join(project, part), { recursive: true })
  pointAtMirror(project, lab)
  // A host that fell silent is given up soon: each power cut is waited out.
  const impatient = inventoryFor(lab).replace('-o UserKnownHostsFile', '-o ServerAliveInterval=2 -o UserKnownHostsFile')
  writeFileSync(join(project, 'inventory/hosts.yml'), impatient)
  return project
}
