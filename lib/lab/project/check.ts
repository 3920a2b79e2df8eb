import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { flag, list, oneOf, text, value, whole } from '../../resources/kit/options/option-types.ts'
import { unexpected } from '../../resources/kit/options/option-problems.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'
import { isPlain } from '../../resources/kit/options/describe-value.ts'
import type { ArtifactRecipe } from '../artifacts/recipe.ts'
import { familyNames } from '../family.ts'
import type { ElPackages, LabDefinition, LabHost } from './types.ts'
import type { PackageDefinition, RepositoryDefinition } from '../bases/el/package.ts'

/** Names reserved for the lab's own files and control groups. */
const reserved = ['mirror', 'client']

const hostName = /^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$/
const hostNameWords = 'small letters, digits, dots, underscores and dashes, at most 63'

const readHost = objectOptions<LabHost>()(() => ({
  family: oneOf(familyNames, {
    redhat: 'did you mean el?',
    rhel: 'did you mean el?',
    ubuntu: 'did you mean debian?',
  }).optional(),
  groups: list('a list of groups', text('the name of a group: letters, digits and _', /^[A-Za-z_][\w-]*$/)).optional(),
  address: whole('a whole number from 1 to 253: the last number of the address', 1, 253).optional(),
  memory: text('an amount of memory, such as "512M" or "2G"', /^[1-9]\d*[MG]$/).optional(),
  kubelet: flag().optional(),
}))

const readEl = objectOptions<ElPackages>()(() => ({
  from: list('a list of Debian packages', text('the name of a Debian package', /^[a-z0-9][a-z0-9+.-]*$/)),
  packages: list('a list of packages', value<PackageDefinition>('a package: { name, of }', isPlain)).optional(),
  repositories: list(
    'a list of repositories',
    value<RepositoryDefinition>('a repository: { id, name }', isPlain),
  ).optional(),
}))

const readRecipe = objectOptions<ArtifactRecipe>()(() => ({
  source: z
    .union([text('a file or directory'), z.array(text())], { error: 'a file or directory, or a list of them' })
    .optional(),
  version: value<number | string>(
    'a number or text',
    (given) => typeof given === 'number' || typeof given === 'string',
  ).optional(),
  optional: flag().optional(),
  build: value<ArtifactRecipe['build']>(
    'a function: async build({ debian, serve }) { ... }',
    (given) => typeof given === 'function',
  ),
}))

/** Only checks for a map: its values are checked one by one later. */
function byName<T>(expected: string) {
  const fits = (given: unknown): boolean => isPlain(given) && Object.values(given).every(isPlain)
  return value<Readonly<Record<string, T>>>(expected, fits)
}

const readLab = objectOptions<LabDefinition>()(() => ({
  hosts: byName<LabHost>('hosts by name, such as { web: { groups: ["web"] } }').optional(),
  artifacts: byName<ArtifactRecipe>('recipes by name, such as { site: { build } }').optional(),
  el: value<ElPackages>('{ from, packages, repositories }', isPlain).optional(),
}))

/** All problems of a lab's definition, host by host. Pure. */
export function labProblems(given: unknown): Problem[] {
  const hosts = entriesOf(given, 'hosts')
  const el = isPlain(given) ? given['el'] : undefined
  const problems = [
    ...readLab.problems('the lab', given),
    ...hosts.flatMap(([name, host]) => [
      ...nameProblems(name),
      ...(isPlain(host) ? readHost.problems(`host "${name}"`, host) : []),
    ]),
    ...sharedAddresses(hosts),
    ...namedTwice(hosts),
    ...entriesOf(given, 'artifacts').flatMap(([name, recipe]) =>
      isPlain(recipe) ? readRecipe.problems(`artifact "${name}"`, recipe) : [],
    ),
    ...(isPlain(el) ? readEl.problems('el', el) : []),
  ]
  return problems.map((problem) => ({ ...problem, code: 'lab' }))
}

function entriesOf(given: unknown, key: string): [string, unknown][] {
  const entries = isPlain(given) ? given[key] : undefined
  return isPlain(entries) ? Object.entries(entries) : []
}

function nameProblems(name: string): Problem[] {
  if (reserved.includes(name))
    return [
      unexpected('the name of a host', `another name than ${reserved.join(' and ')}, which the lab itself uses`, name),
    ]
  return hostName.test(name) ? [] : [unexpected('the name of a host', hostNameWords, name)]
}

/** A name cannot be both a host's and a group's, or patterns in the inventory would be ambiguous. */
function namedTwice(hosts: readonly [string, unknown][]): Problem[] {
  const names = new Set(hosts.map(([name]) => name))
  return hosts.flatMap(([name, host]) => {
    const groups = isPlain(host) && Array.isArray(host['groups']) ? host['groups'] : []
    return groups
      .filter((group) => typeof group === 'string' && names.has(group))
      .map((group: unknown) =>
        unexpected(`groups of host "${name}"`, 'names that no host of the lab has', group, {
          hint: () => 'rename the host or the group, so that a pattern means one thing',
        }),
      )
  })
}

function sharedAddresses(hosts: readonly [string, unknown][]): Problem[] {
  const owners = new Map<unknown, string>()
  return hosts.flatMap(([name, host]) => {
    const address = isPlain(host) ? host['address'] : undefined
    if (address === undefined) return []
    const other = owners.get(address)
    owners.set(address, name)
    return other === undefined
      ? []
      : [unexpected(`address of host "${name}"`, `another one than that of host "${other}"`, address)]
  })
}
