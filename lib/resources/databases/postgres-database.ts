import { lines, sh } from '../../sh/quote.ts'
import type { Plan, Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
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
  isOwnRole,
  literal,
  missingLater,
  missingRoles,
  objectName,
  loader,
  nameIn,
  namesAfter,
  noRole,
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
  /** The owner, and the template, where they are not there. */
  /** Why a new one cannot be as it is wanted. */
  readonly misfit?: Refused | undefined
  readonly missing: { readonly owner: readonly string[]; readonly template: readonly string[] }
}

/**
 * A database of the PostgreSQL server on the host. Owner and connection limit are changed in place.
 *
 * `encoding`, `collate`, `ctype` and `template` are for a new one; where the first two or three differ from one that is there, it is refused, because only
 * a dump and a new database change that. Default of a new one: what the server has.
 *
 * With `source` a new one gets what a dump on the host holds; a dump that cannot be loaded takes the new database along, so that the next run tries again.
 *
 * Refused: an encoding, an order or a nature of characters that the template does not have, which only `template0` leaves free; an owner or a template that is not there, and that nothing pending makes; no such dump; a host without psql, a server that does not answer. With a pending package of PostgreSQL there is no such database yet.
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
  probe: (want) => lines(askDump(want.source), asks('postgres', want.port, question(want))),
  read(want, { lines: said }) {
    const { source } = want
    const dump = source === undefined || said.includes('dump')
    const [word, owner = '', encoding = '', collate = '', ctype = '', limit] =
      said.find((line) => line.startsWith('database|'))?.split('|') ?? []
    const missing = { owner: namesAfter('no role', said), template: namesAfter('no template', said) }
    if (word !== 'database') return { database: undefined, dump, missing, misfit: misfitOf(want, said) }
    return { dump, missing, database: { owner: nameIn(owner), encoding, collate, ctype, limit: Number(limit) } }
  },
  fresh: ({ owner, template }) => ({
    database: undefined,
    dump: true,
    missing: {
      owner: listOf(owner).filter((each) => !isOwnRole(each)),
      template: listOf(template).filter((each) => !isOwnDatabase(each)),
    },
  }),
  isAbsence: ({ state }) => state === 'absent',
  mayComeAlong: ({ name }) => isOwnDatabase(name),
  plan: planned,
  advanced: { trusts: ({ source }) => dumpPlace(source, 'postgres') },
  effects: ({ name, owner, state, source, template }, { database }) => [
    { type: 'object', of: 'postgres database', name, exists: state === 'present' },
    ...(state === 'absent' || (database !== undefined && owner === undefined)
      ? []
      : [{ type: 'object', of: OWNER, name: ownedBy(owner ?? 'postgres', name), exists: true } as const]),
    ...(source === undefined && (database !== undefined || isPlain(template))
      ? []
      : [{ type: 'object', of: CONTENTS, name, exists: true } as const]),
  ],
  predict(want, before, prediction) {
    const { name, source } = want
    const dump = dumpLater(source, before.dump, prediction)
    if (typeof dump === 'object') return dump
    const missing = missingThen(want, before, prediction)
    if ('unknown' in missing) return missing
    const isSame = dump === before.dump && missing === before.missing
    const state = isSame ? before : { ...before, dump, missing }
    const made = prediction.objects.get('postgres database', name)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the database ${name}` } : { ...state, database: undefined }
  },
})

function question(want: PostgresDatabaseWant): string {
  const { name, owner, template } = want
  return `select 'database', ${column('pg_get_userbyid(datdba)')}, pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit from pg_database where datname = ${literal(name)};
${missingRoles(listOf(owner))}
${template === undefined ? '' : `select 'no template', ${column(literal(template))} where not exists (select from pg_database where datname = ${literal(template)});`}
${askFit(want)}`
}

type Fixed = Pick<PostgresDatabaseWant, 'encoding' | 'collate' | 'ctype' | 'template'>

/** Asks what a new database has to agree with: which encoding is meant, and what the template has. A copy of `template0` may have anything. */
function askFit({ encoding, collate, ctype, template = 'template1' }: Fixed): string {
  const which =
    encoding === undefined ? '' : `select 'encoding', pg_encoding_to_char(pg_char_to_encoding(${literal(encoding)}));`
  const isFree = template === 'template0' || [encoding, collate, ctype].every((each) => each === undefined)
  return isFree
    ? which
    : `${which}
select 'template', pg_encoding_to_char(encoding), datcollate, datctype from pg_database where datname = ${literal(template)};`
}

/** Source: PostgreSQL, CREATE DATABASE, "Notes". */
function misfitOf(
  { name, encoding, collate, ctype, template = 'template1' }: PostgresDatabaseWant,
  said: readonly string[],
): Refused | undefined {
  const row = (word: string) => said.find((line) => line.startsWith(`${word}|`))?.split('|')
  const meant = row('encoding')?.[1]
  if (meant === '')
    return { refused: `the server does not know the encoding ${encoding ?? ''}`, hint: "the usual one is 'UTF8'" }
  const [, hasEncoding, hasCollate, hasCtype] = row('template') ?? []
  const fixed = [
    ['encoding', meant, hasEncoding],
    ['collate', collate, hasCollate],
    ['ctype', ctype, hasCtype],
  ] as const
  const other = fixed.find(
    ([, wanted, has]) => wanted !== undefined && has !== undefined && plain(wanted) !== plain(has),
  )
  return (
    other && {
      refused: `the ${other[0]} of ${template}, the template of database ${name}, is ${other[2] ?? ''}, and not ${other[1] ?? ''}`,
      hint: "set template: 'template0'",
    }
  )
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_]/g, '')
}

/** A database of it has nothing in it but what every new one has. */
function isPlain(template: string | undefined): boolean {
  return template === undefined || isOwnDatabase(template)
}

function listOf(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name]
}

/** What will be missing. A database that is there rests on no template any more. */
function missingThen(
  { owner, template }: PostgresDatabaseWant,
  { database, missing }: State,
  prediction: Prediction,
): State['missing'] | Unknown {
  const roles = missingLater('postgres role', listOf(owner), missing.owner, prediction)
  if ('unknown' in roles) return roles
  if (database !== undefined) return roles === missing.owner ? missing : { ...missing, owner: roles }
  const templates = missingLater('postgres database', listOf(template), missing.template, prediction)
  if ('unknown' in templates) return templates
  return roles === missing.owner && templates === missing.template ? missing : { owner: roles, template: templates }
}

function planned(want: PostgresDatabaseWant, have: State): Step[] | Plan | Refused {
  const { database, missing } = have
  if (want.state === 'absent') return database === undefined ? [] : [dropStep(want)]
  const [noOwner] = missing.owner
  if (noOwner !== undefined) return noRole(noOwner)
  return database === undefined ? creation(want, have) : changes(want, database)
}

function dropStep({ name, force, port }: PostgresDatabaseWant): Step {
  const forced = force === true ? ' WITH (FORCE)' : ''
  return sqlStep(`drop database ${name}`, 'postgres', port, `DROP DATABASE ${ident(name)}${forced};`)
}

/** The steps that create the database and load its dump. */
function creation(want: PostgresDatabaseWant, { dump, missing, misfit }: State): Step[] | Refused {
  const { name, owner, source, port } = want
  if (!dump) return noDump(name, source)
  const [noTemplate] = missing.template
  if (noTemplate !== undefined)
    return {
      refused: `there is no database ${noTemplate} to be the template of ${name}`,
      hint: `put postgresDatabase('${noTemplate}') before this resource`,
    }
  if (misfit !== undefined) return misfit
  const ofOwner = owner === undefined ? '' : ` of ${owner}`
  const create = `CREATE DATABASE ${ident(name)} ${createOptions(want)};`
  const undo = sh`printf '%s\n' ${`DROP DATABASE ${ident(name)};`} | { ${psql('postgres', port)}; }`
  return [
    sqlStep(`create database ${name}${ofOwner}`, 'postgres', port, create),
    ...(source === undefined
      ? []
      : [loadStep(name, source, loader(name, port, source.endsWith('.dump'), owner), undo)]),
  ]
}

/** The options of CREATE DATABASE. */
function createOptions({ owner, encoding, collate, ctype, template, connectionLimit }: PostgresDatabaseWant): string {
  return [
    ...(owner === undefined ? [] : [`OWNER ${ident(owner)}`]),
    ...(encoding === undefined ? [] : [`ENCODING ${literal(encoding)}`]),
    ...(collate === undefined ? [] : [`LC_COLLATE ${literal(collate)}`]),
    ...(ctype === undefined ? [] : [`LC_CTYPE ${literal(ctype)}`]),
    ...(template === undefined ? [] : [`TEMPLATE ${ident(template)}`]),
    ...(connectionLimit === undefined ? [] : [`CONNECTION LIMIT ${connectionLimit}`]),
  ].join(' ')
}

/** The steps that change an existing database. Its encoding and locale cannot be changed. */
function changes(want: PostgresDatabaseWant, database: NonNullable<State['database']>): Step[] | Refused {
  const { name, owner, connectionLimit, port } = want
  const fixed = [
    ['encoding', want.encoding, database.encoding],
    ['collate', want.collate, database.collate],
    ['ctype', want.ctype, database.ctype],
  ] as const
  const other = fixed.find(([, wanted, there]) => wanted !== undefined && plain(wanted) !== plain(there))
  if (other !== undefined)
    return {
      refused: `the ${other[0]} of database ${name} is ${other[2]}, and cannot become ${other[1] ?? ''}`,
      hint: 'dump the database, and load the dump into a new one',
    }
  const alter = (summary: string, option: string) =>
    sqlStep(summary, 'postgres', port, `ALTER DATABASE ${ident(name)} ${option};`)
  return [
    ...(owner === undefined || owner === database.owner
      ? []
      : [alter(`give database ${name} to ${owner} (was ${database.owner})`, `OWNER TO ${ident(owner)}`)]),
    ...(connectionLimit === undefined || connectionLimit === database.limit
      ? []
      : [
          alter(
            `limit database ${name} to ${connectionLimit} connections (was ${database.limit})`,
            `CONNECTION LIMIT ${connectionLimit}`,
          ),
        ]),
  ]
}
