// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mysqlDatabase } from '../../lib/resources/databases/mysql-database.ts'
import { mysqlUser } from '../../lib/resources/databases/mysql-user.ts'
import { postgresDatabase } from '../../lib/resources/databases/postgres-database.ts'
import { postgresExtension } from '../../lib/resources/databases/postgres-extension.ts'
import { postgresGrant } from '../../lib/resources/databases/postgres-grant.ts'
import { postgresUser } from '../../lib/resources/databases/postgres-user.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { secret } from '../../lib/secret.ts'
import { onHost } from './ground.ts'

/** The next test finds the host without servers. What cannot be taken away is no fault of this one. */
const purge = (names: string, dirs: string) =>
  `export DEBIAN_FRONTEND=noninteractive; apt-get -y -q purge ${names} >/dev/null 2>&1; rm -rf ${dirs}; true`

const password = (text: string) => secret(`correct horse ${text}`)

onHost(
  'node-02',
  'a fresh host gets PostgreSQL with roles, databases, an extension and privileges, as check says',
  async (machine) => {
    const all = [
      pkg(['postgresql', 'postgresql-contrib']),
      postgresUser('app', { password: password('one') }),
      postgresUser('readers', { login: false }),
      postgresDatabase('app', { owner: 'app', encoding: 'UTF8', collate: 'C', ctype: 'C', template: 'template0' }),
      postgresExtension('pg_trgm', { database: 'app' }),
      postgresGrant('readers connect', { role: 'readers', database: 'app', on: 'database', privileges: ['CONNECT'] }),
      postgresGrant('readers use', {
        role: 'readers',
        database: 'app',
        on: 'schema',
        objects: ['public'],
        privileges: ['USAGE'],
      }),
    ]
    const { check, apply, again } = await machine.settle(...all)
    assert.equal(apply, check)
    assert.ok(
      apply.every((said) => said.startsWith('changed')),
      apply.join('\n'),
    )
    assert.equal(
      again,
      all.map(() => 'ok'),
    )
    await machine.sh(`su postgres -c 'psql -qd app -c "create table t (a int)"'`)
    const drifted = [
      postgresUser('app', { password: password('two'), connectionLimit: 5, memberOf: ['readers'] }),
      postgresGrant('readers read', { role: 'readers', database: 'app', on: 'table', privileges: ['SELECT'] }),
      postgresUser('old', { state: 'absent' }),
    ]
    await machine.sh(`su postgres -c 'psql -qc "create role old"'`)
    const second = await machine.settle(...drifted)
    assert.equal(second.check, [
      'changed: change role app: CONNECTION LIMIT 5, its password, member of readers',
      'changed: grant SELECT on table t to readers',
      'changed: drop role old',
    ])
    assert.equal([second.apply, second.again], [second.check, ['ok', 'ok', 'ok']])
    // Who owns the database has functions and views of the server's names run by nobody but themselves, and forges no answer by the name of a table.
    await machine.sh(`PGPASSWORD='correct horse two' psql -qh 127.0.0.1 -U app -d app <<'E'
create schema evil; create schema postgres;
create function evil.grab() returns name language plpgsql as $$ begin execute 'alter role app superuser'; return 'readers'; end $$;
create view evil.pg_roles as select evil.grab() as rolname, 1::oid as oid;
create function postgres.acldefault(text, oid) returns aclitem[] language plpgsql as $$ begin perform evil.grab(); return null; end $$;
alter database app set search_path = evil, pg_catalog;
create table public."z
object|t|INSERT" (a int);
E`)
    const third = await machine.settle(
      postgresGrant('readers write', { role: 'readers', database: 'app', on: 'table', privileges: ['INSERT'] }),
      postgresExtension('citext', { database: 'app' }),
    )
    assert.match(third.check[0] ?? '', /^changed: grant INSERT on table t, z/)
    assert.equal([third.apply, third.again], [third.check, ['ok', 'ok']])
    const ask = (database: string, sql: string) =>
      machine.sh(`echo "${sql}" | su postgres -c 'psql -At -d ${database}'`)
    assert.is(await ask('postgres', "select rolsuper from pg_roles where rolname = 'app'"), 'f')
    const place = `select nspname from pg_namespace n join pg_extension e on e.extnamespace = n.oid where extname = 'citext'`
    assert.is(await ask('app', `set search_path = pg_catalog; ${place}`), 'SET\npublic')
    // The password works, and stands in no log.
    await machine.sh(
      `PGPASSWORD='correct horse two' psql -h 127.0.0.1 -U app -d app -Atc 'select 1'; ! grep -r 'correct horse' /var/log/postgresql`,
    )
  },
)

onHost('node-02', 'a fresh host gets MariaDB with a database and an account, as check says', async (machine) => {
  const all = [
    pkg('mariadb-server'),
    mysqlDatabase('app', { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' }),
    mysqlUser('app', { password: password('one'), privileges: { 'app.*': ['ALL'], '*.*': ['REPLICATION CLIENT'] } }),
  ]
  const { check, apply, again } = await machine.settle(...all)
  assert.equal(apply, check)
  assert.equal(again, ['ok', 'ok', 'ok'])
  const second = await machine.settle(
    mysqlUser('app', { password: password('two'), privileges: { 'app.*': ['SELECT', 'INSERT'] } }),
    mysqlDatabase('app', { charset: 'latin1', collation: 'latin1_swedish_ci' }),
  )
  assert.equal([second.apply, second.again], [second.check, ['ok', 'ok']])
  await machine.sh(`mysql -u app -p'correct horse two' -e 'select 1' app`)
  // A dump is SQL: the client runs no program that a line of the dump names.
  await machine.sh(
    String.raw`printf 'create table t (a int);\n' >/root/good.sql; { cat /root/good.sql; printf '\\! touch /root/ran\nselect 1;\n'; } >/root/bad.sql`,
  )
  const good = await machine.settle(mysqlDatabase('good', { source: '/root/good.sql' }))
  assert.equal([good.apply, good.again], [good.check, ['ok']])
  const bad = await machine.make('apply', mysqlDatabase('bad', { source: '/root/bad.sql' }))
  assert.match(bad.join('\n'), /could not be loaded whole/)
  assert.is(await machine.sh('ls /root/ran 2>/dev/null; rm -f /root/*.sql'), '')
})

onHost('node-02', 'the servers go', async (machine) => {
  await machine.sh(purge("'postgresql*' 'mariadb*'", '/var/lib/postgresql /etc/postgresql /var/lib/mysql /etc/mysql'))
})

test.run()
