import { dir, file, role, z } from 'rolecall'
import certAuthority from './cert-authority.ts'
import { authority } from './cert-authority/authority.ts'
import kubePki from './kube-pki.ts'
import { authorityDirectory, caConfig } from './kubernetes/pki/certificates.ts'
import { signedDirectory } from './kubernetes/pki/sign.ts'

const vars = z.object({
  /** Hours that the authorities' certificates are good for: 20 years, as that of chapter 6.3. */
  expiry: z
    .string()
    .regex(/^\d+h$/, 'hours, such as 175200h')
    .default('175200h'),
})

/**
 * The authorities of etcd and of the front proxy, beside the one of chapter 6.3 and on the same host.
 *
 * etcd takes everybody who shows a certificate of its authority for somebody who may read and write all of it, so nobody else's certificates are of that
 * authority. Who shows one of the front proxy's may say in whose name a request is made.
 *
 * Source: kubernetes.io, "PKI certificates and requirements"; etcd, "Transport security model".
 */
export default role({
  name: 'kube-authorities',
  about: 'Authorities of etcd and of the front proxy, which sign for nobody else',
  tags: ['ca', 'kube-pki'],
  vars,

  async apply({ ensure, host, site, vars }) {
    const { directory, key } = site.host(host.name).vars(certAuthority)
    await ensure(
      (['etcd', 'front-proxy'] as const).flatMap((name) =>
        authority(`certificate authority of ${name}`, authorityDirectory(directory, name), {
          CN: `kubernetes ${name}`,
          key,
          names: [],
          ca: { expiry: vars.expiry },
        }),
      ),
      // What kube-pki signs by, for all three, and where it keeps that.
      file(`${directory}/ca-config.json`, { content: caConfig(site.host(host.name).vars(kubePki).days) }),
      dir(signedDirectory(directory)),
    )
  },

  async verify({ $, expect, host, site }) {
    const { directory } = site.host(host.name).vars(certAuthority)
    for (const name of ['etcd', 'front-proxy'] as const) {
      const at = authorityDirectory(directory, name)
      const verified = await $.read`openssl verify -CAfile ${`${at}/ca.pem`} ${`${at}/ca.pem`}`.nothrow()
      expect(verified.stdout.trim(), `openssl verify ${at}/ca.pem`).toBe(`${at}/ca.pem: OK`)
      const mode = await $.read`stat -L -c ${'%a %U'} ${`${at}/ca-key.pem`}`.nothrow()
      expect(mode.stdout.trim(), `mode and owner of ${at}/ca-key.pem`).toBe('600 root')
    }
  },
})
