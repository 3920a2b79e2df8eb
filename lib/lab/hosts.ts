import path from 'node:path'
import { defaultHosts } from './model.ts'
import type { HostChoice } from './ownership/ownership.ts'
import type { LabRecord } from './ownership/registry.ts'
import { planHosts } from './project/hosts.ts'
import { hostsLike } from './project/like.ts'
import type { ProjectLab } from './project/types.ts'

/**
 * The hosts that a lab should have: those of an inventory, those of an earlier `--like`, those of `lab/lab.ts`, or the default ones.
 *
 * @param before the record of the lab, while it is up
 */
export function hostChoice(project: ProjectLab, like: string | undefined, before: LabRecord | undefined): HostChoice {
  if (like !== undefined) {
    const hosts = hostsLike(like)
    return { hosts: (known) => planHosts(hosts, known), like: path.resolve(like) }
  }
  if (before?.like !== undefined && before.hosts !== undefined) {
    const { hosts } = before
    return { hosts: () => hosts }
  }
  const { hosts } = project
  return { hosts: (known) => (hosts === undefined ? defaultHosts : planHosts(hosts, known)) }
}
