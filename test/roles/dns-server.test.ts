import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import dnsServer from '../../roles/dns-server.ts'
import { contentOf, ids, resourceOf } from './played-resources.ts'

const vars = { zones: [{ name: 'host.com', hosts: 'all' }, { name: 'thtf.com' }] }
const nodes = [
  { name: 'node-01', address: '10.10.50.50' },
  { name: 'node-02', address: '10.10.50.20' },
]
const site = { all: nodes, dns: nodes.slice(0, 1), registry: [] }
const host = { name: 'node-01', address: '10.10.50.50' }
const files = { '/etc/resolv.conf': 'nameserver 10.10.50.50\nnameserver 10.0.0.1\n' }

test('zones come before the list that names them, the list before the configuration, and named restarts after all', async () => {
  const played = await play(dnsServer, { vars, site, host, files })
  assert.equal(ids(played), [
    'pkg:bind9,bind9-dnsutils',
    'file:/etc/bind/host.com.zone',
    'file:/etc/bind/thtf.com.zone',
    'file:/etc/bind/named.conf.local',
    'file:/etc/bind/named.conf',
    'service:named',
  ])
  const { inputs } = resourceOf(played, 'service:named').want
  assert.equal(inputs, [
    '/etc/bind/host.com.zone',
    '/etc/bind/thtf.com.zone',
    '/etc/bind/named.conf.local',
    '/etc/bind/named.conf',
  ])
})

test('the Red Hat family has its own paths', async () => {
  const os = { family: 'el' as const, id: 'rocky', version: '9.4', name: 'Rocky Linux 9.4' }
  const played = await play(dnsServer, { vars, site, host: { ...host, os }, files })
  assert.equal(ids(played), [
    'pkg:bind,bind-utils',
    'file:/var/named/host.com.zone',
    'file:/var/named/thtf.com.zone',
    'file:/etc/named.rfc1912.zones',
    'file:/etc/named.conf',
    'service:named',
  ])
})

test('everything that named reads is shown to its checker first', async () => {
  const played = await play(dnsServer, { vars, site, host, files })
  assert.match(
    String(resourceOf(played, 'file:/etc/bind/host.com.zone').want.validate),
    /^named-checkzone .*host\.com \{\}$/,
  )
  for (const file of ['file:/etc/bind/named.conf.local', 'file:/etc/bind/named.conf'])
    assert.is(resourceOf(played, file).want.validate, 'named-checkconf {}')
})

test('it listens where the inventory has the host, and forwards to whom the host asked before', async () => {
  const conf = contentOf(await play(dnsServer, { vars, site, host, files }), 'file:/etc/bind/named.conf')
  assert.match(conf, 'listen-on port 53 { 10.10.50.50; };')
  assert.match(conf, 'forwarders      { 10.0.0.1; };')
})

test('behind the stub of systemd-resolved the real name servers are found', async () => {
  const behind = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 10.10.50.50\nnameserver 10.0.0.2\n',
  }
  const conf = contentOf(await play(dnsServer, { vars, site, host, files: behind }), 'file:/etc/bind/named.conf')
  assert.match(conf, 'forwarders      { 10.0.0.2; };')
})

test('what the variables say of listen and forwarders wins', async () => {
  const said = { ...vars, listen: '10.10.50.1', forwarders: ['10.10.50.254'] }
  const played = await play(dnsServer, { vars: said, site, host, files })
  assert.match(contentOf(played, 'file:/etc/bind/named.conf'), 'listen-on port 53 { 10.10.50.1; };')
  assert.match(contentOf(played, 'file:/etc/bind/named.conf'), 'forwarders      { 10.10.50.254; };')
  assert.match(contentOf(played, 'file:/etc/bind/host.com.zone'), /^dns +A +10\.10\.50\.1$/m)
})

test('addresses of the hosts come from the inventory, into the zone that has hosts alone', async () => {
  const played = await play(dnsServer, { vars, site, host, files })
  assert.match(contentOf(played, 'file:/etc/bind/host.com.zone'), /^node-02 +A +10\.10\.50\.20$/m)
  assert.not.match(contentOf(played, 'file:/etc/bind/thtf.com.zone'), 'node-02')
})

test('a live zone that says the same keeps its serial; another one moves it forward', async () => {
  const zone = 'file:/etc/bind/thtf.com.zone'
  const once = contentOf(await play(dnsServer, { vars, site, host, files }), zone)
  const old = once.replace(/\d{10} ; serial/, '2020032001 ; serial')
  const path = '/etc/bind/thtf.com.zone'
  assert.is(contentOf(await play(dnsServer, { vars, site, host, files: { ...files, [path]: old } }), zone), old)
  const drifted = { ...files, [path]: `${old}www A 10.0.0.1\n` }
  assert.is(contentOf(await play(dnsServer, { vars, site, host, files: drifted }), zone), once)
})

test('a host that is reached by a name answers on its own first IPv4 address', async () => {
  const named = { name: 'node-01', address: 'dns.example.org', addresses: ['fd00::1', '10.9.9.9'] }
  const played = await play(dnsServer, { vars, site, host: named, files })
  assert.match(contentOf(played, 'file:/etc/bind/named.conf'), 'listen-on port 53 { 10.9.9.9; };')
})

test.run()
