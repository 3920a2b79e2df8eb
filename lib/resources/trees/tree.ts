import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { accountOption } from '../accounts/account.ts'
import { localPath, LocalFile } from '../files/local-file.ts'
import { predictRootPath } from '../files/path/path-prediction.ts'
import { absolute } from '../files/path/path.ts'
import type { Access, Contents } from '../kit/declarations.ts'
import { kind, type Resource, type Unknown } from '../kit/kind.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import { flag, list, mode, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import { matcher, readTree } from './local-tree.ts'
import type { TemplateVariables } from './render.ts'
import { planTree } from './tree-plan.ts'
import { modeFor } from './tree-steps.ts'
import { probeTree, readHostTree, type HostEntry, type HostTree } from './tree-probe.ts'
import type { TreeWant } from './tree-want.ts'

export type { TreeWant } from './tree-want.ts'

export interface TreeOptions {
  /** A directory of the controller; a relative path is beside the file that this is written in. */
  readonly source: string
  /** Of files. Octal digits in quotes. Default: `'0755'` for those that are executable on the controller, else `'0644'`. */
  readonly mode?: string
  /** Of directories, the topmost one too. Default `'0755'`. */
  readonly directoryMode?: string
  /** Whom everything belongs to. Default: the user that scripts run as, and what is there keeps its owner. */
  readonly owner?: string
  readonly group?: string
  /** What the source does not have is removed. Default false. */
  readonly prune?: boolean
  /** Names and patterns that are neither copied nor removed, as in a .gitignore: `*.tmp`, `cache/**`. */
  readonly exclude?: readonly string[]
  /** Files whose name ends with `.eta` are templates with these variables, as of `template`, and lose that ending. */
  readonly variables?: TemplateVariables
}

/**
 * A directory as it is on the controller: files, directories and links, with their modes and owner. It takes two round trips, whatever the number of files: one question that
 * compares checksums, and one archive with what differs. Each file is there whole, the old one or the new one. Files above 1 MiB are sent piece by piece.
 *
 * With an `owner` other than root everything in it is done as that account, so that no link of the account leads elsewhere. Without one, directories that others can change
 * are refused. Directories above it that are not there are made, with mode 0755. Without `prune` what else is there is not touched, and below names that the source does not have at its top not looked at.
 *
 * @example
 * tree('/srv/www', { source: '../files/www', owner: 'deploy', group: 'www-data', prune: true, exclude: ['uploads'] })
 * tree('/etc/app', { source: '../files/app', variables: { port: 8080 }, directoryMode: '0750', mode: '0640' })
 *
 * Refused: a source that is no directory; a file where a directory is to be, or the other way round, without `prune`; what `template` refuses; a directory that another account can
 * change, without that account as owner.
 * Unknown: what a pending resource leaves in it, where nobody wrote that down.
 *
 * Source: find(1), stat(1), sha256sum(1), tar(1) of coreutils, findutils, GNU tar and busybox.
 */
export function tree(path: string, options: TreeOptions): Resource {
  const { name, options: given } = read(path, options)
  const { source, mode: fileMode, directoryMode = '0755', owner, group, prune = false, exclude = [], variables } = given
  const excluded = matcher([...exclude, '/.rolecall-tree.*'])
  const four = (digits: string) => digits.padStart(4, '0')
  return make(name, {
    path: name,
    mode: fileMode === undefined ? undefined : four(fileMode),
    directoryMode: four(directoryMode),
    owner,
    group,
    prune,
    excluded,
    tree: readTree(localPath(source), { of: `tree:${name}`, excluded, variables }),
  })
}

const read = resourceOptions<TreeOptions>()(
  'tree',
  (path) => absolute('tree', path),
  () => ({
    source: text('a path of the controller', /^[^\0]+$/),
    mode: mode().optional(),
    directoryMode: mode().optional(),
    owner: accountOption().optional(),
    group: accountOption().optional(),
    prune: flag().optional(),
    exclude: list('a list of patterns', text('a pattern', /^[^\0]+$/)).optional(),
    variables: value<TemplateVariables>('names and values', isPlain).optional(),
  }),
)

/** More are not told one by one: that would take longer than the tree itself. */
const MOST_EFFECTS = 1000

const make = kind<TreeWant, HostTree>({
  name: 'tree',
  probe: ({ path, owner, group, prune, tree: local }) => {
    const top = [...new Set(local.entries.map((entry) => entry.path.split('/')[0] ?? ''))]
    return probeTree(path, { owner, group }, prune ? undefined : top)
  },
  read: ({ path }, reply) => readHostTree(path, reply),
  predict: predictTree,
  plan: (want, have) => planTree(want, have),
  effects(want) {
    const { path, owner, group, directoryMode, tree: local } = want
    const who = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) }
    const isMany = local.entries.length > MOST_EFFECTS
    const top: Effect = {
      type: 'path',
      path,
      state: { type: 'dir', mode: directoryMode, ...who, ...(isMany ? { filled: true as const } : {}) },
    }
    if (isMany) return [top]
    return [
      top,
      ...local.entries.map((entry): Effect => {
        const at = posix.join(path, entry.path)
        if (entry.type === 'link') return { type: 'path', path: at, state: { type: 'link', target: entry.target } }
        const more = { mode: modeFor(want, entry), ...who }
        if (entry.type === 'dir') return { type: 'path', path: at, state: { type: 'dir', ...more } }
        const { content: bytes } = entry
        const content = bytes instanceof LocalFile || local.isSecret ? { sealed: true as const } : { content: bytes }
        return { type: 'path', path: at, state: { type: 'file', ...more, ...content } }
      }),
    ]
  },
  paths: ({ path, tree: local }) => [
    path,
    ...local.entries.slice(0, MOST_EFFECTS).map((entry) => posix.join(path, entry.path)),
  ],
  advanced: {
    declarations: ({ path, tree: local, ...want }) => [
      [`tree ${path}`, { ...want, files: local.entries.map(({ path: at }) => at) }],
    ],
    access: accessOf,
    contents: contentsOf,
    statPaths: ({ path }) => [{ path }],
    parallelProbe: true,
  },
})

/** Of the directory itself, and of all that it brings. */
function accessOf(want: TreeWant): readonly Access[] {
  const { path, owner, group, directoryMode, tree: local } = want
  return [
    { path, owner, group, directoryMode },
    ...local.entries.flatMap((entry): Access[] => {
      const at = { path: posix.join(path, entry.path), owner, group }
      if (entry.type === 'link') return []
      const keptMode = modeFor(want, entry)
      return [entry.type === 'dir' ? { ...at, directoryMode: keptMode } : { ...at, fileMode: keptMode }]
    }),
  ]
}

function contentsOf(want: TreeWant): Contents {
  const { path, prune, excluded, tree: local } = want
  const entries = new Map(local.entries.map((entry) => [entry.path, entry]))
  return {
    path,
    prunes: prune,
    at(relative) {
      const entry = entries.get(relative)
      if (entry === undefined) return excluded(relative) ? 'left' : undefined
      const at = posix.join(path, relative)
      if (entry.type === 'link') return { path: at, type: 'link', to: entry.target }
      if (entry.type === 'dir') return { path: at, type: 'dir' }
      const { content } = entry
      return content instanceof LocalFile ? 'left' : { path: at, type: 'file', content, mode: modeFor(want, entry) }
    },
  }
}

/** Applies pending paths to the tree. What nobody wrote down, and the source has, is not known. */
function predictTree(want: TreeWant, have: HostTree, prediction: Prediction): HostTree | Unknown {
  const found = predictRootPath(have.found, prediction, want, false)
  if ('unknown' in found) return found
  const pending = prediction.paths.below(want.path)
  if (found === have.found && pending.length === 0) return have
  const entries = new Map(found.type === 'dir' || pending.length > 0 ? have.entries : [])
  for (const { path, state, from } of pending) {
    const name = posix.relative(want.path, path)
    if (state.type === 'absent') {
      for (const each of entries.keys()) if (each === name || each.startsWith(`${name}/`)) entries.delete(each)
      continue
    }
    const isOurs = want.tree.entries.some((entry) => entry.path === name)
    if (state.type === 'file' && state.content === undefined && isOurs)
      return { unknown: `what ${path} will be is known only after ${from}` }
    const there: Partial<HostEntry> = entries.get(name) ?? {}
    entries.set(name, {
      type: state.type,
      mode: (state.type === 'link' ? undefined : state.mode) ?? there.mode ?? '0644',
      size: state.type === 'file' ? (state.content?.length ?? 0) : 0,
      uid: there.uid ?? '0',
      user: (state.type === 'link' ? undefined : state.owner) ?? there.user ?? 'root',
      group: (state.type === 'link' ? undefined : state.group) ?? there.group ?? 'root',
      sha256:
        state.type === 'file' && state.content !== undefined
          ? createHash('sha256').update(state.content).digest('hex')
          : undefined,
      target: state.type === 'link' ? state.target : undefined,
    })
  }
  return { found, entries }
}
