import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { levelsOf } from '../../lib/inventory/variables/layer.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { selectHosts } from '../../lib/inventory/patterns/select.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf } from './support.ts'

const HOSTS = 10_000

function name(index: number): string {
  return `node-${String(index).padStart(5, '0')}`
}

function largeInventory(): string {
  const lines = ['all:', '  vars: { ansible_user: ops }', '  children:']
  const files: Record<string, string> = { 'group_vars/all.yml': 'base:\n  timezone: UTC\n' }
  for (let group = 0; group < 20; group++) {
    lines.push(`    g${group}:`, '      hosts:')
    for (let index = group; index < HOSTS; index += 20) {
      lines.push(`        ${name(index)}:`, `          ansible_host: 10.0.${index >> 8}.${index & 255}`)
    }
    files[`group_vars/g${group}.yml`] =
      `dns-server:\n  listen: 10.0.0.${group}\n  zones: [{ name: a.com }, { name: b.com }]\n`
  }
  return directoryOf({ ...files, 'hosts.yml': `${lines.join('\n')}\n` })
}

test(`${HOSTS} hosts with group_vars are loaded and chosen from`, () => {
  const inventory = loadInventory(largeInventory())
  assert.is(inventory.hosts.length, HOSTS)
  const chosen = selectHosts(inventory, 'g1*:node-0*[0:50]:&all:!~node-0001\\d')
  assert.is(
    chosen.some(({ name }) => name === 'node-00001'),
    true,
  )
  assert.is(
    chosen.some(({ name }) => name === 'node-00011'),
    false,
  )
  assert.is(
    inventory.hosts.every((host) => levelsOf(host.layers).size === 5),
    true,
  )
})

test(`${HOSTS} hosts in INI are those in YAML`, () => {
  const yaml = loadInventory(largeInventory())
  const lines = Array.from(yaml.groups.values(), ({ name: group, ownHosts }) => [
    ...(group === 'all' || group === 'ungrouped' ? [] : [`[${group}]`]),
    ...ownHosts.map((host) => `${host.name} ansible_host=10.0.0.1`),
  ])
  const ini = loadInventory(directoryOf({ hosts: `${lines.flat().join('\n')}\n` }))
  const names = ({ hosts }: typeof yaml) => hosts.map((host) => host.name)
  assert.equal(names(ini), names(yaml))
})

test('a pattern of thousands of names, and a near miss among thousands of hosts', () => {
  const inventory = loadInventory(
    directoryOf({ 'hosts.yml': `all:\n  hosts:\n    node-[00000:${HOSTS - 1}]:\n`.replace('9999', '09999') }),
  )
  const pattern = Array.from({ length: 5_000 }, (_, index) => name(index * 2)).join(',')
  assert.is(selectHosts(inventory, pattern).length, 5_000)
  assert.is(problemsOf(() => selectHosts(inventory, 'nod-00001')).length, 1)
})

test.run()
