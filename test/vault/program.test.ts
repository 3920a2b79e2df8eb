import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../../lib/testing/scratch.ts'
import { reasonOf } from '../../lib/vault/program.ts'

const room = scratch()
writeFileSync(join(room, 'closed'), '')
chmodSync(join(room, 'closed'), 0o600)
const denied = Object.assign(new Error('spawn EACCES'), { code: 'EACCES' })

for (const [name, why] of [
  ['nowhere', reasonOf(Object.assign(new Error(), { code: 'ENOENT' }), 'nowhere')],
  ['closed', 'may not be run'],
  [join(room, 'closed'), 'may not be run'],
] as const)
  test(`the system denies ${name === 'nowhere' ? 'a program that no directory of PATH has' : name}: ${why}`, () => {
    assert.is(reasonOf(denied, name, { PATH: room }), why)
  })

test.run()
