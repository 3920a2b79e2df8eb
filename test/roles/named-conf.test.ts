import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { families, formerServers, namedConf, zoneList } from '../../roles/dns-server/named-conf.ts'

const options = {
  listen: '10.10.50.50',
  forwarders: ['10.10.50.1', '10.10.50.2'],
  recursionFor: ['localnets', 'localhost'],
  dnssecValidation: 'no' as const,
}

test('named.conf has the tutorial’s options, and not the one that is gone', () => {
  const text = namedConf(families.debian, options)
  assert.match(text, 'listen-on port 53 { 10.10.50.50; };')
  assert.match(text, 'allow-query     { any; };')
  assert.match(text, 'forwarders      { 10.10.50.1; 10.10.50.2; };')
  assert.match(text, 'dnssec-validation no;')
  assert.not.match(text, 'dnssec-enable')
  assert.match(text, 'allow-recursion { localnets; localhost; };')
})

test('without forwarders the list is empty, which BIND takes', () => {
  assert.match(namedConf(families.el, { ...options, forwarders: [] }), 'forwarders      {  };')
})

test('each family includes its own list of zones', () => {
  assert.match(namedConf(families.debian, options), 'include "/etc/bind/named.conf.local";')
  assert.match(namedConf(families.el, options), 'include "/etc/named.rfc1912.zones";')
})

test('zones stand with the path of their file; on the Red Hat family beside the standard ones', () => {
  const zones = [{ name: 'host.com' }, { name: 'thtf.com' }]
  const debian = zoneList(families.debian, zones)
  assert.match(debian, 'file "/etc/bind/host.com.zone";')
  assert.not.match(debian, 'localhost')
  const el = zoneList(families.el, zones)
  assert.match(el, 'file "/var/named/thtf.com.zone";')
  assert.match(el, 'zone "localhost" IN')
})

for (const [about, text, servers] of [
  ['a plain file', 'nameserver 10.0.0.1\nnameserver 10.0.0.2\n', ['10.0.0.1', '10.0.0.2']],
  ['the host itself, first of two', 'search a.b\nnameserver 10.10.50.50\nnameserver 10.0.0.1\n', ['10.0.0.1']],
  ['a stub on the loopback', 'nameserver 127.0.0.53\nnameserver ::1\n', []],
  ['the same one twice', 'nameserver 10.0.0.1\n nameserver\t10.0.0.1\n', ['10.0.0.1']],
  ['comments and nonsense', '#nameserver 10.0.0.1\nnameserver fe80::1%eth0\nnameserver x\n', []],
  ['nothing', '', []],
] as const) {
  test(`forwarders from ${about}`, () => {
    assert.equal(formerServers(text, ['10.10.50.50']), servers)
  })
}

test.run()
