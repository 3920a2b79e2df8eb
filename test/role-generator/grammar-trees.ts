import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { REPOSITORY } from './local-packages.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Directories with all that is in them, and what is said of a path beyond its content. */

const NAMES = ['t', 'own', 'work']

/** What one of these kinds makes of a directory, or nothing where that does not go together with what others want. */
export function treeResource(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined {
  const chance = random.next()
  const path = posix.join(posix.dirname(somewhere), random.pick(NAMES))
  if (!uses.mayHold(path) || !uses.holdsAbove(path)) return undefined
  if (chance < 0.35) return whole(uses, 'tree', path, () => treeOptions(random))
  if (chance < 0.6) return whole(uses, 'ownership', path, () => ownershipOptions(random))
  if (chance < 0.72) return whole(uses, 'git', path, () => gitOptions(random))
  return beside(random, uses, chance < 0.82 ? 'acl' : chance < 0.91 ? 'fileAttributes' : 'fileCapabilities')
}

/** One that says all of what is below its path. */
function whole(uses: PlaceUses, make: string, path: string, options: () => Data): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.kind === make) return { make, args: use.args }
  if (use !== undefined || !uses.isBare(path)) return undefined
  const args = [path, options()]
  uses.set(path, { type: 'keys', kind: make, attributes: {}, args })
  return { make, args }
}

function treeOptions(random: Random): Data {
  const often = (share: number) => random.next() < share
  const source = random.pick(['small', 'small', 'other', 'made'])
  return {
    source: { $local: source },
    ...(source === 'made' ? { variables: { port: 8080 } } : {}),
    ...(often(0.3) ? { prune: true } : {}),
    ...(often(0.3) ? { mode: random.pick(['0640', '0600']) } : {}),
    ...(often(0.3) ? { directoryMode: random.pick(['0750', '0700']) } : {}),
    ...(often(0.3) ? { owner: random.pick(['daemon', 'ops', 'root']) } : {}),
    ...(often(0.2) ? { group: random.pick(['daemon', 'nogroup']) } : {}),
    ...(often(0.2) ? { exclude: [random.pick(['two', 'sub', '*.tmp'])] } : {}),
  }
}

function ownershipOptions(random: Random): Data {
  const often = (share: number) => random.next() < share
  const given = {
    ...(often(0.6) ? { owner: random.pick(['daemon', 'ops', 'root']) } : {}),
    ...(often(0.4) ? { group: random.pick(['daemon', 'nogroup']) } : {}),
    ...(often(0.4) ? { mode: random.pick(['0640', '0644']) } : {}),
    ...(often(0.4) ? { directoryMode: random.pick(['0750', '0755']) } : {}),
  }
  return Object.keys(given).length === 0 ? { owner: 'daemon' } : given
}

function gitOptions(random: Random): Data {
  const often = (share: number) => random.next() < share
  return {
    source: REPOSITORY,
    ...(often(0.7) ? { version: random.pick(['main', 'v1', 'v2', 'next', 'nowhere']) } : {}),
    ...(often(0.2) ? { update: false } : {}),
    ...(often(0.3) ? { force: true } : {}),
    ...(often(0.15) ? { user: random.pick(['daemon', 'ops']) } : {}),
    ...(often(0.1) ? { bare: true } : {}),
  }
}

/** Said of a path that the role wants something of before: of others nobody knows what a list or an attribute does to their modes. */
function beside(
  random: Random,
  uses: PlaceUses,
  make: 'acl' | 'fileAttributes' | 'fileCapabilities',
): ResourceSpec | undefined {
  const paths = uses.paths(
    ({ kind, attributes }) =>
      (make === 'fileCapabilities' ? ['file', 'download'] : ['file', 'dir', 'exec', 'download']).includes(kind) &&
      [undefined, '0644', '0755'].some((mode) => mode === attributes['mode']),
  )
  if (paths.length === 0) return undefined
  const path = random.pick(paths)
  if (!uses.holdsAbove(path)) return undefined
  const key = `/${make}${path}`
  const known = uses.at(key)
  if (known?.args !== undefined) return { make, args: known.args }
  const options = {
    acl: () => aclOptions(random, uses.at(path)?.type === 'dir'),
    fileAttributes: () => attributes(random),
    fileCapabilities: () => capabilities(random),
  }[make]
  const args: Data[] = [path, options()]
  uses.set(key, { type: 'own', kind: make, attributes: {}, args })
  return { make, args }
}

function aclOptions(random: Random, isDir: boolean): Data {
  const name = random.pick(['daemon', 'nobody'])
  if (random.next() < 0.2) return { entries: [{ type: 'user', name }], state: 'absent' }
  // No more than the group of every such path has: so the mask is what the mode says.
  const entry = { type: random.pick(['user', 'group']), name: name === 'nobody' ? 'daemon' : name, permissions: 'r' }
  const isDefault = isDir && random.next() < 0.4
  return { entries: [isDefault ? { ...entry, default: true } : entry] }
}

function capabilities(random: Random): Data {
  return random.pick<Data>([
    { capabilities: ['cap_net_bind_service'] },
    { capabilities: ['cap_net_raw', 'cap_net_admin'], flags: 'p' },
    { state: 'absent' },
  ])
}

function attributes(random: Random): Data {
  return random.pick<Data>([{ noDump: true }, { noAccessTime: true }, { noDump: false }, { immutable: false }])
}

/** What was in such directories before. */
export function treeLine(random: Random, somewhere: string): string {
  const path = posix.join(posix.dirname(somewhere), random.pick(NAMES))
  return random.pick([
    `mkdir -p ${path}/sub; echo one >${path}/one; echo x >${path}/sub/more`,
    `mkdir -p ${path}/one`,
    `mkdir -p ${path}; echo left >${path}/left; chown -R nobody ${path}`,
    `mkdir -p ${path}; ln -s /etc/passwd ${path}/one`,
    `mkdir -p ${path}/sub; ln ${path}/../f ${path}/sub/hard`,
    `git clone -q ${REPOSITORY} ${path}`,
    `git clone -q -b v1 ${REPOSITORY} ${path}; echo edited >>${path}/text`,
    `mkdir -p ${path}; chmod 2770 ${path}; echo >${path}/odd; chmod 000 ${path}/odd`,
  ])
}
