import type { Secret } from '../../secret.ts'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import { archiveLevels, readLevel } from './archive/levels.ts'
import { askFault, readFault } from './archive/fault.ts'
import { predictArchive } from './archive/prediction.ts'
import { occupiedRefusal, unpackRefusal } from './archive/refusals.ts'
import { unpack } from './archive/unpack.ts'
import { FORMS, formOf, isIt, MARKER, markerOf, toolOf, type ArchiveWant, type HaveArchive } from './archive/want.ts'
import { checksumOption, inLowerCase, type Checksum } from './checksum.ts'
import { hasCurl, hasFetcher, isUrl, nameOf, sourceOption } from './fetch.ts'
import { curlSettings, fetchSettings, fetchSettingsOptions, fetchSettingsRule } from './fetch-settings.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { attributeOptions, list, seconds, text, whole } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { absent } from '../files/absent.ts'
import { absentRule, stateOption, type AbsentState } from '../files/absent-state.ts'
import { absolute, attributes, probePath } from '../files/path/path.ts'
import { blockedPath, readPath } from '../files/path/path-answer.ts'
import { attributeSteps, blockedGift, tidySteps } from '../files/path/attributes.ts'
import { isTrusted } from '../files/path/stat-batch.ts'
import { allAfter } from '../kit/text.ts'

export interface ArchiveOptions {
  readonly state?: 'present'
  /**
   * What is unpacked: an http, https or ftp URL, or an absolute path of an archive that is on the host already. The name ends with .tar.gz, .tgz, .tar.xz,
   * .txz, .tar.bz2, .tar or .zip. A URL with a password or token in it should be a Secret.
   */
  readonly source: string | Secret
  /** Of the archive: 64 hexadecimal digits, or `{ source: URL }` where they are published, as with `download`. An archive on the host takes digits alone. */
  readonly sha256: Checksum
  /** How many directories at the top of the archive are left out; each must be the only thing on its level. Default 0. */
  readonly strip?: number
  /**
   * Only these come: paths below the directory, after `strip`, such as `bin` or `lib/*.so`. A name includes everything below it; `*` matches
   * slashes as well. Each must be in the archive. Default: everything.
   */
  readonly include?: readonly string[]
  /** These do not come, of what does. They need not be in the archive. */
  readonly exclude?: readonly string[]
  /** More headers of the request, to the server of `source` alone. As `username` and `password`, they are in no argument list and need curl on the host. */
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  /** HTTP basic authentication. */
  readonly username?: string
  readonly password?: string | Secret
  /** Of the directory itself; what is in it has the modes of the archive. Octal digits in quotes. Default `'0755'`. */
  readonly mode?: string
  /** Who everything belongs to. Default: the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
  /** Seconds that fetching and unpacking may take. Default 3600. */
  readonly deadline?: number
}

const DEFAULT_DEADLINE_SECONDS = 3600

/**
 * The content of an archive in a directory of its own, unpacked once.
 *
 * The host fetches the archive, compares its SHA-256 and unpacks it into a hidden directory beside the wanted one, which is then
 * renamed: nobody ever sees a half-unpacked tree. Set-user-ID and set-group-ID bits, and what lets everybody write, do not come along. A file `.rolecall-archive` inside says where it came from and its checksum.
 * From then on that file alone decides: neither the network nor the rest of the tree is looked at, so what is edited
 * there stays. With a published checksum the URL tells versions apart, otherwise the checksum does.
 *
 * @example
 * archive('/opt/harbor-v2.11.0', { source: `${releases}/harbor-offline-installer-v2.11.0.tgz`, sha256: { source: `${releases}/SHA256SUMS` }, strip: 1 })
 * archive('/opt/app-1.2', { source: `${releases}/app-1.2.tar.gz`, sha256: digits, strip: 1, exclude: ['docs', '*.md'] })
 * archive('/opt/harbor-v2.10.0', { state: 'absent' })
 * link('/opt/harbor', { to: '/opt/harbor-v2.11.0' })
 *
 * Defaults: mode `'0755'`; no level is stripped.
 * Refused: a directory with something in it that did not come from an archive; one that contains another archive: give each version
 * a directory of its own, and let a link lead to it; another choice of `include` and `exclude` for one that is there; an archive on the host that has another checksum, is damaged or cannot be stripped so deep; no parent directory; no curl or wget, tar or unzip on the host.
 * Failed: three tries came to nothing; what was fetched has another checksum than expected, or cannot be unpacked or stripped.
 *
 * Source: tar(1), unzip(1), sha256sum(1), rename(2).
 */
export function archive(path: string, options: ArchiveOptions | AbsentState): Resource {
  const { name, options: given } = read(path, options)
  if (given.state === 'absent')
    return absent(name, { recursive: true, ...(given.deadline === undefined ? {} : { deadline: given.deadline }) })
  const { source: from = '', strip = 0, include = [], exclude = [], deadline = DEFAULT_DEADLINE_SECONDS } = given
  const ownership = attributes({ ...given, mode: given.mode ?? '0755' })
  const [sha256, form] = [inLowerCase(given.sha256 ?? ''), formOf(from) ?? '']
  const what = { from, isLocal: !isUrl(from), sha256, form, strip, include, exclude, settings: fetchSettings(given) }
  return archiveKind(name, { path: name, ...what, deadline, ...ownership })
}

/** Patterns of paths, relative, that lead nowhere else. */
const parts = () =>
  list(
    'a list of paths in the archive',
    text('a path in the archive, without / at its beginning, without ".." and "."', (given) => isPart(given)),
  )

function isPart(given: string): boolean {
  return given !== '' && !/[\0\r\n]/.test(given) && given.split('/').every((part) => !['', '.', '..'].includes(part))
}

const read = resourceOptions<ArchiveOptions | AbsentState>()(
  'archive',
  (path) => absolute('archive', path),
  () => ({
    state: stateOption().optional(),
    source: sourceOption().optional(),
    sha256: checksumOption().optional(),
    strip: whole('a whole number from 0', 0, 100).optional(),
    include: parts().optional(),
    exclude: parts().optional(),
    ...fetchSettingsOptions(),
    deadline: seconds().optional(),
    ...attributeOptions(),
  }),
  (options, given) => {
    const { source, sha256 } = options
    const isLocal = source !== undefined && !isUrl(source)
    return [
      ...fetchSettingsRule(options),
      ...(isLocal ? leftOut(['headers', 'username', 'password'], 'with an archive that is on the host', options) : []),
      ...absentRule(options, given, ['source', 'sha256']),
      isLocal && typeof sha256 === 'object'
        ? { what: 'sha256', expected: '64 hexadecimal digits, for an archive that is on the host', got: '{ source }' }
        : undefined,
      source !== undefined && formOf(source) === undefined
        ? { what: 'name of the archive', expected: ENDINGS, got: JSON.stringify(nameOf(source)) }
        : undefined,
    ]
  },
)

const ENDINGS = `a name that ends with ${Object.keys(FORMS).join(', ')}`

const archiveKind = kind<ArchiveWant, HaveArchive>({
  name: 'archive',
  probe: (want) => question(want, true),
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const said = rest.toString('utf8').split('\n')
    const [, source = '', sha256 = ''] =
      /^marker\nsource (.*)\nsha256 ([0-9a-f]{64})$/m.exec(rest.toString('utf8')) ?? []
    const missing = allAfter(said, 'without')
    const [mixedLevel] = said.flatMap((line) => readLevel(line) ?? [])
    const fault =
      want.isLocal && typeof want.sha256 === 'string' ? readFault(said, reveal(want.from), want.sha256) : undefined
    const [, part = ''] = /^part (.*)$/m.exec(rest.toString('utf8')) ?? []
    const marker = sha256 === '' ? undefined : { source, sha256, part }
    return { found, marker, isEmpty: said.includes('empty'), missing, mixedLevel, fault }
  },
  predict: predictArchive,
  plan(want, have) {
    const { found, marker, isEmpty } = have
    if (found.type !== 'absent' && found.type !== 'dir')
      return {
        refused: `${want.path} exists and is not a directory`,
        hint: `put absent('${want.path}') before this resource if it may be removed`,
      }
    const blocked = blockedPath(found)
    if (blocked !== undefined) return blocked
    if (marker !== undefined && isIt(want, marker))
      return blockedGift(found, want) ?? [...tidySteps(found, want), ...attributeSteps(found, want)]
    if (found.type === 'dir' && !isEmpty) return occupiedRefusal(want, marker)
    const refused = unpackRefusal(want, have)
    if (refused !== undefined) return refused
    return [...tidySteps(found, want), unpack(want, found)]
  },
  effects: (want, { marker }) => [
    {
      type: 'path',
      path: want.path,
      state: {
        type: 'dir',
        ...(marker !== undefined && isIt(want, marker) ? {} : { filled: true as const }),
        unpacked: markerOf(want),
        ...(want.mode === undefined ? {} : { mode: want.mode }),
        ...(want.owner === undefined ? {} : { owner: want.owner }),
        ...(want.group === undefined ? {} : { group: want.group }),
      },
    },
  ],
  paths: (want) => [want.path],
  advanced: {
    statPaths: (want) => [{ path: want.path, inside: true }],
    // Its checksum is compared again by the step, and that takes as long as to read it.
    quickProbe: { probe: (want) => question(want, false), parseOutput: (_, have) => have },
  },
})

/** `isWhole`: an archive on the host is read, and compared with its checksum. */
function question(want: ArchiveWant, isWhole: boolean): Sh {
  const tool = toolOf(want)
  const levels =
    want.strip === 0
      ? []
      : [
          archiveLevels(want.form, want.strip),
          sh`[ ! -f ${want.from} ] || [ -f "$m" ] || archive_levels ${reveal(want.from)}`,
        ]
  const local = lines(
    sh`[ -f ${want.from} ] || echo without ${reveal(want.from)}`,
    ...levels,
    ...(isWhole ? [askFault(want.form, reveal(want.from))] : []),
  )
  return probePath(
    want.path,
    want,
    sh`m=$p/${MARKER}
case $s in 4*) if [ -f "$m" ] && [ ! -L "$m" ]; then echo marker
if ${isTrusted(want.path)} || ! type path_peek >/dev/null 2>&1; then cat <"$m"; else (path_peek ${want.path} ${MARKER}); fi; fi;; esac
if [ -d "$p" ] && [ -z "$(ls -A -- "$p" 2>/dev/null)" ]; then echo empty; fi
command -v ${tool} >/dev/null 2>&1 || echo without ${tool}
${want.isLocal ? local : sh`${curlSettings(want.settings).length > 0 ? hasCurl : hasFetcher} || echo without curl`}`,
    ['m', 'h'],
  )
}
