import type { SystemdUnit } from './probe-unit.ts'
import type { PendingUnitTexts } from './pending-unit-files.ts'

const RELOADS = /^\s*(ExecReload\s*=\s*\S|Type\s*=\s*notify-reload\s*$)/m
const RELOADS_NO_MORE = /^\s*ExecReload\s*=\s*$/m

/**
 * Whether a unit can reload once its pending files are there. Of a unit whose file comes with a package nothing is known: whoever says
 * `reloadedAfter` counts on a reload.
 *
 * Source: systemd.service(5), ExecReload=, Type=.
 */
export function withReload(have: SystemdUnit, { main, dropIns }: PendingUnitTexts): SystemdUnit {
  if (have.cannotReload === undefined) return have
  const texts = [...(main === undefined ? [] : [main.text]), ...dropIns]
  if (texts.some((text) => text !== undefined && RELOADS.test(text))) return { ...have, cannotReload: false }
  if (texts.includes(undefined)) return { ...have, cannotReload: false }
  if (main !== undefined || dropIns.some((text) => text !== undefined && RELOADS_NO_MORE.test(text)))
    return { ...have, cannotReload: true }
  return have
}
