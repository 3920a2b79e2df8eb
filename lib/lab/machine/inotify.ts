import { writeFile } from 'node:fs/promises'
import { textOf } from './files.ts'
import type { Say } from '../model.ts'

const instances = '/proc/sys/fs/inotify/max_user_instances'

/**
 * The systemd of each host takes about a dozen inotify instances out of the machine's limit for root. The kernel's default of
 * 128 is too low for a third lab: its hosts fail with "Too many open files".
 */
const ENOUGH = 1024

/** Raises the machine's limit when it is too low. The limit stays raised until the machine reboots, which costs nothing. */
export async function ensureInotify(say: Say): Promise<void> {
  const now = Number((await textOf(instances)) ?? Infinity)
  if (now >= ENOUGH) return
  await writeFile(instances, String(ENOUGH))
  say({ step: 'requirements', detail: `fs.inotify.max_user_instances raised from ${now} to ${ENOUGH}` })
}
