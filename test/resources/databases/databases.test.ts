import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mysqlDatabase } from '../../../lib/resources/databases/mysql-database.ts'
import { mysqlUser, type MysqlUserOptions } from '../../../lib/resources/databases/mysql-user.ts'
import { postgresDatabase } from '../../../lib/resources/databases/postgres-database.ts'
import { postgresExtension } from '../../../lib/resources/databases/postgres-extension.ts'
import { postgresGrant, type PostgresGrantOptions } from '../../../lib/resources/databases/postgres-grant.ts'
import { postgresUser } from '../../../lib/resources/databases/postgres-user.ts'
import { isPassword, literal, verifierOf } from '../../../lib/resources/databases/postgres.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { debian, probe, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

test('mysql: the server is that of this host, and is given no file that root may read', () => {
  for (const resource of [mysqlDatabase('app', { charset: 'utf8mb4' }), mysqlUser('app', some)])
    assert.match(resource.probe(debian).text, ' --no-defaults --host=localhost --local-infile=0 ')
})

const password = secret('correct horse')
const verifier = verifierOf('app', 'correct horse')
const role = (flags: string, more = '') => `role|${flags}|-1|t|${verifier}\n${more}`
const app = postgresUser('app', { password })
const reads: PostgresGrantOptions = { role: 'app', database: 'app', on: 'table', privileges: ['SELECT', 'INSERT'] }
const native = '*A1F21A3D1B1BC6CDD5AF4AEDA4AB3AA91CEA1F24'
const some: MysqlUserOptions = { password, privileges: { 'app.*': ['ALL'] } }
const account = (grants: string) =>
  `account\t${hash}\nGRANT USAGE ON *.* TO \`app\`@\`localhost\` IDENTIFIED BY PASSWORD '${native}'\n${grants}`
const hash = '*5E1F8B5EC1B4B3D9C0B51E45F8E2A5E5B6B1D2C3'

type Row = readonly [says: string, resource: Resource, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['no such role: create it', app, '', ['create role app']],
  ['the role is as wanted', app, role('t|f|f|f|f|t|f'), []],
  ['it may not log in: change that', app, role('f|f|f|f|f|t|f'), ['change role app: LOGIN']],
  [
    'another password',
    postgresUser('app', { password: secret('other one') }),
    role('t|f|f|f|f|t|f'),
    ['change role app: its password'],
  ],
  [
    'flags and groups',
    postgresUser('app', { superuser: false, createDb: true, memberOf: ['a', 'b'] }),
    role('t|t|f|f|f|t|f', 'member|a\n'),
    ['change role app: NOSUPERUSER, CREATEDB, member of b'],
  ],
  ['a role is to go', postgresUser('app', { state: 'absent' }), role('t|f|f|f|f|t|f'), ['drop role app']],
  ['a role that is not there is to go', postgresUser('app', { state: 'absent' }), '', []],
  ['no psql, and the role is to go', postgresUser('app', { state: 'absent' }), '# none\n', []],
  ['no psql: refused', app, '# none\n', 'refused: this host has no psql'],
  [
    'no answer: refused',
    app,
    '# silent psql: error: connection to server failed\n',
    'refused: psql does not answer: psql: error: connection to server failed',
  ],
  ['no such database: create it', postgresDatabase('app', { owner: 'app' }), '', ['create database app of app']],
  [
    'the database is as wanted',
    postgresDatabase('app', { owner: 'app', encoding: 'utf-8' }),
    'database|app|UTF8|C|C|-1\n',
    [],
  ],
  [
    'another owner',
    postgresDatabase('app', { owner: 'app' }),
    'database|postgres|UTF8|C|C|-1\n',
    ['give database app to app (was postgres)'],
  ],
  [
    'an owner that is not there: refused',
    postgresDatabase('app', { owner: 'app' }),
    'no role|"app"\n',
    'refused: there is no role app',
  ],
  [
    'and so it is for a database that is there',
    postgresDatabase('app', { owner: 'app' }),
    'database|postgres|UTF8|C|C|-1\nno role|"app"\n',
    'refused: there is no role app',
  ],
  [
    'no template: refused',
    postgresDatabase('app', { template: 'of "us"' }),
    'no template|"of \\"us\\""\n',
    'refused: there is no database of "us" to be the template of app',
  ],
  [
    'a template of another encoding: refused',
    postgresDatabase('app', { encoding: 'utf-8' }),
    'encoding|UTF8\ntemplate|SQL_ASCII|C|C\n',
    'refused: the encoding of template1, the template of database app, is SQL_ASCII, and not UTF8',
  ],
  [
    'a template of the same encoding by another name',
    postgresDatabase('app', { encoding: 'unicode', collate: 'C.utf8' }),
    'encoding|UTF8\ntemplate|UTF8|C.UTF-8|C.UTF-8\n',
    ['create database app'],
  ],
  [
    'no such encoding: refused',
    postgresDatabase('app', { encoding: 'nosuch', template: 'template0' }),
    'encoding|\n',
    'refused: the server does not know the encoding nosuch',
  ],
  [
    'a database that is there needs its template no more',
    postgresDatabase('app', { template: 'gone' }),
    'database|postgres|UTF8|C|C|-1\nno template|"gone"\n',
    [],
  ],
  [
    'a member of its own member: refused',
    postgresUser('app', { memberOf: ['a', 'b'] }),
    'circle|"b"\n',
    'refused: the role b is a member of app, which cannot be a member of it as well',
  ],
  [
    'a member of a role that is not there: refused',
    postgresUser('app', { memberOf: ['a', 'b'] }),
    'no role|"b"\n',
    'refused: there is no role b',
  ],
  [
    'another encoding: refused',
    postgresDatabase('app', { encoding: 'LATIN1' }),
    'database|app|UTF8|C|C|-1\n',
    'refused: the encoding of database app is UTF8, and cannot become LATIN1',
  ],
  [
    'an extension is missing',
    postgresExtension('pg_trgm', { database: 'app' }),
    'offered|1\n',
    ['create extension pg_trgm in app'],
  ],
  ['an extension is there', postgresExtension('pg_trgm', { database: 'app' }), 'offered|1\nversion|1.6\n', []],
  [
    'an extension nobody has',
    postgresExtension('postgis', { database: 'app' }),
    'offered|0\n',
    'refused: the server has no extension postgis',
  ],
  [
    'an extension that needs another one: refused',
    postgresExtension('earthdistance', { database: 'app' }),
    'offered|1\nneeds|"cube"\n',
    'refused: the extension earthdistance needs cube, which app does not have',
  ],
  [
    'the other one comes along',
    postgresExtension('earthdistance', { database: 'app', cascade: true }),
    'offered|1\nneeds|"cube"\n',
    ['create extension earthdistance in app'],
  ],
  [
    'a version that the server does not have: refused',
    postgresExtension('cube', { database: 'app', version: '99' }),
    'offered|0\n',
    'refused: the server has no extension cube in version 99',
  ],
  ['no database', postgresExtension('a', { database: 'app' }), '# no database\n', 'refused: there is no database app'],
  [
    'privileges are missing',
    postgresGrant('it', reads),
    'role\nobject|a|INSERT,SELECT\nobject|b|SELECT\nobject|c|\n',
    ['grant INSERT, SELECT on table b, c to app'],
  ],
  ['privileges are there', postgresGrant('it', reads), 'role\nobject|a|INSERT*,SELECT\n', []],
  [
    'to be passed on',
    postgresGrant('it', { ...reads, objects: ['a'], grantOption: true }),
    'role\nobject|a|INSERT*,SELECT\n',
    ['grant SELECT on table a to app'],
  ],
  [
    'privileges are to go',
    postgresGrant('it', { ...reads, state: 'absent' }),
    'role\nobject|a|INSERT,UPDATE\n',
    ['revoke INSERT on table a from app'],
  ],
  [
    'no database, whose role is there',
    postgresGrant('it', reads),
    '# no database\nrole\n',
    'refused: there is no database app',
  ],
  [
    'a table that nobody has made',
    postgresGrant('it', { ...reads, objects: ['a', 'b'] }),
    'role\nobject|a|\n',
    'refused: there is no table b in app',
  ],
  [
    'nothing is to be taken away from a table that is not there',
    postgresGrant('it', { ...reads, objects: ['b'], state: 'absent' }),
    'role\n',
    [],
  ],
  ['no role', postgresGrant('it', reads), 'object|a|\n', 'refused: there is no role app'],
  [
    'a new database is filled from its dump',
    postgresDatabase('app', { owner: 'app', source: '/var/backups/app.dump' }),
    'dump\n',
    ['create database app of app', 'load /var/backups/app.dump into database app'],
  ],
  [
    'one that is there is left alone',
    postgresDatabase('app', { source: '/var/backups/app.sql' }),
    'database|app|UTF8|C|C|-1\n',
    [],
  ],
  [
    'no dump: refused',
    postgresDatabase('app', { source: '/var/backups/app.sql.xz' }),
    '',
    'refused: there is no dump /var/backups/app.sql.xz to fill database app from',
  ],
  [
    'a password that its role may change',
    postgresUser('app', { password: secret('x'), updatePassword: false }),
    role('t|f|f|f|f|t|f'),
    [],
  ],
  [
    'and a new one gets it',
    postgresUser('app', { password: secret('x'), updatePassword: false }),
    '',
    ['create role app'],
  ],
  [
    'mysql: a new database is filled from its dump',
    mysqlDatabase('app', { source: '/var/backups/app.sql.gz' }),
    'dump\n',
    ['create database app', 'load /var/backups/app.sql.gz into database app'],
  ],
  [
    'mysql: no dump: refused',
    mysqlDatabase('app', { source: '/var/backups/app.sql' }),
    '',
    'refused: there is no dump /var/backups/app.sql to fill database app from',
  ],
  [
    'mysql: a password that its account may change',
    mysqlUser('app', { password: secret('x'), updatePassword: false }),
    account(''),
    [],
  ],
  ...(
    [
      [{ charset: 'UTF8MB4', collation: 'utf8mb4_BIN' }, 'database\tutf8mb4\tutf8mb4_bin\nutf8\tutf8mb3\n', []],
      [{ charset: 'utf8', collation: 'utf8_bin' }, 'database\tutf8mb3\tutf8mb3_bin\nutf8\tutf8mb3\n', []],
      [{ charset: 'utf8' }, 'database\tutf8mb4\tutf8mb4_bin\nutf8\tutf8mb4\n', []],
      [{ charset: 'utf8mb3' }, 'database\tutf8mb3\tutf8mb3_bin\nutf8\tutf8mb3\n', []],
      [{ charset: 'utf8' }, 'database\tutf8\tutf8_bin\nutf8\tutf8\n', []],
      [
        { charset: 'utf8' },
        'database\tutf8mb4\tutf8mb4_bin\nutf8\tutf8mb3\n',
        ['set character set utf8 of database app (was utf8mb4, utf8mb4_bin)'],
      ],
    ] as const
  ).map(([options, have, then]): Row => [
    `mysql: ${JSON.stringify(options)} in words of the server: ${have}`,
    mysqlDatabase('app', options),
    have,
    then,
  ]),
  [
    'mysql: no such character set',
    mysqlDatabase('app', { charset: 'utf9' }),
    'no charset\n',
    'refused: the server has no character set utf9',
  ],
  ['mysql: no such database', mysqlDatabase('app', { charset: 'utf8mb4' }), '', ['create database app']],
  [
    'mysql: the database is as wanted',
    mysqlDatabase('app', { charset: 'utf8mb4' }),
    'database\tutf8mb4\tutf8mb4_general_ci\n',
    [],
  ],
  [
    'mysql: another character set',
    mysqlDatabase('app', { charset: 'utf8mb4' }),
    'database\tlatin1\tlatin1_swedish_ci\n',
    ['set character set utf8mb4 of database app (was latin1, latin1_swedish_ci)'],
  ],
  [
    'mysql: privileges on a table that is not there: refused',
    mysqlUser('app', { privileges: { 'app.t': ['SELECT'] } }),
    'no table\tapp.t\n',
    'refused: there is no table app.t',
  ],
  [
    'mysql: all privileges make a table possible that is not there',
    mysqlUser('app', { privileges: { 'app.t': ['ALL'] } }),
    '',
    ['create account app@localhost: grant ALL PRIVILEGES on app.t'],
  ],
  [
    'mysql: an account goes from every host',
    mysqlUser('app', { state: 'absent', everyHost: true }),
    'host\t%\nhost\tlocalhost\n',
    ['drop account app@%, app@localhost'],
  ],
  ['mysql: and is gone from every host', mysqlUser('', { state: 'absent', everyHost: true }), '', []],
  [
    'mysql: no such account',
    mysqlUser('app', some),
    '',
    ['create account app@localhost: grant ALL PRIVILEGES on app.*'],
  ],
  ...(
    [
      ['REPLICATION CLIENT', 'BINLOG MONITOR'],
      ['replication  client', 'REPLICATION CLIENT'],
      ['BINLOG MONITOR', 'BINLOG MONITOR'],
      ['REPLICATION REPLICA', 'REPLICATION SLAVE'],
      ['DELETE VERSIONING ROWS', 'DELETE HISTORY'],
      ['REPLICA MONITOR', 'SLAVE MONITOR'],
    ] as const
  ).map(
    ([wanted, shown]) =>
      [
        `mysql: ${wanted} is what the server shows as ${shown}`,
        mysqlUser('app', { privileges: { '*.*': [wanted, 'PROCESS', 'USAGE'] } }),
        account(`GRANT PROCESS, ${shown} ON *.* TO \`app\`@\`localhost\`\n`),
        [],
      ] as const,
  ),
  [
    'mysql: no privileges but to log in',
    mysqlUser('app', { privileges: { '*.*': ['USAGE'] } }),
    account('GRANT USAGE ON *.* TO `app`@`localhost`\n'),
    [],
  ],
  [
    'mysql: all that there are, and to pass them on, in the databases of a pattern',
    mysqlUser('app', { privileges: { 'app\\_%.*': ['ALL', 'GRANT', 'SELECT'] } }),
    account('GRANT ALL PRIVILEGES ON `app\\_%`.* TO `app`@`localhost` WITH GRANT OPTION\n'),
    [],
  ],
  [
    'mysql: other privileges are taken away',
    mysqlUser('app', { privileges: { 'app.*': ['SELECT'] } }),
    account(
      'GRANT SELECT, INSERT ON `app`.* TO `app`@`localhost`\nGRANT ALL PRIVILEGES ON `x`.* TO `app`@`localhost`\n',
    ),
    ['change account app@localhost: revoke INSERT on app.*, revoke ALL PRIVILEGES on x.*'],
  ],
  [
    'mysql: or stay',
    mysqlUser('app', { privileges: { 'app.*': ['SELECT', 'UPDATE'] }, append: true }),
    account('GRANT SELECT, INSERT ON `app`.* TO `app`@`localhost`\n'),
    ['change account app@localhost: grant UPDATE on app.*'],
  ],
  [
    'mysql: another password',
    mysqlUser('app', { password }),
    account(''),
    ['change account app@localhost: set its password'],
  ],
]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

/** The effects of a resource that is to be made. */
function effectsOf(resource: Resource, have: string): readonly Effect[] {
  const evaluation = resource.evaluate(reply(have), debian, new Prediction())
  return 'plan' in evaluation ? evaluation.effects : []
}

/** The last one of them. */
function effectOf(resource: Resource, have: string): Effect {
  const effect = effectsOf(resource, have).at(-1)
  assert.ok(effect !== undefined)
  return effect
}

const connects = (role: string, database: string): Resource =>
  postgresGrant('it', { role, database, on: 'database', privileges: ['CONNECT'] })

const noOwner = 'no role|"app"\n'
const owned = postgresDatabase('app', { owner: 'app' })
const isRole = (exists: boolean): [string, Effect] => [
  'postgresUser:app',
  { type: 'object', of: 'postgres role', name: 'app', exists },
]

const newServer: readonly (readonly [resource: Resource, then: readonly string[] | string])[] = [
  [postgresUser('postgres', { password }), ['change role postgres: its password']],
  [postgresUser('postgres', { createDb: true, superuser: true }), []],
  [
    postgresUser('pg_monitor', { login: false }),
    'unknown: whether psql has it already is known only after pkg:postgresql',
  ],
  [
    postgresDatabase('postgres', { owner: 'postgres' }),
    'unknown: whether psql has it already is known only after pkg:postgresql',
  ],
  [postgresExtension('pg_trgm', { database: 'postgres' }), ['create extension pg_trgm in postgres']],
  [postgresExtension('plpgsql', { database: 'template1' }), []],
  [owned, 'refused: there is no role app'],
  [postgresDatabase('app', { owner: 'postgres', template: 'template0' }), ['create database app of postgres']],
  [postgresUser('app', { memberOf: ['pg_monitor'] }), ['create role app']],
  [postgresUser('app', { memberOf: ['readers'] }), 'refused: there is no role readers'],
  [connects('postgres', 'postgres'), []],
  [connects('pg_monitor', 'postgres'), ['grant CONNECT on database postgres to pg_monitor']],
  [connects('app', 'postgres'), 'refused: there is no role app'],
  [connects('postgres', 'app'), 'refused: there is no database app'],
]

const server: Effect = { type: 'package', name: 'postgresql', installed: true }
const predicted: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  pending: [string, Effect][],
  then: readonly string[] | string,
])[] = [
  ['with a package to come there is no role yet', app, '# none\n', [['pkg:postgresql', server]], ['create role app']],
  ['an owner that is to come', owned, noOwner, [isRole(true)], ['create database app of app']],
  ['an owner that is to go: refused', owned, '', [isRole(false)], 'refused: there is no role app'],
  [
    'an owner that a command may make: unknown',
    owned,
    noOwner,
    [['exec:migrate', { type: 'anything' }]],
    'unknown: whether there is a role app is known only after exec:migrate',
  ],
  ['a group that is to come', postgresUser('bob', { memberOf: ['app'] }), noOwner, [isRole(true)], ['create role bob']],
  [
    'a template that is to come',
    postgresDatabase('app', { template: 'first' }),
    'no template|"first"\n',
    [['postgresDatabase:first', { type: 'object', of: 'postgres database', name: 'first', exists: true }]],
    ['create database app'],
  ],
  [
    'another package brings no psql: unknown',
    app,
    '# none\n',
    [['pkg:curl', { type: 'package', name: 'curl', installed: true }]],
    'unknown: whether pkg:curl brings psql',
  ],
  [
    'a server that is to start: unknown',
    app,
    '# silent refused\n',
    [['service:postgresql', { type: 'unit', name: 'postgresql.service', running: true }]],
    'unknown: psql answers only after service:postgresql',
  ],
  [
    'an extension of a database that is to come',
    postgresExtension('pg_trgm', { database: 'app' }),
    '# no database\n',
    [['postgresDatabase:app', { type: 'object', of: 'postgres database', name: 'app', exists: true }]],
    ['create extension pg_trgm in app'],
  ],
  [
    'an extension that another one needs is to come',
    postgresExtension('earthdistance', { database: 'app' }),
    'offered|1\nneeds|"cube"\n',
    effectsOf(postgresExtension('cube', { database: 'app' }), 'offered|1\n').map((effect) => [
      'postgresExtension:cube',
      effect,
    ]),
    ['create extension earthdistance in app'],
  ],
  [
    'a template may bring what an extension needs',
    postgresExtension('earthdistance', { database: 'app' }),
    '# no database\noffered|1\nneeds|"cube"\n',
    effectsOf(postgresDatabase('app', { template: 'maps' }), '').map((effect) => ['postgresDatabase:app', effect]),
    ['create extension earthdistance in app'],
  ],
  [
    'an extension that nobody has, of a database that is to come: refused',
    postgresExtension('nosuch', { database: 'app' }),
    '# no database\noffered|0\n',
    [['postgresDatabase:app', { type: 'object', of: 'postgres database', name: 'app', exists: true }]],
    'refused: the server has no extension nosuch',
  ],
  ...(['table', 'sequence'] as const).flatMap((on) =>
    (
      [
        ['exec:migrate', { type: 'anything' }],
        ['postgresExtension:postgis', effectOf(postgresExtension('postgis', { database: 'app' }), 'offered|1\n')],
        ['postgresDatabase:app', effectOf(postgresDatabase('app', { source: '/srv/app.sql' }), 'dump\n')],
      ] as const
    ).flatMap(([from, effect]) =>
      [undefined, ['new']].map(
        (objects) =>
          [
            `${from} may make ${objects === undefined ? `any ${on}` : `the ${on}`}: unknown`,
            postgresGrant('it', { ...reads, on, privileges: ['SELECT'], ...(objects && { objects }) }),
            'role\n',
            [[from, effect]] as [string, Effect][],
            `unknown: which ${on}s there are in app is known only after ${from}`,
          ] as const,
      ),
    ),
  ),
  [
    'a command changes nothing of what is there',
    postgresGrant('it', { ...reads, objects: ['a'] }),
    'role\nobject|a|INSERT,SELECT\n',
    [['exec:migrate', { type: 'anything' }]],
    [],
  ],
  [
    'a schema of a database that is to come',
    postgresGrant('it', { ...reads, on: 'schema', privileges: ['USAGE'], objects: ['public'] }),
    '# no database\nrole\n',
    [['postgresDatabase:app', { type: 'object', of: 'postgres database', name: 'app', exists: true }]],
    ['grant USAGE on schema public to app'],
  ],
  ...newServer.map(
    ([resource, then]) =>
      [
        `a server that is to come has what every server has: ${resource.id}`,
        resource,
        '# none\n',
        [['pkg:postgresql', server]] as [string, Effect][],
        then,
      ] as const,
  ),
  [
    'the owner of a database that is to come may do anything with it',
    postgresGrant('it', { role: 'app', database: 'app', on: 'database', privileges: ['ALL'], grantOption: true }),
    '# no database\nrole\n',
    effectsOf(postgresDatabase('app', { owner: 'app' }), '').map((effect) => ['postgresDatabase:app', effect]),
    [],
  ],
  [
    'and so may a new owner of one that is there',
    postgresGrant('it', { role: 'app', database: 'app', on: 'database', privileges: ['CONNECT'] }),
    'role\nobject|app|\n',
    effectsOf(postgresDatabase('app', { owner: 'app' }), 'database|old|UTF8|C|C|-1\n').map((effect) => [
      'postgresDatabase:app',
      effect,
    ]),
    [],
  ],
  [
    'another role may not',
    postgresGrant('it', { role: 'reader', database: 'app', on: 'database', privileges: ['CONNECT'] }),
    '# no database\nrole\n',
    effectsOf(postgresDatabase('app', { owner: 'app' }), '').map((effect) => ['postgresDatabase:app', effect]),
    ['grant CONNECT on database app to reader'],
  ],
  [
    'a table that a command may make: unknown',
    mysqlUser('app', { privileges: { 'app.t': ['SELECT'] } }),
    'no table\tapp.t\n',
    [['exec:migrate', { type: 'anything' }]],
    'unknown: whether there is a table app.t is known only after exec:migrate',
  ],
  [
    'a table that a dump may bring: unknown',
    mysqlUser('app', { privileges: { 'app.t': ['SELECT'] } }),
    'no table\tapp.t\n',
    [['mysqlDatabase:app', { type: 'object', of: 'mysql database', name: 'app', exists: true }]],
    'unknown: whether there is a table app.t is known only after mysqlDatabase:app',
  ],
  [
    'which accounts are to go from every host, while one of them is to come: unknown',
    mysqlUser('app', { state: 'absent', everyHost: true }),
    '',
    effectsOf(mysqlUser('app', { host: '%' }), '').map((effect) => ['mysqlUser:app@%', effect]),
    'unknown: which accounts app has is known only after mysqlUser:app@%',
  ],
  [
    'root of a server of MariaDB that is to come is there',
    mysqlUser('root', { privileges: { '*.*': ['ALL'], 'app.*': ['SELECT'] }, append: true }),
    '# none\n',
    [['pkg:mariadb-server', { type: 'package', name: 'mariadb-server', installed: true }]],
    ['change account root@localhost: grant SELECT on app.*'],
  ],
  [
    'and so is its own database',
    mysqlDatabase('mysql', { charset: 'utf8mb4' }),
    '# none\n',
    [['pkg:mariadb-server', { type: 'package', name: 'mariadb-server', installed: true }]],
    'unknown: whether mysql has it already is known only after pkg:mariadb-server',
  ],
]
for (const [says, resource, have, pending, then] of predicted) {
  test(says, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(resource.evaluate(reply(have), debian, prediction)), then)
  })
}

test('passwords are compared with what servers keep, and leave this machine as verifiers', () => {
  assert.ok(isPassword('app', 'correct horse', verifier))
  assert.not(isPassword('app', 'other', verifier))
  for (const rounds of ['0', '2147483647', '9'.repeat(40)])
    assert.not(isPassword('app', 'correct horse', verifier.replace(/\$\d+:/, `$${rounds}:`)), `${rounds} rounds`)
  for (const resource of [app, mysqlUser('app', some)]) {
    const [step] = stepsOf(resource.evaluate(reply(''), debian, new Prediction()))
    assert.not.match(
      `${step?.summary ?? ''}${step?.sh.text ?? ''}${Buffer.from(step?.stdin ?? []).toString()}`,
      /correct horse/,
    )
  }
})

test('texts of SQL cannot end early', () => {
  assert.is(literal("it's"), "'it''s'")
  assert.is(literal("a\\'"), " E'a\\\\'''")
  assert.throws(() => postgresGrant('x', { ...reads, privileges: ['SELEKT'] }), /SELEKT/)
  assert.throws(() => mysqlUser('a', { privileges: { app: ['ALL'] } }), /DATABASE\.TABLE/)
  for (const [charset, collation] of [
    ['latin1', 'utf8mb4_bin'],
    ['utf8mb4', 'utf8mb3_bin'],
    ['utf8mb4', 'utf8_bin'],
  ] as const)
    assert.throws(() => mysqlDatabase('a', { charset, collation }), /of the character set/)
  for (const [charset, collation] of [
    ['utf8', 'utf8mb3_bin'],
    ['utf8mb3', 'utf8_bin'],
    ['binary', 'binary'],
    ['utf8mb4', 'uca1400_ai_ci'],
    ['UTF8MB4', 'utf8mb4_bin'],
  ] as const)
    assert.not.throws(() => mysqlDatabase('a', { charset, collation }))
  assert.throws(() => mysqlUser('a', { everyHost: true }), /left out without state: absent/)
  assert.throws(() => mysqlUser('a', { state: 'absent', everyHost: true, host: '%' }), /left out with everyHost/)
  assert.throws(() => mysqlUser('root', { state: 'absent', everyHost: true }), /left as it is at localhost/)
})

for (const shell of shells()) {
  test(`${shell.name}: what psql and mysql say is told, and that they do not answer`, async () => {
    const dir = scratch()
    const tool = (name: string, text: string) => {
      writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(dir, name), 0o755)
    }
    const env = { PATH: `${dir}:${shell.path}` }
    tool('su', 'eval "$5"; exit $?')
    tool('psql', 'cat >/dev/null; echo "database|app|UTF8|C|C|-1"')
    tool('mysql', 'cat >/dev/null; echo "ERROR 2002 (HY000): cannot connect" >&2; exit 1')
    assert.match((await probe(shell, postgresDatabase('app'), { env })).text, /^database\|app/)
    assert.match((await probe(shell, mysqlDatabase('app'), { env })).text, /^# silent ERROR 2002/)
    tool('psql', `cat >/dev/null; echo 'psql: error: FATAL:  database "app" does not exist' >&2; exit 2`)
    assert.match((await probe(shell, postgresExtension('x', { database: 'app' }), { env })).text, /^# no database\n/)
    assert.is((await probe(shell, app, { env: { PATH: dir } })).text.includes('# none'), false)
  })

  test(`${shell.name}: an environment that names another server is no way to it`, async () => {
    const dir = scratch()
    const says = 'cat >/dev/null; printf "%s\\n" "$PGHOST $PGHOSTADDR $PGSERVICE $PGUSER" "$@"'
    for (const [name, text] of [
      ['su', 'eval "$5"; exit $?'],
      ['psql', says],
      ['mysql', says],
    ] as const) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(dir, name), 0o755)
    }
    const other = { PGHOST: 'db.example.com', PGHOSTADDR: '192.0.2.1', PGSERVICE: 'x', PGUSER: 'y' }
    const said = async (resource: Resource, env: Readonly<Record<string, string>>) =>
      (await probe(shell, resource, { env: { PATH: `${dir}:${shell.path}`, ...env } })).text.split('\n')
    assert.is((await said(postgresDatabase('app'), other))[0]?.trim(), '')
    assert.is((await said(postgresDatabase('app'), { PGHOST: '/srv/sockets' }))[0]?.trim(), '/srv/sockets')
    assert.ok((await said(mysqlDatabase('app'), {})).includes('--host=localhost'))
  })

  test(`${shell.name}: a name of a database is no way to another server`, async () => {
    const dir = scratch()
    for (const [name, text] of [
      ['su', 'eval "$5"; exit $?'],
      ['psql', `cat >/dev/null; printf '%s\\n' "$@" >${join(dir, 'words')}`],
    ] as const) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(dir, name), 0o755)
    }
    const asked = async (database: string) => {
      await probe(shell, postgresExtension('x', { database }), { env: { PATH: `${dir}:${shell.path}` } })
      return readFileSync(join(dir, 'words'), 'utf8').trimEnd().split('\n').at(-1)
    }
    assert.is(await asked('app'), "dbname='app'")
    assert.is(await asked('host=evil.example.com dbname=x'), "dbname='host=evil.example.com dbname=x'")
    assert.is(await asked('postgres://evil.example.com/x'), "dbname='postgres://evil.example.com/x'")
    assert.is(await asked("x' host='evil\\"), "dbname='x\\' host=\\'evil\\\\'")
  })
}

test('what would shut out root over the socket is refused, and root of another host is not', () => {
  for (const options of [{ password: secret('x') }, { state: 'absent' }, { privileges: { 'app.*': ['ALL'] } }] as const)
    assert.throws(() => mysqlUser('root', options), /mysqlUser root to be left as it is at localhost/)
  assert.throws(() => mysqlUser('', { host: '%' }), /state: 'absent'/)
  assert.equal(words(mysqlUser('', { state: 'absent' }).evaluate(reply(account('')), debian, new Prediction())), [
    'drop account @localhost',
  ])
  mysqlUser('root', { host: '%', state: 'absent' })
  mysqlUser('root', { privileges: { 'app.*': ['ALL'] }, append: true })
})

test.run()
