import { RolecallError, type Problem } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { readExtras } from './extra.ts'
import { layerFrom, type Layer } from './layer.ts'
import type { Report } from '../parse.ts'
import type { Reader } from '../sources/reader.ts'
import type { Entry } from '../graph/tree.ts'
import { mapOf, sourceAt } from '../syntax/value-node.ts'

/** Passwords that `--ask-pass` and `--ask-become-pass` ask for. */
export interface AskedPasswords {
  readonly ssh?: Secret
  readonly become?: Secret
}

/** Their precedence is below everything in the inventory. */
export function askedLayers(passwords: AskedPasswords | undefined, report: Report): Layer[] {
  const { ssh, become } = passwords ?? {}
  if (ssh === undefined && become === undefined) return []
  const source = sourceAt({ file: 'what was asked for' }, process.cwd())
  const { entries } = mapOf({ ansible_password: ssh, ansible_become_password: become }, source, 0)
  return [layerFrom(entries, { rank: 'group', owner: 'all' }, report)]
}

/** A layer of `-e` that can be filled after the inventory was read. */
export class LateLayer {
  readonly layer: Layer
  readonly #entries = new Map<string, Entry>()
  readonly #reader: Reader

  constructor(reader: Reader) {
    this.#reader = reader
    this.layer = layerFrom(this.#entries, { rank: 'extra' }, reader.report)
  }

  /** Throws a RolecallError with all problems of the arguments. */
  accept(extra: readonly string[]): void {
    const problems: Problem[] = []
    const report = Object.assign((problem: Problem) => void problems.push(problem), { note: () => undefined })
    for (const { variables } of readExtras(extra, { ...this.#reader, report })) {
      for (const [name, entry] of variables) this.#entries.set(name, joined(this.#entries.get(name), entry))
    }
    if (problems.length > 0) throw new RolecallError(problems)
  }
}

/** Variables of one role are grouped under the role's name. */
function joined(before: Entry | undefined, entry: Entry): Entry {
  if (before?.node.kind !== 'map' || entry.node.kind !== 'map') return entry
  return { ...entry, node: { ...entry.node, entries: new Map([...before.node.entries, ...entry.node.entries]) } }
}
