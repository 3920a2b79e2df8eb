import type { Facts } from '../../../facts.ts'
import type { Secret } from '../../../secret.ts'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { checksumOption, inLowerCase, type Checksum } from '../../downloads/checksum.ts'
import { fetcherLater, hasCurl, hasFetcher, isUrl, sourceOption } from '../../downloads/fetch.ts'
import { FETCH_FAILURES } from '../../downloads/fetch-failures.ts'
import { curlSettings, fetchSettings, fetchSettingsOptions, fetchSettingsRule } from '../../downloads/fetch-settings.ts'
import { reveal } from '../../files/edit.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../../kit/kind.ts'
import { describeValue } from '../../kit/options/describe-value.ts'
import { invalidOption } from '../../kit/options/invalid-option.ts'
import { seconds, text } from '../../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../../kit/options/options.ts'
import type { Prediction } from '../../prediction/prediction.ts'
import { environment, options as aptOptions, patience } from '../apt/apt.ts'
import {
  askDeb,
  askSoundness,
  debAction,
  debEffects,
  predictDeb,
  readDeb,
  refusedDeb,
  stepsBefore,
} from '../apt/deb-file.ts'
import { patience as dnfPatience } from '../dnf/dnf.ts'
import { rereadUnits } from '../transaction-summary.ts'
import { askRecord, fetchAndInstall, fetchInput, isNamedVersion, recordKey } from './fetched.ts'
import { sourceWords, type Fetched, type PackageFileHave, type PackageFileWant } from './want.ts'

export interface PackageFileOptions {
  /** A .deb or .rpm: an absolute path on the host, or an http, https or ftp URL. A URL with a password or token in it should be a Secret. */
  readonly source: string | Secret
  /** Of a file that is fetched: 64 hexadecimal digits, or `{ source: URL }` where they are published, as with `download`. */
  readonly sha256?: Checksum
  /** The version that the file at a URL has: where it is installed already, nothing is fetched. */
  readonly version?: string
  /** More headers of the request, to the server of `source` alone. As `username` and `password`, they are in no argument list and need curl on the host. */
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  /** HTTP basic authentication. */
  readonly username?: string
  readonly password?: string | Secret
  /** Seconds, default 1800. */
  readonly deadline?: number
}

/**
 * A package from a file (.deb, .rpm), in just the version that the file has; what it depends on comes from the package sources. Downgrades are made.
 *
 * The file is on the host, where a `download` or `file` has put it; or the host fetches it, compares its SHA-256, installs it, and keeps only a note in
 * /var/lib/rolecall/package-files of which version this checksum has (with a published checksum: this URL). From then on the note and the installed version decide. A package
 * that was installed by somebody else is fetched once to be known, unless `version` names what is there.
 *
 * Check mode: a file that is still to come is installed where no version is there; whether one on the host differs from what is there is then unknown. A file
 * at a URL that the host does not know yet is fetched in any case.
 *
 * On apt an interrupted installation is finished and broken dependencies are mended first, as with `pkg`, and lists that lack what it needs are fetched when they
 * are old.
 *
 * Refused: no such file; what apt cannot install, as a simulation says; a file that holds another package, or that another account can change; a host without apt or dnf, or for a URL without curl or wget.
 * Failed: three tries came to nothing; what was fetched has another checksum, or holds another package or version.
 *
 * @example
 * const deb = download('/var/cache/app.deb', { source: 'https://example.com/app_1.2_amd64.deb', sha256: '...' })
 * await ensure(deb, packageFile('app', { source: '/var/cache/app.deb' }))
 * packageFile('app', { source: 'https://example.com/app_1.2_amd64.deb', sha256: '...' })
 * packageFile('agent', { source: 'https://example.com/agent-7.50.rpm', sha256: { source: 'https://example.com/SHA256SUMS' }, version: '7.50' })
 *
 * Source: apt-get(8), dpkg-deb(1), dnf(8), rpm(8).
 */
export function packageFile(name: string, options: PackageFileOptions): Resource {
  const { options: given } = read(name, options)
  const { source: from, sha256 = '', version, deadline = 1800 } = given
  const source = isUrl(from)
    ? { url: from, sha256: inLowerCase(sha256), version, settings: fetchSettings(given) }
    : reveal(from)
  return make(name, { name, source, deadline })
}

const read = resourceOptions<PackageFileOptions>()(
  'packageFile',
  (given) => {
    if (typeof given === 'string' && /^\w[\w.+-]*$/.test(given)) return given
    throw invalidOption('packageFile', 'the name of the package', describeValue(given))
  },
  () => ({
    source: sourceOption(),
    sha256: checksumOption().optional(),
    version: text('one version', /^[\w.+:~^-]+$/).optional(),
    ...fetchSettingsOptions(),
    deadline: seconds().optional(),
  }),
  (options) => [
    ...fetchSettingsRule(options),
    ...(options.source === undefined || isUrl(options.source)
      ? []
      : leftOut(['sha256', 'version', 'headers', 'username', 'password'], 'with a file that is on the host', options)),
    options.source !== undefined && isUrl(options.source) && options.sha256 === undefined
      ? { what: 'sha256', expected: 'given with a URL: what is installed runs as root', got: 'nothing' }
      : undefined,
  ],
)

const make = kind<PackageFileWant, PackageFileHave>({
  name: 'packageFile',
  probe({ name, source }, { packageManager }) {
    const path = typeof source === 'string' ? source : undefined
    const asked =
      typeof source === 'string'
        ? []
        : [
            askRecord(name),
            sh`${curlSettings(source.settings).length > 0 ? hasCurl : hasFetcher} || echo 'without curl'`,
          ]
    return packageManager === 'apt' ? askApt(name, path, asked) : askDnf(name, path, asked)
  },
  read({ name, source }, reply, { packageManager }) {
    const { lines: said } = reply
    const deb = packageManager === 'apt' ? readDeb(reply) : undefined
    const find = (word: string) => said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const installed = find('installed')
    const unpacked = find('unpacked')
    if (typeof source !== 'string') {
      const [key, version = ''] = find('record')?.split(' ') ?? []
      const file = key === recordKey(source) && version !== '' ? { name, version } : undefined
      return { installed, unpacked, file, deb, comes: true, lacksFetcher: find('without') !== undefined }
    }
    const [held = '', version = ''] = find('file')?.split(' ') ?? []
    return { installed, unpacked, deb, file: find('file') === undefined ? undefined : { name: held, version } }
  },
  plan: planned,
  effects: ({ name }, { deb }) => [
    ...(deb === undefined ? [] : debEffects(name, deb)),
    { type: 'package', name, installed: true },
    { type: 'units', reloaded: true },
  ],
  predict(want, found, prediction, facts) {
    const { source } = want
    const have = configuredLater(want, found, prediction)
    const next =
      typeof source === 'string'
        ? predictLocal({ ...want, source }, have, prediction)
        : predictFetched({ ...want, source }, have, prediction, facts)
    if ('unknown' in next || next.deb === undefined) return next
    const plan = planned(want, { ...next, deb: undefined }, facts)
    if ('refused' in plan || plan.length === 0) return next
    const deb = predictDeb(want.name, next.deb, prediction)
    return 'unknown' in deb ? deb : deb === next.deb ? next : { ...next, deb }
  },
  advanced: {
    trusts: ({ source }) =>
      typeof source === 'string' ? [{ path: source, danger: 'could have any package installed' }] : [],
    declarations: (want) => [[`package ${want.name}`, sourceWords(want)]],
  },
})

/** `path`: the file on the host, where it is not fetched. `asked`: what is asked of a file that is fetched. */
function askApt(name: string, path: string | undefined, asked: readonly Sh[]): Sh {
  return lines(
    sh`v=$(dpkg-query -W -f '\${db:Status-Status} \${Version}' -- ${name} 2>/dev/null)
case $v in 'installed '*) echo "installed \${v#installed }";; 'unpacked '* | 'half-configured '*) echo "unpacked \${v#* }";; esac`,
    ...asked,
    path === undefined
      ? sh`[ -n "$v" ] || ${askSoundness()}`
      : sh`if [ -f ${path} ]; then
n=$(dpkg-deb -f ${path} Package 2>/dev/null) f=$(dpkg-deb -f ${path} Version 2>/dev/null); echo "file $n $f"
[ -z "$f" ] || [ "$n" != ${name} ] || [ "$v" = "installed $f" ] || ${askDeb(path)}
else [ -n "$v" ] || ${askSoundness()}; fi`,
  )
}

function askDnf(name: string, path: string | undefined, asked: readonly Sh[]): Sh {
  return lines(
    sh`v=$(rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' -- ${name} 2>/dev/null) && echo "installed $v"`,
    path === undefined
      ? raw(':')
      : sh`[ ! -f ${path} ] || echo "file $(rpm -qp --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- ${path} 2>/dev/null)"`,
    ...asked,
  )
}

/** A package that is unpacked today may be configured, or removed, by an earlier step. */
function configuredLater({ name }: PackageFileWant, have: PackageFileHave, prediction: Prediction): PackageFileHave {
  if (have.unpacked === undefined) return have
  if (prediction.packages.get(name)?.installed === false) return { ...have, unpacked: undefined }
  return prediction.packages.configured() === undefined
    ? have
    : { ...have, unpacked: undefined, installed: have.unpacked }
}

function predictLocal(
  want: PackageFileWant & { readonly source: string },
  have: PackageFileHave,
  prediction: Prediction,
): PackageFileHave | Unknown {
  const { name, source } = want
  const coming = prediction.packages.get(name)
  const isKept = prediction.packages.peekInstalled().some((each) => each.name === name && each.kept)
  if (coming?.installed === true && !isKept && prediction.paths.get(source) === undefined && have.file !== undefined) {
    const isSame = coming.from === `packageFile:${name}` && prediction.repeats.has(coming.from, want)
    return isSame
      ? { ...have, installed: have.file.version }
      : { unknown: `which version of ${name} comes with ${coming.from}` }
  }
  const removed = prediction.packages.get(name)?.installed === false
  const pending = prediction.paths.get(source)
  const bringer = pending === undefined && have.file === undefined ? prediction.bringer() : undefined
  if (!removed && pending === undefined && bringer === undefined) return have
  const installed = removed ? undefined : have.installed
  if (pending === undefined && bringer === undefined) return { ...have, installed }
  if (installed !== undefined)
    return { unknown: `which version of ${name} comes with ${pending?.from ?? bringer?.from ?? 'an earlier step'}` }
  return { installed, file: undefined, comes: pending?.state.type !== 'absent' }
}

function predictFetched(
  want: PackageFileWant & { readonly source: Fetched },
  have: PackageFileHave,
  prediction: Prediction,
  facts: Facts,
): PackageFileHave | Unknown {
  const { name } = want
  const pending = prediction.packages.get(name)
  const tools = curlSettings(want.source.settings).length > 0 ? ['curl'] : ['curl', 'wget']
  const fetcher = have.lacksFetcher === true ? fetcherLater(prediction, tools) : undefined
  const next: PackageFileHave = {
    ...have,
    ...(pending?.installed === false ? { installed: undefined } : {}),
    ...(fetcher === 'comes' ? { lacksFetcher: false } : {}),
  }
  const isKept = prediction.packages.peekInstalled().some((each) => each.name === name && each.kept)
  if (pending?.installed === true && !isKept) {
    const isSame = pending.from === `packageFile:${name}` && prediction.repeats.has(pending.from, want)
    if (!isSame) return { unknown: `which version of ${name} comes with ${pending.from}` }
    return { ...next, installed: 'as fetched', file: { name, version: 'as fetched' } }
  }
  if (typeof fetcher === 'object' && 'refused' in planned(want, next, facts))
    return { unknown: `the host has nothing that fetches, unless ${fetcher.from} changes that` }
  const isUntouched = next.installed === have.installed && next.lacksFetcher === have.lacksFetcher
  return isUntouched ? have : next
}

function planned(want: PackageFileWant, have: PackageFileHave, facts: Facts): Step[] | Refused {
  const { name, source } = want
  const { packageManager, os } = facts
  const { installed, file, deb, unpacked } = have
  if (packageManager !== 'apt' && packageManager !== 'dnf')
    return { refused: `${sourceWords(want)} cannot be installed: ${os.name} has neither apt nor dnf` }
  const unusable = unusableFile(want, have)
  if (unusable !== undefined) return unusable
  if (file !== undefined && installed === file.version) return []
  const before = stepsBefore(deb ?? { lists: 'unasked' }, unpacked === undefined ? [] : [name])
  const install = packageManager === 'apt' ? withApt : withDnf
  return typeof source === 'string'
    ? planLocal({ ...want, source }, have, before, install(sh`${source}`))
    : planFetched({ ...want, source }, have, before, install(raw('"$into"')), facts)
}

/** Refuses a file that is not there, that is no package, or that holds another package. */
function unusableFile(want: PackageFileWant, { file, comes }: PackageFileHave): Refused | undefined {
  const words = sourceWords(want)
  if (file === undefined)
    return comes === true
      ? undefined
      : {
          refused: `there is no file ${words} to install ${want.name} from`,
          hint: `put download('${words}') before this resource, or name a URL and its sha256`,
        }
  if (file.version === '') return { refused: `${words} is not a package`, hint: 'see whether the download is complete' }
  if (file.name !== want.name)
    return {
      refused: `${words} contains the package ${file.name}, not ${want.name}`,
      hint: `write packageFile('${file.name}'`,
    }
  return undefined
}

function planLocal(
  want: PackageFileWant & { readonly source: string },
  { installed, file, deb, unpacked }: PackageFileHave,
  before: readonly Step[],
  install: Sh,
): Step[] | Refused {
  const { name, source, deadline } = want
  const refused = deb && refusedDeb(name, source, deb)
  if (refused !== undefined) return refused
  if (file !== undefined && unpacked === file.version) return [...before]
  const version = file === undefined ? '' : ` ${file.version}`
  return [...before, { summary: `install ${name}${version} from ${source}${was(installed)}`, sh: install, deadline }]
}

function planFetched(
  want: PackageFileWant & { readonly source: Fetched },
  { installed, file, lacksFetcher }: PackageFileHave,
  before: readonly Step[],
  install: Sh,
  facts: Facts,
): Step[] | Refused {
  const { name, source, deadline } = want
  const { version = file?.version } = source
  if (source.version !== undefined && installed !== undefined && isNamedVersion(source.version, installed, facts))
    return []
  const words = sourceWords(want)
  if (lacksFetcher === true)
    return { refused: `${words} cannot be fetched: the host has no curl`, hint: `put pkg('curl') before this resource` }
  return [
    ...before,
    {
      summary: `fetch and install ${name}${version === undefined ? '' : ` ${version}`} from ${words}${was(installed)}`,
      sh: fetchAndInstall(name, source, install, facts),
      stdin: fetchInput(source),
      deadline,
      failures: FETCH_FAILURES,
    },
  ]
}

function was(installed: string | undefined): string {
  return installed === undefined ? '' : ` (was ${installed})`
}

function withApt(source: Sh): Sh {
  return lines(environment, patience, sh`announced; apt-get ${aptOptions} ${debAction(source)} || exit`, rereadUnits)
}

function withDnf(source: Sh): Sh {
  return lines(
    raw('export LC_ALL=C'),
    dnfPatience,
    sh`dnf -y install ${source} || dnf -y downgrade ${source} || exit`,
    rereadUnits,
  )
}
