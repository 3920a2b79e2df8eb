import { posix } from 'node:path'
import { lines, raw, sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource } from '../kit/kind.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import { account, list, nested, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { ofRoot, generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { withLiveState, type LivePlan } from '../files/file-with-live-state.ts'
import { askAccount, readLacking, type LackingAccount } from '../files/path/known-account.ts'
import { dropInName, HEADER, isLine } from './drop-in.ts'
import {
  askReadFiles,
  linesAround,
  parseReadFiles,
  predictReadFiles,
  type ReadFile,
  type ReadOrder,
} from './read-order.ts'
import { stateOption } from '../files/absent-state.ts'

export interface TmpfilesEntry {
  /** As tmpfiles.d(5) has them: `d` a directory, `D` one that is emptied at boot, `f` a file, `L` a link, `z` mode and owner, `x` an exception, ... */
  readonly type: string
  readonly path: string
  readonly mode?: string
  readonly user?: string
  readonly group?: string
  /** When what is in it is removed: `10d`, `12h`. Default: never. */
  readonly age?: string
  readonly argument?: string
}

export interface TmpfilesOptions {
  readonly entries?: readonly TmpfilesEntry[]
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

interface TmpfilesWant extends GeneratedFile {
  readonly entries: readonly TmpfilesEntry[]
}

/**
 * Files and directories that systemd makes at each boot, below /run above all: `/etc/tmpfiles.d/NAME.conf`. They are made at once too, when the file
 * changes, and when one of the directories, files or links is missing. With `state: 'absent'` what was made stays until the next boot.
 *
 * @example
 * tmpfiles('app', { entries: [{ type: 'd', path: '/run/app', mode: '0750', user: 'app', group: 'app' }] })
 * tmpfiles('cleanup', { entries: [{ type: 'e', path: '/var/tmp/app', age: '10d' }] })
 *
 * Refused: no directory /etc/tmpfiles.d (systemd is not there); an entry for a path of which a file that is read earlier says something else, such as /usr/lib/tmpfiles.d/tmp.conf of
 * `/tmp`: systemd takes the first one. A file of the same name in /etc replaces that one. Failed: what systemd-tmpfiles refuses, with its words.
 *
 * Source: tmpfiles.d(5), systemd-tmpfiles(8).
 */
export function tmpfiles(name: string, options: TmpfilesOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/tmpfiles.d/${file}.conf`
  const { entries = [] } = given
  if (given.state === 'absent') return make(file, { path, entries: [] })
  const text = entries.map(lineOf).map((line) => `${line}\n`)
  return make(file, { path, entries, content: HEADER + text.join(''), mode: '0644', ...ofRoot })
}

function lineOf({ type, path, mode = '-', user = '-', group = '-', age = '-', argument }: TmpfilesEntry): string {
  const at = /[\s"'\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path
  return [type, at, mode, user, group, age, ...(argument === undefined ? [] : [argument])].join(' ')
}

/** The entries that make a fixed path now, not only at boot. */
function made({ entries }: TmpfilesWant): readonly TmpfilesEntry[] {
  return entries.filter(
    ({ type, path }) => /^[dDvqQfFL][+!=-]*$/.test(type) && !type.includes('!') && !path.includes('%'),
  )
}

interface Live {
  /** The paths that should exist, and do not. */
  readonly missing: readonly string[]
  /** Accounts that are named, and that the host does not know. */
  readonly lacks: readonly LackingAccount[]
  /** What is read at boot. */
  readonly files: readonly ReadFile[]
}

/** Source: tmpfiles.d(5), CONFIGURATION DIRECTORIES AND PRECEDENCE. */
const ORDER: ReadOrder = {
  dirs: ['/etc/tmpfiles.d', '/run/tmpfiles.d', '/usr/local/lib/tmpfiles.d', '/usr/lib/tmpfiles.d', '/lib/tmpfiles.d'],
}

/** Of these a path has one, and the first that is read counts. Source: src/tmpfiles/tmpfiles.c, `takes_ownership`. */
const OWNS = /^[fFdDevqQpLcbCxXrRw]/

/** An entry of a file that is read earlier wins. */
function overridden({ path: own, entries }: TmpfilesWant, files: readonly ReadFile[]): Refused | undefined {
  const { before } = linesAround(files, ORDER, own)
  for (const entry of entries.filter(({ type }) => OWNS.test(type))) {
    const first = before.find(({ text: line }) => {
      const [type = '', at = ''] = line.trim().split(/\s+/)
      return OWNS.test(type) && at.replaceAll('"', '') === entry.path
    })
    if (first !== undefined && words(first.text) !== words(lineOf(entry)))
      return {
        refused: `${entry.path} would be what ${first.path} says in line ${first.number} (${first.text.trim()}): that is read before ${own}, and the first one counts`,
        hint: `choose a name that comes before it, or its own, ${posix.basename(first.path, '.conf')}, to replace all of it`,
      }
  }
  return undefined
}

/** What is left out at the end is `-`, and zeros before a mode do not matter. */
function words(line: string): string {
  return line
    .trim()
    .replaceAll('"', '')
    .replace(/^(\S+\s+\S+\s+[~:]?)0+(?=[0-7])/, '$1')
    .replaceAll(/\s+/g, ' ')
    .replace(/( -)+$/, '')
}

/** Accounts that entries name; a number needs none. */
function named({ entries }: TmpfilesWant): readonly LackingAccount[] {
  const all = entries.flatMap(({ user, group }): LackingAccount[] => [
    ...(user === undefined ? [] : [{ type: 'user' as const, name: user }]),
    ...(group === undefined ? [] : [{ type: 'group' as const, name: group }]),
  ])
  const isName = ({ name }: LackingAccount) => name !== 'root' && !/^\d+$/.test(name)
  return [...new Map(all.filter(isName).map((each) => [`${each.type} ${each.name}`, each])).values()]
}

/** A user brings the group of the same name. */
function isComing(type: 'user' | 'group', name: string, prediction: Prediction): boolean {
  if (prediction.accounts.get(type, name)?.exists === true) return true
  return type === 'group' && prediction.accounts.get('user', name)?.exists === true
}

const make = kind(
  withLiveState(generatedFile<TmpfilesWant>('tmpfiles'), {
    probe: (want) =>
      lines(
        raw(':'),
        ...made(want).map(({ path }) => sh`[ -e ${path} ] || [ -L ${path} ] || printf '%s\n' ${path}`),
        ...named(want).flatMap(({ type, name }) => askAccount(type, name)),
        want.entries.length === 0
          ? raw(':')
          : sh`(${askReadFiles(
              ORDER,
              want.entries.map(({ path }) => path),
            )}); :`,
      ),
    read: (_, said): Live => ({
      missing: said.filter((line) => line.startsWith('/') && !/^\/.*\.conf:\d+:/.test(line)),
      lacks: readLacking(said),
      files: parseReadFiles(said),
    }),
    predict({ path: own }, live, prediction) {
      const files = predictReadFiles(live.files, ORDER, prediction, {
        isOther: (path) => path !== own,
        matters: (path) => posix.basename(path) < posix.basename(own),
      })
      if ('unknown' in files) return files
      const missing = live.missing.filter((path) => prediction.paths.get(path) === undefined)
      const lacks = live.lacks.filter(({ type, name }) => !isComing(type, name, prediction))
      const [{ type, name } = {}] = lacks
      const host = name === undefined ? undefined : prediction.bringer()
      if (host !== undefined) return { unknown: `the host knows no ${type} ${name}, unless ${host.from} brings one` }
      const isSame =
        missing.length === live.missing.length && lacks.length === live.lacks.length && files === live.files
      return isSame ? live : { missing, lacks, files }
    },
    plan(want, { missing, lacks, files }, { isWritten }): LivePlan | Refused {
      const { path, content } = want
      const refused = overridden(want, files)
      if (refused !== undefined) return refused
      if (content === undefined || (!isWritten && missing.length === 0)) return {}
      const [{ type, name } = {}] = lacks
      if (name !== undefined)
        return { refused: `the host knows no ${type} ${name}`, hint: `put ${type}('${name}') before this resource` }
      const what = missing.length === 0 ? 'apply' : `make ${missing.join(', ')} by`
      // Its own statuses are not those of a step that writes a file.
      return { after: [{ summary: `${what} ${path}`, sh: sh`systemd-tmpfiles --create ${path} || exit 1` }] }
    },
    effects: (want, { missing }) =>
      made(want)
        .filter(({ path }) => missing.includes(path))
        .map(({ type, path, mode, user, group, argument }): Effect => ({
          type: 'path',
          path,
          state: type.startsWith('L')
            ? { type: 'link', target: argument ?? `/usr/share/factory${path}` }
            : {
                type: /^[fF]/.test(type) ? 'file' : 'dir',
                ...(mode === undefined ? {} : { mode: mode.replace(/^[~:]/, '').padStart(4, '0') }),
                owner: user ?? 'root',
                group: group ?? 'root',
                confirm: true,
              },
        })),
  }),
)

const read = resourceOptions<TmpfilesOptions>()(
  'tmpfiles',
  (given) => dropInName('tmpfiles', given),
  () => ({
    entries: list(
      'a list of entries: { type, path }',
      nested('an entry: { type, path }', {
        type: text('a type of tmpfiles.d, such as "d"', /^[fFwdDevqQpLcbCxXrRzZtThHaA][+!=~^-]*$/),
        path: text('an absolute path', (given) => given.startsWith('/') && isLine(given)),
        mode: text('octal digits in quotes, such as "0755"', /^[~:]?[0-7]{3,4}$/).optional(),
        user: account().optional(),
        group: account().optional(),
        age: text('an age such as "10d"', /^[~\w:]+$/).optional(),
        argument: text('one line', isLine).optional(),
      }),
    ).optional(),
    state: stateOption().optional(),
  }),
  ({ state, entries = [] }) => [
    state !== 'absent' && entries.length === 0
      ? { what: 'entries', expected: 'at least one entry, or state: absent', got: 'none' }
      : undefined,
  ],
)
