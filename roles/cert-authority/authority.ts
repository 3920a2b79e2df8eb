import { dir, exec, file, sh, type Resource } from 'rolecall'

/** The request of an authority's own certificate, as cfssl reads it. */
export interface AuthorityRequest {
  readonly CN: string
  readonly key: { readonly algo: string; readonly size: number }
  readonly names: readonly Readonly<Record<string, string>>[]
  readonly ca: { readonly expiry: string }
}

/**
 * An authority in a directory of its own: ca-csr.json, ca-key.pem, ca.pem and ca.csr, made with cfssl.
 *
 * - It is made once. A key that is there is never replaced, not even when its certificate is lost: a new certificate is then made from the same key.
 * - Key and certificate take their places one at a time, whole; a run that is killed in between goes on from there.
 */
export function authority(id: string, directory: string, request: AuthorityRequest): Resource[] {
  const root = { owner: 'root', group: 'root' }
  const text = { CN: request.CN, hosts: [], key: request.key, names: request.names, ca: request.ca }
  return [
    dir(directory, { ...root, mode: '0755' }),
    file(`${directory}/ca-csr.json`, { ...root, content: `${JSON.stringify(text, null, 4)}\n` }),
    exec(id, {
      cwd: directory,
      run: sh`set -e; umask 077; PATH=/usr/local/bin:$PATH
rm -rf .ca.??????; new=$(mktemp -d .ca.XXXXXX); trap 'rm -rf "$new"' EXIT
if [ ! -e ca.pem ]; then
  if [ -e ca-key.pem ]; then set -- -ca-key ca-key.pem; fi
  cfssl gencert -initca "$@" ca-csr.json >"$new/ca.json"
  cfssl-json -bare "$new/ca" <"$new/ca.json"; rm "$new/ca.json"; sync
  if [ ! -e ca-key.pem ]; then chmod 600 "$new/ca-key.pem"; mv "$new/ca-key.pem" ca-key.pem; fi
  chmod 644 "$new/ca.csr" "$new/ca.pem"; mv "$new/ca.csr" ca.csr; mv "$new/ca.pem" ca.pem
fi
me=$(id -u):$(id -g)
for it in ca-key.pem ca.pem; do
  if [ -e $it ] && [ "$(stat -L -c %u:%g $it)" != "$me" ]; then chown "$me" $it; fi
done
[ ! -e ca-key.pem ] || chmod 600 ca-key.pem
chmod 644 ca.pem`,
      // A run that was killed at its very end leaves all in its place, and its own directory.
      unless: sh`set -- .ca.??????; [ ! -e "$1" ] || exit 1
me=$(id -u):$(id -g); dressed() { [ "$(stat -L -c %a:%u:%g $1)" = "$2:$me" ]; }
dressed ca.pem 644 && { [ ! -e ca-key.pem ] || dressed ca-key.pem 600; }`,
      paths: [`${directory}/ca-key.pem`, `${directory}/ca.pem`],
      effects: [],
    }),
  ]
}
