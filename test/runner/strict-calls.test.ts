import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, RolecallError, role, type Problem } from 'rolecall'
import { makeExpect } from '../../lib/playbook/expect.ts'
import { checkedContext } from '../../lib/playbook/checked-context.ts'
import { OncePerPlay } from '../../lib/runner/units/role/once-per-play.ts'

/** What is said of a role whose `apply` does this, in JavaScript that no compiler has seen. */
async function problemOf(work: (context: never) => unknown): Promise<Problem | undefined> {
  const wrong = role({
    name: 'wrong',
    parts: ['config'],
    apply: async (context) => void (await work(context as never)),
  })
  const site = { web: [{ name: 'web-01', address: '192.0.2.1' }] }
  try {
    await play(wrong, { site, files: { '/etc/motd': 'hello', '/etc/issue': '' } })
    return undefined
  } catch (error) {
    if (error instanceof RolecallError) return error.problems[0]
    throw error
  }
}

type Loose = Readonly<Record<string, (...given: unknown[]) => unknown>>
type Context = Loose & { readonly host: Loose; readonly site: Readonly<Record<string, (...given: unknown[]) => Loose>> }

const wrong: Readonly<Record<string, readonly [call: (context: Context) => unknown, expected: string, got: string]>> = {
  'note without a message': [({ note }) => note?.(), 'a text', 'nothing'],
  'note of an object': [({ note }) => note?.({ a: 1 }), 'a text', 'an object: { a }'],
  'note of two texts': [({ note }) => note?.('a', 'b'), 'one argument', '2: the last is "b"'],
  'a file without a path': [({ read }) => read?.(), 'an absolute path', 'nothing'],
  'a path that is relative': [({ read }) => read?.('etc/motd'), 'an absolute path', '"etc/motd"'],
  'an option of read that there is not': [
    ({ read }) => read?.('/etc/motd', { pending: '' }),
    'whilePending',
    '"pending"',
  ],
  'two paths for exists': [
    ({ exists }) => exists?.('/etc/motd', '/etc/issue'),
    'one argument',
    '2: the last is "/etc/issue"',
  ],
  'a part without its work': [({ part }) => part?.('config'), 'a function', 'nothing'],
  'once without its work': [({ once }) => once?.('schema', 5), 'a function', '5'],
  'once per host': [({ once }) => once?.('schema', () => 1, { per: 'host' }), '"play" or "batch"', '"host"'],
  'details of a list': [({ details }) => details?.(['memory']), 'a plain object: { custom }', 'a list of 1'],
  'no choices': [({ host }) => host['pick']?.(), 'an object with a key for each family', 'nothing'],
  'no pattern': [({ site }) => site['hosts']?.(), 'a name', 'nothing'],
  'a host that is a number': [({ site }) => site['host']?.(1), 'a name', '1'],
  'another host without work': [({ site }) => site['on']?.('web-01'), 'a function', 'nothing'],
  'a relative path there': [({ site }) => site['host']?.('web-01')['read']?.('motd'), 'an absolute path', '"motd"'],
  'variables of a name': [
    ({ site }) => site['host']?.('web-01')['vars']?.('web'),
    'a role, or shared variables',
    '"web"',
  ],
  'a note on another host': [
    ({ site }) => site['on']?.('web-01', ({ note }: Loose) => Promise.resolve(note?.())),
    'a text',
    'nothing',
  ],
}

for (const [says, [call, expected, got]] of Object.entries(wrong))
  test(`what no function of a role takes is refused with its place: ${says}`, async () => {
    const problem = await problemOf(call)
    assert.is(problem?.code, 'playbook')
    assert.equal([problem?.expected, problem?.got], [expected, got])
    assert.match(problem?.place?.file ?? '', 'strict-calls')
  })

test('a function that gives a promise gives a rejected one for what it does not take, so that catch() sees the error', async () => {
  const caught: string[] = []
  const see = (error: unknown) => void caught.push(String(error instanceof RolecallError && error.problems[0]?.message))
  const problem = await problemOf(async (context: Context) => {
    const { read, exists, once, part, details, site } = context
    for (const call of [
      () => read?.(),
      () => exists?.('etc/motd'),
      () => once?.('schema', 5),
      () => part?.('config'),
      () => details?.(['memory']),
      () => site['on']?.('web-01'),
      () => site['host']?.('web-01')['read']?.('motd'),
    ])
      await (call() as Promise<unknown>).catch(see)
  })
  assert.is(problem, undefined)
  assert.is(caught.length, 7)
  for (const message of caught) assert.match(message, /^Expected .* to be /)
})

test('a function that map calls with an index and the whole list means the element alone', async () => {
  let found: unknown
  const problem = await problemOf(async ({ exists, note }: Context) => {
    found = await Promise.all(['/etc/motd', '/etc/none'].map(exists as never))
    ;['a', 'b'].forEach(note as never)
  })
  assert.is(problem, undefined)
  assert.equal(found, [true, false])
})

test('what an expectation is called is a text', () => {
  const context = checkedContext({ expect: makeExpect(() => undefined) })
  context.expect(1, 'a number').toBe(1)
  assert.throws(() => context.expect(1, 2 as never), /Expected what is looked at of expect\(\) to be a text, got 2/)
  assert.throws(() => (context.expect as (...given: unknown[]) => unknown)(1, 'a', 1), /2 arguments at most/)
})

test('once of one name twice on a host is refused: the second work would never be done', async () => {
  const once = new OncePerPlay()
  const unit = (host: string) =>
    ({ play: { name: 'p' }, role: { name: 'r' }, host: { name: host }, batch: 0 }) as unknown as Parameters<
      OncePerPlay['run']
    >[0]
  const first = unit('a')
  const end = () => assert.unreachable() as never
  const done: string[] = []
  const work = (what: string) => () => Promise.resolve(done.push(what))
  await once.run(first, 'schema', work('first'), { end })
  await once.run(unit('b'), 'schema', work('other host'), { end })
  await once.run(first, 'data', work('second'), { end })
  try {
    await once.run(first, 'schema', work('again'), { end })
    assert.unreachable()
  } catch (error) {
    assert.match(String(error instanceof RolecallError && error.problems[0]?.message), 'twice on one host')
  }
  assert.equal(done, ['first', 'second'])
})

test.run()
