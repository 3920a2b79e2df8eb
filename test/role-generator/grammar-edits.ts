import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { NEW_KEY, OLD_KEY } from './sample-keys.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Kinds that edit a part of a file in their own ways. */

/** What each `replace` looks for goes together with every `line` of the grammar. */
const REPLACED: readonly { readonly [name: string]: Data }[] = [
  { match: { $re: 'two = 1' }, by: 'two = 2' },
  { match: { $re: '^old' }, by: 'new' },
  { match: { $re: 'no (end)' }, by: 'the $1' },
  { match: { $re: 'nowhere at all' }, by: 'x' },
]

export function replace(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.type !== 'text') return undefined
  const chosen = random.pick(REPLACED)
  const attributes = use?.attributes ?? {}
  uses.set(path, { type: 'text', kind: use?.kind ?? 'replace', attributes })
  return { make: 'replace', args: [path, { ...chosen, ...attributes }] }
}

/** A line or a block that may not be there. */
export function lacking(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.type !== 'text') return undefined
  uses.set(path, { type: 'text', kind: use?.kind ?? 'line', attributes: use?.attributes ?? {} })
  return random.next() < 0.5
    ? { make: 'line', args: [path, { match: { $re: random.pick(['^old', '^no end', '^gone']) }, state: 'absent' }] }
    : { make: 'block', args: [path, { name: 'gone', state: 'absent' }] }
}

const VALUES: { readonly [name: string]: Data } = {
  A: 1,
  B: 'two words',
  C: true,
  D: '',
  PATH: '$PATH:/opt',
  TOKEN: { $secret: 'a word that nobody is to see' },
}

export function keyValue(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined {
  return named(uses, 'keyValue', posix.join(posix.dirname(somewhere), 'env'), () => {
    const keys = random.shuffled(Object.keys(VALUES)).slice(0, random.between(1, 3))
    return {
      set: Object.fromEntries(keys.map((key) => [key, VALUES[key]])),
      ...(random.next() < 0.3 ? { remove: ['OLD'] } : {}),
      ...(random.next() < 0.1 ? { create: false } : {}),
    }
  })
}

/** Names of addresses in a file of this form. Each has names of its own. */
export function hostsEntry(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined {
  const path = random.next() < 0.3 ? '/etc/hosts' : posix.join(posix.dirname(somewhere), 'hosts')
  const use = uses.at(path)
  if (use !== undefined && use.kind !== 'hostsEntry') return undefined
  uses.set(path, { type: 'keys', kind: 'hostsEntry', attributes: {} })
  const [address, options] = random.pick<readonly [string, { readonly [name: string]: Data }]>([
    ['10.1.0.1', { names: ['one.example', 'one'] }],
    ['10.1.0.2', { names: ['two.example'] }],
    ['10.1.0.3', { state: 'absent' }],
    ['10.1.0.4', { names: ['four'], state: 'absent' }],
    ['fd00::1', { names: ['six', 'one'] }],
  ])
  return {
    make: 'hostsEntry',
    args: [address, { ...options, ...(path === '/etc/hosts' ? {} : { path }) }],
    touches: [path],
  }
}

export function htpasswd(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined {
  const path = posix.join(posix.dirname(somewhere), 'users')
  const use = uses.at(path)
  if (use?.args !== undefined) return { make: 'htpasswd', args: use.args }
  const args = [
    path,
    {
      users: { ann: { $secret: 'word of ann' }, ...(random.next() < 0.5 ? { bob: 'word of bob' } : {}) },
      ...(random.next() < 0.4 ? { exclusive: true } : {}),
      ...(random.next() < 0.2 ? { owner: 'daemon' } : {}),
    },
  ]
  uses.set(path, { type: 'file', kind: 'htpasswd', attributes: {}, args })
  return { make: 'htpasswd', args }
}

/** Keys of hosts in a file, and of users. */
export function keyFile(random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined {
  const path = posix.join(posix.dirname(somewhere), 'keys')
  const isKnown = random.next() < 0.5
  return named(uses, isKnown ? 'knownHosts' : 'authorizedKeys', `${path}${isKnown ? '-known' : ''}`, () =>
    isKnown
      ? random.next() < 0.7
        ? { keys: [NEW_KEY] }
        : { state: 'absent' }
      : random.next() < 0.7
        ? { keys: [NEW_KEY], ...(random.next() < 0.3 ? { options: 'no-pty' } : {}) }
        : { keys: [OLD_KEY], state: 'absent' },
  )
}

/** One whose first argument may be a name, and that edits the file at `path`. What it says of that once, it says each time. */
function named(
  uses: PlaceUses,
  make: string,
  path: string,
  options: () => { readonly [name: string]: Data | undefined },
): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.kind !== make) return undefined
  if (make === 'keyValue') {
    uses.set(path, { type: 'keys', kind: make, attributes: {} })
    return { make, args: [path, options()] }
  }
  const args = use?.args ?? [make === 'knownHosts' ? 'git.example.com' : 'root', { path, ...options() }]
  uses.set(path, { type: 'keys', kind: make, attributes: {}, args })
  return { make, args, touches: [path] }
}

/** What was in such files before. */
export function editLine(random: Random, somewhere: string): string {
  const dir = posix.dirname(somewhere)
  return random.pick([
    `mkdir -p ${dir}; printf 'A=0\\nexport B="two words"\\n#C=yes\\nOLD=1\\n' >${dir}/env`,
    `mkdir -p ${dir}; printf 'A=1\\nA=2\\nE="open\\n' >${dir}/env`,
    `mkdir -p ${dir}; printf '127.0.0.1 localhost\\n10.1.0.1 one\\n10.1.0.9 two.example # c\\n10.1.0.3 three\\n' >${dir}/hosts`,
    `printf '127.0.0.1 localhost\\n10.1.0.4 four five\\n' >/etc/hosts`,
    `mkdir -p ${dir}; printf 'ann:x\\ncat:$apr1$aaaaaaaa$bbbbbbbbbbbbbbbbbbbbbb\\n' >${dir}/users`,
    `mkdir -p ${dir}; printf '${OLD_KEY}\\n# c\\n' >${dir}/keys; chmod 644 ${dir}/keys`,
    `mkdir -p ${dir}; printf 'git.example.com,b ${OLD_KEY}\\n' >${dir}/keys-known`,
    `ln -s f ${dir}/${random.pick(['env', 'hosts', 'keys', 'users'])}`,
  ])
}
