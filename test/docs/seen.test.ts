import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './blocks.ts'

const [, table = ''] = readFileSync(join(project, 'test/README.md'), 'utf8').split('## What people saw')
const rows = table
  .split('\n')
  .filter((line) => /^\| .* \|$/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/ \| /)
      .map((cell) => cell.trim()),
  )
  .slice(1)
  .filter(([first = '']) => !first.startsWith('---'))

test('findings of people are a table', () => assert.ok(rows.length > 30))

for (const [seen = '', , , file = '', words = ''] of rows)
  test(`${seen}: the test is there`, () => {
    const path = join(project, 'test', `${file.replaceAll('`', '')}.test.ts`)
    assert.ok(existsSync(path), path)
    assert.ok(words.length > 8, `too few words: ${words}`)
    assert.ok(readFileSync(path, 'utf8').includes(words), `${path} has no test "${words}"`)
  })

test.run()
