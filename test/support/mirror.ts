import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../lib/lab/lab.ts'

const NAMING_IT = [
  'inventory/group_vars/ca.yml',
  'inventory/group_vars/kubernetes.yml',
  'inventory/group_vars/registry.yml',
]

/** The site names the mirror of the default lab: its copy in a test's own project gets that of the test's lab. */
export function pointAtMirror(project: string, { gateway }: Lab): void {
  for (const name of NAMING_IT) {
    const file = join(project, name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('10.10.50.254', gateway))
  }
}
