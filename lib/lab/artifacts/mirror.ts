import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mirrorParts, type Artifacts } from './artifacts.ts'
import { destroyGroup, groupOf, isPopulated, ownProcesses } from '../nspawn/cgroup.ts'
import type { MirrorStatus } from '../drivers/driver.ts'
import type { LabDirectories } from '../disks/directories.ts'
import { exists, textOf } from '../machine/files.ts'
import { labError, mirrorPort, type Lab, type Say } from '../model.ts'
import { environment, lastLines } from '../machine/run.ts'

/** How long the mirror may take to answer after its start. */
const startLimitMs = 20_000

/** Where the hosts of a lab reach its mirror, with a slash at the end. */
export function mirrorUrl(lab: Lab): string {
  return `http://${lab.gateway}:${mirrorPort}/`
}

/**
 * Starts the mirror of a lab, unless it already serves these artifacts. The mirror listens on the address of the bridge only,
 * and keeps running after this process ends.
 *
 * @throws {RolecallError} with the last lines of its output when it does not start
 */
export async function ensureMirror(
  lab: Lab,
  dirs: LabDirectories,
  { fingerprint, directories }: Artifacts,
  say: Say,
): Promise<void> {
  if ((await identityOf(lab)) === identity(lab, fingerprint)) return
  const group = await groupOf(lab.name, 'mirror')
  await destroyGroup(group)
  await mkdir(group, { recursive: true })
  const logFile = path.join(dirs.cache, dirs.lab, 'mirror.log')
  const log = openSync(logFile, 'w')
  const server = [process.execPath, path.join(mirrorParts, 'serve.js'), lab.gateway, String(mirrorPort)]
  const child = spawn(
    'sh',
    ['-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', group, ...server, identity(lab, fingerprint), ...directories],
    { cwd: dirs.cache, detached: true, stdio: ['ignore', log, log], env: { PATH: environment['PATH'] } },
  )
  closeSync(log)
  child.once('error', () => undefined) // The mirror will not start; the error is thrown below.
  const lives = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null
  const giveUp = Date.now() + startLimitMs
  while ((await identityOf(lab)) !== identity(lab, fingerprint)) {
    if (lives() && Date.now() < giveUp) {
      await sleep(50)
      continue
    }
    throw labError(`the mirror of lab ${lab.name} does not start`, {
      expected: `an answer at ${mirrorUrl(lab)}`,
      got: lives() ? 'none' : 'its process has ended',
      output: lastLines((await textOf(logFile)) ?? ''),
      hint: `see whether another program has port ${mirrorPort}: ss -lntp sport = :${mirrorPort}`,
    })
  }
  child.unref()
  say({ step: 'mirror', detail: `serving artifacts at ${mirrorUrl(lab)}` })
}

/** The state of a lab's mirror; undefined when the lab has nothing to serve. Needs no root. */
export async function mirrorStatus(lab: Lab): Promise<MirrorStatus | undefined> {
  const url = mirrorUrl(lab)
  const group = await groupOf(lab.name, 'mirror')
  const [pid] = await ownProcesses(group)
  if (pid === undefined || !(await isPopulated(group)))
    return (await exists(group)) ? { url, state: 'stopped' } : undefined
  const answers = (await identityOf(lab))?.startsWith(`${lab.name} `) === true
  return { url, state: answers ? 'running' : 'broken', pid }
}

/** Identifies this lab's mirror with these artifacts among all servers. */
function identity(lab: Lab, fingerprint: string): string {
  return `${lab.name} ${fingerprint}`
}

async function identityOf(lab: Lab): Promise<string | undefined> {
  try {
    const answer = await fetch(mirrorUrl(lab), { method: 'HEAD', signal: AbortSignal.timeout(1000) })
    return answer.headers.get('x-rolecall-mirror') ?? undefined
  } catch {
    return undefined
  }
}
