import type { Plan, Refused, Resource, Step } from '../kit/kind.ts'
import { flag, oneOf, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { asks, ident, identifier, literal, objectName, portOption, postgres, sqlStep } from './postgres.ts'

export interface PostgresDatabaseOptions {
  readonly owner?: string
  /** Only for a new one, as the next three are: `UTF8`. */
  readonly encoding?: string
  /** The order of texts, and the nature of characters: `C.UTF-8`. */
  readonly collate?: string
  readonly ctype?: string
  readonly template?: string
  readonly connectionLimit?: number
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
}

/**
 * A database of the PostgreSQL server on the host. Owner and connection limit are changed in place.
 *
 * `encoding`, `collate`, `ctype` and `template` are for a new one; where the first two or three differ from one that is there, it is refused, because only
 * a dump and a new database change that. Default of a new one: what the server has.
 *
 * Refused: a host without psql, a server that does not answer. With a pending package of PostgreSQL there is no such database yet.
 *
 * @example
 * postgresDatabase('app', { owner: 'app', encoding: 'UTF8', template: 'template0' })
 * postgresDatabase('old', { state: 'absent', force: true })
 *
 * Source: PostgreSQL, CREATE DATABASE, pg_database.
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
  state: oneOf(['present', 'absent']).optional(),
  force: flag().optional(),
  port: portOption().optional(),
}))

const make = toolKind<PostgresDatabaseWant, State>({
  name: 'postgresDatabase',
  tool: () => postgres,
  probe: ({ name, port }) =>
    asks(
      'postgres',
      port,
      `select 'database', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit from pg_database where datname = ${literal(name)};`,
    ),
  read(_, { lines }) {
    const [word, owner = '', encoding = '', collate = '', ctype = '', limit] = lines[0]?.split('|') ?? []
    if (word !== 'database') return { database: undefined }
    return { database: { owner, encoding, collate, ctype, limit: Number(limit) } }
  },
  fresh: () => ({ database: undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  effects: ({ name, state }) => [{ type: 'object', of: 'postgres database', name, exists: state === 'present' }],
  predict({ name }, state, later) {
    const made = later.object('postgres database', name)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the database ${name}` } : { database: undefined }
  },
})

function planned(want: PostgresDatabaseWant, { database }: State): Step[] | Plan | Refused {
  const { name, owner, encoding, collate, ctype, template, connectionLimit, port } = want
  if (want.state === 'absent') {
    const force = want.force === true ? ' WITH (FORCE)' : ''
    return database === undefined
      ? []
      : [sqlStep(`drop database ${name}`, 'postgres', port, `DROP DATABASE ${ident(name)}${force};`)]
  }
  if (database === undefined) {
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
