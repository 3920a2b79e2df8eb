import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dropIn, kernelModule, limits, logrotate, profile, sudoers, tmpfiles, unit } from '../../../lib/index.ts'

const Service = { ExecStart: '/usr/bin/app' }

for (const [what, resource] of [
  ['a unit', unit('app', { sections: { Service } })],
  ['a drop-in of a unit', dropIn('nginx', 'limits', { sections: { Service: { LimitNOFILE: 65536 } } }).at(-1)],
  ['limits', limits('app', { limits: [{ domain: 'app', type: 'hard', item: 'core', value: 0 }] })],
  ['a profile', profile('app', { content: 'umask 027\n' })],
  ['a rule of tmpfiles', tmpfiles('app', { entries: [{ type: 'd', path: '/run/app' }] })],
  ['a rule of logrotate', logrotate('app', { paths: ['/var/log/app.log'] })],
  ['a rule of sudo', sudoers('ops', { rules: [{ group: 'ops' }] })],
  ['a kernel module', kernelModule('br_netfilter')],
] as const)
  test(`the file of ${what} belongs to root: whoever owned it could act as root`, () => {
    const { owner, group } = resource?.want as Readonly<Record<string, unknown>>
    assert.equal({ owner, group }, { owner: 'root', group: 'root' })
  })

test.run()
