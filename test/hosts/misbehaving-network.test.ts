// Hosts: node-03, node-04
import { createHash } from 'node:crypto'
import { createServer as createWebServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { download } from '../../lib/resources/downloads/download.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { complaints, lab, onLab, put, ssh, start, text } from '../support/lab.ts'
import { onHost } from './ground.ts'
import { asOdd, book, CONF, HOSTS, isRefused, ODD, SSHD_ANEW, writes } from './misbehaving.ts'

onLab('MaxSessions 1 is enough, also for Ctrl-C', async () => {
  book(`exec('a long one', { run: 'sleep 4363.5 & sleep 4363.5; wait', unless: 'false' })`)
  await asOdd(`printf 'Match User odd\\n  MaxSessions 1\\n' >${CONF}`, async () => {
    const running = start('apply', 'odd', '-l', ODD)
    await running.until('"type":"step"')
    running.kill('SIGINT')
    assert.is((await running.done).code, 130)
    assert.is(await ssh(ODD, "pgrep -fc '^sleep 4363[.]5' || true"), '0')
  })
})

onLab('an sshd that refuses because of too many logins is tried again, and this is reported', async () => {
  book(writes('/run/odd'))
  const address = (await lab()).nodes.find(({ name }) => name === ODD)?.address ?? ''
  await asOdd('', async () => {
    await ssh(ODD, `echo 'MaxStartups 2' >${CONF}; ${SSHD_ANEW}`)
    const knocking: Socket[] = [1, 2].map(() => connect(22, address).on('error', () => undefined))
    try {
      await Promise.all(knocking.map((socket) => new Promise((ready) => socket.once('data', ready))))
      const running = start('apply', 'odd')
      await running.until('"type":"waiting"')
      for (const socket of knocking) socket.destroy()
      const run = await running.done
      assert.is(run.code, 0, complaints(run))
      assert.equal([run.summary.hosts[ODD]?.changed, run.problems.length], [1, 0])
    } finally {
      for (const socket of knocking) socket.destroy()
    }
  })
})

onLab('a host that accepts and never answers delays no other host', async () => {
  book(writes('/run/odd'))
  const deaf = createServer(() => undefined)
  await new Promise<void>((ready) => deaf.listen(0, '127.0.0.1', ready))
  const { port } = deaf.address() as AddressInfo
  const hosts = text(HOSTS)
  const there = new RegExp(`(    ${ODD}:\\n {6}ansible_host: ).*\\n`)
  put(
    HOSTS,
    hosts
      .replace(there, `$1127.0.0.1\n      ansible_port: ${port}\n`)
      .replace('-o User', '-o ConnectTimeout=2 -o User'),
  )
  try {
    assert.match(await isRefused('connect'), `cannot connect to 127.0.0.1:${port}`)
  } finally {
    put(HOSTS, hosts)
    deaf.close()
  }
})

onHost(ODD, 'a server that answers at the second time is waited for, and that is told', async (machine) => {
  const { gateway } = await lab()
  const body = Buffer.from('the download')
  let asked = 0
  const server = createWebServer((_, response) => response.writeHead(asked++ === 0 ? 503 : 200).end(body))
  await new Promise<void>((ready) => server.listen(0, gateway, ready))
  try {
    await machine.make('apply', pkg('wget'))
    const url = `http://${gateway}:${(server.address() as AddressInfo).port}/it`
    const sha256 = createHash('sha256').update(body).digest('hex')
    assert.equal(await machine.make('apply', download('/run/odd-it', { source: url, sha256 })), [
      `changed: download /run/odd-it from ${url}`,
    ])
    assert.equal(machine.waits, ['/run/odd-it: try 1 of 3 failed, again in 2 s'])
    assert.is(await machine.sh('cat /run/odd-it; rm /run/odd-it'), 'the download')
  } finally {
    server.close()
  }
})

test.run()
