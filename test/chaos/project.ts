import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inventoryFor, type Lab } from '../../lib/lab/lab.ts'
import { pointAtMirror } from '../support/mirror.ts'

/**
 * Copies the site into a directory of its own, with the lab as its inventory. It is gone when this process ends.
 *
 * @param silence seconds after which a host is asked whether it is still there; after three times as many it is given up. Each power cut is waited out.
 */
export function layOutProject(repository: string, lab: Lab, silence = 2): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-chaos-')))
  process.on('exit', () => rmSync(project, { recursive: true, force: true }))
  for (const part of ['playbooks', 'roles', 'inventory'])
    cpSync(join(repository, part), join(project, part), { recursive: true })
  pointAtMirror(project, lab)
  const impatient = inventoryFor(lab).replace(
    '-o UserKnownHostsFile',
    `-o ServerAliveInterval=${silence} -o UserKnownHostsFile`,
  )
  writeFileSync(join(project, 'inventory/hosts.yml'), impatient)
  return project
}
