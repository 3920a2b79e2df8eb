import { defaultLab, describeLab, type LabNode } from './model.ts'
import { ownershipOf } from './ownership/ownership.ts'
import { readRecord } from './ownership/registry.ts'
import { isRecord } from './ownership/requester.ts'
import { planHosts } from './project/hosts.ts'
import { projectLab } from './project/load.ts'

/** The hosts that the default lab of a project has, or would have. Used by shell completion. */
export async function knownHosts(project: string): Promise<readonly LabNode[]> {
  const entry = await readRecord(defaultLab.name)
  if (isRecord(entry) && entry.project === project) return ownershipOf(entry).lab.nodes
  const { hosts } = await projectLab(project).catch(() => ({ hosts: undefined }))
  const options = hosts === undefined ? {} : { hosts: planHosts(hosts) }
  return describeLab(defaultLab.name, project, defaultLab.subnet, options).nodes
}
