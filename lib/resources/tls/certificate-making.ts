import { isIP } from 'node:net'
import { sh, type Sh } from '../../sh/quote.ts'
import { generateByTool } from '../files/writing/tool-generated-file.ts'

/** What a certificate says, and what it is made of. */
interface Content {
  readonly path: string
  readonly key: string
  readonly commonName: string
  readonly organization?: string
  readonly names: readonly string[]
  readonly days: number
  readonly ca?: { readonly certificate: string; readonly key: string }
  readonly isAuthority: boolean
  readonly usage: readonly ('server' | 'client')[]
  /** What was given, and is no default. */
  readonly asksFor: { readonly usage: boolean; readonly authority: boolean }
}

/** In `-subj` a slash begins the next part, and a plus joins one to it. */
function escaped(text: string): string {
  return text.replaceAll(/[\\/+]/g, '\\$&')
}

/** Makes a certificate, or the request for one, by openssl. */
export function making(what: 'x509' | 'req', want: Content): Sh {
  const { path: file, key, commonName, organization, names, days, ca, isAuthority, usage, asksFor } = want
  const subject = `${organization === undefined ? '' : `/O=${escaped(organization)}`}/CN=${escaped(commonName)}`
  const alternatives = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',')
  const uses = usage.map((each) => `${each}Auth`).join(',')
  const extensions = [
    `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
    `keyUsage=critical,${isAuthority ? 'keyCertSign,cRLSign,digitalSignature' : 'digitalSignature,keyEncipherment'}`,
    ...(uses === '' ? [] : [`extendedKeyUsage=${uses}`]),
    'subjectKeyIdentifier=hash',
    ...(alternatives === '' ? [] : [`subjectAltName=${alternatives}`]),
  ]
  // What a request says nothing of is for the authority to decide.
  const asked =
    what === 'req'
      ? extensions.filter(
          (each) =>
            each.startsWith('subjectAltName') ||
            (asksFor.usage && /^(extendedKeyUsage|keyUsage)=/.test(each)) ||
            (asksFor.authority && /^(basicConstraints|keyUsage)=/.test(each)),
        )
      : extensions
  const config = `[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\n[dn]\n[ext]\n${asked.join('\n')}\n`
  const has = asked.length > 0 ? ['-extensions', 'ext'] : []
  const request = sh`openssl req -new -utf8 -key ${key} -subj ${subject} -config "$d/conf"`
  const sign =
    what === 'req'
      ? sh`${request} ${asked.length > 0 ? ['-reqexts', 'ext'] : []} -out "$d/new"`
      : ca === undefined
        ? sh`${request} -x509 -sha256 -days ${days} ${has} -out "$d/new"`
        : sh`${request} -out "$d/csr" && openssl x509 -req -sha256 -in "$d/csr" -CA ${ca.certificate} -CAkey ${ca.key} -set_serial "0x$(openssl rand -hex 16 | sed 's/^./1/')" -days ${days} -extfile "$d/conf" ${has} -out "$d/new"`
  const make = sh`(umask 077; d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
printf %s ${config} >"$d/conf" || exit 1
said=$( { ${sign}; } 2>&1 ) || { printf '%s\n' "$said" >&2; exit 1; }
cat "$d/new") >"$t" && chmod 0644 "$t"`
  return generateByTool(file, undefined, make)
}
