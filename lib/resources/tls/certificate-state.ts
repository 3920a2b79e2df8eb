import { isIPv6 } from 'node:net'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Found } from '../files/path/path-answer.ts'
import { readToolGenerated } from '../files/writing/tool-generated-file.ts'
import type { CertificateWant } from './certificate-want.ts'
import { allAfter } from '../kit/text.ts'

export interface State {
  readonly found: Found
  /** Of the key, and of the authority's files, those that are not there. */
  readonly lacks: readonly string[]
  /** Those of them that hold no key, or no certificate, that openssl can read. */
  readonly broken: readonly string[]
  /** The key of the authority is another one than that of its certificate. */
  readonly isStrange: boolean
  /** Why it is to be made: what `openssl` finds wrong with it. */
  readonly faults: readonly string[]
  readonly names: readonly string[]
  readonly subject: string
  readonly usage: readonly string[]
  /** What it says of an authority, where it says anything. */
  readonly authority: 'yes' | 'no' | undefined
}

const DAY = 86_400

/**
 * Asks about the key, the authority and the certificate (or the request). One `openssl` says all about the certificate: each takes milliseconds to start.
 * Only the named authority counts: without SSL_CERT_DIR `openssl verify` would also accept those that the system trusts.
 */
export function looks(what: 'x509' | 'req', { path: file, key, ca, renewBefore }: CertificateWant): Sh {
  const age =
    what === 'req'
      ? { asked: sh``, told: sh`` }
      : {
          asked: sh` -checkend ${renewBefore * DAY}`,
          told: sh` || echo ${`fault fewer than ${renewBefore} days are left`}`,
        }
  return sh`for f in ${[key, ...(ca === undefined ? [] : [ca.key, ca.certificate])]}; do [ -f "$f" ] || { echo "lacks $f"; }; done
broken() { [ ! -f "$1" ] || echo "broken $1"; }
k=$(openssl pkey -in ${key} -pubout 2>/dev/null </dev/null) && [ -n "$k" ] || broken ${key}
${
  ca === undefined
    ? sh`:`
    : sh`a=$(openssl pkey -in ${ca.key} -pubout 2>/dev/null </dev/null) && [ -n "$a" ] || broken ${ca.key}
b=$(openssl x509 -in ${ca.certificate} -noout -pubkey 2>/dev/null) && [ -n "$b" ] || broken ${ca.certificate}
[ -z "$a" ] || [ -z "$b" ] || [ "$a" = "$b" ] || echo 'strange authority'`
}
[ -f ${file} ] || exit 0
t=$(openssl ${what} -in ${file} -noout -pubkey -subject -nameopt RFC2253,-esc_msb -text${age.asked} 2>/dev/null)${age.told}
printf '%s\\n' "$t" | sed -n '/^subject=/{s/^subject= */subject /p;}
/X509v3 Subject Alternative Name/{n;s/^ */names /p;}
/X509v3 Extended Key Usage/{n;s/^ */usage /p;}
/X509v3 Basic Constraints/{n;s/^ *CA:TRUE.*/authority yes/p;s/^ *CA:FALSE.*/authority no/p;}'
case "
$t
" in *"
$k
"*) ;; *) echo 'fault it is of another key';; esac
${ca === undefined || what === 'req' ? sh`:` : sh`SSL_CERT_DIR=/nonexistent openssl verify -partial_chain -no_check_time -CAfile ${ca.certificate} ${file} >/dev/null 2>&1 || echo 'fault another authority has signed it'`}
:`
}

export function seen(file: string, said: readonly string[]): State {
  const find = (name: string) => said.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)
  return {
    found: readToolGenerated(file, said),
    lacks: allAfter(said, 'lacks').filter((path) => path.startsWith('/')),
    broken: allAfter(said, 'broken').filter((path) => path.startsWith('/')),
    isStrange: said.includes('strange authority'),
    faults: allAfter(said, 'fault'),
    names: (find('names') ?? '').split(/, */).flatMap((name) => /^(?:DNS|IP Address):(.*)$/s.exec(name)?.[1] ?? []),
    subject: find('subject') ?? '',
    usage: USES.flatMap(([use, name]) => ((find('usage') ?? '').includes(name) ? [use] : [])),
    authority: said.includes('authority yes') ? 'yes' : said.includes('authority no') ? 'no' : undefined,
  }
}

/** Source: openssl-x509(1): how `-text` names the purposes of RFC 5280, 4.2.1.12. */
const USES = [
  ['server', 'TLS Web Server Authentication'],
  ['client', 'TLS Web Client Authentication'],
] as const

/** As openssl writes it with RFC 2253: the last part first. */
export function subjectOf({ commonName, organization }: CertificateWant): string {
  const escaped = (text: string) => text.replaceAll(/[,+"\\<>;]|^[# ]| $/g, '\\$&')
  return [`CN=${escaped(commonName)}`, ...(organization === undefined ? [] : [`O=${escaped(organization)}`])].join(',')
}

export function reasonOf(
  want: CertificateWant,
  { found, faults, names, subject, usage, authority }: State,
): string | undefined {
  if (found.type !== 'file') return ''
  const plain = (list: readonly string[]) => list.map(plainName).sort().join(' ')
  const own = [
    ...(subject === subjectOf(want) ? [] : ['it has another subject']),
    ...(plain(names) === plain(want.names) ? [] : ['it has other names']),
    ...(!want.asksFor.usage || plain(usage) === plain(want.usage) ? [] : ['it is for another use']),
    ...authorityFault(want, authority),
  ]
  return [...faults, ...own][0]
}

/** Names are the same in small letters, and IPv6 addresses whichever zeros are left out: `::1` is openssl's `0:0:0:0:0:0:0:1`. */
function plainName(name: string): string {
  return name.includes(':') && isIPv6(name) ? new URL(`http://[${name}]`).hostname : name.toLowerCase()
}

/** A certificate that says nothing is of no authority; a request that says nothing leaves that to the authority. */
function authorityFault({ isAuthority, asksFor, days }: CertificateWant, authority: State['authority']): string[] {
  const isRequest = days === 0
  if (!asksFor.authority || (isRequest ? authority : (authority ?? 'no')) === (isAuthority ? 'yes' : 'no')) return []
  return [isAuthority ? 'it is of no authority' : 'it is of an authority']
}

export function nothingAt(found: Found): State {
  return {
    found,
    lacks: [],
    broken: [],
    isStrange: false,
    faults: [],
    names: [],
    subject: '',
    usage: [],
    authority: undefined,
  }
}
