// Hosts: node-05
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { networkSettings } from '../../lib/resources/network/network-settings.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { onHost } from './ground.ts'

const there = 'ip -o -4 addr show dev host0 | grep -c 10.10'
const bad = '[Match]\nName=host0\n\n[Network]\nAddress=10.99.9.9/24\nLinkLocalAddressing=no\n'

onHost('node-05', 'networkd: settings that cut the connection are gone after their delay', async (machine) => {
  const path = '/etc/systemd/network/05-rc.network'
  try {
    const said = await machine.make(
      'apply',
      ...networkSettings('rc', { manager: 'networkd', files: { '05-rc.network': bad }, confirm: 5 }),
    )
    assert.match(said.join('\n'), /rolled back/)
    assert.is(await machine.sh(`ls ${path} 2>/dev/null; ${there}`), '1')
  } finally {
    await machine.sh(`rm -f ${path}; networkctl reload`)
  }
})

onHost(
  'node-05',
  'netplan: good settings hold and drift is found, a bad word is refused, a cut connection comes back',
  async (machine) => {
    const bridge = (address: string) =>
      `network:\n  version: 2\n  bridges:\n    rcbr0:\n      addresses: [${address}]\n`
    const netplan = (content: string) =>
      networkSettings('rc', { manager: 'netplan', files: { '50-rc.yaml': content }, confirm: 5 })
    try {
      // In the lab's containers /sys is read-only, so udev cannot be triggered: netplan ends with that.
      await machine.sh("printf '#!/bin/sh\\nexit 0\\n' >/usr/local/sbin/udevadm; chmod 0755 /usr/local/sbin/udevadm")
      const first = await machine.settle(pkg('netplan.io'), ...netplan(bridge('10.99.8.1/24')))
      assert.equal([first.apply.slice(1), first.again], [first.check.slice(1), ['ok', 'ok', 'ok']])
      assert.match(first.apply[1] ?? '', /^changed/)
      assert.match(await machine.sh('ip -o -4 addr show dev rcbr0'), /10\.99\.8\.1\/24/)
      await machine.sh('sed -i s/10.99.8.1/10.99.8.2/ /etc/netplan/50-rc.yaml')
      const drifted = await machine.settle(...netplan(bridge('10.99.8.1/24')))
      assert.equal([drifted.apply, drifted.again], [drifted.check, ['ok', 'ok']])
      for (const mode of ['check', 'apply'] as const)
        assert.match((await machine.make(mode, ...netplan('network:\n  brigdes: {}\n'))).join('\n'), /netplan/)
      const cut =
        'network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    host0:\n      addresses: [10.99.9.9/24]\n'
      // What netplan writes to /run comes after the lab's own file by its name, unless that is not there.
      await machine.sh(
        'mv /etc/systemd/network/10-host0.network /etc/systemd/network/20-host0.network; networkctl reload',
      )
      const said = await machine.make('apply', ...netplan(cut))
      assert.match(said.join('\n'), /rolled back/)
      assert.is(await machine.sh(there), '1')
      assert.match(await machine.sh('cat /etc/netplan/50-rc.yaml'), /rcbr0/)
    } finally {
      await machine.sh(
        'cd /etc/systemd/network; [ ! -e 20-host0.network ] || mv 20-host0.network 10-host0.network; rm -f /usr/local/sbin/udevadm /etc/netplan/50-rc.yaml; netplan generate; networkctl reload; ip link del rcbr0 2>/dev/null; true',
      )
    }
  },
)

onHost(
  'node-05',
  'NetworkManager: a connection holds, drift is found, and what it cannot read is put back',
  async (machine) => {
    const lan = (address: string) =>
      `[connection]\nid=rc\ntype=bridge\ninterface-name=rcdummy0\n[ipv4]\nmethod=manual\naddress1=${address}\n[ipv6]\nmethod=disabled\n`
    const settings = (content: string) =>
      networkSettings('rcnm', { manager: 'NetworkManager', files: { 'rc.nmconnection': content }, confirm: 10 })
    try {
      await machine.sh(
        `mkdir -p /etc/NetworkManager/conf.d; printf '[keyfile]\\nunmanaged-devices=interface-name:host0\\n' >/etc/NetworkManager/conf.d/rc.conf`,
      )
      await machine.make('apply', pkg('network-manager'))
      const first = await machine.settle(...settings(lan('10.99.7.1/24')))
      assert.equal([first.apply, first.again], [first.check, ['ok', 'ok']])
      assert.match(await machine.sh('ip -o -4 addr show dev rcdummy0'), /10\.99\.7\.1\/24/)
      await machine.sh('nmcli connection modify rc ipv4.addresses 10.99.7.9/24')
      const drifted = await machine.settle(...settings(lan('10.99.7.1/24')))
      assert.match(drifted.check[0] ?? '', /^changed/)
      assert.equal([drifted.apply, drifted.again], [drifted.check, ['ok', 'ok']])
      const wrong = await machine.make('apply', ...settings('[connection]\nid=rc\ntype=nonsense\n'))
      assert.match(wrong[0] ?? '', /^failed/)
      assert.match(await machine.sh('cat /etc/NetworkManager/system-connections/rc.nmconnection'), /rcdummy0/)
    } finally {
      await machine.sh(
        'nmcli connection delete rc >/dev/null 2>&1; apt-get -y purge network-manager >/dev/null 2>&1; rm -rf /etc/NetworkManager/conf.d/rc.conf; ip link del rcdummy0 2>/dev/null; true',
      )
    }
  },
)

test.run()
