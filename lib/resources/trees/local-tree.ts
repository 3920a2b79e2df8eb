import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, statSync, type Dirent } from 'node:fs'
import { join, relative } from 'node:path'
import { Secret } from '../../secret.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { LARGEST_IN_MEMORY, LocalFile } from '../files/local-file.ts'
import { render, type TemplateVariables } from './render.ts'

/** What stands at one place of a tree of the controller. */
export type LocalEntry = { readonly path: string } & (
  | { readonly type: 'dir' }
  | { readonly type: 'link'; readonly target: string }
  | {
      readonly type: 'file'
      readonly mode: string
      readonly size: number
      readonly sha256: string
      readonly content: Uint8Array | LocalFile
    }
)

export interface LocalTree {
  readonly entries: readonly LocalEntry[]
  /** A secret is in one of its files. */
  readonly isSecret: boolean
}

interface Reading {
  readonly of: string
  readonly excluded: (path: string) => boolean
  readonly variables?: TemplateVariables | undefined
}

/** Reads a directory of the controller, in the order of names. Links stay links; devices and pipes are refused. */
export function readTree(source: string, { of, excluded, variables }: Reading): LocalTree {
  if (statSync(source, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw invalidOption(`source of ${of}`, 'a directory of the controller', `${source}, which is none`)
  const entries: LocalEntry[] = []
  let isSecret = false
  const walk = (dir: string) => {
    for (const each of readdirSync(join(source, dir), { withFileTypes: true }).toSorted(byName)) {
      const path = join(dir, each.name)
      if (excluded(path)) continue
      if (/[\r\n\\]/.test(each.name))
        throw invalidOption(`source of ${of}`, 'names without line breaks and backslashes', JSON.stringify(path))
      const at = join(source, path)
      if (each.isDirectory()) {
        entries.push({ path, type: 'dir' })
        walk(path)
      } else if (each.isSymbolicLink()) entries.push({ path, type: 'link', target: readlinkSync(at) })
      else if (!each.isFile())
        throw invalidOption(`source of ${of}`, 'files, directories and links', `${at}, which is neither`)
      else if (variables !== undefined && each.name.endsWith('.eta')) {
        const made = render(readFileSync(at, 'utf8'), variables, relative(process.cwd(), at))
        isSecret ||= made instanceof Secret
        entries.push(
          fileOf(
            path.slice(0, -'.eta'.length),
            statSync(at).mode,
            Buffer.from(made instanceof Secret ? made.reveal() : made),
          ),
        )
      } else entries.push(largeOr(path, at, of))
    }
  }
  walk('')
  return { entries, isSecret }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

function largeOr(path: string, at: string, of: string): LocalEntry {
  const { size, mode } = statSync(at)
  const large = size > LARGEST_IN_MEMORY ? new LocalFile(of, at) : undefined
  if (large === undefined) return fileOf(path, mode, readFileSync(at))
  return {
    path,
    type: 'file',
    mode: modeOf(mode),
    size: large.length,
    sha256: large.digest('sha256sum'),
    content: large,
  }
}

function fileOf(path: string, mode: number, content: Uint8Array): LocalEntry {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { path, type: 'file', mode: modeOf(mode), size: content.length, sha256, content }
}

/** Whether somebody may execute it is all that git keeps of a mode, and all that counts here. */
function modeOf(mode: number): string {
  return (mode & 0o111) === 0 ? '0644' : '0755'
}

/** Patterns as in a .gitignore: `*` and `?` within a name, `**` through directories; without a slash, at any depth. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const plain = pattern.replace(/^\/|\/$/g, '')
    const text = plain
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*\*\/?|\*|\?/g, (sign) => (sign === '*' ? '[^/]*' : sign === '?' ? '[^/]' : '.*'))
    return new RegExp(`${plain.includes('/') ? '^' : '(^|/)'}${text}(/|$)`)
  })
  return (path) => expressions.some((expression) => expression.test(path))
}
