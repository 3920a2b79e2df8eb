import { raw, sh, type Sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Step, Unknown } from '../kit/kind.ts'
import type { TrustedPlace } from '../kit/trusted-place.ts'
import { text } from '../kit/options/option-types.ts'

/** A dump on the host, as an option. */
export const dumpOption = () =>
  text(
    'the absolute path of a dump: .sql, .dump, .sql.gz, .sql.bz2, .sql.xz or .sql.zst',
    /^\/(?!(.*\/)?\.\.\/)[^\0]*\.(sql|dump|sql\.(gz|bz2|xz|zst))$/,
  )

/** Prints `dump` when the file is there. */
export function askDump(source: string | undefined): Sh {
  return source === undefined ? raw(':') : sh`[ ! -f ${source} ] || echo dump`
}

/** Whoever can change a dump has their own SQL run by the superuser, and programs where psql(1) reads the dump. */
export function dumpPlace(source: string | undefined, user?: string): TrustedPlace[] {
  return source === undefined ? [] : [{ path: source, user, danger: 'could have any SQL run by the superuser' }]
}

export function noDump(name: string, source = ''): Refused {
  return {
    refused: `there is no dump ${source} to fill database ${name} from`,
    hint: 'put the download or file that brings it before this resource',
  }
}

/** Whether the dump will be there. */
export function dumpLater(source: string | undefined, dump: boolean, prediction: Prediction): boolean | Unknown {
  if (source === undefined) return true
  const pending = prediction.paths.get(source)
  if (pending !== undefined) return pending.state.type === 'file'
  const bringer = dump ? undefined : (prediction.paths.filledAbove(source) ?? prediction.command())
  return bringer === undefined ? dump : { unknown: `whether ${source} is there is known only after ${bringer.from}` }
}

const UNPACKERS: Readonly<Record<string, string>> = { gz: 'gzip', bz2: 'bzip2', xz: 'xz', zst: 'zstd' }

/** Seconds that loading a dump may take. */
const DEADLINE_SECONDS = 3600

/** Loads the dump; when that fails, the new database goes, so that the next run tries again. */
export function loadStep(name: string, source: string, load: Sh, drop: Sh): Step {
  const unpacker = UNPACKERS[source.replace(/.*\./, '')]
  const read = unpacker === undefined ? sh`cat <${source}` : sh`${unpacker} -dc <${source}`
  return {
    summary: `load ${source} into database ${name}`,
    sh: sh`( { ${read} || echo broken >&3; } | { ( ${load} ) >/dev/null || echo broken >&3; } ) 3>&1 | grep -q broken || exit 0
( ${drop} ) >/dev/null
echo ${`${source} could not be loaded whole; the new database ${name} was dropped again`} >&2; exit 1`,
    deadline: DEADLINE_SECONDS,
  }
}
