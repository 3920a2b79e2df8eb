import { spawn } from 'node:child_process'
import path from 'node:path'
import { textOf } from '../machine/files.ts'
import { hostPart, ownProcesses } from './cgroup.ts'
import { environment } from '../machine/run.ts'

/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const ticks = 100

/** The process id of a host's systemd-nspawn, found in the host's control group. */
export async function supervisorOf(group: string): Promise<number | undefined> {
  const host = hostPart(group)
  for (const pid of [...(await ownProcesses(path.join(host, 'supervisor'))), ...(await ownProcesses(host))]) {
    if ((await textOf(`/proc/${pid}/comm`))?.trim() === 'systemd-nspawn') return pid
  }
  return undefined
}

/** The process id of a host's systemd: the child of systemd-nspawn. */
export async function leaderOf(group: string): Promise<number | undefined> {
  const supervisor = await supervisorOf(group)
  if (supervisor === undefined) return undefined
  const children = ((await textOf(`/proc/${supervisor}/task/${supervisor}/children`)) ?? '').trim()
  const [first = ''] = children.split(' ')
  return first === '' ? undefined : Number(first)
}

/** How long a process has been running, in seconds; undefined without such a process. */
export async function ageOf(pid: number): Promise<number | undefined> {
  const [stat, uptime] = await Promise.all([textOf(`/proc/${pid}/stat`), textOf('/proc/uptime')])
  // Field 22 is the start time. Fields are counted after the command's name, which may contain anything.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  if (started === undefined || uptime === undefined) return undefined
  return Math.max(0, Number(uptime.split(' ')[0]) - Number(started) / ticks)
}

/**
 * Runs a command in a host without the network, and returns its output, whatever its exit code.
 * Empty when the host is gone or the command takes too long.
 */
export async function inHost(group: string, command: readonly string[], limitMs = 10_000): Promise<string> {
  const leader = await leaderOf(group)
  if (leader === undefined) return ''
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd']
  return await new Promise((resolve) => {
    const child = spawn('nsenter', ['--target', String(leader), ...namespaces, '--', ...command], {
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    let text = ''
    // Kills the whole group, because the command is a child of nsenter and outlives it.
    const timer = setTimeout(() => killGroup(child.pid), limitMs)
    const end = (): void => {
      clearTimeout(timer)
      resolve(text)
    }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.once('error', end)
    child.once('close', end)
  })
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
