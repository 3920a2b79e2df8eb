import { createHash } from 'node:crypto'
import { user } from '../../lib/resources/accounts/user.ts'
import { authorizedKeys } from '../../lib/resources/access/authorized-keys.ts'
import { knownHosts } from '../../lib/resources/access/known-hosts.ts'
import { archive } from '../../lib/resources/downloads/archive.ts'
import { download } from '../../lib/resources/downloads/download.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { block } from '../../lib/resources/files/block.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { file } from '../../lib/resources/files/file.ts'
import { line } from '../../lib/resources/files/line.ts'
import { link } from '../../lib/resources/files/link.ts'
import { replace } from '../../lib/resources/files/replace.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { iniFile } from '../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../lib/resources/structured/json-file.ts'
import { keyValue } from '../../lib/resources/structured/key-value.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { htpasswd } from '../../lib/resources/tls/htpasswd.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../lib/resources/tls/ssh-key-pair.ts'
import { ownership } from '../../lib/resources/trees/ownership.ts'
import type { Ground } from './eve.ts'

/** An unprivileged user's number, of whom no account is needed. */
export const EVE = '64711'
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmIyR+3eN6jAFQZZEM7EH8L5f2sy1sgDYtPVpYyWR3a'

/** Makes what root is to make so, a little different every time. `at` is a directory of eve's, or one in it that she swaps. */
export type Makes = (at: string, attempt: number, ground: Ground) => readonly Resource[]

const eve = { owner: EVE, group: EVE }
/** A file of hers in every second attempt, and of root's in the others. */
const either = (attempt: number) => (attempt % 2 === 0 ? eve : {})

/** What eve attacks, by the name of the kind. */
export const kinds: Readonly<Record<string, Makes>> = {
  dir: (at, n) => [dir(`${at}/n`, { mode: n % 3 === 0 ? '0700' : '0755', ...either(n) })],
  file: (at, n) => files[n % files.length]?.(at, n) ?? [],
  link: (at, n) => [link(`${at}/n`, { to: `to-${n % 5}` })],
  line: (at, n) => [line(`${at}/n`, { line: `line ${n}`, match: /^line /, create: true, ...either(n) })],
  block: (at, n) => [block(`${at}/n`, { name: 'test', content: `block ${n}\n`, create: true, ...either(n) })],
  json: (at, n) => [jsonFile(`${at}/n`, { set: { n }, ...either(n) })],
  yaml: (at, n) => [yamlFile(`${at}/n`, { set: { n }, ...either(n) })],
  ini: (at, n) => [iniFile(`${at}/n`, { set: { all: { n } }, ...either(n) })],
  'keyValue, replace, known hosts': (at, n) => [
    edited[n % edited.length]?.(`${at}/n`, n) ?? line(`${at}/n`, { line: 'x' }),
  ],
  absent: (at, n) => [absent(`${at}/n`, { recursive: n % 2 === 0 })],
  archive: (at, n, { root, sums }) => [
    archive(`${at}/n`, { source: `${root}/${n % 2}.tar`, sha256: sums[n % 2] ?? '', strip: n % 2, ...eve }),
  ],
  download: (at, n, { server }) => [
    download(`${at}/n`, {
      source: `${server ?? ''}/${n}`,
      sha256: createHash('sha256').update(`/${n}`).digest('hex'),
      ...eve,
    }),
  ],
  'keys, passwords': (at, n) => [secrets[n % secrets.length]?.(`${at}/n`, n) ?? line(`${at}/n`, { line: 'x' })],
  'files of a user': (_at, n, { account }) => [
    n % 2 === 0
      ? authorizedKeys(account, { keys: [`${KEY} ${n}@example.com`], exclusive: n % 3 === 0 })
      : knownHosts(`host-${n}.example.com`, { keys: [KEY], user: account }),
  ],
  ownership: (at, n) => [ownership(at, { group: 'nogroup', mode: n % 2 === 0 ? '0640' : '0660' })],
  // In turn a home in root's directory that she has a directory in, made and removed; and now and then one in a directory of hers, which is refused.
  homes: (at, n, { root }) => [
    n % 10 === 9
      ? user('rc-eves', { home: `${at}/n`, createHome: true })
      : (n - Math.floor(n / 10)) % 2 === 0
        ? user('rc-eves', { home: `${root}/homes/rc-eves`, createHome: true })
        : user('rc-eves', { state: 'absent', removeHome: true }),
  ],
}

/** Ways to write a file: alone, with neighbours, with a validator, from what is there. */
const files: readonly ((at: string, attempt: number) => readonly Resource[])[] = [
  (at, n) => [
    file(`${at}/n`, {
      content: n % 5 === 0 ? "eve's own\n" : `${n}\n`,
      backup: n % 7 === 0,
      mode: n % 3 === 0 ? '0600' : '0644',
      ...either(n),
    }),
  ],
  (at, n) => ['n', 'o', 'p', 'q', 'r'].map((name) => file(`${at}/${name}`, { content: `${n}\n`, ...either(n) })),
  (at, n) => [file(`${at}/n`, { content: `${n}\n`, ...eve, validate: 'grep -x -e [0-9]* {}' })],
  (at, n) => [file(`${at}/n`, { content: (live) => `${(live ?? '').slice(-200)}${n}\n`, ...either(n) })],
]
const edited: readonly ((path: string, attempt: number) => Resource)[] = [
  (path, n) => keyValue(path, { set: { N: String(n) } }),
  (path, n) => replace(path, { match: /^OWN=1$/m, by: `OWN=done ${n}` }),
  (path) => knownHosts('git.example.com', { keys: [KEY], path }),
]
const secrets: readonly ((path: string, attempt: number) => Resource)[] = [
  (path) => privateKey(path, { type: 'ed25519', owner: EVE }),
  (path, n) => htpasswd(path, { users: { ada: `password ${n}` }, exclusive: true }),
  (path) => sshKeyPair(path, { owner: EVE }),
]

/** How she attacks a kind. */
export interface Ways {
  /** What a place has before root comes: anything else is refused, and root comes to no step. */
  readonly sort: 'dir' | 'file'
  /** What a file of hers begins with. */
  readonly text: string
  /** Names that she lays, and whose temporary files she waits for: one alone is hit more often. */
  readonly names: readonly string[]
  /** The directory in her own that she swaps. */
  readonly within: string
}

const usual: Ways = { sort: 'file', text: "eve's own", names: ['n'], within: 'deep' }
const ways: Readonly<Record<string, Partial<Ways>>> = {
  dir: { sort: 'dir' },
  archive: { sort: 'dir' },
  homes: { sort: 'dir' },
  file: { names: ['n', 'n', 'o', 'p', 'q', 'r'] },
  json: { text: '{"own": 1}' },
  yaml: { text: 'own: 1' },
  ini: { text: '[own]\na = 1' },
  'keyValue, replace, known hosts': { text: 'OWN=1' },
  'files of a user': { text: `git.example.com ${KEY}`, names: ['authorized_keys', 'known_hosts'], within: '.ssh' },
}
export const waysOf = (what: string): Ways => ({ ...usual, ...ways[what] })
