import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Secret } from '../../secret.ts'
import { lines, sh } from '../../sh/quote.ts'
import { tidySteps } from '../files/path/attributes.ts'
import { absolute } from '../files/path/path.ts'
import { blockedFile } from '../files/content.ts'
import {
  probeToolGenerated,
  toolGeneratedSteps,
  generateByTool,
  toolGeneratedEffect,
  type ToolGeneratedFile,
  predictToolGenerated,
  readToolGenerated,
} from '../files/writing/tool-generated-file.ts'
import { reveal } from '../files/edit.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { account, either, flag, list, mode, nested, record, secretText, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { apr1, CHECKSUM, isChecksumOf } from './password-hashes.ts'

const DEFAULT_MODE = '0640'

/** A checksum as `htpasswd -nB` or another program has made it. It is kept letter by letter. */
export interface PasswordChecksum {
  readonly checksum: string | Secret
}

export interface HtpasswdOptions {
  /** Names and their passwords, or checksums of them; a name with `undefined` is none. */
  readonly users?: Readonly<Record<string, string | Secret | PasswordChecksum | undefined>>
  /** Users that may not be there. */
  readonly remove?: readonly string[]
  /** Other users go. Default false. */
  readonly exclusive?: boolean
  /** Default `'0640'` for a new file; that of a file that is there stays where nothing is said. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

export interface HtpasswdWant {
  readonly path: string
  readonly users: Readonly<Record<string, string | Secret | PasswordChecksum>>
  readonly remove: readonly string[]
  readonly exclusive: boolean
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

interface State {
  readonly found: ToolGeneratedFile
  readonly entries: ReadonlyMap<string, string>
  /** Its lines. */
  readonly text: readonly string[]
}

/**
 * A file of users and passwords for nginx and Apache. Passwords are compared with what the file has: apr1, SHA-1, and SHA-256 or SHA-512 of crypt(3). New ones are kept as
 * apr1 checksums, made on this machine; neither they nor their checksums are shown. Other lines stay where they are.
 *
 * bcrypt is taken as a checksum, `{ checksum: '$2y$...' }`: it is not made or compared here.
 *
 * @example
 * htpasswd('/etc/nginx/htpasswd', { users: { anna: secret(password) }, exclusive: true, group: 'www-data' })
 * htpasswd('/etc/nginx/htpasswd', { users: { bob: { checksum: secret('$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe') } }, remove: ['carl'] })
 *
 * Refused: no parent directory; a password for a user whose checksum cannot be compared with one, such as bcrypt; a password that looks like a checksum.
 *
 * Source: htpasswd(1); APR, apr_md5_encode.
 */
export function htpasswd(path: string, options: HtpasswdOptions): Resource {
  const { name, options: given } = read(path, options)
  const { users = {}, remove = [], exclusive = false, ...attributes } = given
  return make(name, { ...attributes, users, remove, path: name, exclusive })
}

const NAME = /^[^\s:#][^\r\n\0:]*$/

const read = resourceOptions<HtpasswdOptions>()(
  'htpasswd',
  (path) => absolute('htpasswd', path),
  () => ({
    users: record(
      'names and passwords',
      either(
        'a password, best a Secret, or { checksum }',
        secretText('a password', (given) => given !== '' && !/[\0\r\n]/.test(given)),
        nested('{ checksum }', {
          checksum: secretText('a checksum such as $2y$...', (given) => /^[^\s:]+$/.test(given)),
        }),
      ),
    ).optional(),
    remove: list('a list of names', text('a name without a colon', NAME)).optional(),
    exclusive: flag().optional(),
    mode: mode().optional(),
    owner: account().optional(),
    group: account().optional(),
  }),
  ({ users = {}, remove = [], exclusive }, given) => [
    ...Object.keys(users)
      .filter((name) => !NAME.test(name))
      .map((name) => ({ what: 'users', expected: 'names without a colon', got: JSON.stringify(name) })),
    ...Object.entries(users)
      .filter(([, given]) => !isChecksum(given) && CHECKSUM.test(reveal(given)))
      .map(([name]) => ({
        what: `the password of ${name}`,
        expected: 'a password',
        got: 'a checksum of one',
        hint: `say ${name}: { checksum: ... }, and it is kept as it is`,
      })),
    ...remove
      .filter((name) => Object.hasOwn(users, name))
      .map((name) => ({ what: name, expected: 'either in users or in remove', got: 'both' })),
    given.has('users') || remove.length > 0 || exclusive === true
      ? undefined
      : { expected: 'given users or remove', got: 'neither' },
  ],
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
    lines(probeToolGenerated(path, { owner, group }), sh`[ ! -f ${path} ] || sed 's/^/= /' <${path}; :`),
  read: ({ path }, { lines: said }) => ({
    found: readToolGenerated(path, said),
    entries: entriesOf(said),
    text: said.flatMap((line) => (line.startsWith('= ') ? [line.slice(2)] : [])),
  }),
  plan(want, { found, entries, text: live }): Step[] | Refused {
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    const { path, users, exclusive, remove } = want
    const there = found.type === 'file'
    const wanted = Object.entries(users).map(([name, password]) => ({
      name,
      old: entries.get(name),
      ...checksumFor(name, password, entries.get(name)),
    }))
    const unclear = wanted.find(({ isSame }) => isSame === undefined)
    if (unclear !== undefined)
      return {
        refused: `the password of ${unclear.name} in ${path} is stored as ${schemeOf(unclear.old)}, which cannot be compared with a password here`,
        hint: `give its checksum: ${unclear.name}: { checksum: '...' }; \`htpasswd -nB ${unclear.name}\` makes one`,
      }
    const changed = new Map(wanted.flatMap(({ name, hash, isSame }) => (isSame === true ? [] : [[name, hash]])))
    const gone = [...entries.keys()].filter(
      (name) => !Object.hasOwn(users, name) && (exclusive || remove.includes(name)),
    )
    const said = [
      ...wanted.flatMap(({ name, isSame, old }) =>
        isSame === true ? [] : [`${old === undefined ? 'add' : 'new password of'} ${name}`],
      ),
      ...gone.map((name) => `remove ${name}`),
    ]
    if (said.length === 0 && there) return toolGeneratedSteps(found, want)
    // Nobody is to be in it, and nobody is: no file is made for that.
    if (said.length === 0 && wanted.length === 0 && !exclusive) return []
    const text = [...edited(live, changed, new Set(gone)), ''].join('\n')
    const account = [want.owner ?? '', want.group === undefined ? '' : `:${want.group}`].join('')
    const own = account === '' ? sh`:` : sh`chown -- ${account} "$t"`
    return [
      ...tidySteps(found, want),
      {
        summary: `${there ? 'write' : 'create'} ${path}${said.length === 0 ? '' : `: ${said.join(', ')}`}`,
        sh: generateByTool(
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
  effects: (want, { found }) => [toolGeneratedEffect(want, found, DEFAULT_MODE, 'sealed')],
  paths: ({ path }) => [path],
  predict: (want, state, prediction) =>
    predictToolGenerated(state, prediction, {
      kind: 'htpasswd',
      want,
      owner: want,
      nothing: { found: state.found, entries: new Map<string, string>(), text: [] },
      made: {
        found: state.found,
        entries: new Map(
          Object.entries(want.users).map(([name, password]) => [name, checksumFor(name, password, undefined).hash]),
        ),
        text: [],
      },
    }),
})

function isChecksum(given: string | Secret | PasswordChecksum): given is PasswordChecksum {
  return typeof given === 'object' && 'checksum' in given
}

/** What is kept for a user, and whether it is what the file has; undefined where nobody can tell. */
function checksumFor(
  name: string,
  wanted: string | Secret | PasswordChecksum,
  old: string | undefined,
): { readonly hash: string; readonly isSame: boolean | undefined } {
  if (isChecksum(wanted)) {
    const hash = reveal(wanted.checksum)
    return { hash, isSame: hash === old }
  }
  const password = reveal(wanted)
  const isSame = old === undefined ? false : isChecksumOf(password, old)
  return { hash: isSame === true && old !== undefined ? old : apr1(password, saltOf(name, password)), isSame }
}

function schemeOf(checksum = ''): string {
  return /^\$2/.test(checksum) ? 'bcrypt' : (/^(\{\w+\}|\$\w+\$)/.exec(checksum)?.[0] ?? 'another checksum')
}

/** Servers take the first line of a name: that one is changed, and others of the name go. */
function edited(live: readonly string[], changed: ReadonlyMap<string, string>, gone: ReadonlySet<string>): string[] {
  const seen = new Set<string>()
  const kept = live.flatMap((line) => {
    const [, name] = ENTRY.exec(`= ${line}`) ?? []
    if (name === undefined) return [line]
    const hash = changed.get(name)
    if (gone.has(name) || (hash !== undefined && seen.has(name))) return []
    seen.add(name)
    return [hash === undefined ? line : `${name}:${hash}`]
  })
  return [...kept, ...[...changed].flatMap(([name, hash]) => (seen.has(name) ? [] : [`${name}:${hash}`]))]
}

/** It follows from both, so that the same wish makes the same step. */
function saltOf(name: string, password: string): string {
  return createHash('sha256').update(`${name}\0${password}`).digest('hex').slice(0, 8)
}
