import { posix } from 'node:path'
import { quote, raw, sh, type Sh } from '../../../sh/quote.ts'
import { candidatePrefix } from '../path/candidate-names.ts'
import type { Write } from './write-request.ts'

/**
 * Neighbours that are new in one directory. Their candidates are in a directory beside them, under their own names, so that one
 * `mv` brings all of them to theirs. It is called as the candidate of the first, so whoever looks for that finds it.
 */
interface RenameGroup {
  readonly first: number
  readonly last: number
  readonly dir: string
  readonly room: string
}

/** A group takes three processes: mkdir, mv, rmdir. */
export const ENOUGH = 4

export function renameGroups(writes: readonly Write[]): RenameGroup[] {
  const groups: RenameGroup[] = []
  for (const [at, write] of writes.entries()) {
    if (write.fresh !== true || needsLook(write)) continue
    const dir = posix.dirname(write.path)
    const last = groups.at(-1)
    if (last?.last === at - 1 && last.dir === dir) groups.splice(-1, 1, { ...last, last: at })
    else groups.push({ first: at, last: at, dir, room: candidatePrefix(write.path) })
  }
  return groups.filter(({ first, last }) => last - first + 1 >= ENOUGH)
}

/** The variable that has the path of its directory, while there is one. */
export function stagingDirOf({ first }: Pick<RenameGroup, 'first'>): string {
  return `room${first}`
}

export function makeStagingDir(renamed: RenameGroup): Sh {
  const [room, { first }] = [raw(stagingDirOf(renamed)), renamed]
  return sh`${room}=${renamed.room}"$x"; w=$(mkdir -m 0700 -- "$${room}" 2>&1) || { ${room}= bad=${first} taken=${first}; break; }`
}

export function renameAll({ first, last, dir }: RenameGroup): Sh {
  const all = Array.from({ length: last - first + 1 }, (_, at) => `"${nth(first + at)}"`)
  return sh`rename_group ${dir} ${raw(all.join(' '))}`
}

export function removeStagingDir(renamed: RenameGroup): Sh {
  return raw(`rmdir -- "$${stagingDirOf(renamed)}" 2>/dev/null && ${stagingDirOf(renamed)}=`)
}

/** Where a file is written before it gets its name. */
export function candidateOf({ path }: Write, renamed: RenameGroup | undefined): string {
  if (renamed === undefined) return `${quote(candidatePrefix(path))}"$x"`
  return `${quote(renamed.room)}"$x"/${quote(posix.basename(path))}`
}

function needsLook({ validate, backup = false, from }: Write): boolean {
  return validate !== undefined || backup || from !== undefined
}

export function nth(at: number): string {
  return `\${${at + 1}}`
}
