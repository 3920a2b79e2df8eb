import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release } from 'node:os'

/** Where and when something was measured: without that a figure says nothing. */
export function machine(): string {
  const now = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const cores = cpus()
  const parts = [
    now,
    `${cores.length} CPUs (${cores[0]?.model ?? 'unknown'})`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    said('ssh', '-V').replace(/,.*/, ''),
    ...said('ansible-playbook', '--version')
      .split('\n')
      .slice(0, 1)
      .map((line) => line.replace(/^.*\[(.*)\].*$/, 'ansible-$1')),
    ...said('dpkg-query', '-W', '-f', '${Version}', 'ansible-mitogen')
      .split('\n')
      .map((version) => `mitogen ${version}`),
  ]
  return parts.filter((part) => !/^$|^mitogen $/.test(part)).join(', ')
}

/** How much else was going on: the mean number of processes that wanted a CPU in the last minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1)
}

/** Empty when there is no such program. */
function said(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? `${stdout}${stderr}`.trim() : ''
}
