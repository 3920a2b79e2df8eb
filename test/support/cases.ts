import * as assert from 'uvu/assert'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { onHost, type Machine } from '../hosts/ground.ts'

/** An input for a real host, and what is right there. */
export interface Case {
  readonly name: string
  /** Run first, as root; what it prints is not looked at. */
  readonly setup?: string
  /** The lists of resources that a role gives to `ensure`, one after another. Made anew for each run. */
  readonly ensures: () => readonly (readonly Resource[])[]
  /**
   * What check says: `STATUS KIND:NAME: STEP; STEP` of each resource, and the message of what is refused. Apply says the same, and a second apply
   * that all of it is ok; or it refuses again.
   */
  readonly right: readonly (string | RegExp)[]
  /** What apply says, where that is not for check to know: something was unknown. */
  readonly apply?: readonly (string | RegExp)[]
  /** What a second apply says. Default: all ok, or the same refusal. */
  readonly again?: readonly (string | RegExp)[]
  /** A script that must succeed on the host after all this. */
  readonly then?: string
  /** Run at the end, also after a failure. */
  readonly undo?: string
}

/** Each case is a test of its own: check, apply, apply again, on one connection to one host. */
export function tryCases(node: string, cases: readonly Case[]): void {
  for (const each of cases) onHost(node, each.name, (machine) => tryCase(machine, each))
}

async function tryCase(machine: Machine, { setup, ensures, right, apply, again, then, undo }: Case): Promise<void> {
  try {
    if (setup !== undefined) await machine.sh(`{ ${setup}\n} >/dev/null 2>&1`)
    const check = await machine.role('check', ensures())
    compare('check', check, right)
    const refused = check.filter((line) => line.startsWith('refused: '))
    const applied = await machine.role('apply', ensures())
    if (apply === undefined) assert.equal(applied, check, 'apply says what check says')
    else compare('apply', applied, apply)
    const second = await machine.role('apply', ensures())
    if (again !== undefined) compare('a second apply', second, again)
    else {
      const left = second.filter((line) => !line.startsWith('ok '))
      assert.equal(
        left,
        apply === undefined ? refused : left.filter((line) => line.startsWith('refused: ')),
        'a second apply',
      )
    }
    if (then !== undefined) await machine.sh(then)
  } finally {
    if (undo !== undefined) await machine.sh(`{ ${undo}\n} >/dev/null 2>&1; true`)
  }
}

function compare(what: string, said: readonly string[], right: readonly (string | RegExp)[]): void {
  const matches = (line: string, want: string | RegExp | undefined) =>
    typeof want === 'string' ? line === want : want?.test(line)
  const isRight = said.length === right.length && said.every((line, index) => matches(line, right[index]))
  assert.equal(isRight ? right : said, right, `${what} says what is right`)
}
