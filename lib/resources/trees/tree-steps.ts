import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { LocalFile } from '../files/local-file.ts'
import { account, exactly, onSignals } from '../files/writing/temp-file.ts'
import { writeUntrusted } from '../files/writing/write-untrusted.ts'
import type { Step } from '../kit/kind.ts'
import type { LocalEntry } from './local-tree.ts'
import { tar } from './tar.ts'
import { asOwner, type HostTree } from './tree-probe.ts'
import type { TreeWant } from './tree-want.ts'

export function modeFor(want: TreeWant, entry: LocalEntry): string {
  if (entry.type === 'dir') return want.directoryMode
  return entry.type === 'file' ? (want.mode ?? entry.mode) : '0777'
}

/** Enters the tree as the account it belongs to. */
function inTree({ path, owner, group }: TreeWant, script: Sh): Sh {
  return lines(sh`cd -P -- ${path} || exit 1`, asOwner(owner, script, group))
}

export function remove(want: TreeWant, gone: readonly string[]): Step {
  return {
    summary: `remove ${counted(gone)} from ${want.path}`,
    sh: inTree(
      want,
      raw(`set --
while IFS= read -r f; do set -- "$@" "./$f"; [ $# -lt 500 ] || { rm -rf -- "$@" || exit 1; set --; }; done
[ $# = 0 ] || rm -rf -- "$@"`),
    ),
    stdin: Buffer.from(gone.map((name) => `${name}\n`).join('')),
  }
}

/**
 * Renames everything below `$stage/t` to its place: what the tree does not have yet in one piece, whatever is in it; else directory by directory.
 * A process for each directory that is new would take longer than all that is written.
 */
const INTO_PLACE = `(cd "$stage/t" || exit 1
top=$PWD/../..
find . -type d >../dirs || exit 1
while IFS= read -r d; do
[ -d "$d" ] || continue
cd "$d" || exit 1
set --
for e in * .[!.]* ..?*; do
{ [ -e "$e" ] || [ -L "$e" ]; } || continue
[ ! -d "$e" ] || [ -L "$e" ] || [ ! -d "$top/$d/$e" ] || continue
set -- "$@" "./$e"
[ $# -lt 500 ] || { mv -f -- "$@" "$top/$d/" || exit 1; set --; }
done
[ $# = 0 ] || mv -f -- "$@" "$top/$d/" || exit 1
cd "$top/$stage/t" || exit 1
done <../dirs
) || exit 1`

/**
 * Unpacks into a hidden directory of the tree, for nobody else to read, and renames everything to its place, see `INTO_PLACE`: each file is there whole, the old
 * one or the new one.
 */
export function write(want: TreeWant, entries: readonly LocalEntry[], have: HostTree): Step {
  const { path, owner, group } = want
  const who = account({ owner: owner === undefined || owner === 'root' ? owner : undefined, group })
  const own = raw(who === '' ? ':' : sh`chown -R -h -- ${who} "$stage/t" || exit 1`.text)
  const needed = new Set([...entries.filter(({ type }) => type !== 'dir').flatMap((entry) => above(entry.path))])
  const dirs = [...needed]
    .filter((dir) => !entries.some((entry) => entry.path === dir))
    .map((dir) => ({ path: dir, mode: 0o700 }))
  const files = entries.filter(({ type }) => type !== 'dir')
  const made = entries.filter(({ type }) => type === 'dir')
  const archive = tar([
    ...made.map((entry) => ({ path: `t/${entry.path}`, mode: 0o700 })),
    ...dirs.map((dir) => ({ ...dir, path: `t/${dir.path}` })),
    ...files.map((entry) => ({
      path: `t/${entry.path}`,
      mode: Number.parseInt(modeFor(want, entry), 8),
      bytes: entry.type === 'file' && !(entry.content instanceof LocalFile) ? entry.content : undefined,
      target: entry.type === 'link' ? entry.target : undefined,
    })),
  ])
  const names = counted(entries.map((entry) => entry.path))
  const isNew = have.entries.size === 0
  return {
    summary: `${isNew ? 'write' : 'update'} ${names} in ${path}`,
    sh: inTree(
      want,
      lines(
        raw(`umask 077
stage=
trap '[ -z "$stage" ] || rm -rf -- "$stage"' EXIT`),
        onSignals,
        raw(`rm -rf -- ./.rolecall-tree.*
stage=$(mktemp -d ./.rolecall-tree.XXXXXX) && mkdir "$stage/t" || exit 1
tar -x -p -o -f - -C "$stage" || exit 1`),
        own,
        raw(INTO_PLACE),
        ...chmods(
          want,
          made.map((entry) => entry.path),
        ),
        raw('sync . 2>/dev/null; :'),
      ),
    ),
    stdin: archive,
    deadline: 600 + Math.ceil(archive.length / (1024 * 1024)),
  }
}

/** Modes and owners of directories, once their files are in place; some 100 at a time. */
function chmods({ directoryMode, owner, group }: TreeWant, dirs: readonly string[]): Sh[] {
  const who = account({ owner: owner === undefined || owner === 'root' ? owner : undefined, group })
  const some: Sh[] = []
  for (let at = 0; at < dirs.length; at += 100) {
    const names = dirs.slice(at, at + 100).map((dir) => `./${dir}`)
    if (who !== '') some.push(sh`chown -h -- ${who} ${names} || exit 1`)
    some.push(sh`chmod -- ${exactly(directoryMode)} ${names} || exit 1`)
  }
  return some
}

export function send(want: TreeWant, entry: Extract<LocalEntry, { type: 'file' }>): Step {
  const { path, owner, group } = want
  const at = posix.join(path, entry.path)
  const source = entry.content instanceof LocalFile ? entry.content : undefined
  const script = writeUntrusted(
    { path: at, length: entry.size, mode: modeFor(want, entry), owner, group },
    raw(':'),
    undefined,
  )
  return {
    summary: `write ${at}`,
    sh: script,
    ...(source === undefined ? {} : { upload: { file: source.file, length: source.length } }),
    deadline: 600 + Math.ceil(entry.size / (1024 * 1024)),
  }
}

function counted(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.length} entries (${names.slice(0, 2).join(', ')}, ...)`
}

export function above(name: string): string[] {
  const dirs: string[] = []
  for (let dir = posix.dirname(name); dir !== '.'; dir = posix.dirname(dir)) dirs.push(dir)
  return dirs
}
