import { lines, sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { oneOf, path, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { askDump, dumpLater, dumpOption, dumpPlace, loadStep, noDump } from './dump.ts'
import { asks, client, literal, mysql, name as quoted, sqlStep } from './mysql.ts'

export interface MysqlDatabaseOptions {
  /** `utf8mb4`. Default of a new one: what the server has. */
  readonly charset?: string
  readonly collation?: string
  /** A dump on the host (.sql, or .sql.gz, .sql.bz2, .sql.xz, .sql.zst) that is loaded into the database when it is made. One that is there is left alone. */
  readonly source?: string
  readonly state?: 'present' | 'absent'
  /** Of a server that does not listen at the usual place. */
  readonly socket?: string
}

export interface MysqlDatabaseWant extends Omit<MysqlDatabaseOptions, 'state'> {
  readonly name: string
  readonly state: 'present' | 'absent'
}

interface State {
  readonly database: { readonly charset: string; readonly collation: string } | undefined
  /** What the server takes `utf8` for: `utf8mb3`, or as it is set `utf8mb4`. Older ones have no other name for it. */
  readonly utf8: string
  /** The server has the character set. */
  readonly hasCharset: boolean
  /** The dump is on the host. */
  readonly dump: boolean
}

/**
 * A database of the MariaDB or MySQL server on the host, as root over the local socket. Character set and collation are those of tables to come: changed
 * in place, they change no table that is there.
 *
 * With `source` a new one gets what a dump on the host holds; a dump that cannot be loaded takes the new database along, so that the next run tries again.
 *
 * Refused: no such dump; a host without the program mysql, a server that does not answer. With a pending package of the server there is no such database yet.
 *
 * @example
 * mysqlDatabase('app', { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' })
 * mysqlDatabase('wiki', { source: '/var/backups/wiki.sql.gz' })
 *
 * Source: MariaDB, CREATE DATABASE, information_schema.SCHEMATA.
 */
export function mysqlDatabase(name: string, options: MysqlDatabaseOptions = {}): Resource {
  const { name: database, options: given } = read(name, options)
  return make(database, { ...given, name: database, state: given.state ?? 'present' })
}

const read = resourceOptions<MysqlDatabaseOptions>()(
  'mysqlDatabase',
  (given) => {
    if (typeof given === 'string' && /^[^\0\r\n/\\.]{1,64}$/.test(given)) return given
    throw invalidOption('name of mysqlDatabase', 'a name of 1 to 64 characters', describeValue(given))
  },
  () => ({
    charset: text('a word', /^\w+$/).optional(),
    collation: text('a word', /^\w+$/).optional(),
    source: dumpOption().optional(),
    state: oneOf(['present', 'absent']).optional(),
    socket: path().optional(),
  }),
  ({ charset, collation }) =>
    charset === undefined || collation === undefined || isOf(charset.toLowerCase(), collation.toLowerCase())
      ? []
      : [{ what: 'collation', expected: `of the character set ${charset}`, got: JSON.stringify(collation) }],
)

/**
 * A collation has the name of its character set in front, but for those of MariaDB that are of several.
 *
 * Source: MariaDB, "Supported Character Sets and Collations".
 */
function isOf(charset: string, collation: string): boolean {
  const names = charset.startsWith('utf8') ? [charset, ...UTF8.filter(() => charset !== 'utf8mb4')] : [charset]
  return collation === charset || /^uca\d+_/.test(collation) || names.some((name) => collation.startsWith(`${name}_`))
}

/** What a server may take `utf8` for, and `utf8mb3` by its old name. */
const UTF8 = ['utf8', 'utf8mb3', 'utf8mb4']

/** The databases that a new server has. */
const OWN_DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys']

const make = toolKind<MysqlDatabaseWant, State>({
  name: 'mysqlDatabase',
  tool: () => mysql,
  probe: ({ name, socket, source, charset }) =>
    lines(
      askDump(source),
      asks(
        socket,
        `select 'database', default_character_set_name, default_collation_name from information_schema.schemata where schema_name = ${literal(name)};
select 'utf8', charset(convert('' using utf8));
${charset === undefined || /^utf8$/i.test(charset) ? '' : `select 'no charset' from dual where not exists (select 1 from information_schema.character_sets where character_set_name = ${literal(charset)});`}`,
      ),
    ),
  read({ source }, { lines: said }) {
    const [word, charset = '', collation = ''] = said.find((line) => line.startsWith('database\t'))?.split('\t') ?? []
    return {
      hasCharset: !said.includes('no charset'),
      utf8: said.find((line) => line.startsWith('utf8\t'))?.slice(5) ?? 'utf8',
      dump: source === undefined || said.includes('dump'),
      database: word === 'database' ? { charset, collation } : undefined,
    }
  },
  fresh: () => ({ database: undefined, dump: true, utf8: 'utf8', hasCharset: true }),
  isAbsence: ({ state }) => state === 'absent',
  mayComeAlong: ({ name }) => OWN_DATABASES.includes(name),
  plan({ name, charset, collation, source, state, socket }, { database, dump, utf8, hasCharset }): Step[] | Refused {
    if (state === 'absent')
      return database === undefined ? [] : [sqlStep(`drop database ${name}`, socket, `DROP DATABASE ${quoted(name)};`)]
    // The server tells names in small letters, and the one that it takes `utf8` for.
    const plain = (word: string) => word.toLowerCase().replace(/^utf8(?=_|$)/, utf8)
    const isAs = (wanted: string | undefined, there: string) => wanted === undefined || plain(wanted) === plain(there)
    if (database !== undefined && isAs(charset, database.charset) && isAs(collation, database.collation)) return []
    if (!hasCharset)
      return {
        refused: `the server has no character set ${charset ?? ''}`,
        hint: 'SHOW CHARACTER SET lists those that it has',
      }
    const parts = [
      ...(charset === undefined ? [] : [` CHARACTER SET ${charset}`]),
      ...(collation === undefined ? [] : [` COLLATE ${collation}`]),
    ].join('')
    if (database === undefined && !dump) return noDump(name, source)
    return database === undefined
      ? [
          sqlStep(`create database ${name}`, socket, `CREATE DATABASE ${quoted(name)}${parts};`),
          ...(source === undefined
            ? []
            : [
                loadStep(
                  name,
                  source,
                  client(socket, name),
                  sh`printf '%s\n' ${`DROP DATABASE ${quoted(name)};`} | ${client(socket)}`,
                ),
              ]),
        ]
      : [
          sqlStep(
            `set${parts.toLowerCase()} of database ${name} (was ${database.charset}, ${database.collation})`,
            socket,
            `ALTER DATABASE ${quoted(name)}${parts};`,
          ),
        ]
  },
  advanced: { trusts: ({ source }) => dumpPlace(source) },
  effects: ({ name, state }) => [{ type: 'object', of: 'mysql database', name, exists: state === 'present' }],
  predict({ name, source }, state, prediction) {
    const dump = dumpLater(source, state.dump, prediction)
    if (typeof dump === 'object') return dump
    if (dump !== state.dump) return { ...state, dump }
    const made = prediction.objects.get('mysql database', name)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the database ${name}` } : { ...state, database: undefined }
  },
})
