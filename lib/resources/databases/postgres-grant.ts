import { sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { described, flag, list, oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { toolKind } from '../kit/tool-kind.ts'
import {
  asks,
  column,
  CONTENTS,
  ident,
  identifier,
  isOwnDatabase,
  isOwnRole,
  literal,
  nameIn,
  ownedBy,
  OWNER,
  portOption,
  postgres,
  sqlStep,
} from './postgres.ts'

export interface PostgresGrantOptions {
  readonly role: string
  readonly database: string
  /** What the privileges are of. */
  readonly on: 'database' | 'schema' | 'table' | 'sequence'
  /** `['ALL']`, or some of them. */
  readonly privileges: readonly string[]
  /** Names of schemas, tables or sequences; left out: all tables or sequences of the schema that are there now. */
  readonly objects?: readonly string[]
  /** Of tables and sequences. Default `public`. */
  readonly schema?: string
  /** The role may pass them on. Default false; never taken away. */
  readonly grantOption?: boolean
  readonly state?: 'present' | 'absent'
  readonly port?: number
}

export interface PostgresGrantWant extends PostgresGrantOptions {
  readonly all: readonly string[]
}

interface State {
  readonly database: boolean
  /** It is there already, and with it what it holds is known. */
  readonly isThere: boolean
  readonly role: boolean
  /** By object: its privileges, and those that the role may pass on with a star. */
  readonly granted: ReadonlyMap<string, readonly string[]>
}

const ALL = {
  database: ['CONNECT', 'CREATE', 'TEMPORARY'],
  schema: ['CREATE', 'USAGE'],
  table: ['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE'],
  sequence: ['SELECT', 'UPDATE', 'USAGE'],
} as const

/**
 * Privileges of a role on a database, on schemas, or on tables and sequences. Other privileges that the role has stay as they are, and so do those
 * that it has through PUBLIC or another role, which do not count here.
 *
 * Without `objects` all tables (or sequences) that a schema has at that time are meant; those that come later are granted in the next run.
 *
 * Unknown: the tables, sequences or schemas, while a command, an extension or a dump that may make some is to come.
 * Refused: a role, a database or one of the `objects` that is not there, and that nothing pending makes; a host without psql; a server that does not answer.
 *
 * @example
 * postgresGrant('app connects', { role: 'app', database: 'app', on: 'database', privileges: ['CONNECT'] })
 * postgresGrant('readers read', { role: 'readers', database: 'app', on: 'table', privileges: ['SELECT'] })
 *
 * Source: PostgreSQL, GRANT, `aclexplode`.
 */
export function postgresGrant(name: string, options: PostgresGrantOptions): Resource {
  const { name: text, options: given } = read(name, options)
  const words = given.privileges.map((word) => word.toUpperCase())
  const all = words.includes('ALL') ? ALL[given.on] : words.map((word) => (word === 'TEMP' ? 'TEMPORARY' : word))
  return make(text, { ...given, all: [...new Set(all)].sort() })
}

const read = resourceOptions<PostgresGrantOptions>()(
  'postgresGrant',
  (name) => described('postgresGrant', name),
  () => ({
    role: identifier('the name of a role'),
    database: identifier('the name of a database'),
    on: oneOf(['database', 'schema', 'table', 'sequence']),
    privileges: list('a list of privileges', identifier('a privilege such as SELECT')),
    objects: list('a list of names', identifier()).optional(),
    schema: identifier('the name of a schema').optional(),
    grantOption: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    port: portOption().optional(),
  }),
  ({ on, privileges = [], objects, schema }) => {
    const known: readonly string[] = on === undefined ? [] : [...ALL[on], 'ALL', 'TEMP']
    const strange = on === undefined ? [] : privileges.filter((word) => !known.includes(word.toUpperCase()))
    return [
      ...strange.map((word) => ({ what: 'privileges', expected: `of ${known.join(', ')}`, got: JSON.stringify(word) })),
      privileges.length === 0 ? { what: 'privileges', expected: 'one at least', got: 'none' } : undefined,
      on === 'schema' && objects === undefined
        ? { what: 'objects', expected: 'names of schemas', got: 'nothing' }
        : undefined,
      on === 'database' && objects !== undefined
        ? { what: 'objects', expected: 'left out with on: database', got: 'names' }
        : undefined,
      (on === 'database' || on === 'schema') && schema !== undefined
        ? { what: 'schema', expected: `left out with on: ${on}`, got: JSON.stringify(schema) }
        : undefined,
    ]
  },
)

const make = toolKind<PostgresGrantWant, State>({
  name: 'postgresGrant',
  tool: () => postgres,
  // Without the database the role is asked for in another one: the database may be pending.
  probe: (want) => sh`a=$(
${asks(want.database, want.port, question(want))}
)
printf '%s\\n' "$a"
case $a in '# no database'*)
${asks('postgres', want.port, isRole(want.role))};; esac`,
  read(_, { lines }) {
    const granted = new Map<string, readonly string[]>()
    for (const [word, object = '', words = ''] of lines.map((line) => line.split('|')))
      if (word === 'object') granted.set(nameIn(object), words === '' ? [] : words.split(','))
    const database = lines[0] !== '# no database'
    return { database, isThere: database, role: lines.includes('role'), granted }
  },
  fresh: (want) => ({
    database: isOwnDatabase(want.database),
    isThere: false,
    role: isOwnRole(want.role),
    granted: isOwnDatabase(want.database) && want.role === 'postgres' ? grantedToOwner(want.database) : new Map(),
  }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  predict(want, state, prediction) {
    const database = prediction.objects.get('postgres database', want.database)
    const role = prediction.objects.get('postgres role', want.role)
    const maker = isOpen(want, state) ? makerOf(want, prediction) : undefined
    if (maker !== undefined && database?.exists !== false)
      return { unknown: `which ${want.on}s there are in ${want.database} is known only after ${maker.from}` }
    if (database === undefined && role === undefined) return state
    const owner = prediction.objects.get(OWNER, ownedBy(want.role, want.database))
    return {
      ...state,
      database: database?.exists ?? state.database,
      role: role?.exists ?? (state.role || owner !== undefined),
      ...(owner === undefined || want.on !== 'database' ? {} : { granted: grantedToOwner(want.database) }),
    }
  },
})

/** Whoever owns a database may do anything with it, and pass that on. */
function grantedToOwner(database: string): State['granted'] {
  return new Map([[database, ALL.database.map((word) => `${word}*`)]])
}

/** What it grants on depends on what is there by then. */
function isOpen({ on, objects, state: wanted }: PostgresGrantWant, { granted }: State): boolean {
  if (on === 'database' || (on === 'schema' && wanted === 'absent')) return false
  return (
    objects === undefined || objects.some((object) => !granted.has(object) && !(on === 'schema' && object === 'public'))
  )
}

/** What may make tables, sequences and schemas: a command, an extension, a dump. */
function makerOf({ database }: PostgresGrantWant, prediction: Prediction): { readonly from: string } | undefined {
  return prediction.objects.get(CONTENTS, database) ?? prediction.command()
}

function isRole(role: string): string {
  return `select 'role' from pg_roles where rolname = ${literal(role)};`
}

function question({ on, database, role, objects = [], schema = 'public' }: PostgresGrantWant): string {
  const names = objects.map(literal).join(', ')
  const [catalog, name, acl, kind, owner, where] = {
    database: ['pg_database', 'datname', 'datacl', 'd', 'datdba', `datname = ${literal(database)}`],
    schema: ['pg_namespace', 'nspname', 'nspacl', 'n', 'nspowner', `nspname in (${names || "''"})`],
    table: ['pg_class', 'relname', 'relacl', 'r', 'relowner', inSchema("'r', 'p', 'v', 'm', 'f'", schema, names)],
    sequence: ['pg_class', 'relname', 'relacl', 's', 'relowner', inSchema("'S'", schema, names)],
  }[on]
  return `${isRole(role)}
select 'object', ${column(`o.${name}`)}, (select string_agg(a.privilege_type || case when a.is_grantable then '*' else '' end, ',' order by a.privilege_type)
from aclexplode(coalesce(o.${acl}, acldefault('${kind}', o.${owner}))) a join pg_roles r on r.oid = a.grantee where r.rolname = ${literal(role)})
from ${catalog} o where ${where} order by o.${name};`
}

function inSchema(kinds: string, schema: string, names: string): string {
  const named = names === '' ? '' : ` and o.relname in (${names})`
  return `o.relkind in (${kinds}) and o.relnamespace = (select oid from pg_namespace where nspname = ${literal(schema)})${named}`
}

function planned(want: PostgresGrantWant, { database, isThere, role, granted }: State): Step[] | Refused {
  const { role: name, on, all, objects, schema = 'public', grantOption = false, port } = want
  const isAbsent = want.state === 'absent'
  if (!database || !role) {
    if (isAbsent) return []
    const [what, which] = database ? ['role', name] : ['database', want.database]
    const call = database ? 'postgresUser' : 'postgresDatabase'
    return { refused: `there is no ${what} ${which}`, hint: `put ${call}('${which}') before this resource` }
  }
  const missing =
    on === 'database' || isAbsent || !isThere ? undefined : objects?.find((object) => !granted.has(object))
  if (missing !== undefined)
    return {
      refused: `there is no ${on} ${missing} in ${want.database}`,
      hint: 'put what makes it before this resource',
    }
  const wanted = on === 'database' ? [want.database] : (objects ?? [...granted.keys()])
  const has = (object: string, word: string) => {
    const there = granted.get(object) ?? []
    return there.includes(`${word}*`) || (there.includes(word) && (!grantOption || isAbsent))
  }
  const wrong = wanted.flatMap((object) => {
    const words = all.filter((word) => has(object, word) === isAbsent)
    return words.length === 0 ? [] : [{ object, words }]
  })
  if (wrong.length === 0) return []
  const full = (object: string) =>
    on === 'table' || on === 'sequence' ? `${ident(schema)}.${ident(object)}` : ident(object)
  const sql = wrong.map(({ object, words }) => {
    const target = `${words.join(', ')} ON ${on.toUpperCase()} ${full(object)}`
    return isAbsent
      ? `REVOKE ${target} FROM ${ident(name)};`
      : `GRANT ${target} TO ${ident(name)}${grantOption ? ' WITH GRANT OPTION' : ''};`
  })
  const words = [...new Set(wrong.flatMap((each) => each.words))].join(', ')
  const what = wrong.length > 4 ? `${wrong.length} ${on}s` : `${on} ${wrong.map(({ object }) => object).join(', ')}`
  const summary = isAbsent ? `revoke ${words} on ${what} from ${name}` : `grant ${words} on ${what} to ${name}`
  return [sqlStep(summary, want.database, port, ['BEGIN;', ...sql, 'COMMIT;'].join('\n'))]
}
