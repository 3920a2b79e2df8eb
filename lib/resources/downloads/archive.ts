import { createHash } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import { archiveLevels, readLevel, type Misfit } from './archive-levels.ts'
import { askFault, readFault, type Fault } from './archive-fault.ts'
import { checksumOption, inLowerCase, sumIsRight, wantedSum, type Checksum } from './checksum.ts'
import { fetchInto, hasFetcher, isUrl, nameOf, sourceOption } from './fetch.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { attributeOptions, seconds, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absent } from '../files/absent.ts'
import { goneRule, stateOption, type AbsentState } from '../files/gone.ts'
import {
  absolute,
  attributes,
  blockedPath,
  probePath,
  readPath,
  type Attributes,
  type Found,
} from '../files/path/path.ts'
import { predictPath, neverPackaged } from '../files/path/path-prediction.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { attributeSteps, blockedGift, tidySteps } from '../files/path/attributes.ts'
import { candidate, dress } from '../files/writing/temp-file.ts'
import { isTrusted } from '../files/path/stat-batch.ts'
import { lay, stage, untrusted } from '../files/writing/untrusted-directory.ts'

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
  /** Of the directory itself; what is in it has the modes of the archive. Octal digits in quotes. Default `'0755'`. */
  readonly mode?: string
  /** Who everything belongs to. Default: the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
  /** Seconds that fetching and unpacking may take. Default 3600. */
  readonly deadline?: number
}

export type ArchiveWant = Attributes & {
  readonly path: string
  readonly from: string | Secret
  readonly isLocal: boolean
  readonly sha256: Checksum
  readonly form: Form
  readonly strip: number
  readonly deadline: number
}

interface HaveArchive {
  readonly found: Found
  /** What the marker says; undefined without one. */
  readonly marker?: { readonly source: string; readonly sha256: string } | undefined
  readonly isEmpty: boolean
  /** Tools that are wanted and not on the host, and the archive itself when it is to be there. */
  readonly lacks: readonly string[]
  /** What keeps an archive on the host from being stripped. */
  readonly misfit?: Misfit | undefined
  /** What is wrong with an archive on the host itself. */
  readonly fault?: Fault | undefined
}

const DEFAULT_DEADLINE_SECONDS = 3600
const MARKER = '.rolecall-archive'

/** By the end of a name: the program that unpacks it, and how. */
const FORMS = {
  '.tar.gz': 'z',
  '.tgz': 'z',
  '.tar.xz': 'J',
  '.txz': 'J',
  '.tar.bz2': 'j',
  '.tar': '',
  '.zip': 'zip',
} as const
type Form = (typeof FORMS)[keyof typeof FORMS]

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
 * archive('/opt/harbor-v2.10.0', { state: 'absent' })
 * link('/opt/harbor', { to: '/opt/harbor-v2.11.0' })
 *
 * Defaults: mode `'0755'`; no level is stripped.
 * Refused: a directory with something in it that did not come from an archive; one that holds another archive: give each version
 * a directory of its own, and let a link lead to it; an archive on the host that has another checksum, is damaged or cannot be stripped so deep; no parent directory; no curl or wget, tar or unzip on the host.
 * Failed: three tries came to nothing; what was fetched has another checksum than expected, or cannot be unpacked or stripped.
 *
 * Source: tar(1), unzip(1), sha256sum(1), rename(2).
 */
export function archive(path: string, options: ArchiveOptions | AbsentState): Resource {
  const { name, options: given } = read(path, options)
  if (given.state === 'absent')
    return absent(name, { recursive: true, ...(given.deadline === undefined ? {} : { deadline: given.deadline }) })
  const { source: from = '', strip = 0, deadline = DEFAULT_DEADLINE_SECONDS } = given
  const dress = attributes({ ...given, mode: given.mode ?? '0755' })
  const [sha256, form] = [inLowerCase(given.sha256 ?? ''), formOf(from) ?? '']
  return archiveKind(name, { path: name, from, isLocal: !isUrl(from), sha256, form, strip, deadline, ...dress })
}

const read = resourceOptions<ArchiveOptions | AbsentState>()(
  'archive',
  (path) => absolute('archive', path),
  () => ({
    state: stateOption().optional(),
    source: sourceOption().optional(),
    sha256: checksumOption().optional(),
    strip: whole('a whole number from 0', 0, 100).optional(),
    deadline: seconds().optional(),
    ...attributeOptions(),
  }),
  (options, given) => {
    const { source, sha256 } = options
    return [
      ...goneRule(options, given, ['source', 'sha256']),
      source !== undefined && !isUrl(source) && typeof sha256 === 'object'
        ? { what: 'sha256', expected: '64 hexadecimal digits, for an archive that is on the host', got: '{ source }' }
        : undefined,
      source !== undefined && formOf(source) === undefined
        ? { what: 'name of the archive', expected: ENDINGS, got: JSON.stringify(nameOf(source)) }
        : undefined,
    ]
  },
)

const ENDINGS = `a name that ends with ${Object.keys(FORMS).join(', ')}`

function formOf(from: string | Secret): Form | undefined {
  const file = nameOf(from).toLowerCase()
  return Object.entries(FORMS).find(([end]) => file.endsWith(end))?.[1]
}

const archiveKind = kind<ArchiveWant, HaveArchive>({
  name: 'archive',
  probe: (want) => question(want, true),
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const said = rest.toString('utf8').split('\n')
    const [, source = '', sha256 = ''] =
      /^marker\nsource (.*)\nsha256 ([0-9a-f]{64})$/m.exec(rest.toString('utf8')) ?? []
    const lacks = said.flatMap((line) => (line.startsWith('without ') ? [line.slice(8)] : []))
    const [misfit] = said.flatMap((line) => readLevel(line) ?? [])
    const fault =
      want.isLocal && typeof want.sha256 === 'string' ? readFault(said, reveal(want.from), want.sha256) : undefined
    const marker = sha256 === '' ? undefined : { source, sha256 }
    return { found, marker, isEmpty: said.includes('empty'), lacks, misfit, fault }
  },
  predict(want, have, prediction) {
    const found = predictPath(have.found, prediction, want)
    if ('unknown' in found) return found
    const isLater = found.from !== undefined
    if (have.lacks.length === 0 && have.misfit === undefined && have.fault === undefined && found === have.found)
      return have
    // A directory that an earlier step makes is empty: whatever fills it comes later.
    const state = isLater ? prediction.path(want.path)?.state : undefined
    const unpacked = state?.type === 'dir' ? state.unpacked : undefined
    const there = { found, marker: isLater ? unpacked : have.marker, isEmpty: isLater || have.isEmpty }
    const source = want.isLocal ? reveal(want.from) : undefined
    const isBrought = source !== undefined && prediction.path(source)?.state.type === 'file'
    const later = isBrought ? { misfit: undefined, fault: undefined } : { misfit: have.misfit, fault: have.fault }
    const lacks = have.lacks.filter((name) => (name === source ? !isBrought : !isProvided(name, prediction)))
    const next = { ...have, ...there, ...later, lacks }
    const isUnpacked = next.marker !== undefined && isIt(want, next.marker)
    const problem = isUnpacked ? undefined : (lacks[0] ?? next.misfit ?? next.fault)
    if (problem === undefined) return next
    const bringer =
      typeof problem === 'string' && problem !== source ? prediction.opaque() : bringerOf(source, prediction)
    if (bringer === undefined)
      return found === have.found && lacks.length === have.lacks.length && !isBrought ? have : next
    const planned = wanting(want, next)
    return { unknown: `${planned?.refused ?? `${want.path} cannot be unpacked`}, unless ${bringer.from} changes that` }
  },
  plan(want, have) {
    const { found, marker, isEmpty } = have
    if (found.type !== 'absent' && found.type !== 'dir')
      return {
        refused: `${want.path} is there and is no directory`,
        hint: `put absent('${want.path}') before it if it may go`,
      }
    const blocked = blockedPath(found)
    if (blocked !== undefined) return blocked
    if (marker !== undefined && isIt(want, marker))
      return blockedGift(found, want) ?? [...tidySteps(found, want), ...attributeSteps(found, want)]
    if (found.type === 'dir' && !isEmpty) return occupied(want, marker)
    const refused = wanting(want, have)
    if (refused !== undefined) return refused
    return [...tidySteps(found, want), unpack(want, found)]
  },
  effects: (want) => [
    {
      type: 'path',
      path: want.path,
      state: {
        type: 'dir',
        filled: true,
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
${want.isLocal ? local : sh`${hasFetcher} || echo without curl`}`,
    ['m', 'h'],
  )
}

function toolOf({ form }: ArchiveWant): 'unzip' | 'tar' {
  return form === 'zip' ? 'unzip' : 'tar'
}

/** A package that is to come has the tool, as its name says. */
function isProvided(tool: string, prediction: Prediction): boolean {
  const names = tool === 'curl' ? ['curl', 'wget'] : [tool]
  return prediction.coming().some(({ name }) => names.includes(name) && prediction.package(name) !== undefined)
}

/** What may put another archive in the place of one on the host. */
function bringerOf(source: string | undefined, prediction: Prediction): { readonly from: string } | undefined {
  if (source === undefined) return undefined
  const filled = prediction.filled(source)
  return prediction.path(source) ?? filled ?? (neverPackaged(source) ? prediction.command() : prediction.opaque())
}

/** Why nothing can be unpacked. */
function wanting(want: ArchiveWant, { lacks, misfit, fault }: HaveArchive): Refused | undefined {
  const [missing] = lacks
  if (missing === want.from)
    return { refused: `there is no archive ${missing} on the host`, hint: 'put what brings it before it' }
  if (missing !== undefined)
    return {
      refused: `${want.path} cannot be unpacked: the host has no ${missing}`,
      hint: `put pkg('${missing}') before it`,
    }
  if (fault !== undefined) return { refused: `${want.path} cannot be unpacked: ${fault.message}`, hint: fault.hint }
  return misfit === undefined ? undefined : unstripped(want, misfit)
}

function isIt(want: ArchiveWant, marker: { readonly source: string; readonly sha256: string }): boolean {
  return typeof want.sha256 === 'string' ? marker.sha256 === want.sha256 : marker.source === sourceOf(want.from)
}

/** What its marker will say. A checksum that is published is known only when it is fetched; then the source decides. */
function markerOf({ from, sha256 }: ArchiveWant): { readonly source: string; readonly sha256: string } {
  return { source: sourceOf(from), sha256: typeof sha256 === 'string' ? sha256 : '' }
}

function occupied({ path }: ArchiveWant, marker: HaveArchive['marker']): Refused {
  const hint = `unpack it into another directory, or put absent('${path}', { recursive: true }) before it if all of it may go`
  if (marker === undefined) return { refused: `${path} is there, is not empty, and did not come from an archive`, hint }
  return { refused: `${path} holds another archive: ${marker.source}, sha256 ${marker.sha256}`, hint }
}

function unstripped({ path, from, strip }: ArchiveWant, { level, names }: Misfit): Refused {
  return {
    refused: `${path} cannot be unpacked with strip: ${strip}: level ${level} of ${reveal(from)} is not one directory alone: ${names || 'nothing is there'}`,
    hint: `say strip: ${level - 1} or less`,
  }
}

/** A secret URL is told apart by its own checksum. */
function sourceOf(from: string | Secret): string {
  return typeof from === 'string' ? from : `secret ${createHash('sha256').update(from.reveal()).digest('hex')}`
}

function unpack(want: ArchiveWant, { way }: Found): Step {
  const { path, from, isLocal, sha256, owner, group } = want
  const what = typeof from === 'string' ? from : 'a secret URL'
  const published = typeof sha256 === 'string' ? undefined : sha256.source
  const fetching = isLocal
    ? [localSource(reveal(from))]
    : [sh`into=$candidate/archive`, fetchInto(path, typeof from !== 'string')]
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  const script = lines(
    ...(way === undefined
      ? [...(isLocal ? [untrusted] : []), candidate(path, true)]
      : [stage(path, owner), raw('candidate=./$new; mkdir -m 0700 -- "$candidate" || exit 1')]),
    wantedSum(path, sha256, from, sh`into=$candidate/sums`),
    ...fetching,
    sumIsRight(path),
    unpacking(want),
    sh`rm -rf -- "$tree/"${MARKER} && printf 'source %s\\nsha256 %s\\n' ${sourceOf(from)} "$sum" >"$tree/"${MARKER} && chmod 0644 -- "$tree/"${MARKER} || exit 1`,
    ...(who === '' ? [] : [sh`chown -hR -- ${who} "$tree" || exit 1`]),
    sh`whole=$candidate
candidate=$tree`,
    dress(want),
    // The trap removes what candidate names: the whole hidden directory, of which the tree is a part.
    raw('candidate=$whole\nsync'),
    way === undefined
      ? sh`if [ -d "$path" ] && [ ! -L "$path" ]; then rmdir -- "$path" || exit 1; fi
mv -- "$tree" "$path" || exit 1`
      : lines(
          raw('mv -- "$tree" "./$new.old" && { rm -rf -- "./$new"; mv -- "./$new.old" "./$new"; } || exit 1'),
          lay(path, 'dir'),
        ),
  )
  const urls = [...(published === undefined ? [] : [published]), ...(isLocal ? [] : [reveal(from)])]
  return {
    summary: `unpack ${what} into ${path}`,
    sh: script,
    stdin: Buffer.from(urls.map((url) => `${url}\n`).join('')),
    deadline: want.deadline,
  }
}

/** What others can change between its checksum and its unpacking is copied first. */
function localSource(from: string): Sh {
  return sh`into=$(readlink -f -- ${from}) || exit 1
d=\${into%/*}
if ! (path_hold "\${d:-/}" '' && [ "$state" = 1 ] && [ "$PWD" = "$base" ]); then
(path_hold "\${d:-/}" '' && path_look "\${into##*/}" && case $s in 8*) cat <"$p";; *) exit 1;; esac) >"$candidate/archive" || { echo ${`${from} cannot be read: somebody renames things there now`} >&2; exit 1; }
into=$candidate/archive
fi`
}

function unpacking({ form, strip, path }: ArchiveWant): Sh {
  const how = form === 'zip' ? sh`unzip -q "$into" -d "$tree"` : sh`tar -x${raw(form)}of "$into" -C "$tree"`
  const fits =
    strip === 0
      ? raw(':')
      : lines(
          archiveLevels(form, strip),
          sh`w=$(archive_levels "$into")
[ -z "$w" ] || { w=\${w#level }; echo ${`${path}: level`} "\${w%% *} of the archive is not one directory alone: \${w#* }" >&2; exit 1; }`,
        )
  return sh`${fits}
tree=$candidate/tree
mkdir -- "$tree" && (umask 022; ${how}) >&2 || { echo ${`${path}: the archive cannot be unpacked`} >&2; exit 1; }
i=0
while [ $i -lt ${strip} ]; do
only=$(ls -A -- "$tree")
[ -n "$only" ] && [ -d "$tree/$only" ] && [ ! -L "$tree/$only" ] || { echo "level $((i + 1)) of the archive is not one directory alone: $(printf %s "$only" | tr '\\n' ' ')" >&2; exit 1; }
tree=$tree/$only i=$((i + 1))
done
if [ $i -gt 0 ]; then mv -- "$tree" "$candidate/stripped" && tree=$candidate/stripped || exit 1; fi
find "$tree" ! -type l \\( -perm -4000 -o -perm -2000 -o -perm -0002 ! -perm -1000 \\) -exec chmod u-s,g-s,o-w {} + || exit 1`
}
