// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec } from '../../lib/resources/commands/exec.ts'
import { nftables } from '../../lib/resources/network/nftables.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { onHost } from './ground.ts'

const rules = (port: number, policy = 'accept') => `flush ruleset
table inet rc {
  chain input {
    type filter hook input priority 0; policy ${policy};
    ${policy === 'drop' ? '' : 'ct state established,related accept'}
    meta l4proto 58 accept
    tcp dport ${port} drop
  }
}
`

onHost(
  'node-02',
  'rules are loaded as check says, and those that lock us out are gone after their delay',
  async (machine) => {
    const clean =
      'nft flush ruleset 2>/dev/null; rm -rf /run/rolecall/nftables; cd /etc; [ ! -e protocols.kept ] || mv protocols.kept protocols; [ ! -e protocols.made ] || rm -f protocols protocols.made'
    await machine.sh('[ ! -f /etc/nftables.conf ] || cp -p /etc/nftables.conf /root/nftables.kept')
    try {
      const good = nftables('base', { content: rules(7411) })
      const first = await machine.settle(pkg('nftables'), ...good)
      assert.equal(first.apply, first.check)
      assert.equal(first.again, ['ok', 'ok', 'ok'])
      assert.is(await machine.sh('nft list ruleset | grep -c 7411; [ ! -e /run/rolecall/nftables/back ]'), '1')
      // Names of protocols come and go with a file of the host: nft shows the same rules in other words.
      await machine.sh(
        'p=/etc/protocols; if [ -e $p ]; then mv $p $p.kept; else echo "ipv6-icmp 58 IPv6-ICMP" >$p; touch $p.made; fi',
      )
      assert.equal(await machine.make('check', ...good), ['ok', 'ok'])
      await machine.sh('nft add rule inet rc input tcp dport 7412 drop')
      const drifted = await machine.settle(...good)
      assert.match(drifted.check[0] ?? '', /^changed: load the rules/)
      assert.equal([drifted.apply, drifted.again], [drifted.check, ['ok', 'ok']])
      for (const mode of ['check', 'apply'] as const)
        assert.match(
          (await machine.make(mode, ...nftables('base', { content: 'tabel inet x' }))).join(),
          /nft does not accept the rules/,
        )

      // Asking about something else takes longer than the host waits for the confirmation.
      const slow = exec('slow', { run: 'false', unless: 'sleep 7' })
      const beside = await machine.make('apply', ...nftables('base', { content: rules(7414), confirm: 5 }), slow)
      assert.equal(beside.slice(1), ['changed: confirm the rules of nftables', 'ok'])
      assert.equal(await machine.make('apply', ...good), drifted.apply)

      const locked = await machine.make('apply', ...nftables('base', { content: rules(7413, 'drop'), confirm: 5 }))
      assert.match(locked.join('\n'), /the rules were rolled back/)
      assert.is(await machine.sh('nft list ruleset | grep -c 7411; grep -c 7411 /etc/nftables.conf'), '1\n1')
    } finally {
      await machine.sh(`${clean}; [ ! -f /root/nftables.kept ] || mv /root/nftables.kept /etc/nftables.conf`)
    }
  },
)

test.run()
