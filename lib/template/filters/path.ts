import { relative, resolve } from 'node:path/posix'
import { homeDirectory } from '../../machine/account.ts'
import type { Apply } from '../evaluation/given.ts'
import { withParameters } from '../evaluation/given.ts'
import { Tuple, type Value } from '../values/value.ts'

const ofPath = (change: (path: string) => Value): Apply => withParameters([], (run, value) => change(run.text(value)))

/** Python's `os.path.join`: an absolute part replaces what is before it. */
function joined(parts: readonly string[]): string {
  return parts.reduce(
    (path, part) => (part.startsWith('/') || path === '' ? part : path.endsWith('/') ? path + part : `${path}/${part}`),
    '',
  )
}

/** Filters of paths. They do not look at the file system. */
export const pathFilters: Readonly<Record<string, Apply>> = {
  basename: ofPath((path) => path.slice(path.lastIndexOf('/') + 1)),
  dirname: ofPath((path) => {
    const head = path.slice(0, path.lastIndexOf('/') + 1)
    return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '')
  }),
  splitext: ofPath((path) => {
    const [, end = ''] = /^(?:.*\/)?\.*[^/.][^/]*?(\.[^./]*)$/.exec(path) ?? []
    return new Tuple([path.slice(0, path.length - end.length), end])
  }),
  expanduser: ofPath((path) => path.replace(/^~(?=\/|$)/, () => homeDirectory())),
  path_join: withParameters([], (run, value) =>
    typeof value === 'string' ? value : joined(run.items(value).map((each) => run.text(each))),
  ),
  relpath: withParameters(
    ['start'],
    (run, value, given) => relative(resolve(given.text('start', '.')), resolve(run.text(value))) || '.',
  ),
}
