import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const project = resolve(import.meta.dirname, '../..')

test('docs/reference.md says what the docstrings say', () => {
  const args = ['scripts/reference.js', '--check']
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
  assert.is(status, 0, stderr)
})

test.run()
