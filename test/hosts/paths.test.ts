// Hosts: node-05
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Host } from '../../lib/host/host.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { block } from '../../lib/resources/files/block.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { download } from '../../lib/resources/downloads/download.ts'
import { file } from '../../lib/resources/files/file.ts'
import { line } from '../../lib/resources/files/line.ts'
import { link } from '../../lib/resources/files/link.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { lab, onLab } from '../support/lab.ts'
import { onHost } from './ground.ts'

const node = 'node-05'
const room = '/srv/rc paths'

onHost(node, 'files, links, lines and blocks come at once, as check says, and go again', async (machine) => {
  const conf = `${room}/it's a.conf`
  try {
    const { check, apply, again } = await machine.settle(
      dir(room),
      file(conf, { content: 'a = 1\nb = 2\n' }),
      link(`${room}/current`, { to: conf }),
      line(`${room}/hosts`, { line: '10.0.0.1 ümlaut', create: true }),
      block(`${room}/blocks`, { name: 'ours', content: 'one\ntwo\n', create: true }),
    )
    assert.equal(apply, check)
    assert.ok(
      apply.every((said) => said.startsWith('changed')),
      apply.join('\n'),
    )
    assert.equal(again, ['ok', 'ok', 'ok', 'ok', 'ok'])
    assert.is(await machine.sh(`cat '${room}/current'`), 'a = 1\nb = 2')
    assert.is(await machine.sh(`cat '${room}/hosts'`), '10.0.0.1 ümlaut')
    assert.match(await machine.sh(`cat '${room}/blocks'`), /\none\ntwo\n/)

    const gone = await machine.settle(absent(room, { recursive: true }))
    assert.equal(gone.apply, gone.check)
    assert.equal(gone.again, ['ok'])
    assert.is(await machine.sh(`[ -e '${room}' ] || echo gone`), 'gone')
  } finally {
    await machine.sh(`rm -rf '${room}'`)
  }
})

onHost(node, 'a download is there once with the right sum, and with a wrong one never', async (machine) => {
  const { gateway } = await lab()
  const body = Buffer.from('a release\n')
  const server = createServer((_, response) => response.end(body))
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve))
  const url = `http://${gateway}:${(server.address() as AddressInfo).port}/release`
  const sha256 = createHash('sha256').update(body).digest('hex')
  try {
    await machine.make('apply', pkg('wget'))
    const { check, apply, again } = await machine.settle(
      download('/srv/rc-release', { source: url, sha256, mode: '0755' }),
    )
    assert.equal(apply, check)
    assert.equal(again, ['ok'])
    assert.is(await machine.sh('stat -c %a /srv/rc-release; cat /srv/rc-release'), '755\na release')

    const wrong = await machine.make('apply', download('/srv/rc-wrong', { source: url, sha256: '0'.repeat(64) }))
    assert.match(wrong.join('\n'), new RegExp(sha256))
    assert.is(await machine.sh('ls -A /srv | grep -c rc-wrong || true'), '0')
  } finally {
    server.close()
    await machine.sh('rm -f /srv/rc-release /srv/rc-wrong')
  }
})

onLab('a key that only the agent has is used for the login', async () => {
  const { nodes, user, privateKey, knownHosts } = await lab()
  const said = execFileSync('ssh-agent', ['-s']).toString()
  const [, socket = ''] = /SSH_AUTH_SOCK=([^;]+)/.exec(said) ?? []
  const [, pid = ''] = /SSH_AGENT_PID=(\d+)/.exec(said) ?? []
  const before = process.env['SSH_AUTH_SOCK']
  process.env['SSH_AUTH_SOCK'] = socket
  try {
    execFileSync('ssh-add', ['-q', privateKey])
    const host = await Host.connect(node, {
      kind: 'ssh',
      address: nodes.find((each) => each.name === node)?.address ?? node,
      port: 22,
      user,
      knownHostsFile: knownHosts,
      unknownHostKey: 'refuse',
    })
    assert.is(host.facts.hostname, node)
    host.close()
  } finally {
    if (before === undefined) delete process.env['SSH_AUTH_SOCK']
    else process.env['SSH_AUTH_SOCK'] = before
    process.kill(Number(pid))
  }
})

test.run()
