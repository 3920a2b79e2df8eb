import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, lab, onLab, reset, rolecall, saveDisks, ssh, verdicts } from '../support/lab.ts'

/** Everything that check mode must leave alone: files with their content, mode and owner, packages, units and accounts. */
const INVENTORY_OF_A_HOST = String.raw`
cd / && find etc opt root home usr/local -xdev -printf '%p %y %m %u:%g %l\n' | sort
find etc opt root home usr/local -xdev -type f -print0 | sort -z | xargs -0 sha256sum
dpkg-query -W
systemctl list-unit-files --no-legend --plain --no-pager
systemctl list-units --type=service --all --no-legend --plain --no-pager | awk '$1 !~ /^(user@|user-runtime-dir@|apt-daily|systemd-)/ { print $1, $2, $3 }'
getent passwd; getent group; hostname; cat /proc/sys/net/ipv4/ip_forward`

async function seen(): Promise<ReadonlyMap<string, string>> {
  const { nodes } = await lab()
  const pairs = nodes.map(async ({ name }) => [name, await ssh(name, INVENTORY_OF_A_HOST)] as const)
  return new Map(await Promise.all(pairs))
}

let predicted: readonly string[] = []

onLab('check of the whole site on factory-fresh hosts ends well and changes nothing on them', async () => {
  await reset()
  const before = await seen()
  const check = await rolecall('check', 'site')
  assert.is(check.code, 0, complaints(check))
  assert.ok(check.summary.ok)
  const after = await seen()
  for (const [node, state] of before) {
    assert.ok(state.split('\n').length > 500, `${node} has been looked at`)
    assert.fixture(after.get(node) ?? '', state, node)
  }
  predicted = verdicts(check)
  assert.ok(predicted.filter((line) => line.endsWith(' changed')).length > 15, predicted.join('\n'))
  assert.equal(
    predicted.filter((line) => !/ (ok|changed)$/.test(line)),
    [],
  )
})

onLab('apply does exactly what check predicted', async () => {
  const apply = await rolecall('apply', 'site')
  assert.is(apply.code, 0, complaints(apply))
  assert.equal(verdicts(apply), predicted)
})

onLab('a second apply changes nothing on five hosts', async () => {
  const again = await rolecall('apply', 'site')
  assert.is(again.code, 0, complaints(again))
  assert.equal(
    Object.entries(again.summary.hosts).map(([host, counts]) => `${host} ${counts.changed}`),
    (await lab()).nodes.map(({ name }) => `${name} 0`),
  )
  assert.equal(changes(again), [])
})

onLab('verify passes, with real answers of named about all five nodes', async () => {
  const verify = await rolecall('verify', 'site')
  assert.is(verify.code, 0, complaints(verify))
  const { nodes } = await lab()
  const [server] = nodes
  for (const { name, address } of nodes)
    assert.is(await ssh('node-03', `dig +short -t A ${name}.host.com @${server?.address ?? ''}`), address)
})

onLab('one role on one host touches that role and host alone', async () => {
  const drift = 'chmod 600 /etc/resolv.conf; rm /etc/bind/host.com.zone'
  await ssh('node-01', drift)
  await ssh('node-02', 'chmod 600 /etc/resolv.conf')
  const before = await seen()
  const apply = await rolecall('apply', 'site', '--role', 'dns-server', '--limit', 'node-01')
  assert.is(apply.code, 0, complaints(apply))
  assert.equal(Object.keys(apply.summary.hosts), ['node-01'])
  assert.equal([...new Set(apply.resources.map(({ host, role }) => `${host} ${role}`))], ['node-01 dns-server'])
  assert.equal(changes(apply), ['node-01 file:/etc/bind/host.com.zone changed', 'node-01 service:named changed'])
  const after = await seen()
  for (const node of ['node-02', 'node-03', 'node-04', 'node-05']) assert.is(after.get(node), before.get(node), node)
  assert.match(after.get('node-01') ?? '', 'etc/resolv.conf f 600')
  assert.is((await rolecall('apply', 'site')).code, 0)
})

onLab('the disks are saved for the files that begin from them', async () => {
  await saveDisks('after-site')
  assert.is((await rolecall('apply', 'site')).code, 0)
  assert.equal(changes(await rolecall('apply', 'site')), [])
})

test.run()
