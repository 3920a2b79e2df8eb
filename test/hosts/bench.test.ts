import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { onLab } from '../support/lab.ts'

const bench = join(import.meta.dirname, '../bench/main.ts')
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** One round and no judgement of times, so that the benches are known to work. */
function smoke(...names: readonly string[]): string {
  const env = { ...process.env, ROLECALL_BENCH_LAB: process.env['ROLECALL_TEST_LAB'] ?? 'test' }
  const args = ['--import', tsx, bench, ...names, '--rounds', '1', '--smoke']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  assert.is(status, 0, `${stdout}${stderr}`)
  return stdout
}

onLab('the bench of the site prints a row for everybody who did the work', () => {
  const table = smoke('site')
  for (const name of ['rolecall', 'ssh script', 'ssh script, curve25519'])
    assert.match(table, new RegExp(`^\\| ${name} +\\| +[\\d.]+ `, 'm'))
  return Promise.resolve()
})

test.run()
