import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { planDirectory } from '../files/dir.ts'
import { LocalFile } from '../files/local-file.ts'
import { account, exactly, onSignals } from '../files/writing/temp-file.ts'
import { writeUntrusted } from '../files/writing/write-untrusted.ts'
import type { Change, Plan, Refused, Step } from '../kit/kind.ts'
import type { LocalEntry } from './local-tree.ts'
import { tar } from './tar.ts'
import { asOwner, type HostEntry, type HostTree } from './tree-probe.ts'
import type { TreeWant } from './tree-want.ts'

/** The steps from what is there to what is wanted: what is in the way goes, then all files come in one archive. */
export function planTree(want: TreeWant, have: HostTree): Plan | Refused {
  const { path, owner, group, directoryMode, prune, tree } = want
  if (have.found.type === 'link')
    return { refused: `${path} is a symbolic link`, hint: 'name the directory that it leads to' }
  const base = planDirectory({ path, parents: true, mode: directoryMode, owner, group }, have.found)
  if ('refused' in base) return base
  const unsafe = untrusted(want, have)
  if (unsafe !== undefined) return unsafe
  const blocked = tree.entries.find((entry) => isBlocked(entry, have.entries.get(entry.path)))
  if (blocked !== undefined && !prune)
    return {
      refused: `${posix.join(path, blocked.path)} is ${nature(have.entries.get(blocked.path))}, not ${nature(blocked)}`,
      hint: 'say prune: true if what the source does not have may go, or remove it',
    }
  const changed = tree.entries.filter((entry) => differs(want, entry, have.entries.get(entry.path)))
  const gone = prune ? extra(want, have) : []
  const large = changed.filter(isLarge)
  const small = changed.filter((entry) => !isLarge(entry))
  return {
    steps: [
      ...base,
      ...(gone.length === 0 ? [] : [remove(want, gone)]),
      ...(small.length === 0 ? [] : [write(want, small, have)]),
      ...large.map((entry) => send(want, entry)),
    ],
    changes: changed.length + gone.length === 0 ? [] : [shown(want, changed, gone, have)],
  }
}

/**
 * What others can change meanwhile is worked with as the account that can: then it is the wanted owner. Root by itself works only where nobody else can.
 */
function untrusted(want: TreeWant, { found, entries }: HostTree): Refused | undefined {
  const { path, owner = 'root', tree } = want
  if (owner !== 'root') return undefined
  const whose = (uid: string | undefined, mode: string | undefined) =>
    (uid !== undefined && uid !== '0') || (Number.parseInt(mode ?? '0', 8) & 0o022) !== 0
  const own = found.type === 'dir' && (found.way !== undefined || whose(found.owner?.id, found.mode)) ? '' : undefined
  const dirs = tree.entries.filter(({ type }) => type === 'dir')
  const inside = dirs.find((dir) => {
    const there = entries.get(dir.path)
    return there?.type === 'dir' && whose(there.uid, there.mode)
  })
  const at = own ?? (found.way === undefined ? undefined : '') ?? inside?.path
  if (at === undefined) return undefined
  return {
    refused: `another account can change ${posix.join(path, at)}: root writes no tree there`,
    hint: 'name that account as owner, and the tree is written as it; or give the directory to root before it',
  }
}

function isLarge(entry: LocalEntry): entry is Extract<LocalEntry, { type: 'file' }> {
  return entry.type === 'file' && entry.content instanceof LocalFile
}

function isBlocked(entry: LocalEntry, there: HostEntry | undefined): boolean {
  if (there === undefined || there.type === entry.type) return false
  return entry.type === 'dir' || there.type === 'dir' || there.type === 'special'
}

function nature(entry: { readonly type: string } | undefined): string {
  return entry?.type === 'dir'
    ? 'a directory'
    : entry?.type === 'link'
      ? 'a symbolic link'
      : entry?.type === 'special'
        ? 'a device, socket or pipe'
        : 'a file'
}

export function modeFor(want: TreeWant, entry: LocalEntry): string {
  if (entry.type === 'dir') return want.directoryMode
  return entry.type === 'file' ? (want.mode ?? entry.mode) : '0777'
}

function differs(want: TreeWant, entry: LocalEntry, there: HostEntry | undefined): boolean {
  if (there === undefined || there.type !== entry.type) return true
  const isOthers =
    (want.owner !== undefined && want.owner !== there.user && want.owner !== there.uid) ||
    (want.group !== undefined && want.group !== there.group)
  if (entry.type === 'link') return there.target !== entry.target
  if (isOthers || there.mode !== modeFor(want, entry)) return true
  return entry.type === 'file' && (there.size !== entry.size || there.sha256 !== entry.sha256)
}

/** What is not in the source, its topmost part each; what blocks something that is. */
function extra({ tree, excluded }: TreeWant, { entries }: HostTree): string[] {
  const wanted = new Map(tree.entries.map((entry) => [entry.path, entry]))
  const isGone = (name: string): boolean => {
    if (excluded(name)) return false
    const entry = wanted.get(name)
    return entry === undefined || isBlocked(entry, entries.get(name))
  }
  const keeps = new Set([...entries.keys()].filter((name) => excluded(name)).flatMap(above))
  const gone = [...entries.keys()].filter((name) => isGone(name) && !keeps.has(name))
  const all = new Set(gone)
  return gone.filter((name) => !above(name).some((dir) => all.has(dir))).sort()
}

function above(name: string): string[] {
  const dirs: string[] = []
  for (let dir = posix.dirname(name); dir !== '.'; dir = posix.dirname(dir)) dirs.push(dir)
  return dirs
}

/** Enters the tree as the account it belongs to. */
function inTree({ path, owner, group }: TreeWant, script: Sh): Sh {
  return lines(sh`cd -P -- ${path} || exit 1`, asOwner(owner, script, group))
}

function remove(want: TreeWant, gone: readonly string[]): Step {
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
function write(want: TreeWant, entries: readonly LocalEntry[], have: HostTree): Step {
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

function send(want: TreeWant, entry: Extract<LocalEntry, { type: 'file' }>): Step {
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

const MOST_SHOWN = 200

function shown({ path }: TreeWant, changed: readonly LocalEntry[], gone: readonly string[], have: HostTree): Change {
  const say = (entry: LocalEntry) =>
    entry.type === 'file'
      ? `${entry.path} (${entry.size} bytes)`
      : entry.type === 'link'
        ? `${entry.path} -> ${entry.target}`
        : `${entry.path}/`
  const pairs = changed.map((entry): readonly [string, string] => {
    const there = have.entries.get(entry.path)
    return [
      there === undefined ? '' : `${entry.path} (${there.size} bytes, ${there.mode} ${there.user}:${there.group})`,
      say(entry),
    ]
  })
  return { pairs: [...pairs, ...gone.map((name) => [name, ''] as const)].slice(0, MOST_SHOWN), label: path }
}
