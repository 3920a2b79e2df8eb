import type { Secret } from '../secret.ts'
import { lines, raw, sh, type Sh } from '../sh/quote.ts'
import { blockedFile, dressed, fileEffects, foreseeContent, sayWrite } from './content.ts'
import { reveal } from './edit.ts'
import { checkUrl, fetchInto, hasFetcher, sumIsRight } from './fetch.ts'
import { kind, type Resource } from './kind.ts'
import { absolute, attributes, probePath, readPath, wrong, type Attributes, type Found } from './path.ts'
import { attributeSteps, candidate, dress, place, tidySteps } from './write.ts'

export interface DownloadOptions {
  /** http, https or ftp. One with a password or token in it should be a Secret: it is then in no argument list and no message. */
  readonly url: string | Secret
  /** The SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string
  /** Octal digits in quotes. Default `'0644'`. Always enforced. */
  readonly mode?: string
  /** Name or number. Default: what the file has; for a new file the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
}

export type DownloadWant = Attributes & {
  readonly path: string
  readonly url: string | Secret
  readonly sha256: string
}

interface HaveDownload {
  readonly found: Found
  readonly same: boolean
  readonly hasTool: boolean
}

/**
 * A file from the network, fetched by the host itself with curl or wget (GNU's or busybox's).
 *
 * It goes into a hidden candidate that nobody else can read and takes its place only when its checksum is right.
 * The checksum alone decides whether there is something to do: the network is not asked when the file is as wanted.
 *
 * @example
 * download('/usr/local/bin/cfssl', { url: `${mirror}/cfssl_1.6.5_linux_amd64`, sha256: 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf', mode: '0755' })
 *
 * Refused: a directory or device in its place; no parent directory; neither curl nor wget on the host.
 * Failed: three tries came to nothing; another checksum than expected (both are shown), the live file untouched.
 * A try is given up after 60 s without a byte (not by busybox wget); all of it after an hour.
 *
 * Source: curl(1), wget(1), sha256sum(1).
 */
export function download(path: string, options: DownloadOptions): Resource<DownloadWant> {
  const name = absolute('download', path)
  const id = `download:${name}`
  const { url, sha256 } = options
  if (!/^[0-9a-f]{64}$/i.test(sha256)) throw wrong(`sha256 of ${id}`, '64 hexadecimal digits', JSON.stringify(sha256))
  checkUrl(id, url)
  const dress = attributes(id, { ...options, mode: options.mode ?? '0644' })
  return downloadKind(name, { path: name, url, sha256: sha256.toLowerCase(), ...dress })
}

const downloadKind = kind<DownloadWant, HaveDownload>({
  name: 'download',
  looksAt: (want) => [{ path: want.path }],
  probe: (want) => sh`${probePath(want.path, want)}
h=; case $s in 8*) [ -r "$p" ] && h=$(sha256sum <"$p") || echo denied;; esac
if [ "\${h%% *}" = ${want.sha256} ]; then echo same
elif ${hasFetcher}; then echo tool; fi`,
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    const words = rest.toString('latin1').split('\n')
    const denied = found.denied || words.includes('denied')
    return { found: { ...found, denied }, same: words.includes('same'), hasTool: words.includes('tool') }
  },
  foresee(want, have, foreseen) {
    // What an earlier step puts there, nobody knows the checksum of: it counts as other content.
    const later = foreseeContent(want, have, foreseen, new Uint8Array())
    if ('unknown' in later) return later
    const same = later.found.from === undefined && have.same
    const hasTool = have.hasTool || (!same && foreseen.opaque() !== undefined)
    if (later.found === have.found && same === have.same && hasTool === have.hasTool) return have
    return { found: later.found, same, hasTool }
  },
  plan(want, { found, same, hasTool }) {
    const { path, url, sha256 } = want
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    if (same) return [...tidySteps(found), ...attributeSteps(found, want)]
    if (!hasTool)
      return {
        refused: `${path} cannot be downloaded: the host has neither curl nor wget`,
        hint: "put pkg('curl') before it",
      }
    const from = typeof url === 'string' ? ` from ${url}` : ''
    const say = found.is === 'link' ? sayWrite(path, found) + from : `download ${path}${from}`
    const stdin = Buffer.from(`${reveal(url)}\n`)
    return {
      steps: [...tidySteps(found), { say, sh: fetchScript(want, found), stdin, deadline: 3600 }],
      changes: [{ hidden: `content with sha256 ${sha256}` }],
    }
  },
  effects: (want, { found }) => fileEffects(want, found),
  paths: (want) => [want.path],
})

function fetchScript(want: DownloadWant, found: Found): Sh {
  const { path, sha256, url } = want
  return lines(
    candidate(path),
    sh`into=$candidate sum=${sha256}`,
    fetchInto(path, typeof url !== 'string'),
    sumIsRight(path),
    raw('sync -- "$candidate" 2>/dev/null || sync'),
    dress(path, dressed(want, found)),
    place,
  )
}
