import { noValues } from '../../lib/inventory/variables/values.ts'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { connectWithRetry } from '../../lib/runner/hosts/connect-with-retry.ts'

const hostAt = (port: number): Host => ({
  name: 'a',
  place: { file: 'hosts.yml' },
  connection: {
    kind: 'ssh',
    address: '127.0.0.1',
    port,
    user: 'nobody',
    unknownHostKey: 'refuse',
    connectTimeoutSeconds: 1,
  },
  groups: [],
  layers: [],
  values: noValues,
})

async function attempt(port: number, signal = new AbortController().signal) {
  const said: string[] = []
  try {
    await connectWithRetry(hostAt(port), {}, { signal, say: (message) => said.push(message) })
  } catch (error) {
    if (error instanceof RolecallError) return { said, problem: error.problems[0] as Problem }
    throw error
  }
  throw new Error('connected to nobody')
}

test('an sshd that closes before its greeting, as with MaxStartups, is tried three times, and every attempt is reported', async () => {
  let tries = 0
  const server = createServer((socket) => {
    tries++
    socket.destroy()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const { said, problem } = await attempt(port)
  server.close()
  assert.is(tries, 3)
  assert.is(problem.code, 'connect')
  assert.is(said.length, 2)
  assert.match(said[0] ?? '', /^cannot connect to 127\.0\.0\.1:\d+ \(.*\): trying again in 2 s \(2 of 3\)$/)
  assert.match(said[1] ?? '', 'trying again in 4 s (3 of 3)')
})

test('an sshd that accepts and never answers is given up at once', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { said, problem } = await attempt((server.address() as AddressInfo).port)
  server.close()
  assert.equal([said, problem.code], [[], 'connect'])
})

test('a run that is ended does not wait for the next try', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 100)
  const { problem } = await attempt(1, stop.signal)
  assert.is(problem.code, 'cancelled')
})

test.run()
