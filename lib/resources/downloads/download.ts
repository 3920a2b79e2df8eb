import type { Secret } from '../../secret.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { checksumOption, inLowerCase, sumIsRight, wantedSum, type Checksum } from './checksum.ts'
import { blockedFile, attributesOfNew, hardLinkNote, writeSummary } from '../files/content.ts'
import { reveal } from '../files/edit.ts'
import { fetchedEffects, predictDownload } from './download-prediction.ts'
import { lacking, withSettings, type DownloadWant, type HaveDownload } from './download-want.ts'
import { FETCH_FAILURES } from './fetch-failures.ts'
import { fetchInto, hasCurl, hasFetcher, secretUrl } from './fetch.ts'
import { curlSettings, fetchSettings, fetchSettingsOptions, fetchSettingsRule, readSettings } from './fetch-settings.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { attributeOptions, flag, seconds } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absent } from '../files/absent.ts'
import { absentRule, stateOption, type AbsentState } from '../files/absent-state.ts'
import { absolute, attributes, probePath } from '../files/path/path.ts'
import { readPath, type Found } from '../files/path/path-answer.ts'
import { attributeSteps, blockedGift, tidySteps } from '../files/path/attributes.ts'
import { candidate, commit, setOwnership } from '../files/writing/temp-file.ts'
import { lay, stage } from '../files/writing/untrusted-directory.ts'
import { keepAccess } from '../files/writing/keep-access.sh.ts'
import { fetchedKey } from './fetched-key.ts'

export interface DownloadOptions {
  readonly state?: 'present'
  /** An http, https or ftp URL. One with a password or token in it should be a Secret: it is then in no argument list and no message. */
  readonly source: string | Secret
  /** Of the content: 64 hexadecimal digits, or `{ source: URL }` where they are published: a file that holds them alone, or a list as sha256sum, BSD or openssl write it. */
  readonly sha256: Checksum
  /** Take any certificate of the server: the checksum alone vouches for the content then, so it has to be digits. Default false. */
  readonly insecure?: boolean
  /** More headers of the request, such as `{ 'PRIVATE-TOKEN': token }`. They go to the server of `source` alone, not to where that sends on. */
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  /** HTTP basic authentication. As headers, it is in no argument list and needs curl on the host. */
  readonly username?: string
  readonly password?: string | Secret
  /** Octal digits in quotes. Default `'0644'`. Always enforced. */
  readonly mode?: string
  /** Name or number. Default: what the file has; for a new file the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
  /** Seconds that it may take, tries and pauses included. Default 3600. */
  readonly deadline?: number
}

const DEFAULT_DEADLINE_SECONDS = 3600

/**
 * A file from the network, fetched by the host itself with curl or wget (GNU's or busybox's).
 *
 * It goes into a hidden candidate that nobody else can read and takes its place only when its checksum is right.
 * The checksum alone decides whether there is something to do: the network is not asked when the file is as wanted.
 *
 * What is published may be a list of sha256sum, of BSD or openssl, `name: digits`, a Release file, a clear-signed message or the digits alone;
 * in it the name is the last part of the URL, percent-encoded or not, with or without directories. Two different ones are refused.
 *
 * With a published checksum (`{ source }`) the file is compared with it once, when it is fetched. From then on a file that is there is
 * as wanted, whatever is in it and whatever is published or named later: only its mode and owner are looked at.
 * Give each version a path of its own, or write the digits down.
 *
 * @example
 * download('/usr/local/bin/cfssl', { source: `${mirror}/cfssl_1.6.5_linux_amd64`, sha256: 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf', mode: '0755' })
 * download('/opt/app.deb', { source: `${gitlab}/packages/app.deb`, sha256, headers: { 'PRIVATE-TOKEN': token } })
 * download('/opt/app-1.2.jar', { source: `${mirror}/app-1.2.jar`, sha256: { source: `${mirror}/SHA256SUMS` } })
 *
 * Refused: a directory or device in its place; no parent directory; neither curl nor wget on the host, with headers or a password no curl.
 * Failed: three tries came to nothing; another checksum than expected (both are shown), or none is published for the last part
 * of the URL, which is said with what is there instead; the live file is untouched.
 * A try is given up after 60 s without a byte (not by busybox wget); all of it after `deadline`.
 *
 * Source: curl(1), wget(1), sha256sum(1).
 */
export function download(path: string, options: DownloadOptions | AbsentState): Resource {
  const { name, options: given } = read(path, options)
  if (given.state === 'absent') return absent(name, given.deadline === undefined ? {} : { deadline: given.deadline })
  return downloadKind(name, wantOf(name, given))
}

function wantOf(path: string, given: Partial<Omit<DownloadOptions, 'state'>>): DownloadWant {
  const ownership = attributes({ ...given, mode: given.mode ?? '0644' })
  const { source: url = '', sha256 = '', insecure = false, deadline = DEFAULT_DEADLINE_SECONDS } = given
  return { path, url, sha256: inLowerCase(sha256), insecure, settings: fetchSettings(given), deadline, ...ownership }
}

/** A key for packages, which is fetched, and armoured where it is not. Its file is as wanted when it was made of what has this checksum. */
export function downloadKey(path: string, options: DownloadOptions & { readonly sha256: string }): Resource {
  const { name, options: given } = read(path, options)
  return downloadKind(name, { ...wantOf(name, given), turned: fetchedKey })
}

const read = resourceOptions<DownloadOptions | AbsentState>()(
  'download',
  (path) => absolute('download', path),
  () => ({
    state: stateOption().optional(),
    source: secretUrl().optional(),
    sha256: checksumOption().optional(),
    insecure: flag().optional(),
    ...fetchSettingsOptions(),
    ...attributeOptions(),
    deadline: seconds().optional(),
  }),
  (options, given) => [
    ...absentRule(options, given, ['source', 'sha256']),
    options.insecure === true && typeof options.sha256 === 'object'
      ? { what: 'sha256', expected: '64 hexadecimal digits beside insecure', got: '{ source }' }
      : undefined,
    ...fetchSettingsRule(options),
  ],
)

const downloadKind = kind<DownloadWant, HaveDownload>({
  name: 'download',
  probe: (want) =>
    probePath(
      want.path,
      want,
      sh`${isSame(want)}
if [ "$same" = yes ]; then echo same; elif ${withSettings(want) ? hasCurl : hasFetcher}; then echo tool; fi`,
      ['same', 'h', ...(want.turned === undefined ? [] : ['q', 'k'])],
    ),
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const words = rest.toString('latin1').split('\n')
    const denied = found.denied || words.includes('denied')
    return { found: { ...found, denied }, same: words.includes('same'), hasTool: words.includes('tool') }
  },
  predict: predictDownload,
  plan(want, { found, same, hasTool }) {
    const { path, url, sha256 } = want
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    if (same) return blockedGift(found, want) ?? [...tidySteps(found, want), ...attributeSteps(found, want)]
    if (!hasTool)
      return {
        refused: `${path} cannot be downloaded: the host has ${lacking(want)}`,
        hint: "put pkg('curl') before this resource",
      }
    const from = typeof url === 'string' ? ` from ${url}` : ''
    const summary =
      found.type === 'link' ? writeSummary(path, found) + from : `download ${path}${from}${hardLinkNote(found)}`
    const urls = [...(typeof sha256 === 'string' ? [] : [sha256.source]), reveal(url)]
    const stdin = Buffer.from([...curlSettings(want.settings), ...urls].map((line) => `${line}\n`).join(''))
    const sum = typeof sha256 === 'string' ? sha256 : `as ${sha256.source} says`
    return {
      steps: [
        ...tidySteps(found, want),
        { summary, sh: fetchScript(want, found), stdin, deadline: want.deadline, failures: FETCH_FAILURES },
      ],
      changes: [{ hidden: `content with sha256 ${sum}` }],
    }
  },
  effects: fetchedEffects,
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('download', want),
    access: ({ path, owner, group, mode }) => [{ path, owner, group, fileMode: mode }],
    statPaths: (want) => [{ path: want.path }],
  },
})

/** Sets `$same`. Nothing of the content can be compared with a checksum that only the network knows. */
function isSame({ sha256, turned }: DownloadWant): Sh {
  if (typeof sha256 !== 'string') return raw('same=; case $s in 8*) same=yes;; esac')
  return sh`h= same=; case $s in 8*) [ -r "$p" ] && h=$(sha256sum <"$p") || echo denied;; esac
${turned === undefined ? sh`[ "\${h%% *}" != ${sha256} ] || same=yes` : turned.same(sha256)}`
}

const keepList = raw(`${keepAccess}
keep "$candidate" "$path" || { echo "$acl" >&2; exit 1; }`)

function fetchScript(want: DownloadWant, found: Found): Sh {
  const { path, sha256, url } = want
  const settings = curlSettings(want.settings)
  const manner = { secret: typeof url !== 'string', insecure: want.insecure, settings: settings.length > 0 }
  return lines(
    readSettings(settings.length),
    found.way ? lines(stage(path, want.owner), raw('candidate=./$new')) : lines(candidate(path), keepList),
    // The candidate holds first what is published, and then the content.
    wantedSum(path, sha256, url, sh`into=$candidate`, manner.settings),
    raw('into=$candidate'),
    fetchInto(path, manner),
    sumIsRight(path),
    ...(want.turned === undefined ? [] : [want.turned.script(path)]),
    raw('sync -- "$candidate" 2>/dev/null || sync'),
    setOwnership(attributesOfNew(want, found)),
    found.way ? lay(path) : lines(raw('attributes "$candidate" "$path" || exit 1'), commit),
  )
}
