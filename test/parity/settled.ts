/**
 * How a host has turned out, without what differs from one making to the next: times, keys and serials that are
 * made anew, versions (a package that is installed again comes in the newest), and links of init scripts: systemd does not read those of a
 * service that has a unit, and `dpkg --configure` leaves them as it finds them while it enables the unit.
 * A host that drifted and was repaired says the same as one that nothing ever happened to.
 */
const SETTLED = String.raw`export LC_ALL=C
cd /
places=$(ls -d /etc /opt /srv /root /home /usr/local /data 2>/dev/null)
find $places \( ${'$'}{BELOW} \) -prune -o -path '/etc/rc[0-6S].d' -prune -o -path /etc/.pwd.lock -prune -o -name .bash_history -prune -o -printf 'file %p %y %m %u:%g %l\n' | grep -v '^file /etc/[a-z]*- ' | sort
find $places \( ${'$'}{LEFT_OUT} \) -prune -o -type f -print | grep -vE '^/opt/certs/ca([.]csr|[.]pem|-key[.]pem)$|^/etc/bind/rndc[.]key$|^/etc/docker/key[.]json$|^/opt/harbor-[^/]*/common/config/registry/passwd$|^/etc/[a-z]*-$|^/etc/(ld[.]so[.]cache|[.]pwd[.]lock)$${'$'}{MADE_ANEW}' | sort | while IFS= read -r f; do
case $f in *.zone) s=$(sed '/; serial$/d' "$f" | sha256sum);; *) s=$(sha256sum <"$f");; esac; echo "content $f ${'$'}{s%% *}"; done
dpkg-query -W -f 'package ${'$'}{Package} ${'$'}{Status}\n'
systemctl list-unit-files --no-legend --plain --no-pager | grep -vE '^(docker-[0-9a-f]*|session-[0-9]*)[.]scope ' | sed 's/^/unit-file /'
systemctl list-units --type=service --all --no-legend --plain --no-pager | awk '$1 !~ /^(user@|user-runtime-dir@|apt-daily|systemd-|dpkg-db|e2scrub|fstrim|man-db|logrotate|sysstat)/ { print "unit", $1, $2, $3 }'
getent passwd | cut -d: -f1,5- | sed 's/^/user /' | sort
getent group | cut -d: -f1,4- | sed 's/^/group /' | sort
echo "hostname $(hostname) $(cat /etc/hostname) forward $(cat /proc/sys/net/ipv4/ip_forward)"
if systemctl -q is-active docker.service; then
docker ps -a --format 'container {{.Image}} {{.State}} {{.Names}}' | sort
docker images --format 'image {{.ID}} {{.Repository}}:{{.Tag}}' | sort
docker network ls --format 'network {{.Name}}' | sort
fi`

/** `own`: what else a host changes by itself, and paths whose content is made anew, as extended regular expressions. */
export function settledScript(own: {
  readonly changesByItself: readonly string[]
  readonly madeAnew: readonly string[]
}): string {
  const places = ['/data/docker', '/data/harbor', ...own.changesByItself]
  return SETTLED.replace('${BELOW}', () => places.map((path) => `-path ${path}/\\*`).join(' -o '))
    .replace('${LEFT_OUT}', () => places.map((path) => `-path ${path}`).join(' -o '))
    .replace('${MADE_ANEW}', () => own.madeAnew.map((path) => `|^${path}$`).join(''))
}
