import type { Resource } from '../../lib/index.ts'
import { absolutePathsOf, namesOf, unitOf } from './reading.ts'

/** Something that can go wrong with a host, as shell text in which `$p` is the thing. */
export interface Drift {
  readonly thing: string
  readonly how: string
}

const DRESS = [
  'chmod 600 "$p"',
  'chmod 4777 "$p"',
  'chown nobody "$p"',
  'chgrp games "$p"',
  'chown -h nobody:games "$p"',
]

/** What may happen to a file, whoever wrote it. */
const FILE = [
  ...DRESS,
  'rm "$p"',
  'echo "; more" >>"$p"',
  ': >"$p"',
  'sed -i 1d "$p"',
  // A file written in place whose writer died half-way, and the hidden candidate of a run that was killed.
  'n=$(stat -c %s "$p"); head -c $((n/2)) "$p" >"$p.half"; cat "$p.half" >"$p"; rm "$p.half"',
  'c="${p%/*}/.${p##*/}.rolecall.aB3dE6"; head -c 20 "$p" >"$c"; chmod 600 "$c"',
  'c="${p%/*}/.${p##*/}.rolecall.zZ9yY8"; : >"$c"; rm "$p"',
  'm="/var/tmp/moved.${p##*/}"; mv "$p" "$m" && ln -s "$m" "$p"',
  'ln -sfn /nowhere "$p"',
  'rm "$p"; mkdir "$p"',
  'printf "\\377\\376\\000" >"$p"',
]

const DIRECTORY = [...DRESS, 'rm -r "$p"', 'mv "$p" "$p.away"; ln -s "$p.away" "$p"', 'mv "$p" "$p.away"; : >"$p"']

const LINK = ['rm "$p"', 'ln -sfn /nowhere "$p"', 'rm "$p"; : >"$p"', 'rm "$p"; mkdir "$p"']

const UNIT = [
  'systemctl stop "$p"',
  'systemctl -q disable "$p"',
  'systemctl -q disable --now "$p"',
  'systemctl -q mask "$p"',
  'systemctl -q mask --now "$p"',
  'systemctl kill -s KILL "$p"; sleep 0.5',
  'touch "$(systemctl show -P FragmentPath "$p")"',
]

const PACKAGE = [
  'dpkg --force-depends -r "$p"',
  'dpkg --force-depends -P "$p"',
  'apt-get -q -y purge "$p"',
  // Killed between unpacking and configuring.
  'sed -i "/^Package: $p\\$/,/^\\$/s/^Status: .*/Status: install ok unpacked/" /var/lib/dpkg/status',
  'sed -i "/^Package: $p\\$/,/^\\$/s/^Status: .*/Status: install ok half-configured/" /var/lib/dpkg/status',
]

const CONTAINER = [
  'docker ps -q | head -n 1 | xargs -r docker stop',
  'docker ps -q | head -n 1 | xargs -r docker rm -f',
  'docker ps -q | tail -n 1 | xargs -r docker kill',
]

/** What a command looks after is known to its role alone. */
const BY_NAME: Readonly<Record<string, readonly Drift[]>> = {
  'exec:certificate authority': [
    { thing: '/opt/certs/ca-key.pem', how: 'chmod 644 "$p"' },
    { thing: '/opt/certs/ca-key.pem', how: 'chown nobody "$p"' },
    { thing: '/opt/certs/ca-key.pem', how: 'rm "$p" "${p%/*}/ca.pem"' },
    { thing: '/opt/certs/ca.pem', how: 'chmod 600 "$p"' },
    { thing: '/opt/certs/ca.pem', how: 'chgrp games "$p"' },
  ],
}

/** What can happen to what a resource looks after. A kind that is not named here is left alone. */
export function driftsOf(resource: Resource): Drift[] {
  const of = (things: readonly string[], hows: readonly string[]) =>
    things.flatMap((thing) => hows.map((how) => ({ thing, how })))
  switch (resource.kind) {
    case 'pkg':
      return of(namesOf(resource), PACKAGE)
    case 'service':
      return of(unitOf(resource), UNIT)
    case 'dir':
      return of([resource.name], DIRECTORY)
    case 'link':
      return of([resource.name], LINK)
    case 'user':
      return of([resource.name], ['userdel "$p"', 'usermod -s /bin/false "$p"', 'usermod -c drift "$p"'])
    case 'group':
      return of([resource.name], ['groupdel -f "$p"'])
    case 'hostname':
      return of(['/etc/hostname'], ['hostname drifted', 'echo drifted >"$p"', 'rm "$p"'])
    case 'absent':
      return of([resource.name], ['mkdir -p "${p%/*}"; echo back >"$p"'])
    case 'exec':
      return [...(BY_NAME[resource.id] ?? [])]
    case 'dockerCompose':
    case 'dockerContainer':
      return of([resource.name], CONTAINER)
    case 'file':
    case 'line':
    case 'block':
    case 'jsonFile':
    case 'yamlFile':
    case 'iniFile':
    case 'download':
      return of(absolutePathsOf(resource), FILE)
    default:
      return []
  }
}
