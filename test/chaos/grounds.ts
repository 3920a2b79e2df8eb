import type { RunEvent } from '../../lib/events.ts'
import { sh, type Sh } from '../../lib/sh/quote.ts'
import type { LimitedDisks } from './limited-disk.ts'
import type { Machine } from './machine.ts'
import { slowDown } from './slow.ts'

/** What the hosts are like when a run begins. */
export interface Ground {
  readonly name: string
  readonly prepare: () => Promise<void>
}

/** Factory-fresh hosts: all of the site is still to come, packages first. */
export function fresh(machines: readonly Machine[], disks: LimitedDisks): Ground {
  return { name: 'factory-fresh hosts', prepare: () => disks.putBack('fresh', machines) }
}

/** How a finished host drifts: each kind of resource is a way to undo one. What is not here stays as it is. */
const UNDO: Readonly<Record<string, (name: string) => Sh>> = {
  // An empty line means nothing in any of these files, and services run with them as before. Where lines are kept, one goes.
  file: (path) => sh`case ${path} in /etc/resolv.conf) sed -i '/^search /d' ${path};; *) echo >>${path};; esac`,
  // A value, not a space: an edit leaves the rest of the file as it finds it.
  jsonFile: (path) => sh`sed -i 's/"live-restore": true/"live-restore": false/' ${path}`,
  link: (path) => sh`rm -f ${path}`,
  dir: (path) => sh`case ${path} in /data*) chmod 700 ${path};; *) rm -rf ${path};; esac`,
  service: (unit) => sh`systemctl -q disable ${unit} 2>/dev/null; :`,
}

/** Finished hosts, with everything undone that does not take a package manager: their services run and are due for a restart. */
export function drifted(machines: readonly Machine[], clean: readonly RunEvent[]): Ground {
  return {
    name: 'finished hosts that drifted',
    prepare: async () => {
      await Promise.all(
        machines.map(async (machine) => {
          await machine.run(undo(machine.name, clean))
          await slowDown(machine)
        }),
      )
    },
  }
}

/** Files first: what is in a directory that goes is gone with it. */
function undo(host: string, clean: readonly RunEvent[]): string {
  const changed = clean.flatMap((event) =>
    event.type === 'resource' && event.host === host && event.status === 'changed' ? [event.resource] : [],
  )
  return Object.entries(UNDO)
    .flatMap(([kind, how]) =>
      changed
        .filter((resource) => resource.startsWith(`${kind}:`))
        .map((resource) => how(resource.slice(kind.length + 1)).text),
    )
    .join('\n')
}
