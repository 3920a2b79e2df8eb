import { writeFile } from 'node:fs/promises'
import { textOf } from './files.ts'
import type { Say } from '../model.ts'

const instances = '/proc/sys/fs/inotify/max_user_instances'

/**
 * Every systemd of a host takes inotify instances from the one budget of the machine's root: about a dozen each. The kernel's own
 * 128 are used up by a third lab, whose hosts then end with "Too many open files".
 */
const ENOUGH = 1024

/** Raises the machine's limit when it is lower. It stays so until the machine starts again: a limit costs nothing. */
export async function ensureInotify(say: Say): Promise<void> {
  const now = Number((await textOf(instances)) ?? Infinity)
  if (now >= ENOUGH) return
  await writeFile(instances, String(ENOUGH))
  say({ step: 'requirements', detail: `fs.inotify.max_user_instances raised from ${now} to ${ENOUGH}` })
}
