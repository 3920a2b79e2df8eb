import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { packetSocket } from '../../lib/transport/packets.ts'

/** Counts how Node hands over to the system what is written to any socket. */
async function writesDuring(work: () => Promise<void>): Promise<string[]> {
  type Inner = (this: Socket, ...words: unknown[]) => void
  const writes: string[] = []
  const own = (['_write', '_writev'] as const).map(
    (name) => [name, Reflect.get(Socket.prototype, name) as Inner] as const,
  )
  for (const [name, inner] of own) {
    Reflect.set(Socket.prototype, name, function (this: Socket, ...words: unknown[]) {
      writes.push(name)
      inner.apply(this, words)
    })
  }
  try {
    await work()
  } finally {
    for (const [name, inner] of own) Reflect.set(Socket.prototype, name, inner)
  }
  return writes
}

test('what is written in one turn is one write to the system, and arrives in its order', async () => {
  const server = createServer((peer) => peer.pipe(peer)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = packetSocket('127.0.0.1', (server.address() as AddressInfo).port)
  await once(socket, 'connect')
  let echo = ''
  socket.setEncoding('utf8').on('data', (text: string) => (echo += text))
  const writes = await writesDuring(async () => {
    for (const turn of ['first', 'second']) {
      socket.write(`${turn}: length,`)
      socket.write('text,', 'utf8')
      await new Promise<void>((resolve, reject) => {
        socket.write('tag;', (error) => (error ? reject(error) : resolve()))
      })
    }
  })
  socket.end('end')
  await once(socket, 'end')
  server.close()
  assert.equal(writes, ['_writev', '_writev'])
  assert.is(echo, 'first: length,text,tag;second: length,text,tag;end')
})

test.run()
