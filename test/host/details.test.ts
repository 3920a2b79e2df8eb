import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { factFrom } from '../../lib/host/details/custom.ts'
import { customProbe, detailsProbe } from '../../lib/host/details/probe.ts'
import { readDetails } from '../../lib/host/details/read.ts'
import { run, scratch, shells } from '../support/converge-locally.ts'

const SERVER = `codename bookworm
kernel 6.1.0-18-amd64
fqdn db-01.example.com
timezone Europe/Berlin
uptime 86400
memory total 16384000 kB
memory free 1000 kB
memory available 8192000 kB
memory swap 2048 kB
processors 16
cores 4
model Intel(R) Xeon(R) Gold
socket 0
socket 1
disk sda 41943040 1 0 ST 4000
disk nvme0n1 2097152 0 0
mount 4096 100 50 ext4 rw,noatime /dev/sda1 /
mount - - - nfs4 rw nas:/export /srv/with\\040blank
link eth0 1500 up 52:54:00:12:34:56
link eth1 9000 down 52:54:00:12:34:57
gateway 4 via 10.0.0.1 dev eth0 proto dhcp metric 100
gateway 4 via 10.9.0.1 dev eth1 metric 200
gateway 6 via fe80::1 dev eth0 src 2001:db8::7
address 4 eth0 10.0.0.7/24
nameserver 10.0.0.53
nameserver 10.0.1.53
search old.example
search example.com lab.example.com
selinux 0
sys_vendor QEMU
product_name Standard PC
virtualisation kvm
`

test('the details of a server', () => {
  const { memory, processors, disks, mounts, links, gateway, ...more } = readDetails(SERVER)
  assert.equal(memory, { total: 16_777_216_000, available: 8_388_608_000, swap: 2_097_152 })
  assert.equal(processors, { count: 16, cores: 8, sockets: 2, model: 'Intel(R) Xeon(R) Gold' })
  assert.equal(disks, [
    { name: 'sda', bytes: 21_474_836_480, rotational: true, removable: false, model: 'ST 4000' },
    { name: 'nvme0n1', bytes: 1_073_741_824, rotational: false, removable: false, model: '' },
  ])
  assert.equal(mounts, [
    { path: '/', device: '/dev/sda1', type: 'ext4', options: ['rw', 'noatime'], bytes: 409_600, available: 204_800 },
    {
      path: '/srv/with blank',
      device: 'nas:/export',
      type: 'nfs4',
      options: ['rw'],
      bytes: undefined,
      available: undefined,
    },
  ])
  assert.equal(
    links.map(({ device, up, mtu }) => [device, up, mtu]),
    [
      ['eth0', true, 1500],
      ['eth1', false, 9000],
    ],
  )
  assert.equal(gateway, {
    ipv4: { device: 'eth0', gateway: '10.0.0.1', address: '10.0.0.7' },
    ipv6: { device: 'eth0', gateway: 'fe80::1', address: '2001:db8::7' },
  })
  assert.equal(more, {
    codename: 'bookworm',
    kernel: '6.1.0-18-amd64',
    fqdn: 'db-01.example.com',
    timezone: 'Europe/Berlin',
    uptime: 86_400,
    virtualisation: 'kvm',
    vendor: 'QEMU',
    product: 'Standard PC',
    selinux: 'permissive',
    nameservers: ['10.0.0.53', '10.0.1.53'],
    searchDomains: ['example.com', 'lab.example.com'],
  })
})

test('facts that a host does not report are empty, and nothing is guessed', () => {
  const { memory, processors, virtualisation, gateway, disks, codename } = readDetails('')
  assert.equal(
    [memory, processors, virtualisation, gateway, disks, codename],
    [
      { total: 0, available: 0, swap: 0 },
      { count: 1, cores: 1, sockets: 1, model: '' },
      'none',
      { ipv4: undefined, ipv6: undefined },
      [],
      '',
    ],
  )
})

for (const [says, text, value] of [
  ['JSON', '{"row": 3, "disks": ["a"]}\n', { row: 3, disks: ['a'] }],
  ['a JSON text', '"x"', 'x'],
  [
    'INI: texts, with small keys',
    '; c\n[General]\nRow = 3\nnote: one\n  two\n[empty]\n',
    { General: { row: '3', note: 'one\ntwo' }, empty: {} },
  ],
  ['INI without a section is none', 'row = 3\n', undefined],
  ['a line without a value is none', '[a]\nrow\n', undefined],
  ['nothing', '', undefined],
] as const)
  test(`a fact of the site's own: ${says}`, () => assert.equal(factFrom(text)?.value, value))

for (const shell of shells()) {
  test(`${shell.name}: this machine tells its memory, processors and kernel`, async () => {
    const { code, stdout, stderr } = await run(shell, detailsProbe)
    const { memory, processors, kernel, mounts } = readDetails(stdout.toString())
    assert.is(code, 0, stderr)
    assert.ok(Math.abs(memory.total - totalmem()) < 2 ** 20, `${memory.total} is not ${totalmem()}`)
    assert.ok(processors.count >= 1 && processors.cores >= 1)
    assert.ok(kernel.length > 0)
    for (const { path } of mounts) assert.match(path, /^\//)
  })

  test(`${shell.name}: a file is read, a program is run, and nothing that others can change is used`, async () => {
    const directory = join(scratch(), 'facts.d')
    mkdirSync(directory)
    const put = (name: string, text: string, mode = 0o644) => {
      writeFileSync(join(directory, `${name}.fact`), text)
      chmodSync(join(directory, `${name}.fact`), mode)
    }
    put('text', '{"fact": "looks 1"}')
    put('program', '#!/bin/sh\necho "fact text there 3"; echo \'[]\'\n', 0o755)
    put('fails', '#!/bin/sh\necho half; exit 3\n', 0o755)
    put('open', '1', 0o666)
    put('theirs', '1')
    mkdirSync(join(directory, 'way/in'), { recursive: true })
    writeFileSync(join(directory, 'way/in/led'), '1')
    symlinkSync('way/in/led', join(directory, 'led.fact'))
    if (process.getuid?.() === 0)
      for (const name of ['theirs.fact', 'way']) chownSync(join(directory, name), 1234, 1234)
    else process.stdout.write('skipped: facts of another account need root\n')
    const { stdout } = await run(
      shell,
      customProbe(['text', 'program', 'fails', 'open', 'theirs', 'led', 'none'], directory),
    )
    const expected =
      process.getuid?.() === 0
        ? 'fact text there 19\n{"fact": "looks 1"}\nfact program there 20\nfact text there 3\n[]\n' +
          'fact fails failed 4\nhalf\nfact open untrusted 0\nfact theirs untrusted 0\nfact led untrusted 0\nfact none missing 0\n'
        : stdout.toString()
    assert.is(stdout.toString().replaceAll(/ +(\d+)$/gm, ' $1'), expected)
  })
}

test.run()
