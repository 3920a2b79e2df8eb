import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const project = resolve(import.meta.dirname, '../..')

/** Every page that people write. The reference is made from docstrings, and has a test of its own. */
export const pages: readonly string[] = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(project, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'reference.md')
    .map((name) => `docs/${name}`),
]

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly text: string
  /** The file that the line before it names: **`roles/clock.ts`** */
  readonly file: string | undefined
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(project, page), 'utf8')
  return [...text.matchAll(/(?:^\*\*`([^`]+)`\*\*\n+)?^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    text: match[3] ?? '',
    file: match[1],
  }))
}
