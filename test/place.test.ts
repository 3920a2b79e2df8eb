import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { firstPlace } from '../lib/place.ts'

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

test.run()
