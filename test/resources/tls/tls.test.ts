import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { caTrust } from '../../../lib/resources/tls/ca-trust.ts'
import { certificate, certificateRequest, type CertificateOptions } from '../../../lib/resources/tls/certificate.ts'
import { apr1, htpasswd } from '../../../lib/resources/tls/htpasswd.ts'
import { privateKey } from '../../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../../lib/resources/tls/ssh-key-pair.ts'
import { secret } from '../../../lib/secret.ts'
import { ask, converge, debian, findTool, reply, scratch, shells, words } from '../../support/converge-locally.ts'

const key = '/etc/ssl/app.key'
const cert = (more: Partial<CertificateOptions> = {}) =>
  certificate('/etc/ssl/app.pem', { key, commonName: 'a.example.com', ...more })
const good = 'there\nsubject CN=a.example.com\nnames DNS:a.example.com\n'
const pem = `-----BEGIN CERTIFICATE-----\n${'MIIB\n'.repeat(12)}-----END CERTIFICATE-----\n`
const table: readonly (readonly [says: string, resource: Resource, have: string, then: readonly string[] | string])[] =
  [
    ['a certificate as wanted', cert(), good, []],
    ['no certificate', cert(), '', ['make the certificate /etc/ssl/app.pem']],
    [
      'soon over',
      cert(),
      `${good}fault fewer than 30 days are left\n`,
      ['make the certificate /etc/ssl/app.pem anew (fewer than 30 days are left)'],
    ],
    [
      'other names',
      cert({ names: ['b', '10.0.0.1'] }),
      good,
      ['make the certificate /etc/ssl/app.pem anew (it has other names)'],
    ],
    [
      'the same names in another order',
      cert({ names: ['b', '10.0.0.1'] }),
      'there\nsubject CN=a.example.com\nnames IP Address:10.0.0.1, DNS:b\n',
      [],
    ],
    ['no key: refused', cert(), `lacks ${key}\n`, 'refused: the key of /etc/ssl/app.pem is not there'],
    ['no openssl: refused', cert(), '# none\n', 'refused: this host has no openssl'],
    [
      'a key of another type: refused',
      privateKey(key),
      'there\nnature rsa 2048\n',
      `refused: ${key} is a key of rsa 2048 bits`,
    ],
    ['trusted', caTrust('acme', { content: pem }), 'x -\nbundled\n', ['trust the authority acme anew']],
    ['trusted no more', caTrust('acme', { state: 'absent' }), '', []],
    [
      'a key of ssh of another type: refused',
      sshKeyPair('/root/k'),
      'there root root\nkey 3072 SHA256:x y (RSA)\n',
      'refused: /root/k is a key of rsa with 3072 bits',
    ],
    [
      'a key of ssh that is there',
      sshKeyPair('/root/k'),
      'there root root\nkey 256 SHA256:x y (ED25519)\npaired\n',
      [],
    ],
    [
      'a lost public key',
      sshKeyPair('/root/k'),
      'there root root\nkey 256 SHA256:x y (ED25519)\n',
      ['make the public key /root/k.pub'],
    ],
  ]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

test('a certificate of a key that is to come is made', () => {
  const prediction = new Prediction()
  const effect: Effect = { type: 'path', path: key, state: { type: 'file', confirm: true } }
  prediction.record('privateKey:x', [effect])
  assert.equal(words(cert().evaluate(reply(`lacks ${key}\n`), debian, prediction)), [
    'make the certificate /etc/ssl/app.pem',
  ])
})

test('apr1 is what openssl makes', () => {
  for (const password of ['a', 'correct horse', 'x'.repeat(40), 'ü'])
    assert.is(
      apr1(password, 'abcdefgh'),
      execFileSync('openssl', ['passwd', '-apr1', '-salt', 'abcdefgh', password], { encoding: 'utf8' }).trim(),
    )
})

for (const shell of shells()) {
  const settle = async (resource: Resource) => {
    const { did, failed, again } = await converge(shell, resource)
    assert.is(failed, undefined, failed?.stderr)
    assert.equal(words(again), [])
    return did
  }

  test(`${shell.name}: keys, requests and certificates are made by openssl, and found as wanted`, async () => {
    const dir = scratch()
    const at = (name: string) => join(dir, name)
    for (const [type, bits] of [
      ['ec', 384],
      ['rsa', 2048],
      ['ed25519', undefined],
    ] as const)
      await settle(privateKey(at(type), { type, ...(bits === undefined ? {} : { bits }) }))
    assert.is(statSync(at('ec')).mode & 0o777, 0o600)
    const ca = { certificate: at('ca.pem'), key: at('ec') }
    const authority = certificate(ca.certificate, { key: ca.key, commonName: 'Own CA', isAuthority: true, days: 3650 })
    await settle(authority)
    const leaf = (more: Partial<CertificateOptions> = {}) =>
      certificate(at('app.pem'), {
        key: at('rsa'),
        commonName: 'a.example.com',
        organization: 'Acme, Inc',
        names: ['a.example.com', '10.0.0.5', '*.b.example.com'],
        ca,
        ...more,
      })
    assert.equal(await settle(leaf()), [`make the certificate ${at('app.pem')}`])
    execFileSync('openssl', ['verify', '-CAfile', ca.certificate, at('app.pem')])
    assert.equal(words(await ask(shell, leaf({ renewBefore: 364, days: 366 }))), [])
    assert.match(String(words(await ask(shell, leaf({ renewBefore: 400, days: 500 })))), /fewer than 400 days are left/)
    assert.match(String(words(await ask(shell, leaf({ key: at('ed25519') })))), /of another key/)
    rmSync(ca.key)
    await settle(privateKey(ca.key, { type: 'ec', bits: 384 }))
    await settle(authority)
    assert.match(String(words(await ask(shell, leaf()))), /another authority has signed it/)
    await settle(certificateRequest(at('app.csr'), { key: at('ed25519'), commonName: 'a.example.com' }))
    await settle(certificate(at('self.pem'), { key: at('ed25519'), commonName: 'self' }))
  })

  if (findTool('ssh-keygen') !== undefined)
    test(`${shell.name}: a key of ssh is made, and its public one made again`, async () => {
      const file = join(scratch(), "it's a key")
      const pair = sshKeyPair(file, { comment: 'app deploys' })
      await settle(pair)
      const before = readFileSync(`${file}.pub`, 'utf8')
      assert.match(before, /^ssh-ed25519 \S+ app deploys\n$/)
      rmSync(`${file}.pub`)
      assert.equal(await settle(pair), [`make the public key ${file}.pub`])
      assert.is(readFileSync(`${file}.pub`, 'utf8'), before)
    })

  test(`${shell.name}: users come and go, and no password is shown`, async () => {
    const file = join(scratch(), 'htpasswd')
    const users = { anna: secret('correct horse'), bob: secret('battery staple') }
    assert.equal(await settle(htpasswd(file, { users })), [`create ${file}: add anna, add bob`])
    assert.not.match(readFileSync(file, 'utf8'), /correct|battery/)
    writeFileSync(file, `${readFileSync(file, 'utf8')}carl:x\n`)
    assert.equal(await settle(htpasswd(file, { users: { anna: users.anna } })), [])
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('another one') }, exclusive: true })), [
      `write ${file}: new password of anna, remove bob, remove carl`,
    ])
  })
}

test.run()
