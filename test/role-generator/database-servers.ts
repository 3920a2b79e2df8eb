import type { Entry } from './snapshot.ts'

/** Starts both servers of a host, and waits for them. Nothing boots there. */
export const START: readonly string[] = [
  `install -d -o mysql -g mysql /run/mysqld; mariadbd --user=mysql & for i in $(seq 100); do mysql -e '' && break; sleep 0.1; done`,
  `install -d -o postgres -g postgres -m 2775 /run/postgresql; pg_ctlcluster "$(ls /etc/postgresql)" main start`,
]

const MYSQL = `select 'database', schema_name, default_collation_name from information_schema.schemata order by schema_name;
select 'account', user, host, priv from mysql.global_priv order by user, host;
select 'privileges', d.* from mysql.db d order by host, db, user;
select 'of tables', host, db, user, table_name, table_priv from mysql.tables_priv order by host, db, user, table_name;`
const POSTGRES = `select 'role', a.* from pg_authid a where rolname not like 'pg\\_%' order by rolname;
select 'member', roleid::regrole, member::regrole from pg_auth_members order by 1, 2, 3;
select 'database', datname, datdba::regrole, encoding, datcollate, datconnlimit, datacl from pg_database order by datname;`

type Sh = (script: string) => Promise<{ readonly out: string }>

/** What the servers hold, as entries of a snapshot. One that does not answer has none. */
export async function databases(sh: Sh): Promise<readonly (readonly [string, Entry])[]> {
  const [mysql, postgres] = await Promise.all([
    sh(`mysql -N 2>/dev/null <<'E'\n${MYSQL}\nE`),
    sh(`cd /; su postgres -c 'psql -XAtq' 2>/dev/null <<'E'\n${POSTGRES}\nE`),
  ])
  return [...entries('mysql', mysql.out), ...entries('postgres', postgres.out)]
}

function entries(server: string, out: string): (readonly [string, Entry])[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [`database ${server}: ${line}`, { is: 'row', at: '' }])
}
