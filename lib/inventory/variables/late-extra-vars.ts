import { RolecallError, type Problem } from '../../errors.ts'
import type { Entry } from '../graph/tree.ts'
import type { Reader } from '../sources/reader.ts'
import { readExtras } from './extra.ts'
import { layerFrom, type Layer } from './layer.ts'

/** The layer of `-e` variables, which can receive more of them after the inventory was read: answers to questions. */
export class LateExtraVars {
  readonly layer: Layer
  readonly #entries = new Map<string, Entry>()
  readonly #reader: Reader

  constructor(reader: Reader) {
    this.#reader = reader
    this.layer = layerFrom(this.#entries, { rank: 'extra' }, reader.report)
  }

  /** Adds arguments of `-e`. Throws a RolecallError with all of their problems. */
  accept(extra: readonly string[]): void {
    const problems: Problem[] = []
    const report = Object.assign((problem: Problem) => void problems.push(problem), { note: () => undefined })
    for (const { variables } of readExtras(extra, { ...this.#reader, report })) {
      for (const [name, entry] of variables) this.#entries.set(name, joined(this.#entries.get(name), entry))
    }
    if (problems.length > 0) throw new RolecallError(problems)
  }
}

/** Combines two maps under the same role's name. Any other value replaces the earlier one. */
function joined(before: Entry | undefined, entry: Entry): Entry {
  if (before?.node.kind !== 'map' || entry.node.kind !== 'map') return entry
  return { ...entry, node: { ...entry.node, entries: new Map([...before.node.entries, ...entry.node.entries]) } }
}
