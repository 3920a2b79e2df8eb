import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bringDirectory, mayBringDirectory } from '../../../lib/resources/files/path/package-directories.ts'

for (const [directory, hint] of [
  ['/var/spool/cron/crontabs', "put pkg('cron') before it (cronie on the Red Hat family)"],
  ['/etc/nginx/conf.d', "put pkg('nginx') before it"],
  ['/etc/nginx-own', "put dir('/etc/nginx-own') before it"],
  ['/etc/logrotate.d/own', "put dir('/etc/logrotate.d/own') before it"],
  ['/srv/app', "put dir('/srv/app') before it"],
] as const)
  test(`${directory} comes by: ${hint}`, () => assert.is(bringDirectory(directory), hint))

for (const [directory, name, brings] of [
  ['/etc/nginx/conf.d', 'nginx-full', true],
  ['/etc/postgresql/15/main', 'postgresql-15', true],
  ['/etc/named', 'bind', true],
  ['/etc/bind', 'bind9', true],
  ['/etc/cron.d', 'cronie', true],
  ['/etc/ssh/sshd_config.d', 'openssh-server', true],
  ['/etc/NetworkManager/conf.d', 'network-manager', true],
  ['/usr/share/app', 'app-common', true],
  ['/etc/company', 'nginx', false],
  ['/etc/nginx/conf.d', 'tree', false],
  ['/etc/systemd/resolved.conf.d', 'curl', false],
  ['/var/lib', 'libc6', false],
] as const)
  test(`${directory} may ${brings ? 'well' : 'hardly'} come with ${name}`, () => {
    assert.is(mayBringDirectory([name], directory), brings)
  })

test.run()
