import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, type PlayOptions } from 'rolecall'
import base from '../../roles/base.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { debian, reply, words } from '../support/converge-locally.ts'
import { ids, resourceOf } from './played-resources.ts'

const on = (id: string): PlayOptions<object> => ({
  host: {
    os: { family: id === 'debian' ? 'debian' : 'el', id, version: '9', name: id },
    packageManager: id === 'debian' ? 'apt' : 'dnf',
  },
})
const debianTools = 'pkg:wget,inetutils-telnet,net-tools,tree,nmap,sysstat,lrzsz,dos2unix,bind9-dnsutils'
const elTools = 'pkg:wget,telnet,net-tools,tree,nmap,sysstat,lrzsz,dos2unix,bind-utils'

test('Debian has the tools under its own names, and no EPEL', async () => {
  assert.equal(ids(await play(base, on('debian'))), ['selinux:mode', 'service:firewalld', debianTools])
})

test('Rocky has EPEL before the tools that are in it', async () => {
  assert.equal(ids(await play(base, on('rocky'))), ['selinux:mode', 'service:firewalld', 'pkg:epel-release', elTools])
})

test('openEuler and Fedora have no EPEL', async () => {
  for (const id of ['openEuler', 'fedora'])
    assert.equal(ids(await play(base, on(id))), ['selinux:mode', 'service:firewalld', elTools])
})

test('tools of one’s own stand under the tutorial’s names or any other', async () => {
  const played = await play(base, { ...on('debian'), vars: { tools: ['bind-utils', 'htop'] } })
  assert.equal(resourceOf(played, 'pkg:bind9-dnsutils,htop').want.names, ['bind9-dnsutils', 'htop'])
})

test('no tools and no systemd leave little to ask for', async () => {
  assert.equal(ids(await play(base, { host: { init: 'other' }, vars: { tools: [] } })), ['selinux:mode'])
})

for (const [found, mode, steps] of [
  ['enforcing\nenforcing\n', 'permissive', ['stop enforcing SELinux', 'set SELINUX=permissive']],
  ['enforcing\nenforcing\n', 'disabled', ['stop enforcing SELinux', 'set SELINUX=disabled']],
  ['lenient\nenforcing\n', 'permissive', ['set SELINUX=permissive']],
  ['enforcing\npermissive\n', 'permissive', ['stop enforcing SELinux']],
  ['lenient\npermissive\n', 'permissive', []],
  ['lenient\npermissive\n', 'disabled', ['set SELINUX=disabled']],
  ['lenient\ndisabled\n', 'permissive', []],
  ['lenient\n', 'permissive', []],
] as const) {
  test(`SELinux found as ${JSON.stringify(found)} and wanted ${mode}`, async () => {
    const [selinux] = (await play(base, { vars: { selinux: mode } })).asked
    if (selinux === undefined) throw new Error('SELinux was not asked for')
    assert.equal(words(selinux.evaluate(reply(found), debian, new Prediction())), steps)
  })
}

test.run()
