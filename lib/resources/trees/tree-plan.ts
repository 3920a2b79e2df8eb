import { posix } from 'node:path'
import { planDirectory } from '../files/dir.ts'
import { LocalFile } from '../files/local-file.ts'
import type { Change, Plan, Refused } from '../kit/kind.ts'
import type { LocalEntry } from './local-tree.ts'
import type { HostEntry, HostTree } from './tree-probe.ts'
import { above, modeFor, remove, send, write } from './tree-steps.ts'
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
      hint: 'set prune: true to remove what the source does not have, or remove it by hand',
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
    refused: `another account can change ${posix.join(path, at)}: root does not write a tree there`,
    hint: 'set owner to that account, which then writes the tree; or give the directory to root before this resource',
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
