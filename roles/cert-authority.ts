import { download, link, pkg, role, z, type Resource, type RoleHost } from 'rolecall'
import { authority } from './cert-authority/authority.ts'

const Binary = z.strictObject({
  source: z.url(),
  /** 64 hexadecimal digits, or where they are published: then it is compared when it is fetched. */
  sha256: z.union([z.string().regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits'), z.strictObject({ source: z.url() })]),
})

const binaries = { cfssl: Binary, 'cfssl-json': Binary, 'cfssl-certinfo': Binary }

/** Where cfssl comes from: the distribution, or downloads under the tutorial's three names. */
const Source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('package'), name: z.string().default('golang-cfssl') }),
  z.strictObject({ kind: z.literal('release'), ...binaries }),
])

const vars = z.object({
  /** Default: the package golang-cfssl on the Debian family, and `release` on the Red Hat family, which has none. */
  source: Source.optional(),
  /** The downloads for hosts whose distribution has no package of cfssl. */
  release: z.strictObject(binaries).optional(),
  directory: z.string().startsWith('/').default('/opt/certs'),
  commonName: z.string().min(1).default('thtf'),
  key: z.strictObject({ algo: z.enum(['rsa', 'ecdsa']), size: z.int() }).default({ algo: 'rsa', size: 2048 }),
  /** The subject: country, state, locality, organization, organizational unit. */
  names: z
    .array(z.strictObject({ C: z.string(), ST: z.string(), L: z.string(), O: z.string(), OU: z.string() }))
    .default([{ C: 'CN', ST: 'beijing', L: 'beijing', O: 'thtf', OU: 'ops' }]),
  /** Hours that the certificate is good for: 20 years. */
  expiry: z
    .string()
    .regex(/^\d+h$/, 'hours, such as 175200h')
    .default('175200h'),
})

/**
 * Chapter 6.3: the authority that signs the site's certificates, made with cfssl.
 *
 * Done differently today, and why:
 * - pkg.cfssl.org is not needed: Debian has cfssl as a package. `release` names downloads, with their checksums, for the Red Hat
 *   family, which has none; `source` says for every host where cfssl comes from.
 * - The authority is made once. A key that is there is never replaced, not even when its certificate is lost: a new
 *   certificate is then made from the same key. Other variables change ca-csr.json, and no authority that is in use.
 * - Key and certificate take their places one at a time, whole; a run that is killed in between goes on from there.
 */
export default role({
  name: 'cert-authority',
  about: 'A certificate authority with cfssl (chapter 6.3)',
  tags: ['ca'],
  vars,

  async apply({ ensure, host, vars }) {
    const source = vars.source ?? sourceOn(host, vars.release)
    const { directory, commonName, key, names, expiry } = vars
    const tools = source.kind === 'package' ? packaged(source.name) : released(source)
    await ensure(
      tools,
      pkg('openssl'),
      authority('certificate authority', directory, { CN: commonName, key, names, ca: { expiry } }),
    )
  },

  async verify({ $, expect, vars }) {
    const { commonName, directory, expiry } = vars
    const [key, cert] = [`${directory}/ca-key.pem`, `${directory}/ca.pem`]
    const openssl = async (...args: string[]) => (await $.read`openssl ${args}`.nothrow()).stdout.trim()

    const subject = await openssl('x509', '-in', cert, '-noout', '-subject', '-nameopt', 'multiline,utf8,-esc_msb')
    expect(/commonName += (.*)/.exec(subject)?.[1], 'the subject of ca.pem').toBe(commonName)
    expect(
      await openssl('x509', '-in', cert, '-noout', '-ext', 'basicConstraints'),
      'basicConstraints of ca.pem',
    ).toContain('CA:TRUE')
    const dates = await openssl('x509', '-in', cert, '-noout', '-dates')
    const [from, to] = ['notBefore', 'notAfter'].map((name) =>
      Date.parse(new RegExp(`${name}=(.*)`).exec(dates)?.[1] ?? ''),
    )
    expect(`${Math.round(((to ?? 0) - (from ?? 0)) / 3_600_000)}h`, 'the validity of ca.pem').toBe(expiry)
    expect(await openssl('verify', '-CAfile', cert, cert), 'openssl verify ca.pem').toContain(': OK')
    expect(await openssl('pkey', '-in', key, '-pubout'), 'the public key of ca-key.pem').toBe(
      await openssl('x509', '-in', cert, '-noout', '-pubkey'),
    )
    expect((await $.read`stat -L -c ${'%a %U'} ${key}`.nothrow()).stdout.trim(), 'mode and owner of ca-key.pem').toBe(
      '600 root',
    )
  },
})

function sourceOn({ name, os }: RoleHost, release: z.output<typeof vars>['release']): z.output<typeof Source> {
  if (os.family === 'debian') return { kind: 'package', name: 'golang-cfssl' }
  if (release !== undefined) return { kind: 'release', ...release }
  throw new Error(
    `${name} (${os.name}) has no package of cfssl: set cert-authority.release to { cfssl: { source, sha256 }, cfssl-json: { source, sha256 }, cfssl-certinfo: { source, sha256 } }`,
  )
}

/** Debian calls the tool cfssljson; the tutorial's name leads to it. */
function packaged(name: string): Resource[] {
  return [pkg(name), link('/usr/local/bin/cfssl-json', { to: '/usr/bin/cfssljson' })]
}

/** The tutorial's own way: download, rename, make executable. */
function released(source: Extract<z.output<typeof Source>, { kind: 'release' }>): Resource[] {
  const tools = ['cfssl', 'cfssl-json', 'cfssl-certinfo'] as const
  return tools.map((tool) => download(`/usr/local/bin/${tool}`, { ...source[tool], mode: '0755' }))
}
