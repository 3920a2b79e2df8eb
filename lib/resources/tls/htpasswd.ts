import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Secret } from '../../secret.ts'
import { lines, sh } from '../../sh/quote.ts'
import { tidySteps } from '../files/path/attributes.ts'
import { absolute } from '../files/path/path.ts'
import { blockedFile } from '../files/content.ts'
import {
  askMadePlace,
  keepAttributes,
  madeByTool,
  madeEffect,
  type MadeFile,
  predictMade,
  readMadePlace,
} from '../files/writing/made-by-tool.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { account, flag, mode, record, secretText } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

const DEFAULT_MODE = '0640'

export interface HtpasswdOptions {
  /** Names and their passwords; a name with `undefined` is none. */
  readonly users: Readonly<Record<string, string | Secret | undefined>>
  /** Other users go. Default false. */
  readonly exclusive?: boolean
  /** Default `'0640'` for a new file; that of a file that is there stays where nothing is said. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

export interface HtpasswdWant {
  readonly path: string
  readonly users: Readonly<Record<string, string | Secret>>
  readonly exclusive: boolean
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

interface State {
  readonly found: MadeFile
  readonly entries: ReadonlyMap<string, string>
  /** Comments and the like, which stay. */
  readonly others?: readonly string[]
}

/**
 * A file of users and passwords for nginx and Apache. Passwords are kept as apr1 checksums, made on this machine, and compared with what the file has; neither
 * they nor their checksums are shown.
 *
 * Refused: no parent directory; a password among the entries that is kept in another way is written anew.
 *
 * @example
 * htpasswd('/etc/nginx/htpasswd', { users: { anna: secret(password) }, exclusive: true, group: 'www-data' })
 *
 * Source: htpasswd(1); APR, apr_md5_encode.
 */
export function htpasswd(path: string, options: HtpasswdOptions): Resource {
  const { name, options: given } = read(path, options)
  return make(name, { ...given, path: name, exclusive: given.exclusive ?? false })
}

const read = resourceOptions<HtpasswdOptions>()(
  'htpasswd',
  (path) => absolute('htpasswd', path),
  () => ({
    users: record(
      'names and passwords',
      secretText('a password, best a Secret', (given) => given !== '' && !/[\0\r\n]/.test(given)),
    ),
    exclusive: flag().optional(),
    mode: mode().optional(),
    owner: account().optional(),
    group: account().optional(),
  }),
  ({ users = {} }) =>
    Object.keys(users)
      .filter((name) => !/^[^\s:#][^\r\n:]*$/.test(name))
      .map((name) => ({ what: 'users', expected: 'names without a colon', got: JSON.stringify(name) })),
)

const ENTRY = /^= ([^:#][^:]*):(.*)$/

/** Servers take the first line of a name. */
function entriesOf(said: readonly string[]): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  for (const line of said) {
    const [, name, hash] = ENTRY.exec(line) ?? []
    if (name !== undefined && hash !== undefined && !entries.has(name)) entries.set(name, hash)
  }
  return entries
}

const make = kind<HtpasswdWant, State>({
  name: 'htpasswd',
  probe: ({ path, owner, group }) =>
    lines(askMadePlace(path, { owner, group }), sh`[ ! -f ${path} ] || sed 's/^/= /' <${path}; :`),
  read: ({ path }, { lines: said }) => ({
    found: readMadePlace(path, said),
    entries: entriesOf(said),
    others: said.flatMap((line) => (line.startsWith('= ') && !ENTRY.test(line) ? [line.slice(2)] : [])),
  }),
  plan(want, { found, entries, others = [] }): Step[] | Refused {
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    const { path, users, exclusive } = want
    const there = found.type === 'file'
    const wanted = Object.entries(users).map(([name, password]) => {
      const text = plain(password)
      const old = entries.get(name) ?? ''
      const salt = /^\$apr1\$([^$]{1,8})\$/.exec(old)?.[1]
      const isSame = salt !== undefined && apr1(text, salt) === old
      return { name, hash: isSame ? old : apr1(text, saltOf(name, text)), isSame, isNew: old === '' }
    })
    const gone = exclusive ? [...entries.keys()].filter((name) => users[name] === undefined) : []
    const said = [
      ...wanted.flatMap(({ name, isSame, isNew }) => (isSame ? [] : [`${isNew ? 'add' : 'new password of'} ${name}`])),
      ...gone.map((name) => `remove ${name}`),
    ]
    if (there && said.length === 0) return keepAttributes(found, want)
    const kept = [...entries].filter(([name]) => users[name] === undefined && !exclusive)
    const names = [...kept, ...wanted.map(({ name, hash }) => [name, hash] as const)].map(
      ([name, hash]) => `${name}:${hash}`,
    )
    const text = [...others, ...names].map((line) => `${line}\n`).join('')
    const account = [want.owner ?? '', want.group === undefined ? '' : `:${want.group}`].join('')
    const own = account === '' ? sh`:` : sh`chown -- ${account} "$t"`
    return [
      ...tidySteps(found, want),
      {
        summary: `${there ? 'write' : 'create'} ${path}${said.length === 0 ? '' : `: ${said.join(', ')}`}`,
        sh: madeByTool(
          path,
          want.owner,
          sh`cat >"$t" || exit 1
b=../${posix.basename(path)}
if [ -f "$b" ] && [ ! -L "$b" ]; then chown "$(stat -c %u:%g -- "$b")" "$t"; chmod "$(stat -c %a -- "$b" | sed 's/^.*\\(...\\)$/\\1/')" "$t"; else chmod ${want.mode ?? DEFAULT_MODE} "$t"; fi
${own}${want.mode === undefined ? sh`` : sh`; chmod -- ${want.mode} "$t"`}`,
        ),
        stdin: Buffer.from(text),
      },
    ]
  },
  effects: (want, { found }) => [madeEffect(want, found, DEFAULT_MODE, 'sealed')],
  paths: ({ path }) => [path],
  predict: (want, state, prediction) =>
    predictMade(state, prediction, {
      kind: 'htpasswd',
      want,
      owner: want,
      nothing: { found: state.found, entries: new Map<string, string>() },
      made: {
        found: state.found,
        entries: new Map(
          Object.entries(want.users).map(([name, password]) => [
            name,
            apr1(plain(password), saltOf(name, plain(password))),
          ]),
        ),
      },
    }),
})

function plain(password: string | Secret): string {
  return password instanceof Secret ? password.reveal() : password
}

/** It follows from both, so that the same wish makes the same step. */
function saltOf(name: string, password: string): string {
  return createHash('sha256').update(`${name}\0${password}`).digest('hex').slice(0, 8)
}

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Source: APR, crypto/apr_md5.c. */
export function apr1(password: string, salt: string): string {
  const key = Buffer.from(password)
  const md5 = (...parts: readonly (Uint8Array | string)[]) => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const other = md5(key, salt, key)
  const first: Uint8Array[] = [key, Buffer.from(`$apr1$${salt}`)]
  for (let left = key.length; left > 0; left -= 16) first.push(other.subarray(0, Math.min(16, left)))
  for (let bits = key.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? Buffer.of(0) : key.subarray(0, 1))
  let digest = md5(...first)
  for (let round = 0; round < 1000; round++)
    digest = md5(
      round % 2 === 1 ? key : digest,
      round % 3 === 0 ? '' : salt,
      round % 7 === 0 ? '' : key,
      round % 2 === 1 ? digest : key,
    )
  const byte = (at: number) => digest[at] ?? 0
  const group = (a: number, b: number, c: number, length: number) => {
    let value = (a << 16) | (b << 8) | c
    let text = ''
    for (let at = 0; at < length; at++, value >>= 6) text += DIGITS[value & 63] ?? ''
    return text
  }
  const triples = [0, 1, 2, 3, 4].map((at) => group(byte(at), byte(at + 6), byte(at === 4 ? 5 : at + 12), 4))
  return `$apr1$${salt}$${triples.join('')}${group(0, 0, byte(11), 2)}`
}
