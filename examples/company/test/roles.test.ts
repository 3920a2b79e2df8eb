import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play, type Played } from 'rolecall'
import accounts from '../roles/accounts.ts'
import backups from '../roles/backups.ts'
import database from '../roles/database.ts'
import firewall from '../roles/firewall.ts'
import release from '../roles/release.ts'
import web from '../roles/web.ts'

const ids = ({ asked }: Played) => asked.map(({ id }) => id)
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA3c0C3a4b6VLxYM0Tu6tRAMtdXO4lUYGkA3cVvDE5Hd ada'
const el = {
  os: { family: 'el', id: 'rocky', version: '9.4', name: 'Rocky Linux 9.4' },
  packageManager: 'dnf',
} as const

void test('an operator has an account, keys and sudo; who is gone has none', async () => {
  const played = await play(accounts, { vars: { operators: { ada: key }, gone: ['mallory'] } })
  assert.deepEqual(ids(played), [
    'pkg:sudo',
    'group:operators',
    'user:ada',
    'authorizedKeys:ada',
    'sudoers:operators',
    'user:mallory',
  ])
})

void test('the firewall lets ssh in, whatever else it is told', async () => {
  const { asked } = await play(firewall, { vars: { ports: [443] } })
  assert.match(JSON.stringify(asked.find(({ kind }) => kind === 'nftables')?.want), /dport \{ 22, 443 \}/)
})

void test('the application restarts after its code, its settings and its unit', async () => {
  const site = { db: [{ name: 'db-01', address: '192.0.2.21' }] }
  const { asked } = await play(release, {
    vars: { source: 'https://git.example.com/app.git', version: 'v2', password: 'p' },
    site,
  })
  const app = asked.find(({ id }) => id === 'service:app')
  assert.deepEqual(app?.follows?.slice(0, 3), ['/srv/app', '/etc/default/app', '/etc/systemd/system/app.service'])
})

void test('each family has its own place for a site of nginx', async () => {
  const mine = {
    name: 'web-01',
    address: '192.0.2.11',
    vars: { release: { source: 's', version: 'v', password: 'p' } },
  }
  const site = { all: [mine] }
  const vars = { domain: 'app.example.com' }
  assert.ok(
    ids(await play(web, { vars, site, host: { name: 'web-01' } })).includes('link:/etc/nginx/sites-enabled/app'),
  )
  assert.ok(
    ids(await play(web, { vars, site, host: { ...el, name: 'web-01' } })).includes('file:/etc/nginx/conf.d/app.conf'),
  )
})

void test('database and backups are made by the words of their kinds', async () => {
  assert.ok(ids(await play(database, { vars: { password: 'p' } })).includes('postgresDatabase:app'))
  assert.ok(ids(await play(backups)).includes('service:backup-app.timer'))
})
