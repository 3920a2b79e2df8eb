import { lines, sh } from '../../sh/quote.ts'
import type { Plan, Refused, Resource, Step } from '../kit/kind.ts'
import { flag, oneOf, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { askDump, dumpLater, dumpOption, dumpPlace, loadStep, noDump } from './dump.ts'
import {
  CONTENTS,
  asks,
  column,
  ident,
  identifier,
  isOwnDatabase,
  literal,
  objectName,
  loader,
  nameIn,
  ownedBy,
  OWNER,
  portOption,
  postgres,
  psql,
  sqlStep,
} from './postgres.ts'

export interface PostgresDatabaseOptions {
  readonly owner?: string
  /** Only for a new one, as the next three are: `UTF8`. */
  readonly encoding?: string
  /** The order of texts, and the nature of characters: `C.UTF-8`. */
  readonly collate?: string
  readonly ctype?: string
  readonly template?: string
  readonly connectionLimit?: number
  /**
   * A dump on the host that is loaded into the database when it is made, as its owner: .sql (plain or .gz, .bz2, .xz, .zst) through psql, .dump through
   * pg_restore. One that is there is left alone.
   */
  readonly source?: string
  readonly state?: 'present' | 'absent'
  /** With `state: 'absent'`: connections to it are ended first. */
  readonly force?: boolean
  readonly port?: number
}

export interface PostgresDatabaseWant extends Omit<PostgresDatabaseOptions, 'state'> {
  readonly name: string
  readonly state: 'present' | 'absent'
}

interface State {
  readonly database:
    | {
        readonly owner: string
        readonly encoding: string
        readonly collate: string
        readonly ctype: string
        readonly limit: number
      }
    | undefined
  /** The dump is on the host. */
  readonly dump: boolean
}

/**
 * A database of the PostgreSQL server on the host. Owner and connection limit are changed in place.
 *
 * `encoding`, `collate`, `ctype` and `template` are for a new one; where the first two or three differ from one that is there, it is refused, because only
 * a dump and a new database change that. Default of a new one: what the server has.
 *
 * With `source` a new one gets what a dump on the host holds; a dump that cannot be loaded takes the new database along, so that the next run tries again.
 *
 * Refused: no such dump; a host without psql, a server that does not answer. With a pending package of PostgreSQL there is no such database yet.
 *
 * @example
 * postgresDatabase('app', { owner: 'app', encoding: 'UTF8', template: 'template0' })
 * postgresDatabase('wiki', { owner: 'wiki', source: '/var/backups/wiki.sql.gz' })
 * postgresDatabase('old', { state: 'absent', force: true })
 *
 * Source: PostgreSQL, CREATE DATABASE, pg_database, psql(1), pg_restore(1).
 */
export function postgresDatabase(name: string, options: PostgresDatabaseOptions = {}): Resource {
  const { name: database, options: given } = read(name, options)
  return make(database, { ...given, name: database, state: given.state ?? 'present' })
}

const word = () => text('a word', /^[\w.@-]+$/)

const read = resourceOptions<PostgresDatabaseOptions>()('postgresDatabase', objectName('postgresDatabase'), () => ({
  owner: identifier('the name of a role').optional(),
  encoding: word().optional(),
  collate: word().optional(),
  ctype: word().optional(),
  template: identifier().optional(),
  connectionLimit: whole('a whole number, -1 or more', -1, 262_143).optional(),
  source: dumpOption().optional(),
  state: oneOf(['present', 'absent']).optional(),
  force: flag().optional(),
  port: portOption().optional(),
}))

const make = toolKind<PostgresDatabaseWant, State>({
  name: 'postgresDatabase',
  tool: () => postgres,
  probe: ({ name, port, source }) =>
    lines(
      askDump(source),
      asks(
        'postgres',
        port,
        `select 'database', ${column('pg_get_userbyid(datdba)')}, pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit from pg_database where datname = ${literal(name)};`,
      ),
    ),
  read({ source }, { lines: said }) {
    const dump = source === undefined || said.includes('dump')
    const [word, owner = '', encoding = '', collate = '', ctype = '', limit] =
      said.find((line) => line.startsWith('database|'))?.split('|') ?? []
    if (word !== 'database') return { database: undefined, dump }
    return { dump, database: { owner: nameIn(owner), encoding, collate, ctype, limit: Number(limit) } }
  },
  fresh: () => ({ database: undefined, dump: true }),
  isAbsence: ({ state }) => state === 'absent',
  mayComeAlong: ({ name }) => isOwnDatabase(name),
  plan: planned,
  advanced: { trusts: ({ source }) => dumpPlace(source, 'postgres') },
  effects: ({ name, owner, state, source }, { database }) => [
    { type: 'object', of: 'postgres database', name, exists: state === 'present' },
    ...(state === 'absent' || (database !== undefined && owner === undefined)
      ? []
      : [{ type: 'object', of: OWNER, name: ownedBy(owner ?? 'postgres', name), exists: true } as const]),
    ...(source === undefined ? [] : [{ type: 'object', of: CONTENTS, name, exists: true } as const]),
  ],
  predict({ name, source }, state, prediction) {
    const dump = dumpLater(source, state.dump, prediction)
    if (typeof dump === 'object') return dump
    if (dump !== state.dump) return { ...state, dump }
    const made = prediction.objects.get('postgres database', name)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the database ${name}` } : { ...state, database: undefined }
  },
})

function planned(want: PostgresDatabaseWant, { database, dump }: State): Step[] | Plan | Refused {
  const { name, owner, encoding, collate, ctype, template, connectionLimit, source, port } = want
  if (want.state === 'absent') {
    const force = want.force === true ? ' WITH (FORCE)' : ''
    return database === undefined
      ? []
      : [sqlStep(`drop database ${name}`, 'postgres', port, `DROP DATABASE ${ident(name)}${force};`)]
  }
  if (database === undefined) {
    if (!dump) return noDump(name, source)
    const parts = [
      ...(owner === undefined ? [] : [`OWNER ${ident(owner)}`]),
      ...(encoding === undefined ? [] : [`ENCODING ${literal(encoding)}`]),
      ...(collate === undefined ? [] : [`LC_COLLATE ${literal(collate)}`]),
      ...(ctype === undefined ? [] : [`LC_CTYPE ${literal(ctype)}`]),
      ...(template === undefined ? [] : [`TEMPLATE ${ident(template)}`]),
      ...(connectionLimit === undefined ? [] : [`CONNECTION LIMIT ${connectionLimit}`]),
    ]
    const said = owner === undefined ? '' : ` of ${owner}`
    return [
      sqlStep(`create database ${name}${said}`, 'postgres', port, `CREATE DATABASE ${ident(name)} ${parts.join(' ')};`),
      ...(source === undefined
        ? []
        : [
            loadStep(
              name,
              source,
              loader(name, port, source.endsWith('.dump'), owner),
              sh`printf '%s\n' ${`DROP DATABASE ${ident(name)};`} | { ${psql('postgres', port)}; }`,
            ),
          ]),
    ]
  }
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '')
  const fixed = [
    ['encoding', encoding, database.encoding],
    ['collate', collate, database.collate],
    ['ctype', ctype, database.ctype],
  ] as const
  const other = fixed.find(([, wanted, there]) => wanted !== undefined && plain(wanted) !== plain(there))
  if (other !== undefined)
    return {
      refused: `the ${other[0]} of database ${name} is ${other[2]}, and cannot become ${other[1] ?? ''}`,
      hint: 'dump it, and load the dump into a new database',
    }
  return [
    ...(owner === undefined || owner === database.owner
      ? []
      : [
          sqlStep(
            `give database ${name} to ${owner} (was ${database.owner})`,
            'postgres',
            port,
            `ALTER DATABASE ${ident(name)} OWNER TO ${ident(owner)};`,
          ),
        ]),
    ...(connectionLimit === undefined || connectionLimit === database.limit
      ? []
      : [
          sqlStep(
            `limit database ${name} to ${connectionLimit} connections (was ${database.limit})`,
            'postgres',
            port,
            `ALTER DATABASE ${ident(name)} CONNECTION LIMIT ${connectionLimit};`,
          ),
        ]),
  ]
}
