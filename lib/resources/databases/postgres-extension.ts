import { sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { flag, oneOf, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import {
  CONTENTS,
  asks,
  column,
  ident,
  identifier,
  isOwnDatabase,
  literal,
  namesAfter,
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
  /** The server has files of it, in this version; undefined: nobody has asked. */
  readonly isOffered?: boolean
  /** Extensions that it needs and that the database does not have. */
  readonly needs: readonly string[]
}

/**
 * An extension in a database of the PostgreSQL server on the host.
 *
 * Refused: a database that is not there and that nothing pending makes; an extension, or a version, that the server has no files of (its package comes first); one that needs
 * another extension which the database does not have, without `cascade`.
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
  // Without the database another one is asked: it may be pending, and the server offers the same in each.
  probe: (want) => sh`a=$(
${asks(want.database, want.port, question(want))}
)
printf '%s\\n' "$a"
case $a in '# no database'*)
${asks('postgres', want.port, offer(want))};; esac`,
  read(_, { lines }) {
    const find = (word: string) => lines.find((line) => line.startsWith(`${word}|`))?.slice(word.length + 1)
    return {
      database: lines[0] !== '# no database',
      version: find('version'),
      isOffered: find('offered') !== '0',
      needs: namesAfter('needs', lines),
    }
  },
  fresh: ({ name, database }) => ({
    database: isOwnDatabase(database),
    version: undefined,
    needs: [],
    ...(name === 'plpgsql' && isOwnDatabase(database) ? OWN : {}),
  }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  effects: ({ name, database, state }) => [
    { type: 'object', of: EXTENSION, name: `${database}\n${name}`, exists: state === 'present' },
    { type: 'object', of: CONTENTS, name: database, exists: true },
  ],
  predict({ name, database }, before, prediction) {
    const comes = (other: string) => prediction.objects.get(EXTENSION, `${database}\n${other}`)?.exists === true
    // A dump or a template may bring others.
    const isFilled = prediction.objects.get(CONTENTS, database)?.from.startsWith('postgresDatabase:') === true
    const needs = before.needs.filter((other) => !isFilled && !comes(other))
    const state = needs.length === before.needs.length ? before : { ...before, needs }
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

/** What a prediction calls an extension. Its name is that of the database and its own. */
const EXTENSION = 'postgres extension'

/** What the server has of it, and what it needs of others. */
function offer({ name, version }: PostgresExtensionWant): string {
  const asked = `name = ${literal(name)}`
  const which =
    version === undefined ? `(select default_version from pg_available_extensions where ${asked})` : literal(version)
  return `select 'offered', count(*) from pg_available_extension_versions where ${asked} and version = ${which};
select 'needs', ${column('r')} from pg_available_extension_versions, unnest(requires) r where ${asked} and version = ${which} and r not in (select extname from pg_extension);`
}

function question(want: PostgresExtensionWant): string {
  return `${offer(want)}
select 'version', extversion from pg_extension where extname = ${literal(want.name)};`
}

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
    return {
      refused: `there is no database ${database}`,
      hint: `put postgresDatabase('${database}') before this resource`,
    }
  if (state.version === undefined) {
    if (state.isOffered === false)
      return {
        refused: `the server has no extension ${name}${version === undefined ? '' : ` in version ${version}`}`,
        hint: 'put the package that brings it before this resource',
      }
    const [needed] = want.cascade === true ? [] : state.needs
    if (needed !== undefined)
      return {
        refused: `the extension ${name} needs ${needed}, which ${database} does not have`,
        hint: `put postgresExtension('${needed}', { database: '${database}' }) before this resource, or set cascade: true`,
      }
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
