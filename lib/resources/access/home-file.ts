import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { bringerOf } from '../accounts/account-prediction.ts'
import { look } from '../accounts/account.ts'
import { fileEffects, planContent, predictContent, probeContent, readContent, type Have } from '../files/content.ts'
import { planDirectory, type DirWant } from '../files/dir.ts'
import { liveText, type EditWant } from '../files/edit.ts'
import { predictPath } from '../files/path/path-prediction.ts'
import { probePath, probePathBelow } from '../files/path/path.ts'
import { readPath, type Found } from '../files/path/path-answer.ts'
import { splitMark } from '../kit/bytes.ts'
import type { Declaration } from '../kit/declarations.ts'
import type { Kind, Plan, Refused, Reply, Step, Unknown } from '../kit/kind.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'

/** An edit of a file in a user's home, wherever that is, or of one with a path of its own. */
export interface HomeEditWant extends EditWant {
  /** Whose the file is. */
  readonly user?: string | undefined
  /** Below the home, such as `.ssh/authorized_keys`. Then `path` is empty. */
  readonly below?: string | undefined
  /** The directory is seen to as well: mode 0700, the user's. */
  readonly managesDirectory: boolean
}

export interface HomeEdit<W extends HomeEditWant> {
  readonly name: string
  readonly edit: (want: W, live: string) => string | Refused
  readonly summary: (want: W, live: string) => string
  readonly declarations: (want: W) => readonly Declaration[]
}

interface HomeHave {
  /** Undefined: the host does not know the user. */
  readonly home?: string | undefined
  /** The number or name of the user's own group. */
  readonly group?: string | undefined
  readonly dir: Found
  readonly file: Have
}

const nowhere = (path: string): Found => ({
  path,
  type: 'absent',
  parent: 'absent',
  above: '/',
  leftovers: false,
  denied: false,
  lacks: [],
})

/** Makes a kind of it. The file is read and written as every file is, also where its owner can rename the way to it. */
export function homeEdit<W extends HomeEditWant>(definition: HomeEdit<W>): Kind<W, HomeHave> {
  const { name, declarations } = definition
  return {
    name,
    probe: (want) => (want.below === undefined ? probeFixed(want) : probeHome(want, want.below)),
    read: (want, reply) => (want.below === undefined ? readFixed(want, reply) : readHome(want.below, reply)),
    predict: predictHome,
    plan(given, have) {
      const want = located(given, have)
      return 'refused' in want ? want : planEdit(definition, want, have)
    },
    effects(given, have) {
      const want = located(given, have)
      return 'refused' in want ? [] : editEffects(definition, want, have)
    },
    paths: (want) => (want.below === undefined ? [want.path] : []),
    advanced: {
      declarations,
      // The usual place: it brings the functions that look at directories which are not root's.
      statPaths: (want) => [{ path: want.below === undefined ? want.path : `/home/${want.user ?? ''}/${want.below}` }],
    },
  }
}

/** The steps that make the directory, if it is managed, and edit the file. */
function planEdit<W extends HomeEditWant>(
  { edit, summary }: HomeEdit<W>,
  want: W,
  have: HomeHave,
): Plan | readonly Step[] | Refused {
  const above = posix.dirname(want.path)
  const makesDirectory = want.managesDirectory && !want.absent
  if (makesDirectory && have.dir.type === 'absent' && have.dir.parent !== 'dir' && !have.dir.denied)
    return {
      refused: `${above} cannot be made: there is no directory ${posix.dirname(above)}`,
      hint: `put user('${want.user ?? ''}', { createHome: true }) before this resource`,
    }
  const seen = have.file.found
  // What is no directory at this moment, and was one a moment ago, is not worked with.
  const found = makesDirectory && seen.parent === 'absent' ? { ...seen, parent: 'dir' as const } : seen
  const file = { ...have.file, found }
  const live = liveText(want, file)
  if (typeof live !== 'string') return live
  const [mark, before] = splitMark(live)
  const text = edit(want, before)
  if (typeof text !== 'string') return text
  if (found.type === 'absent' && text === '') return []
  const told = `${found.type === 'absent' ? 'create' : 'edit'} ${want.path}: ${summary(want, before)}`
  const plan = planContent(want, file, Buffer.from(mark + text), { edited: true, summary: told })
  if ('refused' in plan || !makesDirectory) return plan
  const directory = planDirectory(directoryOf(want), have.dir)
  return 'refused' in directory ? directory : { ...plan, steps: [...directory, ...plan.steps] }
}

/** The directory, if it is managed, and the edited file. */
function editEffects<W extends HomeEditWant>({ edit }: HomeEdit<W>, want: W, have: HomeHave): readonly Effect[] {
  const live = liveText(want, have.file)
  const [mark, before] = splitMark(typeof live === 'string' ? live : '')
  const text = typeof live === 'string' ? edit(want, before) : live
  return [
    ...(want.managesDirectory && !want.absent ? [directoryEffect(want)] : []),
    ...fileEffects(want, have.file, typeof text === 'string' ? Buffer.from(mark + text) : undefined),
  ]
}

function directoryEffect({ path, owner, group }: EditWant): Effect {
  return {
    type: 'path',
    path: posix.dirname(path),
    state: {
      type: 'dir',
      mode: '0700',
      ...(owner === undefined ? {} : { owner }),
      ...(group === undefined ? {} : { group }),
    },
  }
}

function directoryOf({ path, owner, group }: EditWant): DirWant {
  return { path: posix.dirname(path), parents: false, mode: '0700', owner, group }
}

/** The want with the path and the group that it has on this host. */
function located<W extends HomeEditWant>(want: W, { home, group }: HomeHave): W | Refused {
  if (want.user === undefined) return want
  if (home === undefined)
    return {
      refused: `the host does not know the user ${want.user}`,
      hint: `put user('${want.user}') before this resource`,
    }
  const path = want.below === undefined ? want.path : posix.join(home, want.below)
  return { ...want, path, ...(want.absent ? {} : { group: want.group ?? group }) }
}

const BETWEEN = 'and the file'

function probeHome({ user = '', owner }: HomeEditWant, below: string): Sh {
  const same = raw(
    `case $s in 8*) set -- $s; if [ ! -r "$p" ]; then echo denied; elif [ "$2" -le 1048576 ]; then echo content; cat <"$p"; else echo other; fi;; esac`,
  )
  return lines(
    look,
    sh`e=$(look passwd ${user}) || { echo stranger; exit 0; }
h=\${e#*:*:*:*:*:}; h=\${h%:*}; g=\${e#*:*:*:}; g=\${g%%:*}
while case $h in ?*/) ;; *) false;; esac; do h=\${h%/}; done
echo "home $g $h"`,
    probePathBelow(posix.dirname(below), { owner }),
    sh`echo ${BETWEEN}`,
    probePathBelow(below, { owner }, same),
  )
}

function readHome(below: string, reply: Reply): HomeHave {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength)
  const end = bytes.indexOf(10)
  const [, group, home] = /^home (\d+) (\/.*)$/.exec(bytes.toString('utf8', 0, end < 0 ? bytes.length : end)) ?? []
  if (home === undefined) return { dir: nowhere('/'), file: { found: nowhere('/') } }
  return { home, group, ...readBoth(posix.join(home, below), { ...reply, bytes: bytes.subarray(end + 1) }) }
}

function probeFixed(want: HomeEditWant): Sh {
  const { user, path } = want
  const group =
    user === undefined
      ? raw(':')
      : lines(look, sh`e=$(look passwd ${user}) && { g=\${e#*:*:*:}; echo "group \${g%%:*}"; }`)
  const { owner } = want
  return lines(
    group,
    raw('echo --'),
    probePath(posix.dirname(path), { owner }),
    sh`echo ${BETWEEN}`,
    probeContent(want),
  )
}

function readFixed(want: HomeEditWant, reply: Reply): HomeHave {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength)
  const at = bytes.indexOf('--\n')
  const [, group] = /^group (\d+)/.exec(bytes.toString('utf8', 0, at)) ?? []
  const both = readBoth(want.path, { ...reply, bytes: bytes.subarray(at + 3) })
  return { ...(group === undefined ? {} : { home: '/', group }), ...both }
}

function readBoth(path: string, reply: Reply): Pick<HomeHave, 'dir' | 'file'> {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength)
  const mark = `${BETWEEN}\n`
  const at = bytes.indexOf(mark)
  const { found } = readPath(posix.dirname(path), { ...reply, bytes: bytes.subarray(0, at) })
  return { dir: found, file: readContent(path, { ...reply, bytes: bytes.subarray(at + mark.length) }) }
}

function predictHome(want: HomeEditWant, have: HomeHave, prediction: Prediction): HomeHave | Unknown {
  if (prediction.empty) return have
  const who =
    want.user === undefined ? { home: have.home, group: have.group } : accountAfter(want.user, have, prediction)
  if ('unknown' in who) return who
  if (want.user !== undefined && who.home === undefined) return { ...have, home: undefined }
  const path = want.below === undefined ? want.path : posix.join(who.home ?? '/', want.below)
  const isElsewhere = path !== have.file.found.path
  const seen = isElsewhere
    ? { dir: nowhere(posix.dirname(path)), file: { found: nowhere(path) } }
    : { dir: have.dir, file: have.file }
  const there: EditWant = { ...want, path, group: want.group ?? who.group }
  const dir = predictPath(seen.dir, prediction, { owner: want.owner }, false)
  if ('unknown' in dir) return dir
  const file = predictContent(there, seen.file, prediction, undefined, {
    needsParent: !want.managesDirectory && !want.absent,
  })
  if ('unknown' in file) return file
  const isSame = !isElsewhere && dir === have.dir && file === have.file && who.home === have.home
  return isSame ? have : { ...who, dir, file }
}

/** The home and the group of a user when everything pending is done. */
function accountAfter(
  user: string,
  have: HomeHave,
  prediction: Prediction,
): Pick<HomeHave, 'home' | 'group'> | Unknown {
  const pending = prediction.accounts.get('user', user)
  if (pending?.exists === false) return { home: undefined }
  if (pending !== undefined) {
    const { home = have.home, primary = have.group } = pending.entry ?? {}
    return home === undefined
      ? { unknown: `the home of ${user} is known only after ${pending.from}` }
      : { home, group: primary }
  }
  if (have.home !== undefined) return { home: have.home, group: have.group }
  const bringer = bringerOf(user, prediction) ?? prediction.opaque()?.from
  return bringer === undefined
    ? { home: undefined }
    : { unknown: `the host does not know the user ${user}, unless ${bringer} brings it` }
}
