import type { Refused, Resource, Step } from '../kit/kind.ts'
import { flag, oneOf, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import {
  CONTENTS,
  asks,
  ident,
  identifier,
  isOwnDatabase,
  literal,
  objectName,
  portOption,
  postgres,
  sqlStep,
} from './postgres.ts'

export interface PostgresExtensionOptions {
  readonly database: string
  readonly schema?: string
  /** Just this one. Default: what the server has, and never an update. */
  readonly version?: string
  /** Extensions that it needs come along, or go along. Default false. */
  readonly cascade?: boolean
  readonly state?: 'present' | 'absent'
  readonly port?: number
}

export interface PostgresExtensionWant extends Omit<PostgresExtensionOptions, 'state'> {
  readonly name: string
  readonly state: 'present' | 'absent'
}

interface State {
  /** The database is there. */
  readonly database: boolean
  readonly version: string | undefined
  /** The server has files of it; undefined: nobody has asked. */
  readonly isOffered?: boolean
}

/**
 * An extension in a database of the PostgreSQL server on the host.
 *
 * Refused: a database that is not there and that nothing pending makes; an extension that the server has no files of (its package comes first).
 *
 * @example
 * postgresExtension('pg_trgm', { database: 'app' })
 *
 * Source: PostgreSQL, CREATE EXTENSION, pg_available_extensions.
 */
export function postgresExtension(name: string, options: PostgresExtensionOptions): Resource {
  const { name: extension, options: given } = read(name, options)
  return make(`${extension} in ${given.database}`, { ...given, name: extension, state: given.state ?? 'present' })
}

const read = resourceOptions<PostgresExtensionOptions>()('postgresExtension', objectName('postgresExtension'), () => ({
  database: identifier('the name of a database'),
  schema: identifier('the name of a schema').optional(),
  version: text('a version', /^[\w.+-]+$/).optional(),
  cascade: flag().optional(),
  state: oneOf(['present', 'absent']).optional(),
  port: portOption().optional(),
}))

const make = toolKind<PostgresExtensionWant, State>({
  name: 'postgresExtension',
  tool: () => postgres,
  probe: ({ name, database, port }) =>
    asks(
      database,
      port,
      `select 'offered', count(*) from pg_available_extensions where name = ${literal(name)};
select 'version', extversion from pg_extension where extname = ${literal(name)};`,
    ),
  read(_, { lines }) {
    const find = (word: string) => lines.find((line) => line.startsWith(`${word}|`))?.slice(word.length + 1)
    return { database: lines[0] !== '# no database', version: find('version'), isOffered: find('offered') !== '0' }
  },
  fresh: ({ name, database }) => ({
    database: isOwnDatabase(database),
    version: undefined,
    ...(name === 'plpgsql' && isOwnDatabase(database) ? OWN : {}),
  }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  effects: ({ database }) => [{ type: 'object', of: CONTENTS, name: database, exists: true }],
  predict({ name, database }, state, prediction) {
    const made = prediction.objects.get('postgres database', database)
    if (made !== undefined)
      return {
        ...state,
        database: made.exists,
        ...(made.exists ? {} : { version: undefined }),
        ...(made.exists && name === 'plpgsql' ? OWN : {}),
      }
    // Packages bring the files of more extensions.
    return state.isOffered === false && prediction.packages.installed().length > 0
      ? { ...state, isOffered: true }
      : state
  },
})

/** Every new database has it, from its template. */
const OWN = { version: 'its own' }

function planned(want: PostgresExtensionWant, state: State): Step[] | Refused {
  const { name, database, schema, version, port } = want
  const cascade = want.cascade === true ? ' CASCADE' : ''
  if (want.state === 'absent')
    return state.version === undefined
      ? []
      : [sqlStep(`drop extension ${name} of ${database}`, database, port, `DROP EXTENSION ${ident(name)}${cascade};`)]
  if (!state.database)
    return { refused: `there is no database ${database}`, hint: `put postgresDatabase('${database}') before it` }
  if (state.version === undefined) {
    if (state.isOffered === false)
      return { refused: `the server has no extension ${name}`, hint: 'put the package that brings it before it' }
    const parts = [
      ...(schema === undefined ? [] : [` SCHEMA ${ident(schema)}`]),
      ...(version === undefined ? [] : [` VERSION ${literal(version)}`]),
    ]
    // Where nothing is said an extension goes to the first schema of the path, which psql was given.
    const path = schema === undefined ? 'SET search_path = public; ' : ''
    const sql = `${path}CREATE EXTENSION ${ident(name)}${parts.join('')}${cascade};`
    return [sqlStep(`create extension ${name} in ${database}`, database, port, sql)]
  }
  if (version === undefined || version === state.version) return []
  const sql = `ALTER EXTENSION ${ident(name)} UPDATE TO ${literal(version)};`
  return [sqlStep(`update extension ${name} of ${database} to ${version} (was ${state.version})`, database, port, sql)]
}
