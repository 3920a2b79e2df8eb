import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { Host } from '../../lib/host/host.ts'
import { askPassphrasesBy } from '../../lib/host/passphrase.ts'
import { connectionOf } from '../../lib/inventory/connections/connection.ts'
import { playbook, role, run, type RunEvent } from '../../lib/index.ts'
import { secret } from '../../lib/secret.ts'
import { readKeyFile } from '../../lib/transport/keys/private-key.ts'
import { authenticator, whyNoAuthenticator } from '../support/authenticator.ts'
import { projectOf } from '../support/project.ts'
import { startSshd, whyNoSshd } from '../support/sshd.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-fido-'))
test.after(() => rmSync(room, { recursive: true, force: true }))

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

const PIN = '471108'

/** An authenticator that wants its PIN, before the real one is asked. Source: ssh-sk-client.c and ssherr.h of OpenSSH (version 5, error 43). */
const wantsPin = (helper: string) => `#!${process.execPath}
const { spawnSync } = require('node:child_process')
const { writeSync } = require('node:fs')
let request = Buffer.alloc(0)
process.stdin.on('data', (chunk) => {
  request = Buffer.concat([request, chunk])
  if (request.length < 4 || request.length < 4 + request.readUInt32BE()) return
  const isRight = request.subarray(-${PIN.length}).toString() === '${PIN}'
  const wrong = Buffer.from([0, 0, 0, 9, 5, 0, 0, 0, 0, 0, 0, 0, 43])
  writeSync(1, isRight ? spawnSync('${helper}', process.argv.slice(2), { input: request }).stdout : wrong)
  process.exit(0)
})
`

const helper = ['/usr/lib/openssh/ssh-sk-helper', '/usr/libexec/openssh/ssh-sk-helper'].find((path) => existsSync(path))
const why = whyNoSshd ?? whyNoAuthenticator ?? (helper === undefined ? 'this ssh knows no security keys' : undefined)
if (why !== undefined || authenticator === undefined) {
  process.stdout.write(`skipped: ${why ?? ''}\n`)
  test.skip('a security key lets in')
} else {
  const keygen = (name: string, ...words: readonly string[]) =>
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', '', '-f', join(room, name), ...words], { stdio: 'pipe' })
  for (const type of ['ed25519', 'rsa']) keygen(`host_${type}`, '-t', type)
  keygen('id', '-t', 'ed25519-sk', '-w', authenticator)
  keygen('id_pin', '-t', 'ed25519-sk', '-w', authenticator, '-O', 'verify-required')
  keygen('id_both', '-t', 'ed25519-sk', '-w', authenticator, '-O', 'verify-required')
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', join(room, 'id_both')], {
    stdio: 'pipe',
  })
  writeFileSync(
    join(room, 'authorized_keys'),
    ['id.pub', 'id_pin.pub', 'id_both.pub'].map((name) => readFileSync(join(room, name), 'utf8')).join(''),
  )
  const sshd = await startSshd(room, 'sshd')
  test.after(() => sshd.stop())
  writeFileSync(
    join(room, 'known_hosts'),
    `[127.0.0.1]:${sshd.port} ${readFileSync(join(room, 'host_ed25519.pub'), 'utf8')}`,
  )
  const configFor = (key: string, provider = authenticator) => {
    const path = join(room, `config-${key}`)
    const lines = [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${sshd.port}`,
      `  IdentityFile ${join(room, key)}`,
      '  IdentitiesOnly yes',
      `  SecurityKeyProvider ${provider}`,
      `  UserKnownHostsFile ${join(room, 'known_hosts')}`,
    ]
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }
  const writeHelper = (name: string, text: string) => {
    writeFileSync(join(room, name), text, { mode: 0o700 })
    process.env['SSH_SK_HELPER'] = join(room, name)
  }
  test.after.each(() => void Reflect.deleteProperty(process.env, 'SSH_SK_HELPER'))
  const open = (key: string, pin?: string, provider?: string) =>
    Host.open(
      'target',
      connectionOf('target', {
        ansible_ssh_args: ['-F', configFor(key, provider)],
        ...(pin === undefined ? {} : { ansible_ssh_private_key_passphrase: secret(pin) }),
      }),
    )
  const problemOf = async (opening: ReturnType<typeof open>) => {
    try {
      ;(await opening).close()
    } catch (error) {
      if (error instanceof RolecallError) return error.problems[0]
      throw error
    }
    throw new Error('let in')
  }

  test('a run reaches a host by a security key, and says beforehand that it is to be touched', async () => {
    const looks = role({ name: 'looks', apply: () => Promise.resolve() })
    const inventory = join(
      projectOf({ 'hosts.yml': `all: { hosts: { target: { ansible_ssh_args: '-F ${configFor('id')}' } } }\n` }),
      'hosts.yml',
    )
    const touched = join(room, 'touched')
    writeHelper(
      'waits-for-touch',
      `#!/bin/sh\nwhile [ ! -e '${touched}' ]; do sleep 0.05; done\nexec '${helper ?? ''}' "$@"\n`,
    )
    for (const isAsked of [false, true]) {
      rmSync(touched, { force: true })
      // The connection is opened, and waits, before the run begins.
      const readyWhen = isAsked ? new Promise((ready) => setTimeout(ready, 500)) : undefined
      const events: RunEvent[] = []
      const plays = [{ name: 'p', hosts: 'all', roles: [looks] }]
      const options = { mode: 'check', inventory, journal: false, ...(readyWhen && { readyWhen }) } as const
      for await (const event of run(playbook({ name: 'p', plays }), options)) {
        events.push(event)
        if (event.type === 'waiting' && event.message.startsWith('touch')) writeFileSync(touched, '')
      }
      const said = events.flatMap((event) =>
        event.type === 'waiting' || event.type === 'note' ? [`${event.type}: ${event.message}`] : [event.type],
      )
      assert.is(said.filter((line) => /^waiting: touch the security key \(ED25519-SK SHA256:/.test(line)).length, 1)
      assert.ok(
        said.some((line) => /by the program ssh, because of .*\/id$/.test(line)),
        said.join('\n'),
      )
      assert.ok(said.includes('connected'))
    }
  })

  test('the PIN of a security key comes from where passphrases come from', async () => {
    writeHelper('wants-pin', wantsPin(helper ?? ''))
    const connection = await open('id_pin', PIN)
    connection.close()
    assert.match((await problemOf(open('id_pin', '000000')))?.message ?? '', 'the security key of')
  })

  test('a security key with a passphrase and a PIN gets both, by two questions', async () => {
    writeHelper('wants-pin', wantsPin(helper ?? ''))
    const answers = { passphrase: 'open sesame', PIN }
    const asked: string[] = []
    askPassphrasesBy((_, what) => {
      asked.push(what)
      return Promise.resolve(secret(answers[what]))
    })
    ;(await open('id_both')).close()
    ;(await open('id_both')).close()
    assert.equal(asked, ['passphrase', 'PIN'])
    askPassphrasesBy((_, what) => Promise.resolve(what === 'PIN' ? secret(PIN) : undefined))
    ;(await open('id_both', 'open sesame')).close()
    askPassphrasesBy(undefined)
  })

  test('a security key that nobody touches is waited for until the run ends', async () => {
    writeHelper('waits', '#!/bin/sh\nexec sleep 600\n')
    const ending = new AbortController()
    const said: string[] = []
    const target = connectionOf('target', { ansible_ssh_args: ['-F', configFor('id')] })
    const onWaiting = (message: string) => {
      said.push(message)
      ending.abort()
    }
    const problem = await problemOf(Host.open('target', target, { signal: ending.signal, onWaiting }))
    assert.match(problem?.got ?? '', 'the run was ended')
    assert.is(said.length, 1)
  })

  test('a security key that cannot sign is told with what ssh said of it', async () => {
    const missing = await problemOf(open('id', undefined, '/nowhere.so'))
    assert.is(missing?.code, 'auth')
    assert.is(missing?.message, `the security key of ${join(room, 'id')} does not sign`)
    assert.match(missing?.got ?? '', '/nowhere.so')
    assert.match(missing?.hint ?? '', 'SecurityKeyProvider')
    copyFileSync(join(room, 'id'), join(room, 'unplugged'))
    copyFileSync(join(room, 'id.pub'), join(room, 'unplugged.pub'))
    assert.match((await problemOf(open('unplugged', undefined, 'internal')))?.got ?? '', 'device not found')
  })
}

test.run()
