import type { Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly about: string
}

/**
 * The candidates for the last word of a command line, which may be empty.
 *
 * @example
 * await candidates(program(), ['check', 's'], '/home/me/site')   // [{ value: 'site', about: 'playbook' }]
 */
export async function candidates(root: Command, words: readonly string[], cwd: string): Promise<Candidate[]> {
  const last = words.at(-1) ?? ''
  const behind = walk(root, words.slice(0, -1))
  // `--limit=web` is completed as `--limit web` is.
  const [flag = ''] = /^--[\w-]+=/.exec(last) ?? []
  const spot = flag === '' ? behind : step(behind, flag.slice(0, -1))
  if (flag !== '' && spot.option === undefined) return []
  const typed = last.slice(flag.length)
  const all = await fitting(spot, typed, cwd, inventoryIn(words))
  return all
    .filter(({ value }) => value.startsWith(typed))
    .map(({ value, about }) => ({ value: `${flag}${value}`, about }))
    .sort((a, b) => a.value.localeCompare(b.value))
}

interface Spot {
  readonly command: Command
  /** The option whose value is expected next. */
  readonly option?: Option
  /** The number of arguments before this one. */
  readonly position: number
  /** After `--`, words belong to the command on the host. */
  readonly isForeign: boolean
}

function walk(root: Command, before: readonly string[]): Spot {
  let spot: Spot = { command: root, position: 0, isForeign: false }
  for (const word of before) spot = step(spot, word)
  return spot
}

function step(spot: Spot, word: string): Spot {
  const { command, position, isForeign } = spot
  const after = { command, position, isForeign }
  if (spot.option !== undefined || spot.isForeign) return after
  if (word === '--') return { ...after, isForeign: true }
  if (word.startsWith('-')) {
    const option = spot.command.options.find(({ short, long }) => word === short || word === long)
    const takesValue = option !== undefined && (option.required || option.optional)
    return takesValue ? { ...after, option } : after
  }
  const child = spot.command.commands.find((command) => command.name() === word)
  return child === undefined
    ? { ...after, position: spot.position + 1 }
    : { command: child, position: 0, isForeign: false }
}

async function fitting(
  spot: Spot,
  typed: string,
  cwd: string,
  inventory: string | readonly string[],
): Promise<Candidate[]> {
  const { command, option, position, isForeign } = spot
  if (isForeign) return []
  if (option !== undefined) return await ofOption(option, typed, cwd, inventory)
  if (typed.startsWith('-')) {
    return [...command.options, HELP].map(({ long, description }) => ({ value: long ?? '', about: description }))
  }
  if (command.commands.length > 0) {
    const visible = command.createHelp().visibleCommands(command)
    return visible.map((child) => ({ value: child.name(), about: child.summary() || child.description() }))
  }
  const { registeredArguments } = command
  const last = registeredArguments.at(-1)
  const argument = registeredArguments[position] ?? (last?.variadic === true ? last : undefined)
  if (argument?.argChoices !== undefined) return argument.argChoices.map((value) => ({ value, about: '' }))
  if (argument === undefined) return []
  const parent = command.parent?.name()
  // The arguments of `vault` are files, which the shell completes.
  if (argument.name() === 'file') return parent === 'plan' ? plans(cwd) : []
  if (argument.name() === 'playbook' && command.name() === 'apply')
    return [...(await valuesOf('playbook', cwd, inventory)), ...(await plans(cwd))]
  if (argument.name() === 'run') return (await import('./words.ts')).runNames(cwd, command.name() === 'resume')
  const isPattern = ['facts', 'ping'].includes(command.name()) && argument.name() === 'host'
  return await valuesOf(isPattern ? 'limit' : argument.name(), cwd, inventory)
}

async function plans(cwd: string): Promise<Candidate[]> {
  const { planFiles } = await import('./words.ts')
  return all(planFiles(cwd), 'a saved plan')
}

/** The candidates for the value of an option; in a pattern or a list with commas, for its last part. */
async function ofOption(
  option: Option,
  typed: string,
  cwd: string,
  inventory: string | readonly string[],
): Promise<Candidate[]> {
  const name = option.attributeName()
  if (name === 'limit') {
    // The last part of a pattern: `web:!db` has two.
    const [before = ''] = /^(?:.*[:,])?[!&]?/.exec(typed) ?? []
    return (await inventoryNames(inventory)).map(({ value, about }) => ({ value: `${before}${value}`, about }))
  }
  if (name !== 'tags' && name !== 'skipTags') return await valuesOf(name, cwd, inventory)
  const { tagsIn } = await import('./words.ts')
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  return all(
    tagsIn(cwd).map((tag) => `${before}${tag}`),
    'a tag',
  )
}

const HELP = { long: '--help', description: 'print this help' }

/** Candidates from the project, by the name of the argument. */
async function valuesOf(name: string, cwd: string, inventory: string | readonly string[]): Promise<Candidate[]> {
  switch (name) {
    case 'playbook': {
      const { playbookNames } = await import('../../playbook/load/find.ts')
      return all(playbookNames(cwd), 'playbook')
    }
    case 'role':
    case 'startAt': {
      const { knownRoleNames } = await import('../../playbook/load/find.ts')
      return all(knownRoleNames(cwd), 'role')
    }
    case 'variable': {
      const { variables } = await import('./variables.ts')
      return variables(cwd, (await openedInventory(inventory))?.hosts ?? [])
    }
    case 'host':
      return (await inventoryNames(inventory)).filter(({ about }) => about === 'host')
    case 'limit':
      return await inventoryNames(inventory)
    case 'node': {
      const { knownHosts } = await import('../../lab/known-hosts.ts')
      return (await knownHosts(cwd)).map((node) => ({ value: node.name, about: node.address }))
    }
    default:
      return []
  }
}

async function inventoryNames(path: string | readonly string[]): Promise<Candidate[]> {
  const inventory = await openedInventory(path)
  if (inventory === undefined) return []
  const names = inventory.hosts.map((host) => host.name)
  return [...all(names, 'host'), ...all([...inventory.groups.keys()], 'group')]
}

/** Undefined for an inventory that cannot be read: completion shows no errors. */
async function openedInventory(path: string | readonly string[]) {
  const { openProjectInventory } = await import('../../playbook/load/inventory.ts')
  return await openProjectInventory(path).catch(() => undefined)
}

function inventoryIn(words: readonly string[]): string | readonly string[] {
  const given = words.filter((_, at) => ['-i', '--inventory'].includes(words[at - 1] ?? ''))
  return given.length === 0 ? 'inventory' : given
}

function all(values: readonly string[], about: string): Candidate[] {
  return values.map((value) => ({ value, about }))
}
