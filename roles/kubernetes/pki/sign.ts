import { X509Certificate } from 'node:crypto'
import { exec, sh, z, type Resource, type Sh } from 'rolecall'
import { authorityDirectory, extendedUsages, subjectLine, subjectOf, type Wanted } from './certificates.ts'

/** Where the authority keeps what it has signed. */
export const signedDirectory = (ca: string): string => `${ca}/kubernetes`

/** What it has signed for a host. */
export const signedFile = (ca: string, host: string, name: string): string =>
  `${signedDirectory(ca)}/${host}/${name}.pem`

/** Keys for tokens that a host has had before: what they have signed goes on being good. */
export const previousFile = (ca: string, host: string, name: string): string =>
  `${signedDirectory(ca)}/${host}/${name}.previous.pem`

const DAY = 86_400

/**
 * What is wrong with a certificate that the authority has kept; undefined where it is the wanted one. Pure: neither host is asked.
 *
 * A request has the public key in it byte by byte as the certificate has it (RFC 2986, RFC 5280: SubjectPublicKeyInfo).
 */
export function faultOf(
  text: string | undefined,
  wanted: Wanted,
  {
    request,
    root,
    renewBefore,
    now,
  }: { readonly request: string; readonly root: string; readonly renewBefore: number; readonly now: number },
): string | undefined {
  if (text === undefined) return 'there is none'
  try {
    const [found, authority] = [new X509Certificate(text), new X509Certificate(root)]
    const der = Buffer.from(request.replace(/-----[^-]+-----/g, ''), 'base64')
    if (request !== '' && !der.includes(found.publicKey.export({ type: 'spki', format: 'der' })))
      return 'it is of another key'
    if (!found.verify(authority.publicKey)) return 'another authority has signed it'
    if (Date.parse(found.validTo) - now < renewBefore * DAY * 1000) return `fewer than ${renewBefore} days are left`
    if (found.subject.split('\n').sort().join() !== subjectLine(wanted).split(',').sort().join())
      return 'it has another subject'
    const names = (found.subjectAltName ?? '')
      .split(/, */)
      .flatMap((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1] ?? [])
    if (plain(names) !== plain(wanted.names)) return 'it has other names'
    // A certificate without any is undefined here, whatever the types say.
    const uses = z.array(z.string()).safeParse(found.keyUsage).data ?? []
    if (plain(uses) !== plain(extendedUsages(wanted.profile))) return 'it is good for other uses'
    return undefined
  } catch {
    return 'it is no certificate'
  }
}

const plain = (names: readonly string[]): string =>
  names
    .map((name) => name.toLowerCase())
    .sort()
    .join(' ')

/** The words of openssl for what a certificate may be used for. */
const USES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
  '1.3.6.1.5.5.7.3.3': 'Code Signing',
}

/** Ends with 0 where the certificate at `$c` is the wanted one: its subject, its names, its uses, its authority and its days. */
function isWanted(wanted: Wanted, authority: string, renewBefore: number): Sh {
  const uses = extendedUsages(wanted.profile).map((use) => USES[use] ?? use)
  const names = [...wanted.names].map((name) => name.toLowerCase()).sort()
  return sh`x() { openssl x509 -noout -in "$c" "$@" 2>/dev/null; }
[ "$(x -subject -nameopt RFC2253 | sed 's/^subject= *//')" = ${subjectLine(wanted)} ] || exit 1
[ "$(x -ext subjectAltName | sed -n '2,$p' | tr ',' '\n' | sed 's/^ *DNS://;s/^ *IP Address://' | tr A-Z a-z | LC_ALL=C sort | tr '\n' ' ' | sed 's/^ *//;s/ *$//')" = ${names.join(' ')} ] || exit 1
[ "$(x -ext extendedKeyUsage | sed -n '2s/^ *//p')" = ${uses.join(', ')} ] || exit 1
x -checkend ${renewBefore * DAY} >/dev/null || exit 1
SSL_CERT_DIR=/nonexistent openssl verify -partial_chain -no_check_time -CAfile ${authority} "$c" >/dev/null 2>&1 || exit 1`
}

export interface Request {
  /** In PEM. Empty in check mode, while it is not there. */
  readonly request: string
  /** It is of a key that is made in this run. */
  readonly isNew: boolean
}

/**
 * The authority signs a request. Subject and names are those that the role wants, whatever the request says: a host cannot ask for the rights of
 * another. cfssl takes from the request what the role leaves out, such as a group of administrators or a name of the API server, so what it has signed is
 * looked at before it gets its name, and thrown away where it says more. What is signed stays with the authority, so a host that has lost its certificate gets the same one again.
 */
export function signed(
  wanted: Wanted,
  host: string,
  { request, isNew }: Request,
  ca: string,
  renewBefore: number,
): Resource {
  const file = signedFile(ca, host, wanted.name)
  const at = authorityDirectory(ca, wanted.authority)
  return exec(`sign ${wanted.name} of ${host}`, {
    run: sh`set -e; umask 077; cd ${ca}; PATH=/usr/local/bin:$PATH
mkdir -p ${`kubernetes/${host}`}; new=$(mktemp -d .sign.XXXXXX); trap 'rm -rf "$new"' EXIT
cat >"$new/request.csr"; printf %s ${subjectOf(wanted)} >"$new/subject.json"
cfssl sign -ca ${`${at}/ca.pem`} -ca-key ${`${at}/ca-key.pem`} -config ca-config.json -profile ${wanted.profile} -hostname ${wanted.names.join(',')} "$new/request.csr" "$new/subject.json" >"$new/signed.json" 2>"$new/log" || { cat "$new/log" >&2; exit 1; }
cfssl-json -bare "$new/signed" <"$new/signed.json"
( set +e; c="$new/signed.pem"
${isWanted(wanted, `${at}/ca.pem`, renewBefore)} ) || { echo ${`the request of ${host} asks for another subject or other names than ${wanted.name} has: nothing is signed`} >&2; exit 1; }
${wanted.profile === 'signer' ? keepsPrevious(file, previousFile(ca, host, wanted.name)) : sh`:`}
chmod 644 "$new/signed.pem"; mv "$new/signed.pem" ${file}; sync ${file}`,
    stdin: request,
    creates: file,
    // With its file: of two that ask the very same question check takes the second one to be answered by the first.
    unless: isNew
      ? sh`false ${file}`
      : sh`c=${file}; [ -f "$c" ] || exit 1
${request === '' ? sh`` : sh`[ "$(openssl x509 -in "$c" -noout -pubkey 2>/dev/null)" = "$(printf %s ${request} | openssl req -noout -pubkey 2>/dev/null)" ] || exit 1`}
${isWanted(wanted, `${at}/ca.pem`, renewBefore)}`,
    effects: [],
  })
}

/**
 * A host whose key for tokens is lost gets another one. Tokens that the lost one has signed are in Secrets, of which running Pods live, so all API servers go on knowing it.
 */
function keepsPrevious(file: string, previous: string): Sh {
  return sh`k() { openssl x509 -noout -pubkey -in "$1" 2>/dev/null; }
if [ -n "$(k ${file})" ] && [ "$(k ${file})" != "$(k "$new/signed.pem")" ]; then
{ cat ${file}; cat ${previous} 2>/dev/null || :; } >"$new/previous.pem"; chmod 644 "$new/previous.pem"; mv "$new/previous.pem" ${previous}
fi`
}
