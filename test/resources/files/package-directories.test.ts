import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bringDirectory, mayComeWith } from '../../../lib/resources/files/path/package-directories.ts'

for (const [directory, hint] of [
  ['/var/spool/cron/crontabs', "put pkg('cron') before this resource (cronie on the Red Hat family)"],
  ['/etc/nginx/conf.d', "put pkg('nginx') before this resource"],
  ['/etc/nginx-own', "put dir('/etc/nginx-own') before this resource"],
  ['/etc/logrotate.d/own', "put dir('/etc/logrotate.d/own') before this resource"],
  ['/srv/app', "put dir('/srv/app') before this resource"],
] as const)
  test(`${directory} comes by: ${hint}`, () => assert.is(bringDirectory(directory), hint))

for (const [directory, name, may] of [
  ['/var/spool/cron/crontabs', 'restic', false],
  ['/var/spool/cron/crontabs', 'cron', true],
  ['/var/spool/cron', 'cronie', true],
  ['/etc/mysql', 'mysql-common', true],
  ['/etc/mysql', 'mariadb-server', true],
  ['/etc/mysql/conf.d', 'nginx', true],
  ['/etc/postgresql/15/main', 'postgresql-15', true],
  ['/etc/postgresql/15/main', 'nginx', false],
  ['/etc/nginx', 'nginx-light', true],
  ['/etc/NetworkManager', 'network-manager', true],
  ['/etc/logrotate.d', 'nginx', true],
  ['/etc/own', 'own-tools', true],
] as const)
  test(`${directory} ${may ? 'may come' : 'does not come'} with ${name}`, () =>
    assert.is(mayComeWith(directory, [name]), may))

test('no directory comes with no package', () => assert.is(mayComeWith('/etc/own', []), false))

test.run()
