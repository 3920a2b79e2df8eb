import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './blocks.ts'

const [, section = ''] = readFileSync(join(project, 'test/README.md'), 'utf8').split('## Moving in from Ansible')
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
  .filter(([, file = '']) => file.startsWith('`'))

test('what an operator brings is a table', () => assert.ok(rows.length > 40))

for (const [what = '', file = '', words = ''] of rows)
  test(`${what}: the test is there`, () => {
    const path = join(project, 'test', `${file.replaceAll('`', '')}.test.ts`)
    assert.ok(existsSync(path), path)
    assert.ok(words.length > 5, `too few words: ${words}`)
    assert.ok(readFileSync(path, 'utf8').includes(words), `${path} has no test "${words}"`)
  })

test.run()
