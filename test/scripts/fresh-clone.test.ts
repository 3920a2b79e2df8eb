import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../support/converge-locally.ts'

const project = resolve(import.meta.dirname, '../..')
const scripts = join(project, 'scripts')

/** What the scripts of package.json import of each other before they install packages. */
const imported = new Set(
  readdirSync(scripts)
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const text = readFileSync(join(scripts, name), 'utf8')
      return text.includes('await bootstrap()') ? [...text.matchAll(/ from '\.\/([\w-]+\.js)'/g)] : []
    })
    .map(([, name = '']) => name),
)

test('in a fresh clone, where no package is installed, each command comes as far as installing them', () => {
  const clone = scratch()
  for (const part of ['scripts', 'package.json']) cpSync(join(project, part), join(clone, part), { recursive: true })
  assert.ok(imported.has('jobs.js') && imported.size > 8, [...imported].join())
  for (const name of imported) {
    const args = ['--input-type=module', '-e', `await import('./scripts/${name}')`]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' })
    assert.is(status, 0, `${name}: ${stderr}`)
  }
})

test.run()
