import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Site } from 'rolecall'
import { nextSerial, recordsOf, serialOf, Zone, zoneFile } from '../../roles/dns-server/zone.ts'

const now = new Date('2026-03-20T12:00:00Z')
const later = new Date('2026-03-21T00:00:00Z')
const host = Zone.parse({ name: 'host.com', hosts: 'all' })
const site = (addresses: Readonly<Record<string, string>>): Site => ({
  host: () => {
    throw new Error('nobody asked')
  },
  hosts: () =>
    Object.entries(addresses).map(([name, address]) => ({
      name,
      address,
      groups: [],
      vars: () => {
        throw new Error('nobody asked')
      },
    })),
})
const two = site({ 'node-01': '10.10.50.50', 'node-02': '10.10.50.20' })
const records = recordsOf(host, '10.10.50.50', two)
const first = zoneFile(host, records, undefined, now)

test('a new zone begins with the day and 01, and reads as in the tutorial', () => {
  assert.is(
    first,
    `$ORIGIN host.com.
$TTL 600    ; 10 minutes
@       IN SOA  dns.host.com. dnsadmin.host.com. (
                2026032001 ; serial
                10800      ; refresh (3 hours)
                900        ; retry (15 minutes)
                604800     ; expire (1 week)
                86400      ; minimum (1 day)
                )
            NS   dns.host.com.
$TTL 60 ; 1 minute
dns                A     10.10.50.50
node-01            A     10.10.50.50
node-02            A     10.10.50.20
`,
  )
})

test('while the records are the same the file is the same, on any day', () => {
  assert.is(zoneFile(host, records, first, now), first)
  assert.is(zoneFile(host, records, first, later), first)
})

test('a changed, an added and a removed record each move the serial forward', () => {
  const moved = recordsOf(host, '10.10.50.50', site({ 'node-01': '10.10.50.50', 'node-02': '10.10.50.21' }))
  for (const other of [
    moved,
    records.slice(0, -1),
    [...records, { name: 'www', type: 'A' as const, value: '10.0.0.1' }],
  ]) {
    const next = zoneFile(host, other, first, now)
    assert.is(serialOf(next), 2026032002)
    assert.is(zoneFile(host, other, next, later), next, 'and then it stays')
    assert.is(serialOf(zoneFile(host, other, first, later)), 2026032101)
  }
})

test('a comment or a blank somebody put in goes, and the serial stays', () => {
  assert.is(zoneFile(host, records, `; mine\n\n${first.replaceAll('A     ', 'A\t')}`, later), first)
})

test('a record that somebody put in by hand goes, and the serial moves: named may have told others of it', () => {
  assert.is(serialOf(zoneFile(host, records, `${first}www A 10.0.0.1\n`, now)), 2026032002)
})

test('a live file without a serial counts as none', () => {
  assert.is(zoneFile(host, records, 'garbage', now), first)
  assert.is(zoneFile(host, records, '', now), first)
})

for (const [live, next] of [
  [undefined, 2026032001],
  [1, 2026032001],
  [2026031999, 2026032001],
  [2026032001, 2026032002],
  [2026032099, 2026032100],
  [2027010101, 2027010102],
  [4294967294, 4294967295],
  [4294967295, 1],
] as const) {
  test(`after serial ${String(live)} comes ${next}`, () => {
    assert.is(nextSerial(live, now), next)
  })
}

test('a semicolon in quotes begins no comment', () => {
  const zone = Zone.parse({ name: 'a.b', records: [{ name: '@', type: 'TXT', value: '"v=1; p=2" ; said' }] })
  const text = zoneFile(zone, zone.records, undefined, now)
  assert.is(zoneFile(zone, zone.records, text, later), text)
  const other = [{ name: '@', type: 'TXT' as const, value: '"v=1; p=3" ; said' }]
  assert.is(serialOf(zoneFile(zone, other, text, now)), 2026032002)
})

test('an IPv6 address is an AAAA record, and a host reached by a name has none', () => {
  const mixed = site({ six: 'fd00::1', named: 'web.example.org' })
  assert.equal(recordsOf(host, '10.0.0.1', mixed), [
    { name: 'dns', type: 'A', value: '10.0.0.1' },
    { name: 'six', type: 'AAAA', value: 'fd00::1' },
  ])
})

test('a zone without hosts has its name server and its own records', () => {
  const zone = Zone.parse({ name: 'thtf.com', records: [{ name: 'harbor', value: '10.10.50.40' }] })
  assert.equal(
    recordsOf(zone, '10.10.50.50', two).map(({ name, value }) => `${name} ${value}`),
    ['dns 10.10.50.50', 'harbor 10.10.50.40'],
  )
})

for (const wrong of [
  { name: 'host.com.' },
  { name: '../etc/passwd' },
  { name: '' },
  { name: 'a.b', record: [] },
  { name: 'a.b', records: [{ name: 'www.', value: '1.2.3.4' }] },
  { name: 'a.b', records: [{ name: 'www', value: '1.2.3.4\n$INCLUDE /etc/shadow' }] },
  { name: 'a.b', records: [{ name: 'www', type: 'a', value: '1.2.3.4' }] },
]) {
  test(`${JSON.stringify(wrong)} is no zone`, () => {
    assert.not(Zone.safeParse(wrong).success)
  })
}

test.run()
