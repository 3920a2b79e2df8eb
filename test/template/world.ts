import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { Evaluator, type World } from '../../lib/template/variables.ts'
import { isTemplate, Template, type Typing } from '../../lib/template/template.ts'
import { isSecret } from '../../lib/secret.ts'

const place = { file: 'hosts.yml', line: 1, column: 1 }

/** Data as an inventory gives it: texts that are templates to Ansible are templates. */
export function raw(data: unknown): unknown {
  if (typeof data === 'string') return isTemplate(data) ? new Template(data, place) : data
  if (data instanceof Unsafe) return data.text
  if (Array.isArray(data)) return data.map(raw)
  if (typeof data !== 'object' || data === null || isSecret(data)) return data
  return Object.fromEntries(Object.entries(data).map(([key, each]) => [key, raw(each)]))
}

class Unsafe {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Variables = Readonly<Record<string, unknown>>

/** A world of hosts and groups that are written out. */
export function worldOf(
  hosts: Readonly<Record<string, Variables>>,
  groups: ReadonlyMap<string, readonly string[]> = new Map(),
): World {
  return {
    host(name) {
      const own = Object.hasOwn(hosts, name) ? hosts[name] : undefined
      if (own === undefined) return undefined
      const variables = { ...own, inventory_hostname: name }
      return {
        get: (variable) =>
          Object.hasOwn(variables, variable) ? { value: raw(variables[variable as never]), place } : undefined,
        names: () => Object.keys(variables),
      }
    },
    hosts: () => Object.keys(hosts),
    groups: () => groups,
    directories: [import.meta.dirname],
    textOf: (text) => text,
  }
}

export const INVENTORY = join(import.meta.dirname, 'hosts.yml')

/** The hosts of hosts.yml, as `templar.py` has them. */
export function tableWorld(): World {
  const tag = { tag: '!unsafe', resolve: (text: string) => new Unsafe(text) }
  const { all } = parse(readFileSync(INVENTORY, 'utf8'), { version: '1.1', customTags: [tag] }) as {
    all: { vars: Variables; children: Record<string, { hosts: Record<string, Variables> }> }
  }
  const hosts: Record<string, Variables> = {}
  const groups = new Map<string, string[]>([
    ['all', []],
    ['ungrouped', []],
  ])
  for (const [group, { hosts: members }] of Object.entries(all.children)) {
    groups.set(group, Object.keys(members))
    for (const [name, own] of Object.entries(members)) {
      groups.get('all')?.push(name)
      hosts[name] = { ...all.vars, ...own, group_names: [group], inventory_hostname_short: name.split('.')[0] }
    }
  }
  return worldOf(hosts, groups)
}

/** What a template gives on a host. */
export function valueOf(
  template: string,
  world: World = tableWorld(),
  host = 'web-1',
  typing: Typing = 'ansible',
): unknown {
  return new Evaluator(world, typing).evaluated(host, raw(template))
}
