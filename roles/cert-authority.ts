import { dir, download, exec, file, pkg, role, sh, z } from 'rolecall'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits')
const Binary = z.strictObject({ url: z.url(), sha256 })

const vars = z.object({
  directory: z.string().startsWith('/').default('/opt/certs'),
  commonName: z.string().default('thtf'),
  name: z
    .strictObject({ C: z.string().length(2), ST: z.string(), L: z.string(), O: z.string(), OU: z.string() })
    .default({ C: 'CN', ST: 'beijing', L: 'beijing', O: 'thtf', OU: 'ops' }),
  /** In hours, as cfssl wants it. The tutorial's 175200h are 20 years. */
  expiry: z.string().regex(/^\d+h$/, 'expected hours such as "175200h"').default('175200h'),
  /** Where cfssl comes from: the distribution's package, or release binaries as in the tutorial. */
  source: z
    .discriminatedUnion('from', [
      z.strictObject({ from: z.literal('package') }),
      z.strictObject({ from: z.literal('release'), cfssl: Binary, cfssljson: Binary, certinfo: Binary }),
    ])
    .default({ from: 'package' }),
})

/**
 * Chapter 6.3: a certificate authority with cfssl, made once and never replaced.
 *
 * The tutorial's download site for cfssl R1.2 is gone, so the package is the default. The pair of key and certificate is made aside and moved
 * in whole: a run that is cut off leaves either nothing or what the next run finishes. Half a CA is never repaired by making a new one.
 */
export default role({
  name: 'cert-authority',
  about: '6.3 cfssl and a CA that is made once',
  vars,

  async apply({ ensure, vars }) {
    const { directory, source } = vars
    const cfssljson = source.from === 'package' ? 'cfssljson' : 'cfssl-json'
    const binary = (name: string, { url, sha256 }: z.output<typeof Binary>) => download(`/usr/bin/${name}`, { url, sha256, mode: '0755' })
    await ensure(
      source.from === 'package'
        ? pkg('golang-cfssl')
        : [binary('cfssl', source.cfssl), binary('cfssl-json', source.cfssljson), binary('cfssl-certinfo', source.certinfo)],
      dir(directory),
      file(`${directory}/ca-csr.json`, { content: `${JSON.stringify(signingRequest(vars), null, 4)}\n` }),
      exec('certificate authority', {
        cwd: directory,
        creates: `${directory}/ca-key.pem`,
        unless: sh`[ -e ca.pem ] && [ ! -d .ca-new ] && [ "$(stat -c %a ca-key.pem)" = 600 ]`,
        run: makeAuthority(cfssljson),
        effects: ['ca.pem', 'ca-key.pem', 'ca.csr'].map((name) => ({ about: 'path', path: `${directory}/${name}`, state: { is: 'file' } })),
      }),
    )
  },

  async verify({ $, expect, vars }) {
    const at = (name: string) => `${vars.directory}/${name}`
    const text = (await $`openssl x509 -in ${at('ca.pem')} -noout -text`.nothrow()).stdout
    expect(text, 'subject of the CA').toMatch(new RegExp(`Subject:.*CN ?= ?${vars.commonName}`))
    expect(text, 'the certificate is an authority').toContain('CA:TRUE')
    const [from, to] = ['Not Before', 'Not After'].map((label) => Date.parse(new RegExp(`${label} ?: (.*)`).exec(text)?.[1] ?? ''))
    expect(((to ?? 0) - (from ?? 0)) / 3_600_000, 'validity in hours').toBe(Number.parseInt(vars.expiry))
    const fromKey = await $`openssl pkey -in ${at('ca-key.pem')} -pubout`.nothrow()
    const fromCert = await $`openssl x509 -in ${at('ca.pem')} -noout -pubkey`.nothrow()
    expect(fromKey.stdout !== '' && fromKey.stdout === fromCert.stdout, 'key and certificate belong together').toBe(true)
    expect((await $`stat -c %a:%U ${at('ca-key.pem')}`.nothrow()).stdout.trim(), 'the key is root’s alone').toBe('600:root')
  },
})

function signingRequest({ commonName, name, expiry }: z.output<typeof vars>) {
  return { CN: commonName, hosts: [], key: { algo: 'rsa', size: 2048 }, names: [name], ca: { expiry } }
}

function makeAuthority(cfssljson: string) {
  return sh`set -eu; umask 077
if [ ! -d .ca-new ] && [ -e ca.pem ] && [ -e ca-key.pem ]; then chmod 600 ca-key.pem; exit 0; fi
if [ ! -d .ca-new ]; then
  for f in ca.pem ca-key.pem; do if [ -e $f ]; then
    echo "$f is there without the other half; restore that from a backup, or remove $f for a new CA" >&2; exit 1; fi; done
  rm -rf .ca-new.part; mkdir .ca-new.part
  cfssl gencert -initca ca-csr.json > .ca-new.part/bundle.json
  ${cfssljson} -bare .ca-new.part/ca < .ca-new.part/bundle.json
  rm .ca-new.part/bundle.json
  [ -s .ca-new.part/ca-key.pem ] && [ -s .ca-new.part/ca.pem ]
  chmod 644 .ca-new.part/ca.pem .ca-new.part/ca.csr
  sync; mv .ca-new.part .ca-new
fi
for f in ca.csr ca.pem ca-key.pem; do if [ -e .ca-new/$f ]; then mv .ca-new/$f $f; fi; done
rmdir .ca-new`
}
