import { posix } from 'node:path'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Unknown } from '../kit/kind.ts'
import { allAfter } from '../kit/text.ts'

/** Where systemd-sysctl reads at boot, the strongest first: a name in one hides the same name in those below it. */
const DIRS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d']
/** `sysctl --system` reads it last; Debian's own link to it, 99-sysctl.conf, brings it to boot. */
const LAST = '/etc/sysctl.conf'

/** A file that is read at boot, with those of its lines that name the parameter's last part. */
export interface SysctlFile {
  readonly path: string
  readonly lines: readonly { readonly number: number; readonly text: string }[]
}

/**
 * Says which files are read at boot, `file PATH`, and what they say: `PATH:NUMBER:TEXT`.
 *
 * Source: sysctl.d(5); sysctl(8), `--system`.
 */
export function probeFiles(path: string): Sh {
  return sh`echo '# files'; set --
for d in ${DIRS}; do for f in "$d"/*.conf; do [ ! -e "$f" ] || { echo "file $f"; [ ! -f "$f" ] || set -- "$@" "$f"; }; done; done
[ ! -f ${LAST} ] || { echo ${`file ${LAST}`}; set -- "$@" ${LAST}; }
grep -HnF -e ${posix.basename(path)} -- "$@" /dev/null`
}

export function readFiles(said: readonly string[]): readonly SysctlFile[] {
  const paths = allAfter(said, 'file')
  return paths.map((path) => ({
    path,
    lines: said.flatMap((line) => {
      const [, number, text = ''] = line.startsWith(`${path}:`)
        ? (/^(\d+):(.*)$/.exec(line.slice(path.length + 1)) ?? [])
        : []
      return number === undefined ? [] : [{ number: Number(number), text }]
    }),
  }))
}

/** Files as pending changes will leave them. The very same list comes back when none of them matters. */
export function predictFiles(
  files: readonly SysctlFile[],
  own: string,
  prediction: Prediction,
): readonly SysctlFile[] | Unknown {
  const pending = [
    ...DIRS.flatMap((dir) => prediction.paths.below(dir)),
    ...[LAST].flatMap((path) => ({ path, ...prediction.paths.get(path) })),
  ].filter(({ path, from }) => path.endsWith('.conf') && path !== own && from?.startsWith('sysctl:') === false)
  if (pending.length === 0) return files
  const changed = new Map(files.map((file) => [file.path, file]))
  for (const { path, state, from = '' } of pending) {
    if (state === undefined) continue
    if (state.type === 'absent') changed.delete(path)
    else if (state.type === 'link' && state.target === '/dev/null') changed.set(path, { path, lines: [] })
    else if (state.type === 'file' && state.content !== undefined)
      changed.set(path, { path, lines: linesOf(Buffer.from(state.content).toString('utf8')) })
    else if (state.type !== 'dir' && !(state.type === 'file' && state.kept === true) && comesLater(path, own))
      return { unknown: `what ${path}, which comes later at boot, will say is known only after ${from}` }
  }
  return [...changed.values()]
}

function linesOf(text: string): SysctlFile['lines'] {
  return text.split('\n').map((line, index) => ({ number: index + 1, text: line }))
}

function comesLater(path: string, own: string): boolean {
  return path === LAST || posix.basename(path) > posix.basename(own)
}

/** What sets the parameter last, of the files that come after its own; undefined when none does. */
export function winner(
  files: readonly SysctlFile[],
  own: string,
  isKey: (key: string) => boolean,
): { readonly path: string; readonly number: number; readonly value: string } | undefined {
  const byName = new Map<string, SysctlFile>()
  // The first of a name hides the others.
  for (const file of files.filter(({ path }) => path !== LAST)) {
    const name = posix.basename(file.path)
    if (!byName.has(name)) byName.set(name, file)
  }
  const inOrder = [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file)
  const last = files.filter(({ path }) => path === LAST)
  return [...inOrder, ...last]
    .filter(({ path }) => path !== own && comesLater(path, own))
    .flatMap(({ path, lines }) =>
      lines.flatMap(({ number, text }) => {
        const [, key = '', value = ''] = /^\s*-?\s*([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(text) ?? []
        return key !== '' && isKey(key) ? [{ path, number, value }] : []
      }),
    )
    .at(-1)
}
