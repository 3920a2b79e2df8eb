import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../../lib/errors.ts'
import * as rolecall from '../../../lib/index.ts'
import { optionsOfKind } from '../../../lib/resources/kit/options/options.ts'

const test = suite('wrong calls of every kind, made from its options')

type Call = (...given: readonly unknown[]) => unknown

/** Every exported kind, as plain JavaScript sees it. */
const kinds = Object.entries(rolecall as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
  typeof value === 'function' && optionsOfKind(name).length > 0 ? [[name, value as Call] as const] : [],
)

/** Names that kinds may have: a path, a word, a URL, an address, a port. */
const NAMES = ['/srv/x', 'name', 'x.service', 'net.ipv4.ip_forward', '443/tcp', 'ens3', '192.0.2.7', 'example.com']

const circle: Record<string, unknown> = {}
circle['self'] = circle

class Thing {
  readonly a = 1
}

/** What no option takes. */
const NEVER: readonly (readonly [says: string, value: unknown])[] = [
  ['a symbol', Symbol('s')],
  ['a big number', 1n],
  ['a promise', Promise.resolve('x')],
  ['a weak map', new WeakMap()],
]

/** What some options take, and most do not. */
const ODD: readonly unknown[] = [
  ...[true, 0, 1, -1, 1.5, NaN, Infinity, '', 'x y\n', '\0', '***', '/srv/x', null],
  ...[[], [null], [[]], ['x', 1], {}, { a: undefined }, { a: { b: [1] } }, circle, new Thing(), new Date(0), new Map()],
  ...[() => 'x', /x/gy, Buffer.from('x'), rolecall.secret('s'), rolecall.sh`true`, Object.create(null) as object],
]

/** What a call says: nothing where it is taken. Whatever else it throws fails the test. */
function problemsOf(says: string, call: () => unknown): readonly Problem[] {
  try {
    call()
    return []
  } catch (error) {
    if (error instanceof RolecallError) return error.problems
    throw new Error(`${says}: ${String(error)}`, { cause: error })
  }
}

const isTold = ({ message, place, code }: Problem): boolean =>
  code === 'playbook' &&
  basename(place?.file ?? '') === basename(import.meta.filename) &&
  (place?.line ?? 0) > 0 &&
  !/TypeError|\[object|\bundefined\b.*undefined/.test(message)

/** With its place, and what was expected and got. */
function assertTold(says: string, problems: readonly Problem[], about?: RegExp): void {
  assert.ok(problems.length > 0, `${says}: taken in silence`)
  const bad = problems.filter((problem) => !isTold(problem))
  assert.equal(bad, [], says)
  const words = problems.map(({ message }) => message)
  assert.ok(
    about === undefined || words.some((message) => about.test(message)),
    `${says}: ${String(about)} in ${words.join(' | ')}`,
  )
}

test('there are kinds to call', () => assert.ok(kinds.length > 70, String(kinds.length)))

/** What stands before the options, where that is not one name. */
const BEFORE: Readonly<Record<string, readonly unknown[]>> = {
  debconf: ['app', 'app/question'],
  dropIn: ['nginx', 'limits'],
}

for (const [kind, call] of kinds) {
  const options = optionsOfKind(kind)
  const isFirst = problemsOf(kind, () => call({ zzz: 1 })).some(({ message }) => message.includes('"zzz"'))
  const named = NAMES.find((name) =>
    problemsOf(kind, () => call(name, { zzz: 1 })).every(({ message }) => /option|to be given/.test(message)),
  )
  const before = isFirst ? [] : (BEFORE[kind] ?? [named ?? '/srv/x'])
  const withOptions = (given: unknown) => problemsOf(kind, () => call(...before, given))

  test(`${kind}: what stands in place of its options is refused`, () => {
    const wrong = [
      [],
      ['x'],
      'x',
      42,
      true,
      null,
      () => ({}),
      Promise.resolve({}),
      new Map(),
      new Thing(),
      Symbol('s'),
      1n,
    ]
    for (const [at, value] of wrong.entries()) {
      assertTold(`${kind}(name, wrong ${at})`, withOptions(value))
    }
  })

  test(`${kind}: what stands in place of its name is refused or taken, and never ends in anything else`, () => {
    for (const value of [undefined, ...ODD]) {
      const problems = problemsOf(`${kind} name`, () => call(value, {}))
      assert.equal(
        problems.filter((problem) => !isTold(problem)),
        [],
      )
    }
    for (const [says, value] of NEVER)
      if (!isFirst)
        assertTold(
          `${kind}(${says})`,
          problemsOf(kind, () => call(value, {})),
        )
  })

  test(`${kind}: a misspelt option is refused with the right one`, () => {
    for (const option of options.filter((each) => each.length > 3)) {
      const misspelt = `${option.slice(0, -2)}${option.slice(-1)}${option.slice(-2, -1)}`
      if (options.includes(misspelt) || misspelt === option) continue
      const problems = withOptions({ [misspelt]: 1 })
      assertTold(`${kind}: ${misspelt}`, problems, new RegExp(`unknown option "${misspelt}"`))
      const hint = problems.find(({ message }) => message.includes(`"${misspelt}"`))?.hint ?? ''
      assert.ok(hint !== '', `${kind}: ${misspelt} has no hint`)
    }
  })

  test(`${kind}: a value that its option cannot take is refused by name, and never ends in anything else`, () => {
    for (const [at, option] of options.entries()) {
      const given = (value: unknown) => withOptions({ [option]: value })
      for (const [says, value] of NEVER.filter((_, index) => (index + at) % 2 === 0))
        assertTold(`${kind}.${option}: ${says}`, given(value), new RegExp(`\\b${option}\\b`))
      // Some of them, others with each option: together all of them, many times.
      for (const value of ODD.filter((_, index) => (index + at) % 5 === 0)) {
        const bad = given(value).filter((problem) => !isTold(problem))
        assert.equal(bad, [], `${kind}.${option}`)
      }
    }
  })
}

test.run()
