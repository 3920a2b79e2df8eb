import type { Random } from '../support/random.ts'
import { someDir, somePath } from './grammar-files.ts'
import { quoted } from './grammar-start.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** A command that makes a file, and says so, or not: at once, in the background, or beside another one that makes the same. */
export function command(random: Random, uses: PlaceUses): readonly ResourceSpec[] | undefined {
  const often = (share: number) => random.next() < share
  const made = uses.paths(({ kind }) => kind === 'exec')
  const isShared = made.length > 0 && often(0.3)
  const path = isShared ? random.pick(made) : free(random, uses)
  if (path === undefined) return undefined
  uses.set(path, { type: 'own', kind: 'exec', attributes: {} })
  const run = `echo ran >${quoted(path)}`
  const effects = often(0.7) ? { effects: [{ type: 'path', path, state: { type: 'file' } }] } : {}
  const cwd = often(0.2) ? { cwd: someDir(random) } : {}
  if (often(0.25)) return inBackground(random, uses, path, { run, creates: path, ...cwd, ...effects })
  const need = isShared || often(0.7) ? { creates: path } : { unless: `test -e ${quoted(path)}` }
  const name = isShared ? `also ${path}` : `make ${path}`
  return [{ make: 'exec', args: [name, { run, ...need, ...cwd, ...effects }], touches: [path] }]
}

/** It is waited for in the same breath: what goes on behind the last resource ends when nobody looks. */
function inBackground(
  random: Random,
  uses: PlaceUses,
  path: string,
  options: { readonly [name: string]: Data },
): readonly ResourceSpec[] {
  const id = `w${random.between(100, 999)}`
  const key = `/exec/behind ${path}`
  const args = uses.at(key)?.args ?? [`behind ${path}`, { ...options, background: true }]
  uses.set(key, { type: 'own', kind: 'background', attributes: {}, args })
  return [
    { make: 'exec', id, args, touches: [path] },
    { make: 'waitFor', args: [`what makes ${path}`, { exec: { $resource: id }, deadline: 20 }], touches: [path] },
  ]
}

/** A path of which nobody has said anything yet. */
export function free(random: Random, uses: PlaceUses): string | undefined {
  const path = somePath(random)
  return uses.at(path) === undefined && uses.mayHold(path) && uses.isBare(path) ? path : undefined
}
