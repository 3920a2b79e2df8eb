import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { list, oneOf, path, record, secretText, text } from '../kit/options/option-types.ts'
import { flag } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { asks, literal, mysql, name as quoted, sqlStep } from './mysql.ts'

export interface MysqlUserOptions {
  /** From where it may connect. Default `localhost`; `%` is everywhere. */
  readonly host?: string
  readonly password?: string | Secret
  /** Whether the password of an account that is there is set again when it differs. Default true. */
  readonly updatePassword?: boolean
  /** What it may do, by `DATABASE.TABLE` with `*` for all: `{ 'app.*': ['ALL'] }`. */
  readonly privileges?: Readonly<Record<string, readonly string[] | undefined>>
  /** Other privileges that it has stay. Default false: they are taken away. */
  readonly append?: boolean
  readonly state?: 'present' | 'absent'
  readonly socket?: string
}

export interface MysqlUserWant {
  readonly user: string
  readonly host: string
  readonly password?: string | Secret
  readonly updatePassword?: boolean
  readonly privileges?: Readonly<Record<string, readonly string[]>>
  readonly append: boolean
  readonly state: 'present' | 'absent'
  readonly socket?: string
}

interface Account {
  readonly hash: string
  /** By `DATABASE.TABLE`. */
  readonly privileges: ReadonlyMap<string, readonly string[]>
}

interface State {
  readonly account: Account | undefined
}

/**
 * An account of the MariaDB or MySQL server on the host, as root over the local socket.
 *
 * The password is compared with the checksum that the server keeps (mysql_native_password) and set as one: it never leaves this machine. `privileges` are all
 * that the account has, unless `append`; without them they are not managed.
 *
 * Refused: what would shut out root over the socket, by which all of this works: for `root` at `localhost` a password, fewer privileges, and that it goes. Other hosts of root can have a
 * password, or go; a host without the program mysql, a server that does not answer. With a pending package of the server there is no such account yet.
 *
 * @example
 * mysqlUser('app', { host: '10.0.0.%', password: secret(password), privileges: { 'app.*': ['ALL'] } })
 * mysqlUser('', { state: 'absent' })                                           // who gives no name
 * mysqlUser('backup', { password, privileges: { '*.*': ['SELECT', 'LOCK TABLES'] }, append: true })
 *
 * Source: MariaDB, CREATE USER, GRANT, SHOW GRANTS, mysql_native_password.
 */
export function mysqlUser(name: string, options: MysqlUserOptions = {}): Resource {
  const { name: user, options: given } = read(name, options)
  const { host = 'localhost', append = false, state = 'present', privileges, ...others } = given
  if (user === '' && state === 'present')
    throw invalidOption(
      'name of mysqlUser',
      "a name without @ (the account that has none can go: state: 'absent')",
      "''",
    )
  const shutsOut = [
    ...(given.password === undefined ? [] : ['a password']),
    ...(state === 'absent' ? ["state: 'absent'"] : []),
    ...(privileges === undefined || append ? [] : ['privileges without append']),
  ]
  if (user === 'root' && host === 'localhost' && shutsOut.length > 0)
    throw invalidOption(
      'mysqlUser root',
      'left as it is at localhost',
      shutsOut.join(', '),
      'root of the host logs in over the socket without a password, and so does the next run; make an account of another name for what needs one',
    )
  const words =
    privileges && Object.fromEntries(Object.entries(privileges).map(([on, list]) => [on, normals(list)] as const))
  return make(`${user}@${host}`, {
    ...others,
    user,
    host,
    append,
    state,
    ...(words === undefined ? {} : { privileges: words }),
  })
}

/**
 * One name for each privilege: that which every version takes. MariaDB shows some of them under a newer name than they were granted by.
 *
 * Source: MariaDB, GRANT, "Global Privileges".
 */
const SAME: Readonly<Record<string, string>> = {
  ALL: 'ALL PRIVILEGES',
  GRANT: 'GRANT OPTION',
  'WITH GRANT OPTION': 'GRANT OPTION',
  'BINLOG MONITOR': 'REPLICATION CLIENT',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
}

function normal(word: string): string {
  const upper = word.trim().replaceAll(/\s+/g, ' ').toUpperCase()
  return SAME[upper] ?? upper
}

/** `USAGE` is none, and who has all needs no other. */
function normals(words: readonly string[]): string[] {
  const all = new Set(words.map(normal).filter((word) => word !== 'USAGE'))
  return [...all].filter((word) => !all.has('ALL PRIVILEGES') || /^(ALL PRIVILEGES|GRANT OPTION)$/.test(word)).sort()
}

const read = resourceOptions<MysqlUserOptions>()(
  'mysqlUser',
  (given) => {
    if (typeof given === 'string' && /^[^\0\r\n@]{0,80}$/.test(given)) return given
    throw invalidOption('name of mysqlUser', 'a name without @', describeValue(given))
  },
  () => ({
    host: text('a host, an address, or a pattern with %', /^[\w.:%/-]+$/).optional(),
    password: secretText('a password, best a Secret', (given) => given !== '' && !/[\0\r\n]/.test(given)).optional(),
    updatePassword: flag().optional(),
    privileges: record(
      `an object such as { 'app.*': ['ALL'] }`,
      list('a list of privileges', text('a privilege such as SELECT', /^[A-Za-z][A-Za-z ]*$/)),
    ).optional(),
    append: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    socket: path().optional(),
  }),
  ({ privileges = {} }) =>
    Object.keys(privileges)
      .filter((on) => !/^(\*|(?:[\w%$-]|\\[_%])+)\.(\*|[\w$-]+)$/.test(on))
      .map((on) => ({ what: 'privileges', expected: 'of DATABASE.TABLE, such as app.*', got: JSON.stringify(on) })),
)

const make = toolKind<MysqlUserWant, State>({
  name: 'mysqlUser',
  tool: () => mysql,
  probe: ({ user, host, socket }) =>
    asks(
      socket,
      `select 'account', coalesce(if(plugin in ('', 'mysql_native_password'), authentication_string, plugin), '') from mysql.user where user = ${literal(user)} and host = ${literal(host)};
show grants for ${literal(user)}@${literal(host)};`,
    ),
  read(_, { lines }) {
    // Without the account the second question fails, and with it the first.
    const [word, hash = ''] = lines[0]?.split('\t') ?? []
    if (word !== 'account') return { account: undefined }
    const privileges = new Map<string, readonly string[]>()
    for (const line of lines.slice(1)) {
      const [, words = '', on = ''] = /^GRANT (.*?) ON (`(?:[^`]|``)*`\.\S+|\*\.\*) TO /.exec(line) ?? []
      if (on === '' || words === 'USAGE') continue
      const [plain, isGrantor] = [on.replaceAll('`', ''), line.includes(' WITH GRANT OPTION')]
      privileges.set(plain, [...words.split(/, */).map(normal), ...(isGrantor ? ['GRANT OPTION'] : [])].sort())
    }
    return { account: { hash, privileges } }
  },
  fresh: ({ user, host }) => ({ account: user === 'root' && host === 'localhost' ? ROOT : undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: (want, { account }) => steps(want, account),
  effects: ({ user, host, state }) => [
    { type: 'object', of: 'mysql account', name: `${user}@${host}`, exists: state === 'present' },
  ],
  predict({ user, host }, state, prediction) {
    const made = prediction.objects.get('mysql account', `${user}@${host}`)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the account ${user}` } : { account: undefined }
  },
})

/** Root of a new server, over the socket. */
const ROOT: Account = { hash: 'unix_socket', privileges: new Map([['*.*', ['ALL PRIVILEGES', 'GRANT OPTION']]]) }

/** Source: MariaDB, PASSWORD(): `*` and the SHA-1 of the SHA-1. */
function hashOf(password: string): string {
  const sha1 = (bytes: string | Uint8Array) => createHash('sha1').update(bytes).digest()
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`
}

function steps(want: MysqlUserWant, account: Account | undefined): Step[] {
  const { user, host, state, socket, append } = want
  const who = `${literal(user)}@${literal(host)}`
  if (state === 'absent')
    return account === undefined ? [] : [sqlStep(`drop account ${user}@${host}`, socket, `DROP USER ${who};`)]
  const password = want.password instanceof Secret ? want.password.reveal() : want.password
  const by = password === undefined ? '' : ` IDENTIFIED WITH mysql_native_password AS '${hashOf(password)}'`
  const isManaged = want.updatePassword !== false
  const isOther =
    isManaged && account !== undefined && password !== undefined && account.hash.toUpperCase() !== hashOf(password)
  const own = account === undefined ? [`CREATE USER ${who}${by};`] : isOther ? [`ALTER USER ${who}${by};`] : []
  const there = account?.privileges ?? new Map<string, readonly string[]>()
  const wanted = Object.entries(want.privileges ?? {})
  const grants = wanted.flatMap(([on, words]) => {
    const has = there.get(on) ?? []
    const missing = words.filter(
      (word) => !has.includes(word) && !(has.includes('ALL PRIVILEGES') && word !== 'GRANT OPTION'),
    )
    return missing.length === 0 ? [] : [{ on, words: missing }]
  })
  const extra =
    want.privileges === undefined || append
      ? []
      : [...there].flatMap(([on, words]) => {
          const keep = want.privileges?.[on] ?? []
          const more = words.filter((word) => !keep.includes(word))
          // Of ALL nothing can be taken but ALL.
          const isAll = keep.includes('ALL PRIVILEGES')
          const left = more.filter((word) => !isAll || word === 'GRANT OPTION')
          return left.length === 0 ? [] : [{ on, words: left, again: left.includes('ALL PRIVILEGES') ? keep : [] }]
        })
  const sql = [
    ...own,
    ...extra.flatMap(({ on, words, again }) => [
      `REVOKE ${words.join(', ')} ON ${target(on)} FROM ${who};`,
      ...(again.length === 0 ? [] : [grantOf(again, on, who)]),
    ]),
    ...grants.map(({ on, words }) => grantOf(words, on, who)),
  ]
  if (sql.length === 0) return []
  const said = [
    ...(isOther ? ['set its password'] : []),
    ...extra.map(({ on, words }) => `revoke ${words.join(', ')} on ${on}`),
    ...grants.map(({ on, words }) => `grant ${words.join(', ')} on ${on}`),
  ]
  const verb = account === undefined ? 'create' : 'change'
  return [
    sqlStep(
      `${verb} account ${user}@${host}${said.length === 0 ? '' : `: ${said.join(', ')}`}`,
      socket,
      sql.join('\n'),
    ),
  ]
}

function grantOf(words: readonly string[], on: string, who: string): string {
  const plain = words.filter((word) => word !== 'GRANT OPTION')
  const option = plain.length < words.length ? ' WITH GRANT OPTION' : ''
  return `GRANT ${plain.length === 0 ? 'USAGE' : plain.join(', ')} ON ${target(on)} TO ${who}${option};`
}

function target(on: string): string {
  const [database = '*', table = '*'] = on.split('.')
  return [database, table].map((part) => (part === '*' ? '*' : quoted(part))).join('.')
}
