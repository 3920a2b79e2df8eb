import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'
import { inventoryFor, reset, up, type Lab, type LabNode } from '../../lib/lab/lab.ts'
import { mirrorUrl } from '../../lib/lab/artifacts/mirror.ts'
import { controlGroups, type Command, type TargetClock } from './sample.ts'
import { pointAtMirror } from '../support/mirror.ts'

export const repository = resolve(import.meta.dirname, '../..')
const command = join(repository, 'bin/rolecall.js')

/** Five hosts, and a directory with the site in it. */
export interface Ground {
  readonly lab: Lab
  /** Where the hosts fetch from what the site downloads, with a slash at the end. */
  readonly mirror: string
  /** The name server's address. */
  readonly dns: string
  readonly hosts: readonly LabNode[]
  readonly project: string
  readonly target: TargetClock
  /** Gives these hosts a factory-fresh disk; all of them when none are named. */
  reset(names: readonly string[]): Promise<unknown>
}

/** The lab of the benches, booted, or these hosts of it; what is up already stays. `artifacts`: what its hosts download, by default that of the site. */
export async function labGround(nodes?: readonly string[], artifacts?: readonly string[]): Promise<Ground> {
  const name = process.env['ROLECALL_BENCH_LAB'] ?? 'bench'
  const request = { project: repository, name, ...(artifacts === undefined ? {} : { artifacts }) }
  const booted = await up({ ...request, ...(nodes === undefined ? {} : { nodes }) }, ({ detail }) =>
    process.stderr.write(`lab ${request.name}: ${detail}\n`),
  )
  const lab =
    nodes === undefined ? booted : { ...booted, nodes: booted.nodes.filter(({ name }) => nodes.includes(name)) }
  const groups = await Promise.all(lab.nodes.map(({ name }) => groupOf(lab.name, name)))
  const project = projectWith({ 'inventory/hosts.yml': inventoryFor(lab) })
  for (const part of ['playbooks', 'roles', 'inventory/group_vars'])
    cpSync(join(repository, part), join(project, part), { recursive: true })
  pointAtMirror(project, lab)
  return {
    lab,
    project,
    mirror: mirrorUrl(lab),
    dns: lab.nodes[0]?.address ?? '',
    hosts: lab.nodes,
    target: controlGroups(groups),
    reset: (names) => reset(request, names),
  }
}

/**
 * Gives all hosts a factory-fresh disk, for what is not about the site: containers that an earlier bench has left on them look after their health, which
 * took 15 % of the CPU, and a hundred files as wanted 0.20 s instead of 0.11 s. A smoke judges no times.
 */
export async function withoutSite(ground: Ground, isSmoke: boolean): Promise<void> {
  if (!isSmoke) await ground.reset([])
}

/** A directory for one bench, removed when the process ends. */
export function projectWith(files: Readonly<Record<string, string>>): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-bench-')))
  process.once('exit', () => rmSync(project, { recursive: true, force: true }))
  mkdirSync(join(project, 'node_modules'))
  for (const [path, text] of Object.entries(files)) addFile(project, path, text)
  return project
}

export function addFile(project: string, path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}

/** The command as a user runs it: a cold start, its own connections. */
export function rolecall(project: string, ...args: readonly string[]): Command {
  return { argv: [process.execPath, command, ...args], cwd: project, env: { NO_COLOR: '1' } }
}

/** A playbook of the benches, by its path. */
export function playbookOf(name: string): string {
  return join(import.meta.dirname, 'playbooks', `${name}.ts`)
}
