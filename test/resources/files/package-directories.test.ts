import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bringDirectory } from '../../../lib/resources/files/path/package-directories.ts'

for (const [directory, hint] of [
  ['/var/spool/cron/crontabs', "put pkg('cron') before this resource (cronie on the Red Hat family)"],
  ['/etc/nginx/conf.d', "put pkg('nginx') before this resource"],
  ['/etc/nginx-own', "put dir('/etc/nginx-own') before this resource"],
  ['/etc/logrotate.d/own', "put dir('/etc/logrotate.d/own') before this resource"],
  ['/srv/app', "put dir('/srv/app') before this resource"],
] as const)
  test(`${directory} comes by: ${hint}`, () => assert.is(bringDirectory(directory), hint))

test.run()
