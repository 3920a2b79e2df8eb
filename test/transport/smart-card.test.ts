import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { Host } from '../../lib/host/host.ts'
import { connectionOf } from '../../lib/inventory/connections/connection.ts'
import { secret } from '../../lib/secret.ts'
import { startSshd, whyNoSshd } from '../support/sshd.ts'

/** A token in software: all of PKCS#11 but the card. */
const provider = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so'].find((path) =>
  existsSync(path),
)
const PIN = '471108'

const why = whyNoSshd ?? (provider === undefined ? 'there is no token in software here (Debian: softhsm2)' : undefined)
if (why !== undefined) {
  process.stdout.write(`skipped: ${why}\n`)
  test.skip('a key on a token lets in by the program ssh')
} else {
  const room = mkdtempSync(join(tmpdir(), 'card-'))
  test.after(() => rmSync(room, { recursive: true, force: true }))
  mkdirSync(join(room, 'tokens'))
  writeFileSync(join(room, 'softhsm2.conf'), `directories.tokendir = ${room}/tokens\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = join(room, 'softhsm2.conf')
  const run = (program: string, ...words: readonly string[]) => execFileSync(program, words, { stdio: 'pipe' })
  const keygen = (...words: readonly string[]) => run('ssh-keygen', '-q', '-N', '', '-C', '', ...words)
  for (const type of ['ed25519', 'rsa']) keygen('-t', type, '-f', join(room, `host_${type}`))
  keygen('-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-f', join(room, 'key'))
  const token = ['--token', 'card', '--pin', PIN]
  run('softhsm2-util', '--init-token', '--free', '--label', 'card', '--pin', PIN, '--so-pin', '12345678')
  run('softhsm2-util', '--import', join(room, 'key'), ...token, '--label', 'key', '--id', '01')
  rmSync(join(room, 'key'))
  writeFileSync(join(room, 'authorized_keys'), readFileSync(join(room, 'key.pub')))
  const sshd = await startSshd(room, 'sshd')
  test.after(() => sshd.stop())
  writeFileSync(
    join(room, 'known_hosts'),
    `[127.0.0.1]:${sshd.port} ${readFileSync(join(room, 'host_ed25519.pub'), 'utf8')}`,
  )
  writeFileSync(
    join(room, 'config'),
    [
      `Host target`,
      '  HostName 127.0.0.1',
      `  Port ${sshd.port}`,
      `  PKCS11Provider ${provider}`,
      '  IdentityFile none',
      '  ConnectTimeout 60',
      `  UserKnownHostsFile ${room}/known_hosts`,
      '',
    ].join('\n'),
  )
  const open = (pin: string | undefined) =>
    Host.open(
      'target',
      connectionOf('target', {
        ansible_ssh_args: ['-F', join(room, 'config')],
        ...(pin === undefined ? {} : { ansible_ssh_private_key_passphrase: secret(pin) }),
      }),
    )

  test('a key on a token lets in by the program ssh, with the PIN where the passphrase is', async () => {
    const connection = await open(PIN)
    assert.match(connection.notes?.join() ?? '', /by the program ssh, because of pkcs11provider/)
    const channel = await connection.open('echo in')
    const [said] = (await once(channel.stdout, 'data')) as [Buffer]
    assert.is(said.toString(), 'in\n')
    connection.close()
  })

  test('without a PIN, and with a wrong one, the login fails', async () => {
    for (const pin of [undefined, '000000']) {
      try {
        const connection = await open(pin)
        connection.close()
        assert.unreachable('let in')
      } catch (error) {
        if (!(error instanceof RolecallError)) throw error
        assert.is(error.problems[0]?.code, 'auth')
      }
    }
  })
}

test.run()
