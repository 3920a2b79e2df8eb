import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostile } from './behaviours.ts'
import { tryHosts } from './trial.ts'

const test = suite('hosts that lie, flood or stall')

const silent = hostile.filter(({ name }) => /says nothing|no session|starts no shell|silent after/.test(name))
/** What a hostile host may cost the controller. */
const MOST_MIB = 50
const alone = await tryHosts({ honest: {}, other: {} })

test('the honest host does what a shell does', () => {
  assert.match(alone.said['honest'] ?? 'nothing', 'there is no directory /nonexistent-a')
})

const named = (some: typeof hostile) => Object.fromEntries(some.map((each, at) => [`liar-${at}`, each]))

/** Those that flood keep this process busy, which plays all of them: they come one by one. */
const floods = hostile.filter(({ name }) => /flood|without end|drips/.test(name))
const quiet = hostile.filter((each) => !floods.includes(each))

for (const mode of ['check', 'apply']) {
  const some = quiet.filter((each) => (each.mode ?? 'check') === mode)
  const { said } = await tryHosts({ honest: {}, other: {}, ...named(some) }, { mode })

  for (const [at, { name, says }] of some.entries())
    test(`one that ${name} is told as that`, () => {
      const told = said[`liar-${at}`]
      if (says === undefined) assert.is(told, said['other'])
      else assert.match(told ?? 'nothing', says)
    })

  test(`an honest host among ${some.length} of them is set up as if it were alone (${mode})`, () => {
    assert.is(said['honest'], alone.said['honest'])
    assert.is(said['honest end'], alone.said['honest end'])
  })
}

for (const { name, says, ...behaviour } of floods)
  test(`one that ${name} is told as that, and costs an honest host nothing`, async () => {
    const { said, memoryMiB } = await tryHosts({ honest: {}, liar: behaviour })
    assert.match(said['liar'] ?? 'nothing', says ?? /^$/)
    assert.is(said['honest'], alone.said['honest'])
    assert.ok(memoryMiB - alone.memoryMiB <= MOST_MIB, `${Math.round(memoryMiB - alone.memoryMiB)} MiB more`)
  })

test('a run that is told to end does not wait for those that say nothing', async () => {
  const { said, abortedFor } = await tryHosts(named(silent), { abortAfterMs: 600 })
  assert.equal(
    silent.map((_, at) => said[`liar-${at} end`]),
    silent.map(() => 'cancelled'),
  )
  assert.ok(abortedFor < 5000, `${abortedFor} ms after it was told to end`)
})

test.run()
