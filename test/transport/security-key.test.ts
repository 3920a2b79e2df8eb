import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readKeyFile } from '../../lib/transport/keys/private-key.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-fido-'))
test.after(() => rmSync(room, { recursive: true }))

const field = (bytes: Buffer | string) => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** A file as ssh-keygen -t ed25519-sk writes it: the handle of a key that never leaves its authenticator. Source: PROTOCOL.key, PROTOCOL.u2f. */
function securityKey(type: string, halves: readonly Buffer[]): string {
  const blob = Buffer.concat([field(type), ...halves.map(field), field('ssh:')])
  const check = randomBytes(4)
  const handle = Buffer.concat([Buffer.from([1]), field(randomBytes(64)), field('')])
  const inner = Buffer.concat([check, check, blob, handle, field('comment')])
  const padded = Buffer.concat([
    inner,
    Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, at) => at + 1)),
  ])
  const one = Buffer.from([0, 0, 0, 1])
  const whole = [
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    one,
    field(blob),
    field(padded),
  ]
  const lines =
    Buffer.concat(whole)
      .toString('base64')
      .match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

test('a key on a FIDO authenticator is known for one, which only the program ssh can use', async () => {
  const point = Buffer.concat([Buffer.from([4]), randomBytes(64)])
  const kinds: readonly (readonly [string, readonly Buffer[]])[] = [
    ['sk-ssh-ed25519@openssh.com', [randomBytes(32)]],
    ['sk-ecdsa-sha2-nistp256@openssh.com', [Buffer.from('nistp256'), point]],
  ]
  for (const [type, halves] of kinds) {
    const path = join(room, 'id_sk')
    writeFileSync(path, securityKey(type, halves), { mode: 0o600 })
    assert.is((await readKeyFile(path)).type, 'security-key', type)
  }
})

test.run()
