import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Refusal, type Place } from '../errors.ts'
import { didYouMean } from '../inventory/nearest.ts'
import type { Built } from './cache.ts'
import { friendly } from './find.ts'
import { ownIndex } from './own.ts'

/** What went wrong while a user's module was run for the first time, with the place in their own files. */
export async function complaintOf(error: unknown, built: Built, cwd: string): Promise<Refusal> {
  if (error instanceof Refusal) return error
  const message = error instanceof Error ? error.message : String(error)
  const unexported = /module '([^']+)' does not provide an export named '([^']+)'/.exec(message)
  if (unexported?.[1] !== undefined && unexported[2] !== undefined) {
    return noSuchExport({ from: unexported[1], name: unexported[2] }, built, cwd)
  }
  const place = error instanceof Error ? placeInStack(error.stack ?? '', built.inputs, cwd) : undefined
  const name = error instanceof Error ? error.name : 'an error'
  return new Refusal({
    code: 'playbook',
    message: `the playbook cannot be loaded: ${name}: ${message}`,
    ...(place === undefined ? {} : { place }),
    hint: 'this was thrown while the file was read, outside of apply and verify',
  })
}

/** The first place of a stack that lies in one of these files: the user's own, not a library's. */
export function placeInStack(stack: string, files: readonly string[], cwd: string): Place | undefined {
  for (const [, url, line, column] of stack.matchAll(/(?:\(|at )([^\s()]+):(\d+):(\d+)\)?$/gm)) {
    const file = url?.startsWith('file:') === true ? fileURLToPath(url) : (url ?? '')
    if (files.includes(file)) return { file: friendly(file, cwd), line: Number(line), column: Number(column) }
  }
  return undefined
}

async function noSuchExport(missing: { from: string; name: string }, built: Built, cwd: string): Promise<Refusal> {
  const isOurs = missing.from === ownIndex()
  const from = isOurs ? 'rolecall' : missing.from
  const words = Object.keys((await import(missing.from)) as object)
  const place = whereImported(missing.name, built.inputs, cwd)
  return new Refusal({
    code: 'playbook',
    message: `"${from}" exports no "${missing.name}"`,
    ...(place === undefined ? {} : { place }),
    hint: didYouMean(missing.name, words) ?? `it exports ${words.sort().join(', ')}`,
  })
}

function whereImported(name: string, files: readonly string[], cwd: string): Place | undefined {
  for (const file of files) {
    const text = textOf(file)
    for (const list of text.matchAll(/\bimport\b[^'"]*?from/g)) {
      const at = list[0].search(new RegExp(`\\b${name}\\b`))
      if (at === -1) continue
      const before = text.slice(0, list.index + at).split('\n')
      return { file: friendly(file, cwd), line: before.length, column: (before.at(-1) ?? '').length + 1 }
    }
  }
  return undefined
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
