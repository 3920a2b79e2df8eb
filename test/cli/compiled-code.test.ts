import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../support/converge-locally.ts'

/** A program of which each word of the command line calls one function, under the loader that Rolecall has. */
const program = `/*00ff*/exports.commandLine = () => ({ runCommandLine: async (args) => { for (const arg of args) functions[arg]?.() } })
const functions = { much() { ${body('much')} }, more() { ${body('more')} } }
`

function body(name: string): string {
  return Array.from({ length: 200 }, (_, at) => `const ${name}${at} = [${at}, '${name}'].join('-')`).join('\n')
}

test('the compiled code becomes that of the fullest of the first runs, and later of one an hour', () => {
  const root = scratch()
  for (const directory of ['bin', 'dist']) mkdirSync(join(root, directory))
  for (const file of ['rolecall.js', 'load.js']) copyFileSync(join('bin', file), join(root, 'bin', file))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(root, 'dist/rolecall.cjs'), program)
  const run = (...words: readonly string[]) => {
    const env = { ...process.env, NODE_OPTIONS: '' }
    const { status, stderr } = spawnSync(process.execPath, ['bin/rolecall.js', 'check', ...words], { cwd: root, env })
    assert.is(status, 0, String(stderr))
    return statSync(kept()).size
  }
  const kept = () => {
    const directory = join(root, 'dist/.compiled')
    const [file = '', ...others] = readdirSync(directory)
    assert.equal(others, [])
    return join(directory, file)
  }

  const little = run()
  const much = run('much')
  assert.ok(much > little + 1000, `${much} after ${little}`)
  for (let looks = 3; looks <= 5; looks++) assert.is(run(), much)

  const settled = readFileSync(kept())
  run('much', 'more')
  assert.equal(readFileSync(kept()), settled, 'it is not written by each run')
  const twoHoursAgo = Date.now() / 1000 - 7200
  utimesSync(kept(), twoHoursAgo, twoHoursAgo)
  assert.ok(run('much', 'more') > much + 1000)
})

test.run()
