import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, play, role } from '../../lib/index.ts'
import { RolecallError } from '../../lib/errors.ts'
import { partOf } from '../../lib/runner/units/role/part.ts'

const app = role({
  name: 'app',
  parts: ['config', 'users'],
  async apply({ ensure, part }) {
    await ensure(file('/etc/always', { content: '' }))
    await part('config', async () => {
      await ensure(file('/etc/app.conf', { content: '' }))
    })
    await part('users', async () => {
      await ensure(file('/etc/app.users', { content: '' }))
    })
  },
})

test('a role that is played does all its parts', async () => {
  const { asked } = await play(app)
  assert.equal(
    asked.map(({ name }) => name),
    ['/etc/always', '/etc/app.conf', '/etc/app.users'],
  )
})

test('only the selected parts are run', async () => {
  const part = partOf(app, new Set(['users']))
  const done: string[] = []
  for (const tag of ['config', 'users']) await part(tag, () => Promise.resolve(void done.push(tag)))
  assert.equal(done, ['users'])
})

test('an unknown part is refused, with the nearest name', async () => {
  const wrong = role({
    name: 'wrong',
    parts: ['config'],
    apply: ({ part }) => part('confg', () => Promise.resolve()),
  })
  const refused = await play(wrong).catch((error: unknown) => error)
  assert.instance(refused, RolecallError)
  assert.match(String((refused as RolecallError).problems[0]?.hint), /did you mean "config"/)
})

test.run()
