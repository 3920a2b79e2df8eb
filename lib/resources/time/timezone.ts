import { sh } from '../../sh/quote.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { textOf } from '../kit/bytes.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

export interface TimezoneWant {
  readonly zone: string
}

interface TimezoneHave {
  readonly zone: string
  /** What /etc/timezone says, on hosts that have that file or should (Debian). */
  readonly file: string | undefined
  readonly keepsFile: boolean
  readonly isKnown: boolean
}

const DATA = '/usr/share/zoneinfo'

/**
 * The host's time zone: where /etc/localtime leads, and on Debian what /etc/timezone says. Programs that run already see it after a restart.
 *
 * @example
 * timezone('Europe/Berlin')
 * timezone('UTC')
 *
 * Refused: a zone that the host's time zone data does not have, unless tzdata is still to come.
 *
 * Source: localtime(5), timedatectl(1), tzfile(5).
 */
export function timezone(zone: string): Resource {
  if (typeof zone !== 'string' || !/^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/.test(zone))
    throw invalidOption('timezone', 'a name such as "Europe/Berlin" or "UTC"', describeValue(zone))
  return make(zone, { zone })
}

const make = kind<TimezoneWant, TimezoneHave>({
  name: 'timezone',
  probe: ({ zone }) => sh`echo "link $(readlink /etc/localtime)"
[ -f ${`${DATA}/${zone}`} ] && echo known
[ -f /etc/timezone ] && { echo keeps; sed -n 's/^/file /p;q' /etc/timezone; }; :`,
  read(_, { lines }, { os }) {
    const after = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    return {
      zone: zoneOf(after('link') ?? ''),
      file: after('file')?.trim(),
      keepsFile: os.family === 'debian' || lines.includes('keeps'),
      isKnown: lines.includes('known'),
    }
  },
  predict(_, have, prediction) {
    const link = prediction.paths.get('/etc/localtime')?.state
    const file = prediction.paths.get('/etc/timezone')?.state
    const isKnown = have.isKnown || prediction.opaque() !== undefined
    if (link === undefined && file === undefined && isKnown === have.isKnown) return have
    return {
      ...have,
      isKnown,
      zone: link === undefined ? have.zone : link.type === 'link' ? zoneOf(link.target) : '',
      file:
        file === undefined
          ? have.file
          : file.type === 'file' && file.content !== undefined
            ? textOf(file.content)?.trim()
            : undefined,
    }
  },
  plan({ zone }, { zone: live, file, keepsFile, isKnown }) {
    if (live === zone && (!keepsFile || file === zone)) return []
    if (!isKnown)
      return {
        refused: `the host knows no time zone ${zone}`,
        hint: `put pkg('tzdata') before this resource, or see what is in ${DATA}`,
      }
    const was = live === '' ? 'none' : live === zone ? `${file ?? 'none'} in /etc/timezone` : live
    return [
      {
        summary: `set time zone ${zone} (was ${was})`,
        sh: sh`l=/etc/.localtime.rolecall.$$ f=/etc/.timezone.rolecall.$$
trap 'rm -f "$l" "$f"' EXIT
ln -s ${`..${DATA}/${zone}`} "$l" && mv -f "$l" /etc/localtime || exit 1
${keepsFile ? sh`umask 022; printf '%s\n' ${zone} >"$f" && mv -f "$f" /etc/timezone` : sh`:`}`,
      },
    ]
  },
  paths: () => ['/etc/localtime', '/etc/timezone'],
  effects: ({ zone }, { keepsFile }) => [
    { type: 'path', path: '/etc/localtime', state: { type: 'link', target: `..${DATA}/${zone}` } },
    ...(keepsFile
      ? ([{ type: 'path', path: '/etc/timezone', state: { type: 'file', content: Buffer.from(`${zone}\n`) } }] as const)
      : []),
  ],
  advanced: { declarations: ({ zone }) => [['timezone', zone]] },
})

function zoneOf(target: string): string {
  const at = target.indexOf('/zoneinfo/')
  return at < 0 ? '' : target.slice(at + '/zoneinfo/'.length)
}
