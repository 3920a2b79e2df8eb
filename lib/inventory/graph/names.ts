import type { Draft } from './draft.ts'
import type { Report } from '../parse.ts'

/** As in Ansible, a host and a group may have the same name. Alone in a pattern the name means the host, and its variables are the group's. */
export function noteSharedNames(draft: Draft, report: Report): void {
  for (const { name, place } of draft.hosts.values()) {
    if (!draft.groups.has(name)) continue
    report.note({
      topic: 'shared',
      name: `"${name}"`,
      message:
        'this is the name of a host and of a group; alone in a pattern it means the host, and variables of the host count for the group',
      place,
      hint: 'rename one of the two',
    })
  }
}
