import { createHash } from 'node:crypto'
import type { Facts } from '../../../facts.ts'
import { lines, sh, type Sh } from '../../../sh/quote.ts'
import { sumIsRight, wantedSum } from '../../downloads/checksum.ts'
import { fetchInto } from '../../downloads/fetch.ts'
import { curlSettings, readSettings } from '../../downloads/fetch-settings.ts'
import { reveal } from '../../files/edit.ts'
import { onSignals } from '../../files/writing/temp-file.ts'
import { isSameDebian, isNamedRpm } from '../versions.ts'
import type { Fetched } from './want.ts'

/**
 * Where a host keeps which version a fetched file had: the file itself is not kept. Only root can enter it.
 */
export const RECORDS = '/var/lib/rolecall/package-files'

/** By what a fetched file is known again: its checksum, or where that is published the URL. */
export function recordKey({ url, sha256 }: Fetched): string {
  return typeof sha256 === 'string' ? sha256 : createHash('sha256').update(reveal(url)).digest('hex')
}

export function askRecord(name: string): Sh {
  return sh`[ ! -f ${`${RECORDS}/${name}`} ] || { echo "record $(cat ${`${RECORDS}/${name}`})"; }`
}

/** Whether `installed` is the version that the call names. */
export function isNamedVersion(wanted: string, installed: string, { packageManager }: Facts): boolean {
  return packageManager === 'apt' ? isSameDebian(wanted, installed) : isNamedRpm(wanted, installed)
}

/**
 * Fetches the file to `$into`, compares its checksum and its name, installs it unless this version is there, and records the version. `install` has
 * to install `$into`.
 */
export function fetchAndInstall(name: string, fetched: Fetched, install: Sh, { packageManager }: Facts): Sh {
  const { url, sha256, version } = fetched
  const isApt = packageManager === 'apt'
  const settings = curlSettings(fetched.settings)
  const about = isApt
    ? sh`n=$(dpkg-deb -f "$into" Package) && v=$(dpkg-deb -f "$into" Version) || { echo ${`${name}: what was fetched is not a Debian package`} >&2; exit 1; }`
    : sh`n=$(rpm -qp --qf '%{NAME}' -- "$into") && v=$(rpm -qp --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- "$into") || { echo ${`${name}: what was fetched is not an rpm package`} >&2; exit 1; }`
  const there = isApt
    ? sh`dpkg-query -W -f '\${db:Status-Status} \${Version}' -- ${name} 2>/dev/null`
    : sh`rpm -q --qf 'installed %{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- ${name} 2>/dev/null`
  return lines(
    readSettings(settings.length),
    sh`umask 022
fetched_room=
trap '[ -z "$fetched_room" ] || rm -rf -- "$fetched_room"' EXIT
${onSignals}
fetched_room=$(mktemp -d /var/tmp/rolecall-package.XXXXXX) || exit 1`,
    wantedSum(name, sha256, url, sh`into=$fetched_room/sums`, settings.length > 0),
    sh`into=$fetched_room/${name}.${isApt ? 'deb' : 'rpm'}`,
    fetchInto(name, { secret: typeof url !== 'string', settings: settings.length > 0 }),
    sumIsRight(name),
    about,
    sh`[ "$n" = ${name} ] || { echo ${`${name}: the file holds the package`} "$n" >&2; exit 1; }`,
    ...(version === undefined
      ? []
      : [
          sh`case $v in ${version} | *:${version} | ${version}-* | *:${version}-*) ;; *) echo ${`${name}: expected version ${version}, and the file has`} "$v" >&2; exit 1;; esac`,
        ]),
    sh`[ "$(${there})" = "installed $v" ] || {
${install}
}
umask 077
mkdir -p ${RECORDS} && printf '%s %s\\n' ${recordKey(fetched)} "$v" >${`${RECORDS}/${name}.new`} && mv -- ${`${RECORDS}/${name}.new`} ${`${RECORDS}/${name}`} || exit 1`,
  )
}

/** What the step reads from its standard input. */
export function fetchInput({ url, sha256, settings }: Fetched): Buffer {
  const published = typeof sha256 === 'string' ? [] : [sha256.source]
  return Buffer.from([...curlSettings(settings), ...published, reveal(url)].map((line) => `${line}\n`).join(''))
}
