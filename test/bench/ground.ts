import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { groupOf } from '../../lib/lab/cgroup.ts'
import { inventoryFor, reset, up, type Lab } from '../../lib/lab/lab.ts'
import { controlGroups, type Command, type TargetClock } from './sample.ts'
import { pointAtMirror } from '../support/mirror.ts'

export const repository = resolve(import.meta.dirname, '../..')
const command = join(repository, 'bin/rolecall.js')

/** Five hosts, and a directory with the site in it. */
export interface Ground {
  readonly lab: Lab
  readonly project: string
  readonly target: TargetClock
  reset(): Promise<unknown>
}

/** The lab of the benches, booted; what is up already stays. */
export async function labGround(): Promise<Ground> {
  const request = { project: repository, name: process.env['ROLECALL_BENCH_LAB'] ?? 'bench' }
  const lab = await up(request, ({ detail }) => process.stderr.write(`lab ${request.name}: ${detail}\n`))
  const groups = await Promise.all(lab.nodes.map(({ name }) => groupOf(lab.name, name)))
  const project = projectWith({ 'inventory/hosts.yml': inventoryFor(lab) })
  // The playbook uses some of the site's roles; that the others exist makes their variables no mistake.
  for (const part of ['roles', 'inventory/group_vars'])
    cpSync(join(repository, part), join(project, part), { recursive: true })
  pointAtMirror(project, lab)
  return { lab, project, target: controlGroups(groups), reset: () => reset(request) }
}

/** A directory for one bench, removed when the process ends. */
export function projectWith(files: Readonly<Record<string, string>>): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-bench-')))
  process.once('exit', () => rmSync(project, { recursive: true, force: true }))
  mkdirSync(join(project, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), text)
  }
  return project
}

/** The command as a user runs it: a cold start, its own connections. */
export function rolecall(project: string, ...args: readonly string[]): Command {
  return { argv: [process.execPath, command, ...args], cwd: project, env: { NO_COLOR: '1' } }
}

/** A playbook of the benches, by its path. */
export function playbookOf(name: string): string {
  return join(import.meta.dirname, 'playbooks', `${name}.ts`)
}
