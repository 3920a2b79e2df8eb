import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { iniFile, iniFormatOf, type IniOptions } from '../../../lib/resources/structured/ini-file.ts'
import { parseIni } from '../../../lib/resources/structured/ini-text.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import { differences, type Settings, type Tree } from '../../../lib/resources/kit/tree.ts'
import { secret } from '../../../lib/secret.ts'
import { Die } from '../../support/die.ts'
import { seedOfRun } from '../../support/random.ts'
import { converge, debian, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

const unit = `# a unit
[Unit]
Description=An app

[Service]
; how it starts
Environment=A=1
Environment=B=2
ExecStart=/usr/bin/app \\
  --one \\
  --two
skip-networking

# how it is enabled
[Install]
WantedBy = multi-user.target`

const edits: readonly (readonly [says: string, live: string, set: Settings, remove: string[][], then: string])[] = [
  ['a value is replaced where it stands', unit, { Unit: { Description: 'x' } }, [], unit.replace('An app', 'x')],
  ['blanks around = stay', unit, { Install: { WantedBy: 'x' } }, [], unit.replace('multi-user.target', 'x')],
  [
    'what is there is left alone',
    unit,
    { Service: { Environment: ['A=1', 'B=2'], 'skip-networking': null }, Unit: { Description: 'An app' } },
    [],
    unit,
  ],
  [
    'several lines of a key become one',
    unit,
    { Service: { Environment: 'C=3' } },
    [],
    unit.replace('A=1\nEnvironment=B=2', 'C=3'),
  ],
  [
    'and more',
    unit,
    { Service: { Environment: ['A=1', 'B=3', 'C=4'] } },
    [],
    unit.replace('B=2\n', 'B=3\nEnvironment=C=4\n'),
  ],
  [
    'a value over several lines is replaced',
    unit,
    { Service: { ExecStart: '/x' } },
    [],
    unit.replace(/\/usr.*\n.*\n.*two/, '/x'),
  ],
  [
    'a new key goes below the last of its section',
    unit,
    { Unit: { After: 'a' } },
    [],
    unit.replace('app\n\n', 'app\nAfter=a\n\n'),
  ],
  ['and takes its blanks', unit, { Install: { Also: 'a' } }, [], `${unit}\nAlso = a\n`],
  ['a new section goes to the end', unit, { New: { a: '1' } }, [], `${unit}\n\n[New]\na=1\n`],
  ['a key goes with all its lines', unit, {}, [['Service', 'ExecStart']], unit.replace(/ExecStart[^]*two\n/, '')],
  [
    'a section goes, and the comment above the next one stays',
    unit,
    {},
    [['Service']],
    unit.replace(/\[Service\][^]*skip-networking\n\n/, ''),
  ],
  ['what is not there is not removed', unit, {}, [['X'], ['Unit', 'X']], unit],
  ['keys of no section', '# c\nA=1\nB = 2\n', { '': { A: 'x', C: 'y' } }, [['', 'B']], '# c\nA=x\nC = y\n'],
  ['keys of no section above the first header', '# c\n[a]\nb=1\n', { '': { A: 'x' } }, [], '# c\nA=x\n[a]\nb=1\n'],
  ['an empty file is filled', '', { a: { b: 'c' } }, [], '[a]\nb=c\n'],
  ['CRLF stays', '[a]\r\nb=1\r\n', { a: { c: '2' } }, [], '[a]\r\nb=1\r\nc=2\r\n'],
  [
    'indented keys stay so',
    '[user]\n\tname = x\n',
    { user: { name: 'y', mail: 'z' } },
    [],
    '[user]\n\tname = y\n\tmail = z\n',
  ],
  ['a line separator of Unicode ends no line', '[a]\n  b = x\u2028y\n', { a: { b: 'z' } }, [], '[a]\n  b = z\n'],
  ['lines indented deeper go on with a value', '[a]\nurl=x\n   y\nb=1\n', { a: { url: 'z' } }, [], '[a]\nurl=z\nb=1\n'],
]

for (const [says, live, set, remove, then] of edits) {
  test(says, () => {
    const want = { path: '/etc/app', set, remove }
    assert.is(editKeys(iniFormatOf('unknown'), want, live).text, then)
    assert.is(editKeys(iniFormatOf('unknown'), want, then).text, then, 'a second time nothing changes')
  })
}

const is = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const table: readonly (readonly [string, IniOptions, string, readonly string[] | string])[] = [
  [
    'As wanted: nothing to do',
    { set: { main: { gpgcheck: 1, best: true, list: ['a'] } } },
    is('[main]\ngpgcheck=1\nbest=true\nlist=a\n'),
    [],
  ],
  [
    'Another value: edit',
    { set: { main: { gpgcheck: 1 } } },
    is('[main]\ngpgcheck=0\n'),
    ['edit /etc/app: set main.gpgcheck'],
  ],
  ['No section: the key alone is named', { set: { '': { A: 1 } } }, is('A=2\n'), ['edit /etc/app: set A']],
  ['No file: make it', { set: { main: { a: 1 } } }, 'none 0 4 dir\n', ['create /etc/app: set main']],
  [
    'Broken: refused',
    { set: { main: { a: 1 } } },
    is('[main\na=1\n'),
    'refused: /etc/app is broken INI at line 1, column 1: a section header without its closing bracket',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(iniFile('/etc/app', want).evaluate(reply(have), debian, new Prediction())), then))
}

test('A key that is given thousands of times is read in time, and a longer file is refused', () => {
  const ini = iniFormatOf('systemd')
  const edited = (text: string) => editKeys(ini, { path: '/a', set: { a: { b: '2' } }, remove: [] }, text).text
  assert.is(edited(`[a]\n${'b=1\n'.repeat(25_000)}`), '[a]\nb=2\n')
  assert.match(JSON.stringify(edited(`[a]\n${'b=1\n'.repeat(30_000)}`)), 'it has more than 30000 lines')
})

test('A secret is shown nowhere', () => {
  const resource = iniFile('/etc/app', { set: { db: { password: secret('hunter2-hunter2') } } })
  const evaluation = resource.evaluate(reply(is('[db]\npassword=correct-horse\n')), debian, new Prediction())
  assert.not.match(shown([resource, 'plan' in evaluation && evaluation.plan.changes]), /hunter2|correct-horse/)
  assert.is(Buffer.from(stepsOf(evaluation)[0]?.stdin ?? []).toString(), '[db]\npassword=hunter2-hunter2\n')
})

test('What an INI file cannot hold is refused before any host is touched', () => {
  const wrong: readonly IniOptions[] = [
    { set: { a: { b: 'x\ny' } } },
    { set: { a: { b: ' x' } } },
    { set: { a: { b: 'x\\' } } },
    { set: { a: { b: [] } } },
    { set: { a: { 'b=c': 'x' } } },
    { set: { a: { '#b': 'x' } } },
    { set: { 'a]': { b: 'x' } } },
    { set: { a: { b: 1 } }, remove: ['a'] },
  ]
  for (const options of wrong)
    assert.throws(
      () => iniFile('/etc/app', options),
      (error: unknown) => error instanceof RolecallError,
      JSON.stringify(options),
    )
})

test('Random files hold after one edit what is wanted, and a second run finds nothing to do', () => {
  const seed = seedOfRun(7919)
  const bits = [
    '[a]',
    '[b]',
    '[a]',
    '',
    '# c',
    '; c',
    'k=1',
    'k = 2',
    'l',
    'm=x \\\n y',
    'k=',
    'n = =',
    '[ c ]',
  ] as const
  for (let round = 0; round < 500; round++) {
    const die = new Die(seed * 1000 + round)
    const eol = die.oneOf(['\n', '\n', '\r\n'])
    const live =
      Array.from({ length: die.below(12) }, () => die.oneOf(bits).replace('\n', eol)).join(eol) + die.oneOf(['', eol])
    const value = () => die.oneOf(['1', '2', '', '= x', ['1', '2', '3'], ['x', ''], null])
    const keys = () =>
      Object.fromEntries(Array.from({ length: die.below(3) }, () => [die.oneOf(['k', 'l', 'm', 'z']), value()]))
    const set = Object.fromEntries(
      Array.from({ length: die.below(3) }, () => [die.oneOf(['', 'a', 'b', 'c', 'd']), keys()]),
    )
    const remove = [['e'], ['b', 'y'], ...(set['a'] === undefined ? [die.oneOf([['a'], ['a', 'k']])] : [])]
    const told = `round ${round}\n${live}\n${JSON.stringify([set, remove])}`
    const { text } = editKeys(iniFormatOf('unknown'), { path: '/etc/app', set, remove }, live)
    if (typeof text !== 'string') throw new Error(`${text.refused}\n${told}`)
    assert.equal(differences(parseIni(text) as ReadonlyMap<string, Tree>, set, remove), [], told)
    const comments = (all: string) => all.split(/\r?\n/).filter((line) => line.startsWith('#')).length
    if (set['a'] !== undefined) assert.is(comments(text), comments(live), told)
  }
})

for (const shell of shells()) {
  test(`${shell.name}: keys are set and the rest of the file stays`, async () => {
    const path = join(scratch(), "it's a.repo")
    writeFileSync(path, unit)
    const { did, again } = await converge(shell, iniFile(path, { set: { Unit: { Description: "it's $HOME" } } }))
    assert.equal([did, words(again)], [[`edit ${path}: set Unit.Description`], []])
    assert.is(readFileSync(path, 'utf8'), unit.replace('An app', "it's $HOME"))
  })
}

test.run()
