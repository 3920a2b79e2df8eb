// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dir } from '../../lib/resources/files/dir.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { caTrust } from '../../lib/resources/tls/ca-trust.ts'
import { certificate } from '../../lib/resources/tls/certificate.ts'
import { htpasswd } from '../../lib/resources/tls/htpasswd.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../lib/resources/tls/ssh-key-pair.ts'
import { secret } from '../../lib/secret.ts'
import { onHost } from './ground.ts'

onHost('node-02', 'an authority, a certificate, keys and passwords are made as check says', async (machine) => {
  const room = '/etc/rc-tls'
  const ca = { certificate: `${room}/ca.pem`, key: `${room}/ca.key` }
  await machine.sh(`rm -rf ${room}`)
  try {
    const all = [
      pkg(['openssl', 'openssh-client', 'ca-certificates']),
      dir(room),
      privateKey(ca.key),
      certificate(ca.certificate, { key: ca.key, commonName: 'Own CA', isAuthority: true }),
      privateKey(`${room}/app.key`, { type: 'rsa', bits: 2048 }),
      certificate(`${room}/app.pem`, { key: `${room}/app.key`, commonName: 'app.example.com', ca }),
      sshKeyPair(`${room}/deploy`, { comment: 'deploy' }),
      htpasswd(`${room}/users`, { users: { anna: secret('correct horse') }, group: 'www-data' }),
    ]
    const { check, apply, again } = await machine.settle(...all)
    assert.equal(apply, check)
    assert.equal(
      again,
      all.map(() => 'ok'),
    )
    const content = await machine.sh(`cat ${ca.certificate}`)
    const trusted = await machine.settle(caTrust('rc-own', { content }))
    assert.equal([trusted.apply, trusted.again], [trusted.check, ['ok']])
    await machine.sh(`openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt ${room}/app.pem`)
    const gone = await machine.settle(caTrust('rc-own', { state: 'absent' }))
    assert.equal([gone.check, gone.apply, gone.again], [['changed: trust rc-own no more'], gone.check, ['ok']])
  } finally {
    await machine.sh(`rm -rf ${room}`)
  }
})

test.run()
