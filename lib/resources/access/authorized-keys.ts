import { accountName } from '../accounts/account.ts'
import { stateOption } from '../files/absent-state.ts'
import { editWant } from '../files/edit.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { either, flag, list, nested, path as pathOption, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { insert, join, split, type Line } from '../kit/text.ts'
import { homeEdit, type HomeEditWant } from './home-file.ts'
import { isKeyOptions, keyLine, publicKey, readKey, type PublicKey } from './public-key.ts'

export interface AuthorizedKeysOptions {
  /** Public keys, each as in a file `NAME.pub`, or with options of its own. */
  readonly keys: readonly (string | { readonly key: string; readonly options?: string })[]
  /** All other keys are removed. Default false. */
  readonly exclusive?: boolean
  /** Options for each key that has none of its own: `from="10.0.0.0/8",no-port-forwarding`. */
  readonly options?: string
  /** Default: `.ssh/authorized_keys` in the user's home. */
  readonly path?: string
  /** The directory is made, with mode 0700, and given to the user. Default: unless `path` is given. */
  readonly manageDirectory?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type AuthorizedKeysWant = HomeEditWant & {
  readonly user: string
  readonly keys: readonly PublicKey[]
  readonly exclusive: boolean
}

/**
 * Public keys that may log in as a user. Where the home is, the host says, or the resource that is to make the user. A key that is there keeps its place, and gets
 * these options and this comment; other lines stay, unless `exclusive`.
 *
 * Everything is done in the home without following links that its owner may create there: mode 0600 and 0700, the user's own.
 *
 * @example
 * authorizedKeys('deploy', { keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA3c0C3a4b6VLxYM0Tu6tRAMtdXO4lUYGkA3cVvDE5Hd ada@example.com'] })
 * authorizedKeys('backup', { exclusive: true, options: 'restrict,command="/usr/bin/rrsync -ro /srv"', keys: [key] })
 * authorizedKeys('root', { state: 'absent', keys: [oldKey] })
 *
 * Refused: no such user, unless something earlier makes one; a home that is not there; a text that is no public key, before any host is touched; a symbolic link
 * in the place of the file. Unknown: the user comes with a package.
 *
 * Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
 */
export function authorizedKeys(user: string, options: AuthorizedKeysOptions): Resource {
  const { name, options: given } = read(user, options)
  const { path, exclusive = false, state } = given
  const absent = state === 'absent'
  const keys = given.keys.flatMap((each) => {
    const { key, options: own } = typeof each === 'string' ? { key: each, options: undefined } : each
    const known = readKey(key)
    return known === undefined ? [] : [{ ...known, options: own ?? (known.options || (given.options ?? '')) }]
  })
  const attributes = absent ? {} : { create: true, mode: '0600', owner: name }
  return make(name, {
    ...editWant(path ?? '', attributes, absent, false),
    user: name,
    below: path === undefined ? '.ssh/authorized_keys' : undefined,
    managesDirectory: given.manageDirectory ?? path === undefined,
    keys,
    exclusive,
  })
}

const make = kind(
  homeEdit<AuthorizedKeysWant>({
    name: 'authorizedKeys',
    edit: (want, live) => editKeys(live, want),
    summary: (want, live) => summaryOf(want, live),
    declarations: ({ user, path, keys, exclusive, absent }) => {
      const file = path === '' ? `authorized keys of ${user}` : path
      return exclusive
        ? [[file, keys]]
        : keys.map((key) => [`key ${key.type} ${key.blob} in ${file}`, absent ? undefined : key])
    },
  }),
)

/** The file with these keys in it. What it gave, it gives again. */
export function editKeys(live: string, want: Pick<AuthorizedKeysWant, 'keys' | 'exclusive' | 'absent'>): string {
  const left = new Map(want.keys.map((key) => [key.blob, key]))
  const named = new Set(left.keys())
  const kept = split(live).flatMap((line): Line[] => {
    const there = readKey(line.text)
    if (there === undefined) return [line]
    if (want.absent) return named.has(there.blob) ? [] : [line]
    const key = left.get(there.blob)
    left.delete(there.blob)
    if (key === undefined) return want.exclusive || named.has(there.blob) ? [] : [line]
    return [{ ...line, text: keyLine({ ...key, comment: key.comment || there.comment }) }]
  })
  return join(want.absent ? kept : insert(kept, [...left.values()].map(keyLine), {}))
}

function summaryOf({ keys, absent, exclusive }: AuthorizedKeysWant, live: string): string {
  const there = new Map(
    split(live).flatMap(({ text: line }) => {
      const key = readKey(line)
      return key === undefined ? [] : [[key.blob, key] as const]
    }),
  )
  const say = (some: readonly PublicKey[]) =>
    some.map(({ type, blob, comment }) => comment || `${type} ...${blob.slice(-12)}`).join(', ')
  if (absent) return `remove ${say(keys.filter(({ blob }) => there.has(blob)))}`
  const wanted = new Set(keys.map(({ blob }) => blob))
  const gone = exclusive ? [...there.values()].filter(({ blob }) => !wanted.has(blob)) : []
  const fresh = keys.filter((key) => {
    const old = there.get(key.blob)
    return old === undefined || old.options !== key.options || (key.comment !== '' && old.comment !== key.comment)
  })
  return [
    ...(fresh.length === 0 ? [] : [`set ${say(fresh)}`]),
    ...(gone.length === 0 ? [] : [`remove ${say(gone)}`]),
  ].join('; ')
}

const keyOptions = () =>
  text('options of sshd(8) with commas and no blanks between, such as no-pty,from="10.0.0.0/8"', isKeyOptions)

const read = resourceOptions<AuthorizedKeysOptions>()(
  'authorizedKeys',
  (user) => accountName('user of authorizedKeys', user),
  () => ({
    keys: list(
      'a list of public keys',
      either(
        'a public key in one line, as in a file NAME.pub, or { key, options }',
        publicKey(),
        nested('{ key, options }', { key: publicKey(), options: keyOptions().optional() }),
      ),
    ),
    exclusive: flag().optional(),
    options: keyOptions().optional(),
    path: pathOption().optional(),
    manageDirectory: flag().optional(),
    state: stateOption().optional(),
  }),
  (options) =>
    options.state === 'absent' ? leftOut(['exclusive', 'manageDirectory'], 'with state: absent', options) : [],
)
