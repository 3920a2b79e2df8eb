/**
 * What a host is like, line by line: every file with type, mode, owner, size and the moment its inode last changed (so a content that was
 * written anew shows even when it is the same), packages, units with the invocation that runs, accounts, containers.
 *
 * Looking changes nothing: `docker ps` would start a stopped docker through its socket, so it is asked only when it runs.
 */
export const SNAPSHOT = String.raw`export LC_ALL=C
cd /
find / /data /run /tmp /dev/shm -xdev \( ${'$'}{EXCEPT} \) -prune -o \( -type d \( -path /tmp -o -path /run -o -path /dev/shm -o -path /var/tmp \) -o -printf 'file %p %y %m %U:%G %s %C@ %l\n' \) 2>/dev/null | sort -u
dpkg-query -W -f 'package ${'$'}{Package} ${'$'}{Version} ${'$'}{Status}\n'
systemctl list-unit-files --no-legend --plain --no-pager | grep -v '^session-[0-9]*[.]scope ' | sed 's/^/unit-file /'
systemctl show '*.service' -p Id,LoadState,ActiveState,SubState,UnitFileState,InvocationID,NRestarts --all --no-pager |
awk -v RS= '{ gsub(/\n/, " "); print "unit " $0 }' | sort | grep -vE 'Id=(user@|user-runtime-dir@|apt-daily|dpkg-db-backup|e2scrub|fstrim|systemd-(tmpfiles|hostnamed|localed|timedated|logind|random-seed)|man-db|logrotate|sysstat)'
getent passwd | sed 's/^/user /'
getent group | sed 's/^/group /'
echo "hostname $(hostname) forward $(cat /proc/sys/net/ipv4/ip_forward)"
if systemctl -q is-active docker.service; then
docker ps -a --no-trunc --format 'container {{.ID}} {{.Image}} {{.State}} {{.Names}}'
docker images -a --no-trunc --format 'image {{.ID}} {{.Repository}}:{{.Tag}}'
docker network ls --no-trunc --format 'network {{.ID}} {{.Name}}'
docker volume ls --format 'volume {{.Name}}'
fi`

/** What may differ all the same, and why. The table in docs/check-mode.md is made of this. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  '/proc': 'the kernel',
  '/sys': 'the kernel',
  '/dev/pts': 'terminals',
  '/var/log': 'logs, with those of the login itself',
  '/run/log': 'the journal',
  '/run/credentials': 'what systemd hands to services',
  '/run/systemd': 'sessions of logins, and the bookkeeping of systemd and its journal',
  '/run/user': 'sessions of logins',
  '/run/sudo': 'when sudo last asked',
  '/run/rolecall': 'the lock of a run, and what is kept for later questions',
  '/run/utmp': 'who is logged in',
  '/run/motd.dynamic': 'written at every login',
  '/run/docker': 'the bookkeeping of dockerd',
  '/run/containerd': 'the bookkeeping of containerd',
  '/var/lib/systemd': 'when timers last ran, the random seed',
  '/var/lib/containerd': 'the bookkeeping of containerd',
  '/data/docker': 'the bookkeeping of dockerd; its containers, images, networks and volumes are compared',
  '/var/lib/docker': 'the same',
  '/data/harbor': 'data and logs of Harbor',
  '/var/cache/bind': 'what named has learnt',
  '/tmp/runc-process*': 'health checks of containers, while they run',
}

/** The snapshot, ready to be run by a POSIX shell. `own`: what else may differ, and why. */
export function snapshotScript(own: Readonly<Record<string, string>> = {}): string {
  const except = Object.keys({ ...EXCEPTIONS, ...own }).map((path) => `-path '${path}'`)
  return SNAPSHOT.replace('${EXCEPT}', except.join(' -o '))
}

/** What differs between two snapshots, as lines with - and +. */
export function differences(before: string, after: string): string[] {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))]
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ]
}
