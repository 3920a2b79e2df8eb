import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mapsEnough } from '../../lib/lab/containers/engine.ts'
import { namedPrivileges } from '../../lib/lab/containers/privileges.ts'
import { baseImage, containerName, routerAddress, savedImage } from '../../lib/lab/containers/names.ts'
import { checkedDriver } from '../../lib/lab/drivers/choose.ts'
import { RolecallError } from '../../lib/errors.ts'
import { describeLab } from '../../lib/lab/model.ts'

test('where the machine lacks a capability, docker gets the existing ones by name', () => {
  const all = (1n << 41n) - 1n
  const without = namedPrivileges(all & ~(1n << 24n)).join(' ')
  assert.match(without, '--cap-add SYS_ADMIN')
  assert.match(without, 'seccomp=unconfined')
  assert.not.match(without, 'SYS_RESOURCE')
  assert.match(namedPrivileges(all).join(' '), '--cap-add SYS_RESOURCE')
})

test('no two hosts of any labs share a container, and images belong to no registry', () => {
  assert.is.not(containerName('a', 'b-c'), containerName('a-b', 'c'))
  for (const image of [baseImage('abc'), savedImage('default', 'web-1', 'after')])
    assert.ok(image.startsWith('localhost/'))
})

test('the gateway’s address belongs to the mirror, where hosts look for it', () => {
  const lab = describeLab('x', '/srv/site', 51, { driver: 'podman' })
  assert.equal([lab.gateway, routerAddress(lab)], ['10.10.51.254', '10.10.51.253'])
})

test('a misspelt driver is refused with the nearest name', () => {
  try {
    checkedDriver('podmen', '--driver')
    assert.unreachable()
  } catch (error) {
    assert.instance(error, RolecallError)
    assert.is(error instanceof RolecallError ? error.problems[0]?.hint : '', 'did you mean "podman"?')
  }
})

const own = { container_id: 0, host_id: 1001, size: 1 }
const subordinate = { container_id: 1, host_id: 100_000, size: 65_536 }
for (const [whose, uidmap, gidmap, isEnough] of [
  ['root', null, null, true],
  ['a user with subordinate ids', [own, subordinate], [own, subordinate], true],
  ['a user without', [own], [own], false],
  ['a user with accounts and no groups', [own, subordinate], [own], false],
  ['a user with too few', [own, { ...subordinate, size: 10_000 }], [own, subordinate], false],
] as const)
  test(`podman of ${whose} has ${isEnough ? 'enough' : 'too few'} accounts for a host`, () => {
    assert.is(mapsEnough(JSON.stringify({ uidmap, gidmap })), isEnough)
  })

test.run()
