import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { block, editBlock, type BlockWant } from '../../../lib/resources/files/block.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, debian, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

type Want = Parameters<typeof editBlock>[1]
const wants = (want: Partial<Want>): Want => ({
  path: '/etc/hosts',
  absent: false,
  content: 'x\ny',
  begin: '# BEGIN',
  end: '# END',
  ...want,
})

const edits: readonly (readonly [says: string, want: Partial<Want>, live: string, then: string])[] = [
  ['a missing block goes to the end', {}, 'a\n', 'a\n# BEGIN\nx\ny\n# END\n'],
  ['into an empty file', {}, '', '# BEGIN\nx\ny\n# END\n'],
  ['a newline at the end of the content is no line more', { content: 'x\n' }, '', '# BEGIN\nx\n# END\n'],
  ['an empty line in the content is one', { content: 'x\n\ny' }, '', '# BEGIN\nx\n\ny\n# END\n'],
  ['no content: the markers alone', { content: '' }, 'a\n', 'a\n# BEGIN\n# END\n'],
  ['a block that is there is renewed in its place', {}, 'a\n# BEGIN\nold\n# END\nb\n', 'a\n# BEGIN\nx\ny\n# END\nb\n'],
  ['a block as wanted stays', {}, 'a\n# BEGIN\nx\ny\n# END', 'a\n# BEGIN\nx\ny\n# END'],
  ['the second of two goes', {}, '# BEGIN\n1\n# END\na\n# BEGIN\n2\n# END\nb\n', '# BEGIN\nx\ny\n# END\na\nb\n'],
  ['blanks after a marker do not matter', {}, '# BEGIN \nold\n# END\t\n', '# BEGIN\nx\ny\n# END\n'],
  ['a last line without an end gets one', {}, 'a', 'a\n# BEGIN\nx\ny\n# END\n'],
  ['a renewed block at the end keeps its missing end', {}, '# BEGIN\n# END', '# BEGIN\nx\ny\n# END'],
  ['a file with CRLF stays one', {}, 'a\r\n', 'a\r\n# BEGIN\r\nx\r\ny\r\n# END\r\n'],
  [
    'also when the block is renewed',
    { content: 'z\r\n' },
    '# BEGIN\r\n# END\r\na\r\n',
    '# BEGIN\r\nz\r\n# END\r\na\r\n',
  ],
  ['after the last line that matches', { content: 'x', after: /^a/ }, 'a\na\nb\n', 'a\na\n# BEGIN\nx\n# END\nb\n'],
  ['before the first line that matches', { content: 'x', before: /^/ }, 'a\n', '# BEGIN\nx\n# END\na\n'],
  ['no block may be: it goes with its markers', { absent: true }, 'a\n# BEGIN\nx\n# END\nb\n', 'a\nb\n'],
  ['no block may be, and none is', { absent: true }, 'a', 'a'],
]

const A = '# BEGIN ANSIBLE MANAGED BLOCK'
const Z = '# END ANSIBLE MANAGED BLOCK'
const moves: typeof edits = [
  ['of the same lines', { name: 'lab' }, `a\n${A}\nx\ny\n${Z}\nb\n`, 'a\n# BEGIN\nx\ny\n# END\nb\n'],
  ['of the name', { name: 'lab' }, `${A} lab\nold\n${Z} lab\nb\n`, '# BEGIN\nx\ny\n# END\nb\n'],
  [
    'of the name, in another comment',
    { name: 'lab' },
    '<!-- BEGIN ANSIBLE MANAGED BLOCK lab -->\nold\n<!-- END ANSIBLE MANAGED BLOCK lab -->\n',
    '# BEGIN\nx\ny\n# END\n',
  ],
  ['of the name, to be absent', { name: 'lab', absent: true }, `a\n${A} lab\nold\n${Z} lab\nb\n`, 'a\nb\n'],
  ['of other lines', { name: 'lab' }, `${A}\nother\n${Z}\n`, `${A}\nother\n${Z}\n# BEGIN\nx\ny\n# END\n`],
  [
    'of another name',
    { name: 'lab' },
    `${A} labs\nold\n${Z} labs\n`,
    `${A} labs\nold\n${Z} labs\n# BEGIN\nx\ny\n# END\n`,
  ],
  ['beside its own', { name: 'lab' }, `${A}\nx\ny\n${Z}\na\n# BEGIN\nold\n# END\n`, 'a\n# BEGIN\nx\ny\n# END\n'],
  ['without an end', { name: 'lab' }, `${A} lab\nold\n`, `${A} lab\nold\n# BEGIN\nx\ny\n# END\n`],
  [
    'where the markers are given',
    { name: 'lab', isMarked: true },
    `${A}\nx\ny\n${Z}\n`,
    `${A}\nx\ny\n${Z}\n# BEGIN\nx\ny\n# END\n`,
  ],
]
for (const [says, want, live, then] of moves)
  test(`a block of Ansible ${says}`, () => {
    assert.is(editBlock(live, wants(want)), then)
    assert.is(editBlock(then, wants(want)), then)
  })

test('with its marker a block of Ansible keeps its lines around it', () => {
  const want = block('/etc/hosts', { name: 'lab', marker: '# {mark} ANSIBLE MANAGED BLOCK', content: 'x\ny' })
    .want as BlockWant
  assert.is(editBlock(`${A}\nold\n${Z}\n`, want), `${A}\nx\ny\n${Z}\n`)
  assert.throws(() => block('/etc/hosts', { name: 'a', marker: 'x', content: '' }), /one line with \{mark\} in it/)
  assert.throws(
    () => block('/etc/hosts', { name: 'a', marker: '{mark}', comment: ';', content: '' }),
    /left out with marker/,
  )
})

for (const [says, want, live, then] of edits) {
  test(says, () => {
    assert.is(editBlock(live, wants(want)), then)
    assert.is(editBlock(then, wants(want)), then, 'a second time nothing changes')
  })
}

test('A marker without its partner is refused with its line', () => {
  const refused = (live: string) => {
    const answer = editBlock(live, wants({}))
    return typeof answer === 'string' ? answer : answer.refused
  }
  assert.is(refused('a\n# BEGIN\nb\n'), 'line 2 of /etc/hosts is a marker without its counterpart: # BEGIN')
  assert.is(refused('# END\n# BEGIN\n'), 'line 1 of /etc/hosts is a marker without its counterpart: # END')
  assert.is(refused('# BEGIN\n# BEGIN\n# END\n'), 'line 2 of /etc/hosts is a marker without its counterpart: # BEGIN')
  assert.is(refused('# BEGIN\n# END\n# BEGIN\n'), 'line 3 of /etc/hosts is a marker without its counterpart: # BEGIN')
})

test('The markers carry the name and are comments of the file', () => {
  const markers = (comment?: string | readonly [string, string]) => {
    const want = block('/etc/app', { name: 'lab', content: '', ...(comment === undefined ? {} : { comment }) })
      .want as BlockWant
    return [want.begin, want.end]
  }
  assert.equal(markers(), ['# BEGIN rolecall: lab', '# END rolecall: lab'])
  assert.equal(markers('//'), ['// BEGIN rolecall: lab', '// END rolecall: lab'])
  assert.equal(markers(['<!--', '-->']), ['<!-- BEGIN rolecall: lab -->', '<!-- END rolecall: lab -->'])
})

test('Two blocks of one file do not see each other', () => {
  const edit = (name: string, content: string, live: string) => {
    const answer = editBlock(live, block('/etc/hosts', { name, content }).want as BlockWant)
    return typeof answer === 'string' ? answer : answer.refused
  }
  const one = edit('one', '1', 'a\n')
  const both = edit('two', '2', one)
  assert.is(edit('one', '1', both), both)
  assert.is(block('/etc/hosts', { name: 'one', content: '' }).id, 'block:/etc/hosts#one')
})

test('A secret block is shown nowhere', () => {
  const resource = block('/etc/app', { name: 'lab', content: secret('hunter2') })
  const evaluation = resource.evaluate(reply('have 0 81a4 2 0 0 root:root\ncontent\na\n'), debian, new Prediction())
  assert.equal(words(evaluation), ['edit /etc/app: block lab'])
  assert.equal('plan' in evaluation && evaluation.plan.changes, [{ hidden: 'secret content' }])
  assert.not.match(shown([resource, evaluation, stepsOf(evaluation)[0]?.sh.text]), 'hunter2')
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => block('hosts', { name: 'lab', content: '' }),
    () => block('/etc/hosts', { name: '', content: '' }),
    () => block('/etc/hosts', { name: 'a\nb', content: '' }),
    () => block('/etc/hosts', { name: 'lab', content: 'a\n# END rolecall: lab\n' }),
  ]
  for (const make of wrong) assert.throws(make, (error: unknown) => error instanceof RolecallError)
})

for (const shell of shells()) {
  test(`${shell.name}: a block comes, is renewed, and goes`, async () => {
    const path = join(scratch(), 'hosts')
    writeFileSync(path, '127.0.0.1 localhost\n')
    const state = async (resource: ReturnType<typeof block>) => {
      const { did, again } = await converge(shell, resource)
      return [did.length, words(again), readFileSync(path, 'utf8')]
    }
    const around = (inside: string) => `127.0.0.1 localhost\n# BEGIN rolecall: lab\n${inside}# END rolecall: lab\n`
    assert.equal(await state(block(path, { name: 'lab', content: '10.10.50.50 node-01' })), [
      1,
      [],
      around('10.10.50.50 node-01\n'),
    ])
    assert.equal(await state(block(path, { name: 'lab', content: '$(id) `id` \\n' })), [
      1,
      [],
      around('$(id) `id` \\n\n'),
    ])
    assert.equal(await state(block(path, { name: 'lab', state: 'absent' })), [1, [], '127.0.0.1 localhost\n'])
  })
}

test.run()
