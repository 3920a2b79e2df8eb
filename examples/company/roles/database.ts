import { exec, pkg, postgresDatabase, postgresExtension, postgresUser, role, service, z } from 'rolecall'
import { app } from '../vars.ts'

export default role({
  name: 'database',
  about: 'PostgreSQL, its user, database and rights',
  vars: z.object({ password: app.databasePassword }),
  async apply({ ensure, host, vars }) {
    await ensure(
      pkg(host.pick({ debian: ['postgresql', 'postgresql-contrib'], el: ['postgresql-server', 'postgresql-contrib'] })),
      // Debian's package makes a cluster by itself.
      ...(host.os.family === 'el'
        ? [
            exec('database cluster', {
              run: 'postgresql-setup --initdb',
              creates: '/var/lib/pgsql/data/PG_VERSION',
              effects: [],
            }),
          ]
        : []),
      service('postgresql', { running: true, enabled: true }),
      postgresUser('app', { password: vars.password }),
      postgresDatabase('app', { owner: 'app', encoding: 'UTF8', template: 'template0' }),
      postgresExtension('pg_trgm', { database: 'app' }),
    )
  },
  async verify({ $, expect }) {
    const owner = await $.as('postgres')
      .read`psql -tAc ${"select pg_get_userbyid(datdba) from pg_database where datname = 'app'"}`
    expect(owner.stdout.trim()).toBe('app')
  },
})
