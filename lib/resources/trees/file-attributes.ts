import { raw, sh } from '../../sh/quote.ts'
import { predictRootPath, whetherThere } from '../files/path/path-prediction.ts'
import { absolute, probePath } from '../files/path/path.ts'
import { blockedPath, foreignDirectory, readPath, type Found } from '../files/path/path-answer.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { lettersAfter } from '../prediction/obstacles.ts'
import { flag } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

export interface FileAttributesOptions {
  /** Nobody can change, remove or rename it. */
  readonly immutable?: boolean
  /** It can only be appended to. */
  readonly appendOnly?: boolean
  /** The time of its last reading is not kept. */
  readonly noAccessTime?: boolean
  /** Its blocks are not copied on write (btrfs); only for what is empty. */
  readonly noCopyOnWrite?: boolean
  /** dump(8) leaves it out. */
  readonly noDump?: boolean
}

const LETTERS = { immutable: 'i', appendOnly: 'a', noAccessTime: 'A', noCopyOnWrite: 'C', noDump: 'd' } as const

export interface FileAttributesWant {
  readonly path: string
  /** Letters of chattr(1), and whether they are wanted. */
  readonly letters: readonly (readonly [letter: string, on: boolean])[]
}

interface FileAttributesHave {
  readonly found: Found
  /** Undefined: the file system, or the host, knows none. */
  readonly letters: string | undefined
}

/**
 * Attributes of a file or directory that its file system keeps. Those that are not named stay as they are. A file that is immutable is refused by every other resource that would change
 * the file: say `immutable: false` before these, and true after them.
 *
 * @example
 * fileAttributes('/etc/resolv.conf', { immutable: true })
 * fileAttributes('/var/lib/mysql', { noCopyOnWrite: true })
 *
 * Refused: no such path; a symbolic link; a file system without attributes.
 *
 * Source: chattr(1), lsattr(1).
 */
export function fileAttributes(path: string, options: FileAttributesOptions): Resource {
  const { name, options: given } = read(path, options)
  const letters = Object.entries(LETTERS).flatMap(([option, letter]) => {
    const on = given[option as keyof typeof LETTERS]
    return on === undefined ? [] : [[letter, on] as const]
  })
  return make(name, { path: name, letters })
}

const read = resourceOptions<FileAttributesOptions>()(
  'fileAttributes',
  (path) => absolute('fileAttributes', path),
  () => ({
    immutable: flag().optional(),
    appendOnly: flag().optional(),
    noAccessTime: flag().optional(),
    noCopyOnWrite: flag().optional(),
    noDump: flag().optional(),
  }),
  (_, given) => [given.size === 0 ? { expected: 'given at least one attribute', got: 'none' } : undefined],
)

const make = kind<FileAttributesWant, FileAttributesHave>({
  name: 'fileAttributes',
  probe: ({ path }) => probePath(path, {}, sh`case $s in 4*|8*) lsattr -d -- "$p" 2>/dev/null;; esac; :`),
  read({ path }, reply) {
    const { found, rest } = readPath(path, reply)
    return { found, letters: /^([A-Za-z-]{8,}) /.exec(rest.toString('utf8'))?.[1] }
  },
  predict({ path }, have, prediction) {
    const found = predictRootPath(have.found, prediction)
    if ('unknown' in found) return found
    const comes = whetherThere(found, prediction)
    if (comes !== undefined) return comes
    const made = found === have.found ? undefined : prediction.paths.get(path)?.turn
    // What takes the place of a file has none of its attributes.
    const own = found === have.found || (found.type !== 'file' && found.type !== 'dir') ? have.letters : '-'
    const changes = prediction.paths.attributes(path).filter(({ turn }) => made === undefined || turn >= made)
    if (found === have.found && changes.length === 0) return have
    return { found, letters: own === undefined ? undefined : changes.reduce(lettersAfter, own) }
  },
  plan({ path, letters: wanted }, { found, letters }) {
    const blocked = blockedPath(found)
    if (blocked !== undefined) return blocked
    if (found.type !== 'file' && found.type !== 'dir')
      return {
        refused: `${path} is ${found.type === 'absent' ? 'not there' : 'neither a file nor a directory'}`,
        hint: 'put what makes the path before this resource',
      }
    const foreign = foreignDirectory(found)
    if (foreign !== undefined) return foreign
    if (letters === undefined)
      return {
        refused: `the file system of ${path} keeps no attributes, or the host has no lsattr`,
        hint: 'leave it out there',
      }
    const plus = wanted.filter(([letter, on]) => on && !letters.includes(letter)).map(([letter]) => letter)
    const minus = wanted.filter(([letter, on]) => !on && letters.includes(letter)).map(([letter]) => letter)
    const all = [
      ...(plus.length === 0 ? [] : [`+${plus.join('')}`]),
      ...(minus.length === 0 ? [] : [`-${minus.join('')}`]),
    ]
    if (all.length === 0) return []
    return [{ summary: `set attributes ${all.join(' ')} of ${path}`, sh: sh`chattr ${raw(all.join(' '))} -- ${path}` }]
  },
  effects: ({ path, letters }) => {
    const those = (wanted: boolean) => letters.flatMap(([letter, on]) => (on === wanted ? [letter] : [])).join('')
    return [{ type: 'attributes', path, has: those(true), hasNot: those(false) }]
  },
  advanced: { statPaths: ({ path }) => [{ path }] },
})
