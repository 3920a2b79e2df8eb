import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isNamedRpm, isSameDebian } from '../../../lib/resources/packages/versions.ts'

const debian: readonly (readonly [string, string, boolean])[] = [
  ['1.0-1', '1.0-1', true],
  ['0:1.0-1', '1.0-1', true],
  ['1:1.0-1', '1.0-1', false],
  ['1.0', '1.0-0', true],
  ['1.0', '1.0-1', false],
  ['1.01-1', '1.1-1', true],
  ['1.0', '1.', true],
  ['1.0~rc1', '1.0', false],
  ['1.0+b1', '1.0', false],
  ['2:8.1-2-3', '2:8.1-2-3', true],
  ['10', '1', false],
]
for (const [a, b, are] of debian)
  test(`Debian: ${a} ${are ? 'is' : 'is not'} ${b}`, () => {
    assert.is(isSameDebian(a, b), are)
    assert.is(isSameDebian(b, a), are)
  })

const rpm: readonly (readonly [wanted: string, version: string, is: boolean])[] = [
  ['0:0.17-85.el9', '0.17-85.el9', true],
  ['0.17-85.el9', '0.17-85.el9', true],
  ['0.17', '0.17-85.el9', true],
  ['0:0.17', '0.17-85.el9', true],
  ['32:9.16-1', '32:9.16-1', true],
  ['9.16-1', '32:9.16-1', true],
  ['0:9.16-1', '32:9.16-1', false],
  ['32:9.16', '9.16-1', false],
  ['9.16-2', '9.16-1', false],
  ['1.010-1', '1.10-1', true],
  ['1.0~rc1', '1.0-1', false],
  ['1.0^git1-1', '1.0^git1-1', true],
  ['1.0^git1', '1.0-1', false],
  ['1_0-1', '1.0-1', true],
  ['0:1.0-1.el9.x86_64', '1.0-1.el9', true],
]
for (const [wanted, version, is] of rpm)
  test(`rpm: ${wanted} ${is ? 'names' : 'does not name'} ${version}`, () => assert.is(isNamedRpm(wanted, version), is))

test.run()
