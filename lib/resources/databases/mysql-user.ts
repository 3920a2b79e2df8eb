import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import { lines, raw, type Sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { list, oneOf, path, record, secretText, text } from '../kit/options/option-types.ts'
import { flag } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
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
  /** With `state: 'absent'`: the accounts of this name go, from wherever they may connect. Default false: only the one of `host`. */
  readonly everyHost?: boolean
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
  readonly everyHost: boolean
  readonly socket?: string
}

interface Account {
  readonly hash: string
  /** By `DATABASE.TABLE`. */
  readonly privileges: ReadonlyMap<string, readonly string[]>
}

interface State {
  readonly account: Account | undefined
  /** From where accounts of this name may connect, where all of them are asked for. */
  readonly hosts: readonly string[]
  /** Tables of `privileges` that are not there. */
  readonly noTables: readonly string[]
}

/**
 * An account of the MariaDB or MySQL server on the host, as root over the local socket.
 *
 * The password is compared with the checksum that the server keeps (mysql_native_password) and set as one: it never leaves this machine. `privileges` are all
 * that the account has, unless `append`; without them they are not managed.
 *
 * Refused: what would shut out root over the socket, by which all of this works: for `root` at `localhost` a password, fewer privileges, and that it goes. Other hosts of root can have a
 * password, or go; a single table that is not there, and that nothing pending makes; a host without the program mysql, a server that does not answer. With a pending package of the server there is no such account yet.
 *
 * @example
 * mysqlUser('app', { host: '10.0.0.%', password: secret(password), privileges: { 'app.*': ['ALL'] } })
 * mysqlUser('', { state: 'absent', everyHost: true })                          // who gives no name
 * mysqlUser('backup', { password, privileges: { '*.*': ['SELECT', 'LOCK TABLES'] }, append: true })
 *
 * Source: MariaDB, CREATE USER, GRANT, SHOW GRANTS, mysql_native_password.
 */
export function mysqlUser(name: string, options: MysqlUserOptions = {}): Resource {
  const { name: user, options: given } = read(name, options)
  const { host = 'localhost', append = false, state = 'present', everyHost = false, privileges, ...others } = given
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
  return make(`${user}@${everyHost ? 'every host' : host}`, {
    ...others,
    user,
    everyHost,
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
    everyHost: flag().optional(),
    socket: path().optional(),
  }),
  (options) => [
    ...Object.keys(options.privileges ?? {})
      .filter((on) => !/^(\*|(?:[\w%$-]|\\[_%])+)\.(\*|[\w$-]+)$/.test(on))
      .map((on) => ({ what: 'privileges', expected: 'of DATABASE.TABLE, such as app.*', got: JSON.stringify(on) })),
    ...(options.everyHost === true && options.state !== 'absent'
      ? leftOut(['everyHost'], 'without state: absent', options)
      : []),
    ...(options.everyHost === true ? leftOut(['host'], 'with everyHost', options) : []),
  ],
)

const make = toolKind<MysqlUserWant, State>({
  name: 'mysqlUser',
  tool: () => mysql,
  probe: (want) => lines(askTables(want), askAccount(want)),
  read(_, { lines: said }) {
    const noTables = said.flatMap((line) => (line.startsWith('no table\t') ? [line.slice(9)] : []))
    const lines = said.filter((line) => !line.startsWith('no table\t'))
    // Without the account the second question fails, and with it the first.
    const [word, hash = ''] = lines[0]?.split('\t') ?? []
    const hosts = lines.flatMap((line) => (line.startsWith('host\t') ? [line.slice(5)] : []))
    if (word !== 'account') return { account: undefined, hosts, noTables }
    const privileges = new Map<string, readonly string[]>()
    for (const line of lines.slice(1)) {
      const [, words = '', on = ''] = /^GRANT (.*?) ON (`(?:[^`]|``)*`\.\S+|\*\.\*) TO /s.exec(line) ?? []
      if (on === '' || words === 'USAGE') continue
      const [plain, isGrantor] = [on.replaceAll('`', ''), line.includes(' WITH GRANT OPTION')]
      privileges.set(plain, [...words.split(/, */).map(normal), ...(isGrantor ? ['GRANT OPTION'] : [])].sort())
    }
    return { account: { hash, privileges }, hosts, noTables }
  },
  fresh: ({ user, host, privileges }) => ({
    account: user === 'root' && host === 'localhost' ? ROOT : undefined,
    hosts: [],
    noTables: tablesOf(privileges),
  }),
  isAbsence: ({ state }) => state === 'absent',
  plan: (want, { account, hosts, noTables }) =>
    want.everyHost ? dropped(want, hosts) : (noTable(want, account, noTables) ?? steps(want, account)),
  effects: ({ user, host, state, everyHost }, { hosts }) => [
    ...(everyHost ? hosts : [host]).map(
      (from) =>
        ({ type: 'object', of: 'mysql account', name: `${user}@${from}`, exists: state === 'present' }) as const,
    ),
    { type: 'object', of: ACCOUNTS, name: user, exists: state === 'present' },
  ],
  predict(want, state, prediction) {
    const { user, host, everyHost } = want
    if (everyHost) {
      const changed = prediction.objects.get(ACCOUNTS, user)
      return changed === undefined
        ? state
        : { unknown: `which accounts ${user} has is known only after ${changed.from}` }
    }
    const lacks = noTable(want, state.account, state.noTables) !== undefined
    const maker = lacks ? tableMaker(state.noTables, prediction) : undefined
    if (maker !== undefined)
      return { unknown: `whether there is a table ${state.noTables[0] ?? ''} is known only after ${maker.from}` }
    const made = prediction.objects.get('mysql account', `${user}@${host}`)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the account ${user}` } : { ...state, account: undefined }
  },
})

function askAccount({ user, host, everyHost, socket }: MysqlUserWant): Sh {
  return asks(
    socket,
    everyHost
      ? `select 'host', host from mysql.user where user = ${literal(user)} order by host;`
      : `select 'account', coalesce(if(plugin in ('', 'mysql_native_password'), authentication_string, plugin), '') from mysql.user where user = ${literal(user)} and host = ${literal(host)};
show grants for ${literal(user)}@${literal(host)};`,
  )
}

/** Tells which tables are not there. That is another question, for where there is no account the one about it has no answer. */
function askTables({ privileges, socket }: MysqlUserWant): Sh {
  const tables = tablesOf(privileges)
  const each = tables.map((on) => {
    const [database = '', table = ''] = on.split('.')
    return `select 'no table', ${literal(on)} from dual where not exists (select 1 from information_schema.tables where table_schema = ${literal(database)} and table_name = ${literal(table)});`
  })
  return tables.length === 0 ? raw(':') : asks(socket, each.join('\n'))
}

/** Single tables on which something is granted that a table has to be there for. */
function tablesOf(privileges: MysqlUserWant['privileges'] = {}): readonly string[] {
  const isTable = (on: string) => !on.startsWith('*.') && !on.endsWith('.*')
  const mayBeMissing = (words: readonly string[]) => words.includes('ALL PRIVILEGES') || words.includes('CREATE')
  return Object.entries(privileges).flatMap(([on, words]) => (isTable(on) && !mayBeMissing(words) ? [on] : []))
}

/** A command may make tables, and so may the dump of a new database. */
function tableMaker(tables: readonly string[], prediction: Prediction): { readonly from: string } | undefined {
  const databases = tables.map((on) => prediction.objects.get('mysql database', on.split('.')[0] ?? ''))
  return databases.find((made) => made?.exists === true) ?? prediction.command()
}

function noTable(
  { state, privileges = {} }: MysqlUserWant,
  account: Account | undefined,
  noTables: readonly string[],
): Refused | undefined {
  const missing = noTables.find((on) =>
    privileges[on]?.some((word) => account?.privileges.get(on)?.includes(word) !== true),
  )
  return state === 'absent' || missing === undefined
    ? undefined
    : { refused: `there is no table ${missing}`, hint: 'put what makes it before this resource' }
}

/** What a prediction calls the accounts of one name, from wherever they may connect. */
const ACCOUNTS = 'mysql accounts'

function dropped({ user, socket }: MysqlUserWant, hosts: readonly string[]): Step[] {
  if (hosts.length === 0) return []
  const sql = hosts.map((host) => `DROP USER ${literal(user)}@${literal(host)};`).join('\n')
  return [sqlStep(`drop account ${hosts.map((host) => `${user}@${host}`).join(', ')}`, socket, sql)]
}

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
