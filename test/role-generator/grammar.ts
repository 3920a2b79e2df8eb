import { posix } from 'node:path'
import { Random } from '../support/random.ts'
import { PlaceUses } from './place-uses.ts'
import { databaseResource, databaseSetup } from './grammar-databases.ts'
import { editLine } from './grammar-edits.ts'
import { accountLine, accountResource } from './grammar-accounts.ts'
import { dir, fileResource, someDir, somePath, TOP } from './grammar-files.ts'
import { command, free } from './grammar-commands.ts'
import { archive, download, downloadLine } from './grammar-downloads.ts'
import { packageLine, packageResource } from './grammar-packages.ts'
import { languageLine, languageResource } from './grammar-languages.ts'
import { madeKey, madeKeyLine } from './grammar-made-keys.ts'
import { settingLine, settingResource } from './grammar-settings.ts'
import { systemLine, systemResource } from './grammar-system.ts'
import { toolless } from './grammar-toolless.ts'
import { treeLine } from './grammar-trees.ts'
import { quoted, startLine } from './grammar-start.ts'
import { systemdLine, systemdResource } from './grammar-systemd.ts'
import { dockerResource, wait } from './grammar-waits.ts'
import { optionsOf, type CallSpec, type Case, type ResourceSpec, type RoleSpec } from './spec.ts'

/** What a case is mostly about. */
export type About = 'files' | 'accounts' | 'packages' | 'settings' | 'system' | 'languages' | 'databases' | 'units'

/** Makes the case of a seed: the same one for the same seed, everywhere. */
export function caseOf(seed: number, on: 'light' | 'booted' = 'light'): Case {
  const random = new Random(seed)
  // The seeds are neighbours, and so are their first numbers.
  for (let skipped = 0; skipped < 3; skipped++) random.next()
  const uses = new PlaceUses(random)
  const about: About = on === 'booted' ? 'units' : (askedFor() ?? themeOf(random.next()))
  const line = {
    files: fileLine,
    accounts: accountLine,
    packages: packageLine,
    settings: settingLine,
    system: systemLine,
    languages: languageLine,
    databases: startLine,
    units: systemdLine,
  }[about]
  const some = () => (random.next() < 0.85 ? line(random) : startLine(random))
  const packs = () =>
    times(about === 'files' && random.next() < 0.4 ? random.between(1, 3) : 0, () => downloadLine(random))
  const setup = knowable([
    `mkdir -p ${TOP}/a ${TOP}/b`,
    ...(about === 'databases' ? databaseSetup(random) : []),
    ...times(random.between(0, MOST_LINES[about] ?? 8), some),
    ...packs(),
  ])
  const roles = times(random.next() < 0.25 ? 2 : 1, () => roleOf(random, uses, about))
  // Without lists nobody knows what comes along with a package, and so is there when its own turn comes.
  const comesAlong = uses.at('/pkg/trial-needs')?.kind === 'present'
  const lines = comesAlong ? setup.filter((line) => !line.includes(LISTS)) : setup
  return { seed, setup: lines, roles, ...(about === 'databases' ? { hasDatabases: true } : {}) }
}

/** Of what a line takes long for. */
const MOST_LINES: Partial<Record<About, number>> = { packages: 4, databases: 2 }

function themeOf(chance: number): About {
  if (chance < 0.55) return 'files'
  if (chance < 0.7) return 'accounts'
  if (chance < 0.8) return 'packages'
  if (chance < 0.92) return 'settings'
  return chance < 0.97 ? 'system' : chance < 0.985 ? 'languages' : 'databases'
}

/** `ROLECALL_ABOUT=languages` makes every case about that. */
function askedFor(): About | undefined {
  const asked = process.env['ROLECALL_ABOUT']
  return ABOUT.find((each) => each === asked)
}
const ABOUT = ['files', 'accounts', 'packages', 'settings', 'system', 'languages', 'databases'] as const

function fileLine(random: Random): string {
  const chance = random.next()
  if (chance < 0.75) return startLine(random)
  if (chance < 0.85) return treeLine(random, somePath(random).replace('with space', 'a'))
  const somewhere = somePath(random).replace('with space', 'a')
  return chance < 0.95 ? editLine(random, somewhere) : madeKeyLine(random, somewhere)
}

const LISTS = '/var/lib/apt/lists'

/** What is on hold stands in the way of what needs another version of it, and what needs which version stands in lists alone. */
function knowable(setup: readonly string[]): string[] {
  const hasLists = !setup.some((line) => line.includes(LISTS))
  return setup.filter((line) => hasLists || !line.startsWith('apt-mark hold'))
}

function roleOf(random: Random, uses: PlaceUses, about: About): RoleSpec {
  return { calls: times(random.between(1, 3), () => callOf(random, uses, about, 0)) }
}

function callOf(random: Random, uses: PlaceUses, about: About, depth: number): CallSpec {
  const chance = random.next()
  if (depth === 0 && chance < 0.06) {
    const path = random.next() < 0.5 ? somePath(random) : someDir(random)
    return { call: 'exists', path, then: [callOf(random, uses, about, 1)] }
  }
  const into = chance < 0.12 ? free(random, uses) : undefined
  if (into !== undefined) {
    uses.set(into, { type: 'own', kind: 'file', attributes: {} })
    if (chance < 0.09) return { call: 'read', path: somePath(random), into }
    return { call: 'look', command: `ls -A ${quoted(someDir(random))} 2>/dev/null || echo none`, into }
  }
  if (chance < 0.16) {
    const path = free(random, uses)
    if (path !== undefined) {
      uses.set(path, { type: 'own', kind: 'command', attributes: {} })
      return { call: 'command', creates: path, run: `echo made >${quoted(path)}`, touches: [path] }
    }
  }
  return { call: 'ensure', resources: inOrder(random, resources(random, uses, about)) }
}

function resources(random: Random, uses: PlaceUses, about: About): ResourceSpec[] {
  return times(random.between(1, 4), () => {
    const chance = random.next()
    if (about === 'units' && chance > 0.15) return systemdResource(random, uses)
    if (about === 'accounts' && chance > 0.2) return [accountResource(random, uses)]
    if (about === 'packages' && chance > 0.2) return [packageResource(random, uses)]
    if (about === 'settings' && chance > 0.2) return settingResource(random, uses)
    if (about === 'databases' && chance > 0.1) return [databaseResource(random, uses)]
    if (about === 'languages' && chance > 0.2) return languageResource(random, uses)
    if (about === 'system' && chance > 0.3)
      return [random.next() < 0.8 ? systemResource(random, uses) : toolless(random, uses)]
    const made = rarer(random, uses, about, chance) ?? [fileResource(random, uses)]
    const [first] = made
    return first === undefined ? [] : [...careful(random, uses, first), ...made]
  }).flat()
}

/** Mostly what a service restarts after comes before it: one `ensure` that has it otherwise is refused at once, and shows little. */
function inOrder(random: Random, all: readonly ResourceSpec[]): readonly ResourceSpec[] {
  const isEarly = (each: ResourceSpec, at: number) => {
    const { restartedAfter } = optionsOf(each)
    const paths = Array.isArray(restartedAfter) ? (restartedAfter as readonly unknown[]) : []
    const isFollowed = ({ args: [path] }: ResourceSpec) =>
      typeof path === 'string' && (paths.includes(path) || path.startsWith(UNIT_FILES))
    return each.make === 'service' && all.slice(at + 1).some(isFollowed)
  }
  if (random.next() < 0.1 || !all.some(isEarly)) return all
  const [files, rest] = [
    all.filter(({ make }) => FILES.includes(make)),
    all.filter(({ make }) => !FILES.includes(make)),
  ]
  return [...files, ...rest]
}
const FILES = ['file', 'dir', 'absent']
const UNIT_FILES = '/etc/systemd/system/'

/** Kinds that few roles have of each. Undefined where one does not go together with what others want. */
function rarer(random: Random, uses: PlaceUses, about: About, chance: number): readonly ResourceSpec[] | undefined {
  if (chance < 0.08) return command(random, uses)
  if (about !== 'files') return undefined
  if (chance < 0.17) {
    const path = random.next() < 0.7 ? someDir(random) : somePath(random)
    return uses.mayHold(path) ? archive(random, uses, path) : undefined
  }
  if (chance < 0.24) {
    const path = somePath(random)
    return uses.mayHold(path) ? one(download(random, uses, path)) : undefined
  }
  if (chance < 0.3) return one(wait(random, uses))
  if (chance < 0.32) return [dockerResource(random, uses)]
  return chance < 0.36 ? madeKey(random, uses, somePath(random)) : undefined
}

function one(made: ResourceSpec | undefined): readonly ResourceSpec[] | undefined {
  return made === undefined ? undefined : [made]
}

/** Mostly a role makes the directory first: one that does not is refused on most hosts, and shows little. */
function careful(random: Random, uses: PlaceUses, { make, args, touches = [] }: ResourceSpec): ResourceSpec[] {
  const path = touches[0] ?? args[0]
  if (
    typeof path !== 'string' ||
    !path.startsWith(`${TOP}/`) ||
    make.startsWith('docker') ||
    ['dir', 'absent'].includes(make) ||
    random.next() < 0.1
  )
    return []
  const parent = posix.dirname(path)
  const before = parent === TOP ? undefined : dir(random, uses, parent)
  return before === undefined ? [] : [before]
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
