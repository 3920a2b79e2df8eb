import { join } from 'node:path'
import { Refusal } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { assemble } from './assemble.ts'
import { emptyDraft } from './draft.ts'
import type { Draft } from './draft.ts'
import { readExtras } from './extra.ts'
import { readText } from './files.ts'
import { reportCycles } from './graph.ts'
import type { Inventory } from './inventory.ts'
import { locate } from './locate.ts'
import { reportSharedNames, reportUnknownOwner } from './names.ts'
import { parseYaml } from './parse.ts'
import type { Report } from './parse.ts'
import { readStructure } from './structure.ts'
import { findVarsFiles, readVarsFile } from './vars-files.ts'

export interface LoadOptions {
  /** The arguments of `-e`, as they were given: `role.variable=value`, `ansible_user=root`, `@file.yml`. */
  readonly extra?: readonly string[]
}

/**
 * Reads an inventory: its hosts, groups and variables, each value with its place. The path is a directory with a
 * `hosts.yml` in it, or one YAML file; `group_vars/` and `host_vars/` are looked for beside the hosts.
 *
 * Throws one `Refusal` with every problem of every file, so that they can be mended in one go.
 *
 * @example
 * const inventory = loadInventory('inventory', { extra: ['dns-server.listen=10.10.50.50'] })
 * inventory.hosts[0]?.connection   // { kind: 'ssh', address: '10.10.50.50', port: 22, user: 'ops', ... }
 */
export function loadInventory(path: string, { extra = [] }: LoadOptions = {}): Inventory {
  const problems: Problem[] = []
  const report: Report = (problem) => problems.push(problem)
  const { hostsFile, directory } = locate(path)

  const draft = emptyDraft()
  const isWhole = readHostsFile(hostsFile, draft, report)
  readVarsOf('group', join(directory, 'group_vars'), draft, isWhole, report)
  readVarsOf('host', join(directory, 'host_vars'), draft, isWhole, report)
  const extras = readExtras(extra, report)
  reportCycles(draft, report)
  reportSharedNames(draft, report)
  if (isWhole && problems.length === 0 && draft.hosts.size === 0) report(noHosts(hostsFile))

  if (problems.length > 0) throw new Refusal(inReadingOrder(problems))
  return assemble(path, draft, extras)
}

/** Whether the file could be read as YAML; if not, it is unknown which hosts and groups there are. */
function readHostsFile(file: string, draft: Draft, report: Report): boolean {
  const read = readText(file, 'inventory')
  if ('problem' in read) {
    report(read.problem)
    return false
  }
  const root = parseYaml({ file, text: read.text, code: 'inventory' }, report)
  if (root === undefined) return false
  readStructure(root, draft, report)
  return true
}

function readVarsOf(rank: 'group' | 'host', directory: string, draft: Draft, isWhole: boolean, report: Report): void {
  const owners = rank === 'group' ? draft.groups : draft.hosts
  for (const { owner, path, files } of findVarsFiles(directory, report)) {
    const known = owners.get(owner)
    if (known === undefined && isWhole) reportUnknownOwner(rank, owner, path, draft, report)
    for (const file of files) {
      const layer = readVarsFile(file, { rank, owner }, report)
      if (layer === undefined) continue
      known?.layers.push(layer)
      draft.layers.push(layer)
    }
  }
}

function noHosts(file: string): Problem {
  return {
    code: 'inventory',
    message: 'the inventory has no hosts',
    place: { file, line: 1, column: 1 },
    expected: 'at least one host under a hosts:',
    hint: 'write "hosts:" under "all:" and "node-01:" under that',
  }
}

/** File by file in the order in which they were read, and from the top of each to its end. */
function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const order = new Map<string | undefined, number>()
  for (const { place } of problems) if (!order.has(place?.file)) order.set(place?.file, order.size)
  return problems.toSorted(
    ({ place: a }, { place: b }) =>
      (order.get(a?.file) ?? 0) - (order.get(b?.file) ?? 0) ||
      (a?.line ?? 0) - (b?.line ?? 0) ||
      (a?.column ?? 0) - (b?.column ?? 0),
  )
}
