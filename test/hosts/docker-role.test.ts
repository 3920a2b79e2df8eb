// Hosts: node-03, node-04, node-05
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, lab, onLab, project, put, rolecall, ssh, text, told, verdicts } from '../support/lab.ts'

const node = 'node-04'
const others = ['node-03', 'node-05']
const conf = '/etc/docker/daemon.json'
const site = (limit: string) => ['site', '--role', 'docker', '--limit', limit] as const

/** A container of the host's own shell: no registry can be reached. */
const START = `root=$(mktemp -d); for l in /bin/sh /bin/sleep $(ldd /bin/sh /bin/sleep | grep -o '/[^ :]*'); do
mkdir -p "$root\${l%/*}"; cp -L "$l" "$root$l"; done
tar -C "$root" -c . | docker import - rolecall/live:v1 >/dev/null; rm -r "$root"
docker run -d --restart always --name rolecall-live rolecall/live:v1 /bin/sh -c 'trap "exit 0" TERM; sleep 6000 & wait'`
const END = 'docker rm -f rolecall-live >/dev/null 2>&1; docker rmi rolecall/live:v1 >/dev/null 2>&1; true'
const ADDRESS = `docker inspect -f '{{.State.Status}} {{.NetworkSettings.IPAddress}}' rolecall-live`

async function applied(limit = node) {
  const apply = await rolecall('apply', ...site(limit))
  assert.is(apply.code, 0, complaints(apply))
  return apply
}

onLab('the engine comes as check has said, a second apply changes nothing, and verify runs a container', async () => {
  const check = await rolecall('check', ...site(node))
  assert.is(check.code, 0, complaints(check))
  assert.equal(verdicts(await applied()), verdicts(check))
  assert.equal(changes(await applied()), [])
  const verify = await rolecall('verify', ...site(node))
  assert.is(verify.code, 0, complaints(verify))
  assert.is(await ssh(node, `docker ps -aq; docker images -q; ls -d /tmp/tmp.* 2>/dev/null; true`), '')
})

onLab(
  'a stopped, masked, disabled or edited engine is predicted and repaired, and containers keep running',
  async () => {
    await ssh(node, START)
    try {
      const started = await ssh(node, `docker inspect -f '{{.State.StartedAt}}' rolecall-live`)
      const drifts = [
        ['systemctl stop docker.socket docker', ['service:docker']],
        ['systemctl mask -q --now docker', ['service:docker']],
        ['systemctl disable -q docker', ['service:docker']],
        [`sed -i 's/"live-restore": true/"live-restore": false/' ${conf}`, [`jsonFile:${conf}`, 'service:docker']],
        [`rm ${conf}`, [`jsonFile:${conf}`, 'service:docker']],
        [`sed -i 's#"bip"#"graph": "/x", "bip"#' ${conf}`, [`jsonFile:${conf}`, 'service:docker']],
      ] as const
      for (const [drift, expected] of drifts) {
        await ssh(node, drift)
        const check = await rolecall('check', ...site(node))
        assert.equal(
          changes(check),
          expected.map((resource) => `${node} ${resource} changed`),
          `${drift}: ${complaints(check)}`,
        )
        assert.equal(changes(await applied()), changes(check), drift)
        assert.equal(changes(await applied()), [], drift)
      }
      assert.is(await ssh(node, `docker inspect -f '{{.State.StartedAt}}' rolecall-live`), started)
    } finally {
      await ssh(node, END)
    }
  },
)

onLab('a configuration that the engine refuses never goes live, and the engine is not restarted', async () => {
  const before = await ssh(node, `systemctl show -p ExecMainStartTimestamp docker`)
  const good = await ssh(node, `cat ${conf}`)
  const broken = good.replace('"bip": "', '"no-such-key": 1, "bip": "9')
  await ssh(node, `cat >${conf} <<'EOF'\n${broken}\nEOF`)
  try {
    for (const mode of ['check', 'apply']) {
      const ran = await rolecall(mode, ...site(node))
      assert.is(ran.code, 2)
      assert.is(ran.problems[0]?.code, 'candidate-refused')
      assert.match(ran.problems[0]?.output ?? '', "don't match any configuration option: no-such-key")
    }
    assert.is(await ssh(node, `cat ${conf}`), broken)
    assert.is(await ssh(node, `systemctl show -p ExecMainStartTimestamp docker`), before)
  } finally {
    await ssh(node, `cat >${conf} <<'EOF'\n${good}\nEOF`)
    await applied()
  }
})

onLab('two hosts with the same network are reported before any host is touched', async () => {
  put('inventory/host_vars/node-05.yml', 'docker: { bip: 172.7.99.1/24 }\n')
  try {
    const { code, out, err } = await told('apply', ...site('docker'))
    assert.is(code, 1)
    assert.match(out + err, 'node-04 and node-05 would have the same bridge network')
    assert.match(out + err, 'set docker.bip for node-05')
  } finally {
    put('inventory/host_vars/node-05.yml', '{}\n')
  }
})

onLab("another address of a host in the inventory changes that host's bip, and nothing else of Docker", async () => {
  const { nodes, knownHosts } = await lab()
  const old = nodes.find(({ name }) => name === node)?.address ?? ''
  const address = old.replace(/\d+$/, '98')
  await applied('docker')
  const inventory = text('inventory/hosts.yml')
  const known = join(project, 'known_hosts')
  const lines = readFileSync(knownHosts, 'utf8')
  const own = lines.split('\n').filter((line) => line.includes(old))
  writeFileSync(known, `${lines}${own.map((line) => line.replace(old, address)).join('\n')}\n`)
  await ssh(node, `${START}; ip addr add ${address}/24 dev host0`)
  try {
    const before = await Promise.all(
      others.map((name) => ssh(name, `cat ${conf}; systemctl show -p ExecMainStartTimestamp docker`)),
    )
    put('inventory/hosts.yml', inventory.replaceAll(knownHosts, known).replace(new RegExp(`${old}\\b`), address))
    const check = await rolecall('check', ...site('docker'))
    const bridge = [
      `${node} dockerBridge:docker0 changed`,
      `${node} jsonFile:${conf} changed`,
      `${node} service:docker changed`,
    ]
    assert.equal(changes(check), bridge, complaints(check))
    assert.equal(changes(await applied('docker')), bridge)
    assert.equal(changes(await applied('docker')), [])
    assert.match(await ssh(node, `ip -o -4 addr show dev docker0`), 'inet 172.7.98.1/24')
    assert.is(await ssh(node, ADDRESS), 'running 172.7.98.2')
    const after = await Promise.all(
      others.map((name) => ssh(name, `cat ${conf}; systemctl show -p ExecMainStartTimestamp docker`)),
    )
    assert.equal(after, before)
    const verify = await rolecall('verify', ...site('docker'))
    assert.is(verify.code, 0, complaints(verify))
  } finally {
    put('inventory/hosts.yml', inventory)
    await ssh(node, `${END}; ip addr del ${address}/24 dev host0`)
    await applied('docker')
  }
})

test.run()
