import { exec, sh, z, type Effect, type Resource } from 'rolecall'

export const Installer = z.strictObject({
  /** The offline installer, `harbor-offline-installer-VERSION.tgz`: of Harbor's releases, or of a mirror. */
  source: z.url(),
  /** 64 hexadecimal digits, or where they are published: a text that begins with them. */
  sha256: z.union([
    z.string().regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits, or { source: URL }'),
    z.strictObject({ source: z.url() }),
  ]),
})

/**
 * The installer in its own directory, once. It is fetched, compared and unpacked beside it, and takes its place by a rename. The
 * harbor.yml of its release is called harbor.yml.tmpl, as it is since 2.0: `fromTemplate` makes a harbor.yml of it.
 *
 * Not the kind `archive`, which remembers where a tree came from and refuses another source. Here the directory's name says the
 * version, so a mirror that has moved must not stop a host on which nothing is to be done; and one that somebody has unpacked by
 * hand, as the tutorial does, is taken as it is.
 */
export function unpacked(directory: string, { source, sha256 }: z.output<typeof Installer>): Resource {
  const [sum, published] = typeof sha256 === 'string' ? [sha256.toLowerCase(), ''] : ['', sha256.source]
  return exec(`unpack ${directory}`, {
    run: sh`set -e; umask 022
rm -rf /opt/.harbor.??????; new=$(mktemp -d /opt/.harbor.XXXXXX); trap 'rm -rf "$new"' EXIT
mkdir "$new/root"; cd "$new"
get() { curl -fsSL --retry 3 --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$1" "$2"; }
sum=${sum}
[ -z ${published} ] || { get sum ${published}; read -r sum rest <sum || [ -n "$sum" ]; }
get installer.tgz ${source}
got=$(sha256sum <installer.tgz); got=\${got%% *}
[ "$got" = "$sum" ] || { echo ${source}: expected sha256 "$sum", got "$got" >&2; exit 1; }
tar -xzf installer.tgz -C root
cd root/harbor
[ -e harbor.yml.tmpl ] || mv harbor.yml harbor.yml.tmpl
rm -f harbor.yml
chown -R 0:0 .
# Where the files of a running Harbor are lost, a start of Docker makes empty directories of all that its services mount. harbor.yml and .env are not mounted.
[ ! -d ${directory} ] || find ${directory} -depth -type d ! -path ${`${directory}/harbor.yml`} ! -path ${`${directory}/.env`} -exec rmdir {} + 2>/dev/null || :
if [ -d ${directory} ]; then
rm -f ${directory}/.installed-from; mv install.sh "$new/"; cp -a . ${directory}; mv "$new/install.sh" ${directory}
else mv "$new/root/harbor" ${directory}; fi; sync`,
    creates: `${directory}/install.sh`,
    deadline: 3600,
    effects: [filled(directory), { type: 'path', path: `${directory}/install.sh`, state: { type: 'file' } }],
  })
}

/**
 * Makes harbor.yml from its template if it is missing or says nothing (a full disk, an editor that was killed). Keys that the role does not set
 * come from the template. The installer must then run again, since the lost file may have held other values.
 */
export function fromTemplate(directory: string): Resource {
  return exec(`${directory}/harbor.yml from its template`, {
    run: sh`umask 077
rm -f .installed-from && cp harbor.yml.tmpl .harbor.yml.new && mv .harbor.yml.new harbor.yml`,
    cwd: directory,
    unless: `[ -L harbor.yml ] || { [ -e harbor.yml ] && [ ! -f harbor.yml ]; } || grep -q '^[^#[:space:]]' harbor.yml`,
    // harbor.yml counts as removed, and as a file that may come with its directory: an edit of a file with unknown content would be unknown.
    effects: [{ type: 'path', path: `${directory}/harbor.yml`, state: { type: 'absent' } }, filled(directory)],
  })
}

const filled = (path: string): Effect => ({ type: 'path', path, state: { type: 'dir', filled: true } })
