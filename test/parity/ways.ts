/** One way in which something goes wrong, as shell text in which `$p` is the thing. */
export interface Way {
  readonly how: string
  /** What a person does about it when a role refuses to. */
  readonly mend?: string
}

/** By their sort, which is what the counts at the end of a run go by. */
export type Ways = Readonly<Record<string, readonly Way[]>>

const ways = (...hows: readonly string[]): Way[] => hows.map((how) => ({ how }))
const AWAY = 'rmdir "$p" 2>/dev/null'

const DRESS: Ways = {
  mode: ways('chmod 600 "$p"', 'chmod 4777 "$p"'),
  owner: ways('chown nobody "$p"', 'chgrp games "$p"', 'chown -h nobody:games "$p"'),
}

/** What may happen to a file, whoever wrote it. */
export const FILE: Ways = {
  ...DRESS,
  delete: ways('rm "$p"'),
  edit: ways('echo "; more" >>"$p"', ': >"$p"', 'sed -i 1d "$p"', 'printf "\\377\\376\\000" >"$p"'),
  // A file written in place whose writer died half-way.
  'half-written': ways('n=$(stat -c %s "$p"); head -c $((n/2)) "$p" >"$p.half"; cat "$p.half" >"$p"; rm "$p.half"'),
  // The hidden candidate of a run that was killed.
  leftover: ways(
    'c="${p%/*}/.${p##*/}.rolecall.aB3dE6"; head -c 20 "$p" >"$c"; chmod 600 "$c"',
    'c="${p%/*}/.${p##*/}.rolecall.zZ9yY8"; : >"$c"; rm "$p"',
  ),
  'symbolic link': ways('m="/var/tmp/moved.${p##*/}"; mv "$p" "$m" && ln -s "$m" "$p"', 'ln -sfn /nowhere "$p"'),
  directory: [{ how: 'rm "$p"; mkdir "$p"', mend: AWAY }],
}

/** A file that is edited must be readable. What cannot be read is for a person to take away. */
export const READABLE: Ways = Object.fromEntries(
  Object.entries(FILE).map(([sort, each]) => [
    sort,
    ['edit', 'half-written', 'symbolic link'].includes(sort) ? each.map(({ how }) => ({ how, mend: 'rm "$p"' })) : each,
  ]),
)

const moved = (then: string) => `mv "$p" "$p.away"${then}`

export const DIRECTORY: Ways = {
  ...DRESS,
  delete: ways('rm -r "$p"'),
  'symbolic link': ways(moved('; ln -s "$p.away" "$p"')),
  file: ways(moved('; : >"$p"')),
}

export const LINK: Ways = {
  delete: ways('rm "$p"'),
  'symbolic link': ways('ln -sfn /nowhere "$p"'),
  file: ways('rm "$p"; : >"$p"'),
  directory: [{ how: 'rm "$p"; mkdir "$p"', mend: AWAY }],
}

export const UNIT: Ways = {
  stop: ways('systemctl stop "$p"'),
  // What systemd starts again by itself is looked at when it has.
  kill: ways(
    'systemctl kill -s KILL "$p"; sleep 0.5; while [ "$(systemctl show -P ActiveState "$p")" = activating ]; do sleep 0.2; done',
  ),
  disable: ways('systemctl -q disable "$p"', 'systemctl -q disable --now "$p"'),
  mask: ways('systemctl -q mask "$p"', 'systemctl -q mask --now "$p"'),
  'unit file': ways('touch "$(systemctl show -P FragmentPath "$p")"'),
}

const status = (state: string) =>
  `sed -i "/^Package: $p\\$/,/^\\$/s/^Status: .*/Status: install ok ${state}/" /var/lib/dpkg/status`

/** Where a purge notes what apt takes along, as `NAME=VERSION`: what of that no role asks for, a person gives back as it was. */
export const TAKEN_ALONG = '/var/tmp/taken-along'

export const PACKAGE: Ways = {
  remove: ways('dpkg --force-depends -r "$p"'),
  purge: ways(
    'dpkg --force-depends -P "$p"',
    `apt-get -s purge "$p" | sed -n 's/^Purg \\([^ ]*\\) \\[\\([^]]*\\)\\].*/\\1=\\2/p' >>${TAKEN_ALONG}; apt-get -q -y purge "$p"`,
  ),
  // dpkg was killed between unpacking and configuring, or while it wrote its books.
  'half-installed': ways(
    status('unpacked'),
    status('half-configured'),
    `${status('unpacked')}; sed -n "/^Package: $p\\$/,/^\\$/p" /var/lib/dpkg/status >/var/lib/dpkg/updates/0001`,
  ),
  // Of programs that are gone: shadow's (lckpwdf(3), passwd(5)) name a process, apt's are only files.
  'stale lock': ways(
    'echo 4194300 >/etc/passwd.lock; echo 4194300 >/etc/group.lock; dpkg --force-depends -P "$p"',
    ': >/var/lib/dpkg/lock-frontend; : >/var/lib/apt/lists/lock; echo "{}" >/run/rolecall/lock; dpkg --force-depends -r "$p"',
  ),
}

export const CONTAINER: Ways = {
  stop: ways('docker ps -q | head -n 1 | xargs -r docker stop'),
  kill: ways('docker ps -q | tail -n 1 | xargs -r docker kill'),
  delete: ways('docker ps -q | head -n 1 | xargs -r docker rm -f'),
}

export const USER: Ways = {
  delete: ways('userdel "$p"'),
  edit: ways('usermod -s /bin/false "$p"', 'usermod -c drift "$p"'),
}

export const GROUP: Ways = { delete: ways('groupdel -f "$p"') }

export const HOSTNAME: Ways = {
  edit: ways('hostname drifted', 'echo drifted >"$p"'),
  delete: ways('rm "$p"'),
}

/** Objects of the API that may go or change, from a host whose administrator asks it. */
export const OBJECTS: Ways = {
  delete: ways(
    'kubectl delete deployment web -n tutorial --wait=false',
    'kubectl delete service web-node -n tutorial',
    'kubectl delete daemonset each-node -n tutorial --wait=false',
    'kubectl delete ingress --all -n tutorial',
    'kubectl delete clusterrolebinding kubeadm:cluster-admins',
  ),
  edit: ways(
    'kubectl scale deployment web -n tutorial --replicas=1',
    'kubectl label service web -n tutorial rolecall/owner-',
    'kubectl annotate statefulset db -n tutorial drift=yes',
    // Of nobody's: it stays.
    'kubectl create configmap stray -n tutorial',
  ),
}

const inDatabase = (statement: string) => `cd / && sudo -u postgres psql -d app -c "${statement}"`

/** What the administrator of a database may do to it. */
export const POSTGRES_USER: Ways = {
  edit: ways(inDatabase(`alter role \\"$p\\" password 'drifted'`), inDatabase('alter role \\"$p\\" nologin')),
}

export const POSTGRES_EXTENSION: Ways = { delete: ways(inDatabase('drop extension \\"$p\\" cascade')) }

export const POSTGRES_DATABASE: Ways = {
  owner: ways('cd / && sudo -u postgres psql -c "alter database \\"$p\\" owner to postgres"'),
}

const asItWas = 'cd "$p" && sudo -u "$(stat -c %U .)" git reset -q --hard'
const firstFile = '"$(git -c safe.directory=* ls-files | head -n 1)"'

/** A work tree of git. What somebody changed in it is for a person to keep or to throw away. */
export const WORK_TREE: Ways = {
  delete: [
    { how: 'rm "$p/.git/index"', mend: asItWas },
    { how: `cd "$p" && rm ${firstFile}`, mend: asItWas },
  ],
  edit: [{ how: `cd "$p" && echo drift >>${firstFile}`, mend: asItWas }],
}

/** A setting of the kernel, beside its file. */
export const KERNEL_SETTING: Ways = { edit: ways('sysctl -q -w "$p=0"') }

export const RULES: Ways = { edit: ways('nft flush ruleset', 'nft add rule inet filter input tcp dport 4711 accept') }

/** What should not be there is there again. */
export const BACK: Ways = { edit: ways('mkdir -p "${p%/*}"; echo back >"$p"') }

/** What a command has made. */
export const MADE: Ways = { delete: ways('rm -r "$p"') }

export const INSTALLED: Ways = {
  delete: ways('rm "$p/docker-compose.yml"', 'rm "$p/.installed-from"', moved('')),
}

export const AUTHORITY: Ways = {
  mode: ways('chmod 644 "$p/ca-key.pem"', 'chmod 600 "$p/ca.pem"'),
  owner: ways('chown nobody "$p/ca-key.pem"', 'chgrp games "$p/ca.pem"'),
  delete: ways('rm "$p/ca-key.pem" "$p/ca.pem"', 'rm "$p/ca.pem"'),
  leftover: ways('mkdir "$p/.ca.x1Y2z3"'),
}

export const BRIDGE: Ways = {
  delete: ways('ip addr flush dev "$p"'),
  edit: ways('ip addr flush dev "$p"; ip addr add 192.168.77.1/24 dev "$p"'),
}

/** The password is the one of the site's own variables. */
const project = (method: string, more: string) =>
  `curl -s -u admin:Harbor12345 -X ${method} -H 'Content-Type: application/json' ${more} "http://127.0.0.1:180/api/v2.0/projects/$p"`

export const PROJECT: Ways = {
  delete: ways(project('DELETE', '')),
  edit: ways(project('PUT', `-d '{"metadata":{"public":"false"}}'`)),
}
