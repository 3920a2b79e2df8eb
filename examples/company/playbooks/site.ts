import { playbook } from 'rolecall'
import accounts from '../roles/accounts.ts'
import backups from '../roles/backups.ts'
import database from '../roles/database.ts'
import firewall from '../roles/firewall.ts'
import hardening from '../roles/hardening.ts'
import logs from '../roles/logs.ts'
import release from '../roles/release.ts'
import ssh from '../roles/ssh.ts'
import tls from '../roles/tls.ts'
import web from '../roles/web.ts'

export default playbook({
  name: 'site',
  about: 'Everything that the company runs',
  plays: [
    { name: 'base', hosts: 'all', roles: [accounts, ssh, hardening, logs, firewall], tags: ['base'] },
    { name: 'database', hosts: 'db', roles: [database, backups], after: ['base'] },
    {
      name: 'web',
      hosts: 'web',
      roles: [tls, release, web],
      after: ['database'],
      serial: [1, '25%'],
      gate: 'verify',
      maxFailures: 0,
    },
  ],
})
