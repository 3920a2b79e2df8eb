import type { Facts } from '../../facts.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { path, seconds } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { environment, options as aptOptions, patience } from './apt/apt.ts'
import { patience as dnfPatience } from './dnf/dnf.ts'
import { rereadUnits } from './transaction-summary.ts'

export interface PackageFileOptions {
  /** A .deb or .rpm on the host. */
  readonly source: string
  /** Seconds, default 1800. */
  readonly deadline?: number
}

export interface PackageFileWant {
  readonly name: string
  readonly source: string
  readonly deadline: number
}

interface PackageFileHave {
  /** The version that is installed. */
  readonly installed: string | undefined
  /** What the file holds; undefined: there is no file. */
  readonly file: { readonly name: string; readonly version: string } | undefined
  /** Prediction: the file is still to come. */
  readonly comes?: boolean
}

/**
 * A package from a file on the host (.deb, .rpm), in just the version that the file has; what it depends on comes from the package sources. Put a `download` or a
 * `file` before it. Downgrades are made.
 *
 * Check mode: a file that is still to come is installed where no version is there; whether it differs from one that is there is unknown.
 *
 * Refused: no such file; a file that holds another package, or that another account can change; a host without apt or dnf.
 *
 * @example
 * const deb = download('/var/cache/app.deb', { source: 'https://example.com/app_1.2_amd64.deb', sha256: '...' })
 * await ensure(deb, packageFile('app', { source: '/var/cache/app.deb' }))
 *
 * Source: apt-get(8), dpkg-deb(1), dnf(8), rpm(8).
 */
export function packageFile(name: string, options: PackageFileOptions): Resource {
  const { options: given } = read(name, options)
  return make(name, { name, source: given.source, deadline: given.deadline ?? 1800 })
}

const read = resourceOptions<PackageFileOptions>()(
  'packageFile',
  (given) => {
    if (typeof given === 'string' && /^\w[\w.+-]*$/.test(given)) return given
    throw invalidOption('packageFile', 'the name of the package', describeValue(given))
  },
  () => ({ source: path(), deadline: seconds().optional() }),
)

const make = kind<PackageFileWant, PackageFileHave>({
  name: 'packageFile',
  probe: ({ name, source }, { packageManager }) =>
    packageManager === 'apt'
      ? sh`v=$(dpkg-query -W -f '\${db:Status-Status} \${Version}' -- ${name} 2>/dev/null)
case $v in 'installed '*) echo "installed \${v#installed }";; esac
[ ! -f ${source} ] || { echo "file $(dpkg-deb -f ${source} Package 2>/dev/null) $(dpkg-deb -f ${source} Version 2>/dev/null)"; }`
      : sh`v=$(rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' -- ${name} 2>/dev/null) && echo "installed $v"
[ ! -f ${source} ] || echo "file $(rpm -qp --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- ${source} 2>/dev/null)"`,
  read(_, { lines: said }) {
    const find = (word: string) => said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const [name = '', version = ''] = find('file')?.split(' ') ?? []
    return { installed: find('installed'), file: find('file') === undefined ? undefined : { name, version } }
  },
  plan: planned,
  effects: ({ name }) => [
    { type: 'package', name, installed: true },
    { type: 'units', reloaded: true },
  ],
  predict(want, have, prediction) {
    const { name, source } = want
    const coming = prediction.packages.get(name)
    const isKept = prediction.packages.peekInstalled().some((each) => each.name === name && each.kept)
    if (
      coming?.installed === true &&
      !isKept &&
      prediction.paths.get(source) === undefined &&
      have.file !== undefined
    ) {
      const isSame = coming.from === `packageFile:${name}` && prediction.repeats.has(coming.from, want)
      return isSame
        ? { ...have, installed: have.file.version }
        : { unknown: `which version of ${name} comes with ${coming.from}` }
    }
    const removed = prediction.packages.get(name)?.installed === false
    const pending = prediction.paths.get(source)
    const bringer = pending === undefined && have.file === undefined ? prediction.opaque() : undefined
    if (!removed && pending === undefined && bringer === undefined) return have
    const installed = removed ? undefined : have.installed
    if (pending === undefined && bringer === undefined) return { ...have, installed }
    if (installed !== undefined)
      return { unknown: `which version of ${name} comes with ${pending?.from ?? bringer?.from ?? 'an earlier step'}` }
    return { installed, file: undefined, comes: pending?.state.type !== 'absent' }
  },
  advanced: {
    trusts: ({ source }) => [{ path: source, danger: 'could have any package installed' }],
    declarations: ({ name, source }) => [[`package ${name}`, source]],
  },
})

function planned(want: PackageFileWant, have: PackageFileHave, { packageManager, os }: Facts): Step[] | Refused {
  const { name, source, deadline } = want
  if (packageManager !== 'apt' && packageManager !== 'dnf')
    return { refused: `${source} cannot be installed: ${os.name} has neither apt nor dnf` }
  const { installed, file } = have
  if (file === undefined && have.comes !== true)
    return {
      refused: `there is no file ${source} to install ${name} from`,
      hint: `put download('${source}') before it`,
    }
  if (file !== undefined && file.version === '')
    return { refused: `${source} is no package`, hint: 'look whether it was fetched whole' }
  if (file !== undefined && file.name !== name)
    return {
      refused: `${source} holds the package ${file.name}, not ${name}`,
      hint: `write packageFile('${file.name}'`,
    }
  if (file !== undefined && installed === file.version) return []
  const version = file === undefined ? '' : ` ${file.version}`
  return [
    {
      summary: `install ${name}${version} from ${source}${installed === undefined ? '' : ` (was ${installed})`}`,
      sh: packageManager === 'apt' ? withApt(source) : withDnf(source),
      deadline,
    },
  ]
}

function withApt(source: string): Sh {
  return lines(
    environment,
    patience,
    sh`announced; apt-get ${aptOptions} --no-install-recommends --allow-downgrades --reinstall install ${source} || exit`,
    rereadUnits,
  )
}

function withDnf(source: string): Sh {
  return lines(
    raw('export LC_ALL=C'),
    dnfPatience,
    sh`dnf -y install ${source} || dnf -y downgrade ${source} || exit`,
    rereadUnits,
  )
}
