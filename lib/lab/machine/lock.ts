import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { labError } from '../model.ts'
import { environment } from './run.ts'

/**
 * A lock of the kernel (flock), held by a small child process as long as its stdin is open. However this process ends, the lock is
 * free at once, and no stale lock can stay. A lock file that was removed while the child waited no longer locks
 * anything; the comparison finds that.
 */
const script = `
exec 9>"$1" || exit 1
flock -n 9 || { echo busy; flock 9; }
if [ "$1" -ef /proc/self/fd/9 ]; then echo held; exec cat; else echo stale; fi`

/**
 * Does `work` while holding the lock on `file`. `onBusy` is called, once, when somebody else has it; it may throw
 * to give up instead of waiting.
 *
 * @example await withLock('/run/rolecall/default.lock', () => say('waiting'), work)
 */
export async function withLock<T>(
  file: string,
  onBusy: () => void | Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const release = await take(file, onBusy)
    if (!release) continue
    try {
      return await work()
    } finally {
      await release()
    }
  }
  throw labError(`another program keeps removing the lock ${file}`)
}

async function take(file: string, onBusy: () => void | Promise<void>): Promise<(() => Promise<void>) | undefined> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o755 })
  // In a session of its own, so that Ctrl-C in the terminal does not free the lock before this process has ended.
  const holder = spawn('sh', ['-c', script, 'sh', file], {
    detached: true,
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve())
    holder.once('error', () => resolve())
  })
  for await (const line of createInterface({ input: holder.stdout })) {
    if (line === 'held') {
      return async () => {
        holder.stdin.end()
        await ended
      }
    }
    if (line === 'busy') {
      try {
        await onBusy()
      } catch (error) {
        // Kills the whole session, because the process that waits for the lock is a child of the shell.
        if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL')
        await ended
        throw error
      }
    }
  }
  await ended
  return undefined
}
