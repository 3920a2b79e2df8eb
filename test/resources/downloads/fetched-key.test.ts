import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { downloadKey } from '../../../lib/resources/downloads/download.ts'
import { keyText } from '../../../lib/resources/packages/repository/key-text.ts'
import { bytesA, bytesB, keyA, keyB } from '../../support/sample-keys.ts'
import { converge, scratch, shells, words, type Shell } from '../../support/converge-locally.ts'

/** Converges on a key that a server on this machine has. */
async function fetched(shell: Shell, content: Uint8Array, path: string) {
  const server = createServer((_, response) => response.end(content))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const sha256 = createHash('sha256').update(content).digest('hex')
  try {
    const want = downloadKey(path, { source: `http://127.0.0.1:${port}/key`, sha256 })
    return await converge(shell, want, { env: { no_proxy: '*', http_proxy: '' } })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** A key with an image in it, as large as that of a distribution. */
const photo = Buffer.alloc(60_000, 'rolecall')
const large = Buffer.concat([bytesA, Buffer.from([0xd1, 255, 0, 0, photo.length >> 8, photo.length & 255]), photo])
const both = Buffer.concat([bytesA, bytesB])
const text = (given: string | Uint8Array) => {
  const read = keyText(given)
  return 'text' in read ? read.text.replace('\n\n', '\n') : read.instead
}
const secretPacket = Buffer.from([0x95, 0, 3, 4, 0, 0])

for (const shell of shells()) {
  const usable: readonly (readonly [says: string, content: string | Uint8Array, holds: string | Uint8Array])[] = [
    ['bytes', bytesA, bytesA],
    ['bytes of two keys', both, both],
    ['many bytes', large, large],
    ['CRLF', keyA.replaceAll('\n', '\r\n'), bytesA],
    ['a byte order mark', `\ufeff${keyA}`, bytesA],
    ['two blocks', keyA + keyB, both],
    ['two blocks with CRLF and words', `one\n${keyA}two: 2\n${keyB}`.replaceAll('\n', '\r\n'), both],
    ['blanks at the ends of lines', keyA.replaceAll('\n', ' \n'), bytesA],
  ]
  for (const [says, content, holds] of usable)
    test(`${shell.name}: ${says}: stored as one block of armour, and known again`, async () => {
      const path = join(scratch(), 'key.asc')
      const given = Buffer.from(content)
      const { did, failed, again } = await fetched(shell, given, path)
      assert.equal([did.length, failed?.stderr, words(again)], [1, undefined, []])
      const stored = readFileSync(path, 'latin1')
      const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      const comment = `Comment: rolecall sha256 ${sum(given)} ${sum(Buffer.from(holds))}\n`
      assert.is(stored.replace(`${comment}\n`, ''), text(holds))
      writeFileSync(path, stored.replace('mDME', 'mDMF'))
      assert.is((await fetched(shell, given, path)).did.length, 1, 'what is changed in it is seen')
      assert.is(readFileSync(path, 'latin1'), stored)
      writeFileSync(path, given)
      assert.is((await fetched(shell, given, path)).did.length, 1, 'what was stored as it came is replaced')
    })

  test(`${shell.name}: one block of armour is stored as it is`, async () => {
    for (const given of [keyA, keyA.replace('\n\n', '\nVersion: 1\n\n'), keyA.replace(/^=.*\n/m, '')]) {
      const path = join(scratch(), 'key.asc')
      const { failed, again } = await fetched(shell, Buffer.from(given), path)
      assert.equal([failed?.stderr, words(again), readFileSync(path, 'utf8')], [undefined, [], given])
    }
  })

  const none: readonly (readonly [says: string, content: string | Uint8Array, got: RegExp])[] = [
    ['a page', '<!DOCTYPE html>\n', /got what is no key$/m],
    ['nothing', '', /got what is no key$/m],
    ['a private key', keyA.replaceAll('PUBLIC', 'PRIVATE'), /got a private key$/m],
    ['the bytes of a private key', Buffer.concat([bytesA, secretPacket]), /got a private key$/m],
    ['half of one', bytesA.subarray(0, 100), /got a key that is cut off or damaged$/m],
    ['a signature', bytesA.subarray(75), /got what is no key$|cut off/m],
  ]
  for (const [says, content, got] of none)
    test(`${shell.name}: ${says} is not stored`, async () => {
      const path = join(scratch(), 'key.asc')
      const { did, failed } = await fetched(shell, Buffer.from(content), path)
      assert.equal([did, existsSync(path)], [[], false])
      assert.match(failed?.stderr ?? '', got)
    })
}

test.run()
