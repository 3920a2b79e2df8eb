import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { jsonFormat } from '../../../lib/resources/structured/json-file.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import type { Format } from '../../../lib/resources/structured/key-options.ts'
import { applied, differences, equal, type Settings, type Tree } from '../../../lib/resources/kit/tree.ts'
import { yamlFormat } from '../../../lib/resources/structured/yaml-file.ts'
import { Die } from '../../support/die.ts'
import { seedOfRun } from '../../support/random.ts'
import { randomRemoved, randomSettings } from '../../support/random-keys.ts'

const DOCUMENTS = 200
const seed = seedOfRun(7919)

/** Random data in a random form: that of a program, and that of a hand. */
const writers: readonly (readonly [Format, (settings: Settings, die: Die) => string])[] = [
  [
    jsonFormat,
    (settings, die) => {
      const text = JSON.stringify(settings, undefined, die.oneOf([undefined, 1, 2, 4, '\t']))
      const commented = text.replaceAll(/,\n/g, () => (die.falls(6) ? ', // a comment, of course\n' : ',\n'))
      const above = commented.replaceAll(/\n( *)"/g, (all, pad: string) =>
        die.falls(8) ? `\n${pad}/* { */${all}` : all,
      )
      return die.falls(5) ? above.replaceAll('\n', '\r\n') : `${above}${die.oneOf(['', '\n'])}`
    },
  ],
  [
    yamlFormat,
    (settings, die) => {
      const text = stringify(settings, {
        indent: die.oneOf([2, 4]),
        indentSeq: die.falls(),
        lineWidth: die.oneOf([0, 40]),
        collectionStyle: die.oneOf(['any', 'any', 'any', 'flow']),
        defaultStringType: die.oneOf(['PLAIN', 'PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE']),
        nullStr: die.oneOf(['null', '~', '']),
      })
      const head = die.oneOf(['', '# at the top\n\n', '---\n', '%YAML 1.2\n---\n# c\n'])
      const tail = die.oneOf(['', '# at the end\n', '\n\n'])
      const whole = head + text + tail
      return die.falls(5) ? whole.replaceAll('\n', '\r\n') : whole
    },
  ],
]

for (const [format, write] of writers) {
  test(`${format.called}: ${DOCUMENTS} random files hold after one edit what is wanted, and a second run finds nothing to do`, () => {
    for (let round = 0; round < DOCUMENTS; round++) {
      const die = new Die(seed * 1000 + round)
      const live = write(randomSettings(die), die)
      const tree = readable(format, live)
      if (tree === undefined) continue
      const set = randomSettings(die)
      const remove = randomRemoved(die, set, tree)
      const want = { path: '/etc/app', set, remove }
      const { text, edits } = editKeys(format, want, live)
      const told = `round ${round}\n${live}\nset ${JSON.stringify(set)} remove ${JSON.stringify(remove)}`
      if (typeof text !== 'string') throw new Error(`${text.refused}\n${told}`)
      assert.ok(equal(format.parse(text), applied(tree, edits)), told)
      assert.equal(differences(format.parse(text) as ReadonlyMap<string, Tree>, set, remove), [], told)
      assert.is(editKeys(format, want, text).text, text, told)
      if (edits.length === 0) assert.is(text, live, told)
    }
  })
}

function readable(format: Format, text: string): Tree | undefined {
  try {
    const tree = format.parse(text)
    return tree instanceof Map ? tree : undefined
  } catch {
    return undefined
  }
}

test.run()
