import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'
import { complaints, directoryOf } from './support.ts'

/** A host, for the inventories whose faults are elsewhere. */
export const HOSTS = 'all:\n  hosts:\n    node-01:\n'

export interface Case {
  readonly files: Record<string, string | Uint8Array>
  /** `file:line:column code: message` of every problem, in order. */
  readonly says: string[]
  /** What the first problem advises. */
  readonly hint?: RegExp
}

/** One test for each of these wrong inventories. */
export function refuseEach(cases: Readonly<Record<string, Case>>): void {
  for (const [name, { files, says, hint }] of Object.entries(cases)) {
    test(`refused with its place: ${name}`, () => {
      assert.equal(complaints(files), says)
      if (hint === undefined) return
      const directory = directoryOf(files)
      assert.match(problemsOf(() => loadInventory(directory))[0]?.hint ?? '', hint)
    })
  }
}
