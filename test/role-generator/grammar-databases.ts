import type { Random } from '../support/random.ts'
import { START } from './database-servers.ts'
import type { PlaceUses } from './place-uses.ts'
import { isMap, type Data, type ResourceSpec } from './spec.ts'

/** Databases, accounts and privileges of servers that run on the host. */

type Options = { readonly [name: string]: Data | undefined }

const DATABASES = ['app', 'wiki', 'Odd-name']
const ROLES = ['app', 'readers', 'keeper']
const DUMPS = ['/srv/w/good.sql', '/srv/w/bad.sql']

export function databaseResource(random: Random, uses: PlaceUses): ResourceSpec {
  for (;;) {
    const make = random.pick([
      mysqlDatabase,
      mysqlUser,
      mysqlUser,
      postgresUser,
      postgresUser,
      postgresDatabase,
      postgresDatabase,
      postgresExtension,
      postgresGrant,
      postgresGrant,
    ])
    const made = make(random, uses)
    if (made !== undefined) return made
  }
}

function mysqlDatabase(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const name = random.pick(DATABASES)
  return once(uses, `/mysqlDatabase/${name}`, 'mysqlDatabase', name, () =>
    random.pick<Options>([
      {},
      { charset: 'utf8mb4' },
      { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
      { charset: 'latin1', collation: 'latin1_swedish_ci' },
      { collation: 'utf8mb4_bin' },
      { charset: 'UTF8MB4' },
      { charset: 'utf8' },
      { collation: 'latin1_bin' },
      { charset: 'nosuch' },
      { source: random.pick(DUMPS) },
      { state: 'absent' },
      { state: 'absent' },
    ]),
  )
}

const PRIVILEGES: readonly Options[] = [
  { 'app.*': ['ALL'] },
  { 'app.*': ['SELECT', 'INSERT'] },
  { 'app.*': ['select', 'create view', 'GRANT'] },
  { '*.*': ['REPLICATION CLIENT', 'PROCESS'] },
  { '*.*': ['ALL', 'GRANT OPTION'] },
  { '*.*': ['USAGE'] },
  { 'app.t': ['SELECT'] },
  { 'app.t': ['ALL'] },
  { 'wiki.*': ['SELECT', 'GRANT OPTION'], 'app.*': ['ALL'] },
  { 'Odd-name.*': ['ALL'] },
  { 'app\\_x.*': ['SELECT'] },
  { 'app%.*': ['SELECT'] },
  {},
]

function mysqlUser(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const often = (share: number) => random.next() < share
  const name = random.pick([...ROLES, ''])
  const host = random.pick(['localhost', 'localhost', '%', '10.0.0.%'])
  if (name !== '' && uses.at(`/mysqlUser/${name} everywhere`) !== undefined) return undefined
  const isBare = uses.paths(({ kind, args }) => kind === 'mysqlUser' && args?.[0] === name).length === 0
  if (isBare && often(0.1))
    return once(uses, `/mysqlUser/${name} everywhere`, 'mysqlUser', name, () => ({ state: 'absent', everyHost: true }))
  const at: Options = host === 'localhost' ? {} : { host }
  return once(uses, `/mysqlUser/${name}@${host}`, 'mysqlUser', name, () =>
    name === '' || often(0.2)
      ? { ...at, state: 'absent' }
      : {
          ...at,
          ...(often(0.5) ? { password: { $secret: `word of ${name}` } } : {}),
          ...(often(0.2) ? { updatePassword: false } : {}),
          ...(often(0.7) ? { privileges: random.pick(PRIVILEGES) } : {}),
          ...(often(0.2) ? { append: true } : {}),
        },
  )
}

function postgresUser(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const often = (share: number) => random.next() < share
  const name = random.pick(ROLES)
  return once(uses, `/postgresUser/${name}`, 'postgresUser', name, () =>
    often(0.2) && uses.at(`/needs/role/${name}`) === undefined
      ? { state: 'absent' }
      : {
          ...(often(0.5) ? { password: { $secret: `word of ${name}` } } : {}),
          ...(often(0.2) ? { updatePassword: false } : {}),
          ...(often(0.3) ? { login: often(0.5) } : {}),
          ...(often(0.2) ? { createDb: often(0.5) } : {}),
          ...(often(0.2) ? { connectionLimit: random.pick([-1, 0, 5]) } : {}),
          ...(often(0.2) ? { validUntil: random.pick(['2027-01-01', 'infinity', '2027-02-31']) } : {}),
          ...(name !== 'readers' && often(0.3) ? { memberOf: [needed(uses, 'role', 'readers')] } : {}),
        },
  )
}

function postgresDatabase(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const often = (share: number) => random.next() < share
  const name = random.pick(DATABASES)
  return once(uses, `/postgresDatabase/${name}`, 'postgresDatabase', name, () =>
    often(0.25) && uses.at(`/needs/database/${name}`) === undefined
      ? { state: 'absent', ...(often(0.4) ? { force: true } : {}) }
      : {
          ...(often(0.6) ? { owner: needed(uses, 'role', random.pick(ROLES)) } : {}),
          ...(often(0.3) ? { encoding: random.pick(['UTF8', 'utf-8', 'SQL_ASCII', 'LATIN1', 'NOSUCH']) } : {}),
          ...(often(0.2) ? { collate: random.pick(['C', 'C.UTF-8']) } : {}),
          ...(often(0.4) ? { template: random.pick(['template0', 'template1', 'app', 'nowhere']) } : {}),
          ...(often(0.2) ? { connectionLimit: random.pick([-1, 7]) } : {}),
          ...(often(0.2) ? { source: random.pick(DUMPS) } : {}),
        },
  )
}

function postgresExtension(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const often = (share: number) => random.next() < share
  const name = random.pick(['pg_trgm', 'hstore', 'earthdistance', 'cube', 'plpgsql', 'nosuch'])
  const database = needed(uses, 'database', random.pick([...DATABASES, 'postgres']))
  return once(uses, `/postgresExtension/${name}/${database}`, 'postgresExtension', name, () => ({
    database,
    ...(often(0.2) ? { state: 'absent' } : {}),
    ...(often(0.3) ? { cascade: true } : {}),
    ...(often(0.1) ? { version: random.pick(['1.0', '1.5', '99']) } : {}),
    ...(often(0.1) ? { schema: random.pick(['public', 'own']) } : {}),
  }))
}

function postgresGrant(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const often = (share: number) => random.next() < share
  const on = random.pick(['database', 'schema', 'table', 'table', 'sequence'])
  const role = needed(uses, 'role', random.pick([...ROLES, 'pg_monitor', 'postgres']))
  const database = needed(uses, 'database', random.pick(DATABASES))
  // Of one thing there is one wish: another one would take away what this one gives.
  const key = `/postgresGrant/${role}/${database}/${on}`
  return once(uses, key, 'postgresGrant', `${role} ${on} ${database}`, () => ({
    role,
    database,
    on,
    privileges: random.pick<Data>(
      {
        database: [['CONNECT'], ['ALL'], ['temp', 'CREATE']],
        schema: [['USAGE'], ['ALL']],
        table: [['SELECT'], ['ALL'], ['INSERT', 'TRUNCATE']],
        sequence: [['USAGE'], ['ALL']],
      }[on] ?? [['ALL']],
    ),
    ...(on === 'schema' ? { objects: [random.pick(['public', 'public', 'own'])] } : {}),
    ...((on === 'table' || on === 'sequence') && often(0.3) ? { objects: [random.pick(['t', 's', 'nowhere'])] } : {}),
    ...((on === 'table' || on === 'sequence') && often(0.2) ? { schema: 'own' } : {}),
    ...(often(0.2) ? { grantOption: true } : {}),
    ...(often(0.2) ? { state: 'absent' } : {}),
  }))
}

/** What another resource needs is not to go in the same role. */
function needed(uses: PlaceUses, what: 'role' | 'database', name: string): string {
  const make = what === 'role' ? 'postgresUser' : 'postgresDatabase'
  const args = uses.at(`/${make}/${name}`)?.args
  if (isMap(args?.[1]) && args[1]['state'] === 'absent') return what === 'role' ? 'postgres' : 'postgres'
  uses.set(`/needs/${what}/${name}`, { type: 'own', kind: 'needed', attributes: {} })
  return name
}

function once(
  uses: PlaceUses,
  key: string,
  make: string,
  name: string,
  options: () => Options,
): ResourceSpec | undefined {
  const known = uses.at(key)
  if (known?.args !== undefined) return { make, args: known.args }
  const args = [name, options()]
  uses.set(key, { type: 'own', kind: make, attributes: {}, args })
  return { make, args }
}

/** Servers that run, and what has been done in them. */
export function databaseSetup(random: Random): string[] {
  const lines = Array.from({ length: random.between(0, 7) }, () => databaseLine(random))
  return [
    ...START,
    'echo "create table t (a int);" >/srv/w/good.sql; echo "create nonsense;" >/srv/w/bad.sql',
    ...lines,
  ]
}

function databaseLine(random: Random): string {
  const mysql = (sql: string) => `echo "${sql}" | mysql`
  const postgres = (sql: string, database = 'postgres') =>
    `cd /; echo "${sql}" | su postgres -c "psql -Xq -d ${database}"`
  const host = random.pick(['localhost', '%', '10.0.0.%'])
  const user = random.pick(ROLES)
  const database = random.pick(['app', 'wiki'])
  return random.pick([
    mysql(`create database ${database};`),
    mysql(`create database ${database} character set latin1;`),
    mysql('create database app; create table app.t (a int);'),
    mysql(`create user '${user}'@'${host}';`),
    mysql(`create user '${user}'@'${host}' identified by 'old word';`),
    mysql(`create user '${user}'@'${host}' identified via unix_socket;`),
    mysql(`create user '${user}'@'${host}'; grant all on app.* to '${user}'@'${host}';`),
    mysql(
      `create user '${user}'@'${host}'; grant select, insert, delete on app.* to '${user}'@'${host}' with grant option;`,
    ),
    mysql(`create user '${user}'@'${host}'; grant all on *.* to '${user}'@'${host}';`),
    mysql(`create user '${user}'@'${host}'; grant select (a), update on app.t to '${user}'@'${host}';`),
    mysql(`create user '${user}'@'${host}'; grant reload on *.* to '${user}'@'${host}' require ssl;`),
    mysql("create user ''@'localhost';"),
    mysql(`create role grouped; create user '${user}'@'${host}'; grant grouped to '${user}'@'${host}';`),
    postgres(`create role ${user} login;`),
    postgres(`create role ${user} login password 'old word' connection limit 3;`),
    postgres(`create role ${user} nologin createdb valid until '2027-01-01';`),
    postgres(`create role app; create role readers; grant readers to app;`),
    postgres(`create role app; create role readers; create role keeper; grant app to keeper; grant keeper to readers;`),
    postgres(`create database ${database};`),
    postgres(`create role ${user}; create database ${database} owner ${user};`),
    postgres(`create database ${database} template template0 encoding 'UTF8' connection limit 7;`),
    postgres('create table t (a int); create sequence s; create schema own; create table own.t (b int);', database),
    postgres(`create role ${user}; grant select on all tables in schema public to ${user};`, database),
    postgres(`create table kept (a int); alter table kept owner to ${user};`, database),
    postgres('create extension hstore; create table h (a hstore);', database),
    postgres('create extension earthdistance cascade;', database),
    postgres(`revoke connect on database ${database} from public; grant create on database ${database} to ${user};`),
    postgres(`alter default privileges in schema public grant select on tables to ${user};`, database),
    ...(random.next() < 0.2 ? ['mysqladmin shutdown', 'pg_ctlcluster "$(ls /etc/postgresql)" main stop -m fast'] : []),
  ])
}
