import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../lib/resources/files/file.ts'
import { repository } from '../lib/resources/packages/repository/repository.ts'
import { CallSite, firstPlace, placeOfCall } from '../lib/place.ts'

for (const [what, line, file] of [
  ['a function', 'at Object.apply (/srv/site/roles/a.ts:6:13)', '/srv/site/roles/a.ts'],
  ['a function that waited', 'at async Object.apply (file:///srv/site/a.ts:6:13)', '/srv/site/a.ts'],
  ['a module', 'at /srv/site/a.ts:6:13', '/srv/site/a.ts'],
  ['a module that waited', 'at async /srv/site/a.ts:6:13', '/srv/site/a.ts'],
  ['a path with spaces in it', 'at f (/srv/my site/a.ts:6:13)', '/srv/my site/a.ts'],
  ['a URL with spaces in it', 'at file:///srv/my%20site/a.ts:6:13', '/srv/my site/a.ts'],
] as const)
  test(`the place is found in the line of ${what}`, () => {
    const stack = `Error: at /what/it/says.ts:1:1\n    at f (/elsewhere.ts:2:2)\n    at run (node:async_hooks:346:14)\n    ${line}`
    const isOurs = (path: string) => path.startsWith('/srv/')
    assert.equal(firstPlace(stack, isOurs), { file, line: 6, column: 13 })
  })

test('a call knows the line that it was made in', () => {
  const callee = () => new CallSite(callee)
  const here = lineOf(new Error())
  assert.is(callee().place?.line, here + 1)
  assert.is(placeOfCall()?.line, here + 2)
  assert.match(placeOfCall()?.file ?? '', /place\.test\.ts$/)
})

test('a resource knows the line that it was made in, whatever made it', () => {
  const here = lineOf(new Error())
  assert.is(file('/etc/motd', { content: '' }).madeAt.place?.line, here + 1)
  assert.is(repository('old', { state: 'absent' }).madeAt.place?.line, here + 2)
})

test('two resources that want the same are equal, wherever they were made', () => {
  assert.equal(JSON.stringify(file('/etc/motd', { content: '' })), JSON.stringify(file('/etc/motd', { content: '' })))
})

function lineOf(error: Error): number {
  return Number(/place\.test\.ts:(\d+)/.exec(error.stack ?? '')?.[1])
}

test.run()
