import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './blocks.ts'

const text = readFileSync(join(project, 'docs/security.md'), 'utf8')
const named = new Set([...text.matchAll(/`((?:test|lib|scripts)\/[^`]+)`/g)].map(([, path = '']) => path))
const tests = [...named].filter((path) => path.endsWith('.test.ts'))

/** The rows of the tables of promises: what is promised, and what holds it. */
const promises = text
  .slice(text.indexOf('## Promises and their tests'), text.indexOf('## Bundled code'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Promise |-)/.test(line))
  .map((line) => line.split(' | '))

test('every file that docs/security.md names is there', () => {
  assert.ok(tests.length > 20)
  for (const path of named) assert.ok(existsSync(join(project, path)), path)
})

test('every test that docs/security.md names is run', () => {
  for (const path of tests) assert.match(readFileSync(join(project, path), 'utf8'), /^\s*\w+\.run\(\)/m, path)
})

test('every promise names what holds it', () => {
  assert.ok(promises.length > 25)
  for (const [promise, holds = ''] of promises) assert.match(holds, /`test\/[^`]+`/, promise)
})

test('every file of the adversaries is named', () => {
  for (const name of readdirSync(join(project, 'test/hostile')))
    assert.ok(named.has(`test/hostile/${name}`), `test/hostile/${name} is not in docs/security.md`)
})

test('exactly the commands that need hosts are marked', () => {
  for (const [, holds = ''] of promises)
    for (const [, path = '', mark] of holds.matchAll(/`(test\/[^`]+)`( †)?/g)) {
      const needsHosts = path.startsWith('test/hosts/') || path === 'test/hostile/eve.ts'
      assert.is(mark !== undefined, needsHosts, path)
    }
})

test.run()
