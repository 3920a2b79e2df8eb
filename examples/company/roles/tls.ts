import { certificate, dir, pkg, privateKey, role, z } from 'rolecall'
import { app } from '../vars.ts'

export default role({
  name: 'tls',
  about: 'a key and a certificate, renewed before it is over',
  vars: z.object({ domain: app.domain }),
  async apply({ ensure, vars }) {
    await ensure(
      pkg('openssl'),
      dir('/etc/company', { mode: '0755' }),
      privateKey('/etc/company/web.key', { type: 'rsa', bits: 2048 }),
      certificate('/etc/company/web.pem', { key: '/etc/company/web.key', commonName: vars.domain, days: 90 }),
    )
  },
})
