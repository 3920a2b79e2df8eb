import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isAlias, parseDocument, visit } from 'yaml'
import { aliasTargets } from '../../lib/text/yaml/aliases.ts'

for (const [says, text] of [
  ['one anchor', 'a: &x 1\nb: *x\n'],
  ['an anchor that is given again', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n'],
  ['an anchor in a key', '&k key: 1\nother: *k\n'],
  ['an anchor within what another one names', 'a: &o { in: &i [1, 2] }\nb: *o\nc: *i\n'],
  ['merge keys', 'a: &x { b: 1 }\nc:\n  <<: *x\nd:\n  <<: [*x, *x]\n'],
  ['an alias without an anchor', 'a: *none\n'],
] as const)
  test(`${says}: each alias stands for what the library finds`, () => {
    const document = parseDocument(text, { merge: true, logLevel: 'silent' })
    const targets = aliasTargets(document)
    let count = 0
    visit(document, {
      Alias(_, node) {
        count++
        assert.is(targets.get(node), node.resolve(document))
      },
    })
    assert.ok(count > 0)
    assert.ok([...targets.keys()].every((node) => isAlias(node)))
  })

test('thousands of aliases are found in one pass', () => {
  const document = parseDocument(
    `a: &x { b: 1 }\n${Array.from({ length: 20_000 }, (_, at) => `k${at}: *x\n`).join('')}`,
    // Whoever reads a long document looks for a key given twice by itself: the library compares each key with each.
    { uniqueKeys: false },
  )
  assert.is(aliasTargets(document).size, 20_000)
})

test.run()
