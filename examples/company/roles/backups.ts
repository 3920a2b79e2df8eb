import { dir, file, role, timer, tmpfiles, z } from 'rolecall'

const SCRIPT = `#!/bin/sh
# A dump of the database; an unfinished one never has the name of a whole one.
set -e
umask 077
to=/srv/backups/app/$(date +%Y%m%dT%H%M%S).dump
pg_dump -Fc app >"$to.new"
mv "$to.new" "$to"
`

export default role({
  name: 'backups',
  about: 'a dump each night, kept for two weeks',
  vars: z.object({ keep: z.string().default('14d'), at: z.string().default('*-*-* 02:30') }),
  async apply({ ensure, vars }) {
    await ensure(
      dir('/srv/backups'),
      dir('/srv/backups/app', { owner: 'postgres', mode: '0700' }),
      file('/usr/local/sbin/backup-app', { content: SCRIPT, mode: '0755' }),
      ...timer('backup-app', {
        command: '/usr/local/sbin/backup-app',
        calendar: vars.at,
        persistent: true,
        user: 'postgres',
      }),
      tmpfiles('backup-app', { entries: [{ type: 'e', path: '/srv/backups/app', age: vars.keep }] }),
    )
  },
})
