import { spawnSync } from 'node:child_process'
import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { homeDirectory, thisAccount } from '../../lib/machine/account.ts'

/** A user id of no account, as containers have them. */
const NOBODY = 43_210

const lib = resolve(import.meta.dirname, '../../lib')

test('an account and its home are those that the system has', () => {
  const { username, homedir: home, uid } = userInfo()
  assert.equal(thisAccount(), { name: username, home, uid, isKnown: true })
  assert.is(homeDirectory(), homedir())
})

const isRoot = process.getuid?.() === 0
const asNobody = `a user id without an account${isRoot ? '' : ' (not tried: only root can take another id)'}`

test(`${asNobody} has the name of USER or its number, and the home of HOME or /`, () => {
  if (!isRoot) return
  const asked = `
    const { homeDirectory, thisAccount } = await import('${lib}/machine/account.ts')
    process.setuid(${NOBODY})
    console.log(JSON.stringify([thisAccount(), homeDirectory()]))`
  assert.equal(answer(asked, {}), [{ name: '43210', home: '/', uid: NOBODY, isKnown: false }, '/'])
  const inContainer = { HOME: '/builds', USER: 'ci' }
  assert.equal(answer(asked, inContainer), [{ name: 'ci', home: '/builds', uid: NOBODY, isKnown: false }, '/builds'])
})

test(`${asNobody} reads ssh's configuration, which ssh itself refuses to do for it`, () => {
  if (!isRoot) return
  const asked = `
    const { resolveSsh } = await import('${lib}/ssh-config/resolve.ts')
    process.setuid(${NOBODY})
    const { hostName, user, knownHostsFiles } = await resolveSsh('web', { address: '192.0.2.1', args: { first: [], last: ['-o', 'RekeyLimit=1G'] } })
    console.log(JSON.stringify([hostName, user, knownHostsFiles[0]]))`
  assert.equal(answer(asked, { USER: 'ci' }), ['192.0.2.1', 'ci', '/.ssh/known_hosts'])
})

function answer(script: string, env: Readonly<Record<string, string>>): unknown {
  const { PATH = '' } = process.env
  const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { PATH, ...env },
    encoding: 'utf8',
  })
  assert.is(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

test.run()
