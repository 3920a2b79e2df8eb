import { posix } from 'node:path'
import { lines, raw, type Sh } from '../../sh/quote.ts'
import {
  askReadFiles,
  isReadAfter,
  linesAround,
  predictReadFiles,
  type ReadFile,
  type ReadOrder,
} from '../drop-ins/read-order.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'

/** `sysctl --system` reads the last one last; Debian's own link to it, 99-sysctl.conf, brings it to boot. Source: sysctl.d(5); sysctl(8), `--system`. */
const ORDER: ReadOrder = {
  dirs: ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'],
  last: '/etc/sysctl.conf',
}

/** Says which files are read at boot, and what they say of the parameter's last part. */
export function probeFiles(path: string): Sh {
  return lines(raw(`echo '# files'`), askReadFiles(ORDER, [posix.basename(path)]))
}

/** Files as pending changes will leave them. The very same list comes back when none of them matters. */
export function predictFiles(
  files: readonly ReadFile[],
  own: string,
  prediction: Prediction,
): readonly ReadFile[] | Unknown {
  return predictReadFiles(files, ORDER, prediction, {
    isOther: (path, from) => path !== own && !from.startsWith('sysctl:'),
    matters: (path) => isReadAfter(ORDER, path, own),
  })
}

/** What sets the parameter last, of the files that come after its own; undefined when none does. */
export function winner(
  files: readonly ReadFile[],
  own: string,
  isKey: (key: string) => boolean,
): { readonly path: string; readonly number: number; readonly value: string } | undefined {
  return linesAround(files, ORDER, own)
    .after.flatMap(({ path, number, text }) => {
      const [, key = '', value = ''] = /^\s*-?\s*([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/s.exec(text) ?? []
      return key !== '' && isKey(key) ? [{ path, number, value }] : []
    })
    .at(-1)
}
