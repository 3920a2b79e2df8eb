import { certificate, dir, pkg, privateKey, role, z } from 'rolecall'
import { app } from '../vars.ts'

export default role({
  name: 'tls',
  about: 'a key and a certificate, renewed before it is over',
  vars: z.object({ domain: app.domain }),
  async apply({ ensure, vars }) {
    await ensure(
      pkg('openssl'),
      // No package puts anything below /srv, so check knows what it finds there before the packages have come.
      dir('/srv/tls', { mode: '0755' }),
      privateKey('/srv/tls/web.key', { type: 'rsa', bits: 2048 }),
      certificate('/srv/tls/web.pem', { key: '/srv/tls/web.key', commonName: vars.domain, days: 90 }),
    )
  },
})
