import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { project } from './blocks.ts'
import { kindTable } from './kind-table.ts'

test('the table of kinds and their tests is what the tests say', () => {
  const page = readFileSync(join(project, 'test/README.md'), 'utf8')
  const section = page.split(/^## /m).find((each) => each.startsWith('Kinds, and where each is tried')) ?? ''
  const cells = (line: string) =>
    line
      .split('|')
      .map((cell) => cell.trim().replace(/^-+$/, '-'))
      .join('|')
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  const wanted = kindTable()
  assert.equal(rows.map(cells), wanted.map(cells), `test/README.md should have:\n${wanted.join('\n')}`)
})

test.run()
