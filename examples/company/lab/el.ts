import type { ElPackages, PackageDefinition } from 'rolecall'

const bin = '/usr/lib/postgresql/15/bin'
const client = ['psql', 'pg_dump', 'pg_restore', 'createdb', 'createuser']
const server = ['initdb', 'pg_ctl', 'postgres']

/** Links in the PATH to programs that Debian keeps in a directory of the version. */
function linked(programs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    programs.map((program) => [`/usr/bin/${program}`, `..${bin.slice('/usr'.length)}/${program}`]),
  )
}

const unit = `[Unit]
Description=PostgreSQL database server
After=network.target

[Service]
Type=notify
User=postgres
Group=postgres
Environment=PGDATA=/var/lib/pgsql/data
ExecStart=/usr/bin/postgres -D \${PGDATA}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
KillSignal=SIGINT
RuntimeDirectory=postgresql
TimeoutSec=0

[Install]
WantedBy=multi-user.target
`

/** The family's script, with the one thing that is asked of it. */
const setup = `#!/bin/sh
# Makes the database cluster, as root.
[ "$1" = --initdb ] || { echo "usage: postgresql-setup --initdb" >&2; exit 64; }
[ ! -e /var/lib/pgsql/data/PG_VERSION ] || { echo "ERROR: Data directory /var/lib/pgsql/data is not empty!" >&2; exit 1; }
exec runuser -u postgres -- initdb --pgdata=/var/lib/pgsql/data --auth=ident --locale=C.UTF-8
`

const CONTRIB = /\/(extension\/|lib\/)(pg_trgm|pgcrypto|hstore|citext|pg_stat_statements|unaccent)/

/** PostgreSQL as the family lays it out: a cluster in /var/lib/pgsql, which is made by hand. */
const postgresql: readonly PackageDefinition[] = [
  { name: 'postgresql', of: [{ deb: 'postgresql-client-15' }], links: linked(client) },
  {
    name: 'postgresql-server',
    of: [{ deb: 'postgresql-15', without: CONTRIB }],
    requires: ['postgresql'],
    pre: `getent group postgres >/dev/null || groupadd -r postgres
getent passwd postgres >/dev/null || useradd -r -g postgres -d /var/lib/pgsql -s /bin/bash -c "PostgreSQL Server" postgres`,
    links: linked(server),
    files: [
      { path: '/usr/lib/systemd/system/postgresql.service', text: unit },
      { path: '/usr/bin/postgresql-setup', text: setup, mode: '0755' },
    ],
    dirs: [
      { path: '/var/lib/pgsql', mode: '0700', owner: 'postgres', group: 'postgres' },
      { path: '/var/lib/pgsql/data', mode: '0700', owner: 'postgres', group: 'postgres' },
    ],
    units: ['postgresql.service'],
  },
  { name: 'postgresql-contrib', of: [{ deb: 'postgresql-15', only: CONTRIB }], requires: ['postgresql-server'] },
]

/** What the company's hosts of the Red Hat family find in their repositories. */
export const el: ElPackages = {
  from: ['postgresql-15', 'postgresql-client-15', 'nginx', 'git', 'logrotate'],
  packages: [...postgresql],
}
