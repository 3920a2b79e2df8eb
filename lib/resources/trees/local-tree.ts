import { hash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, statSync, type Dirent } from 'node:fs'
import { join, relative } from 'node:path'
import { Secret } from '../../secret.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { LARGEST_IN_MEMORY, LocalFile, refuseVault } from '../files/local-file.ts'
import { PooledReader } from './pooled-reader.ts'
import { render, type TemplateVariables } from './render.ts'

/** What is at one path of a tree of the controller. */
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
  const reader = new PooledReader()
  let isSecret = false
  const walk = (dir: string) => {
    for (const each of readdirSync(join(source, dir), { withFileTypes: true }).toSorted(byName)) {
      const path = dir === '' ? each.name : `${dir}/${each.name}`
      if (excluded(path)) continue
      if (/[\r\n\\]/.test(each.name))
        throw invalidOption(`source of ${of}`, 'names without line breaks and backslashes', JSON.stringify(path))
      const at = `${source}/${path}`
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
      } else entries.push(largeOr(path, at, of, reader))
    }
  }
  walk('')
  return { entries, isSecret }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

function largeOr(path: string, at: string, of: string, reader: PooledReader): LocalEntry {
  const small = reader.read(at, LARGEST_IN_MEMORY)
  if (small !== undefined) {
    refuseVault(of, at, small.content)
    return fileOf(path, small.mode, small.content)
  }
  const large = new LocalFile(of, at)
  return {
    path,
    type: 'file',
    mode: modeOf(statSync(at).mode),
    size: large.length,
    sha256: large.digest('sha256sum'),
    content: large,
  }
}

function fileOf(path: string, mode: number, content: Uint8Array): LocalEntry {
  return { path, type: 'file', mode: modeOf(mode), size: content.length, sha256: hash('sha256', content), content }
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
