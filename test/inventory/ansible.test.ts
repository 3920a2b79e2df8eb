import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { shownJson } from '../../lib/gate/shown-json.ts'
import type { Inventory } from '../../lib/inventory/inventory.ts'
import { listing } from '../../lib/inventory/patterns/listing.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { selectHosts } from '../../lib/inventory/patterns/select.ts'
import { Die } from '../support/die.ts'
import { PYTHON } from '../template/compare.ts'
import { randomCase, type RandomCase } from './random-inventory.ts'
import { directoryOf } from './support.ts'

const ROUNDS = Number(process.env['ROLECALL_INVENTORIES'] ?? 60)
const SEED = Number(process.env['ROLECALL_SEED'] ?? 16)

interface Answer {
  readonly processed: number
  readonly hosts: readonly string[]
  readonly groups: Readonly<Record<string, unknown>>
  /** As `ansible-inventory --list` prints them. */
  readonly variables: Readonly<Record<string, string>>
  readonly patterns: Readonly<Record<string, readonly string[] | string>>
}

interface Tried extends RandomCase {
  readonly directory: string
  readonly paths: readonly string[]
}

function laidOut(random: RandomCase): Tried {
  const directory = directoryOf(random.files)
  const paths = random.sources.map((source) => (source.includes(',') ? source : join(directory, source)))
  return { ...random, directory, paths }
}

function answersOfAnsible(python: string, cases: readonly Tried[]): Answer[] {
  const input = cases.map(({ paths, patterns, directory, hasPlay }) => ({
    sources: paths,
    patterns,
    basedir: hasPlay ? join(directory, 'play') : null,
  }))
  const { stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'inventories.py')], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1_000_000_000,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer[]
}

/** Where an inventory and Ansible's answer differ, in words. */
function differences(tried: Tried, theirs: Answer): string[] {
  let inventory: Inventory
  try {
    inventory = loadInventory(tried.paths, tried.hasPlay ? { beside: [join(tried.directory, 'play')] } : {})
  } catch (error) {
    return [error instanceof RolecallError ? `refused: ${JSON.stringify(error.problems)}` : String(error)]
  }
  const found: string[] = []
  const compare = (what: string, here: unknown, there: unknown) => {
    if (!isDeepStrictEqual(here, there))
      found.push(`${what}: Ansible ${JSON.stringify(there)}, here ${JSON.stringify(here)}`)
  }
  const namesOf = (hosts: Inventory['hosts']) => hosts.map(({ name }) => name)
  compare('hosts', namesOf(inventory.hosts), theirs.hosts)
  compare('names of groups', [...inventory.groups.keys()].sort(), Object.keys(theirs.groups).sort())
  for (const { name, ownHosts, hosts, children, priority } of inventory.groups.values())
    compare(`group ${name}`, { own: namesOf(ownHosts), hosts: namesOf(hosts), children, priority }, theirs.groups[name])
  const { hostvars } = listing(inventory)._meta
  for (const [name, variables] of Object.entries(theirs.variables))
    compare(`variables of ${name}`, shownJson(hostvars[name] ?? {}), variables)
  const meansNothing = (pattern: string) =>
    typeof theirs.patterns[pattern] === 'string' || theirs.patterns[pattern]?.length === 0
  for (const [pattern, there] of Object.entries(theirs.patterns)) {
    let here: readonly string[] | undefined
    try {
      here = namesOf(selectHosts(inventory, pattern))
    } catch (error) {
      if (!(error instanceof RolecallError)) throw error
    }
    // What means nothing is a warning of Ansible's and refused here.
    const parts = pattern.split(/[,:](?![^[]*\])/)
    if (
      here === undefined &&
      (meansNothing(pattern) || parts.some((part) => meansNothing(part.replace(/^[&!]/, '')) || meansNothing(part)))
    )
      continue
    if (meansNothing(pattern) && isOurs(pattern)) continue
    compare(`pattern ${pattern}`, here, there)
  }
  return found
}

/** A slice that only we know, and a set of letters that Ansible takes for a slice. */
function isOurs(pattern: string): boolean {
  return /\[/.test(pattern)
}

test(`${ROUNDS} random inventories mean what they mean to Ansible: hosts, groups, order, variables, patterns`, () => {
  if (PYTHON === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  const die = new Die(SEED)
  const cases = Array.from({ length: ROUNDS }, () => laidOut(randomCase(die)))
  const answers = answersOfAnsible(PYTHON, cases)
  const all = cases.flatMap((tried, at) => {
    const theirs = answers[at]
    return theirs === undefined
      ? ['no answer']
      : differences(tried, theirs).map((line) => `${at} ${tried.sources.join(' ')} ${line}`)
  })
  assert.equal(all.slice(0, 20), [])
})

test.run()
