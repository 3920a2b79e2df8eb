import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeNames } from '../../lib/lab/model.ts'
import { onLab, restoreDisks } from '../support/lab.ts'

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

const SSH = ['ssh script', 'ssh script, curve25519']
/** What is said of Ansible: its rows, or why there are none. CI need not have it. */
const ANSIBLE = ['Ansible, tuned', 'Ansible + Mitogen']

/** Each bench, and who must have done the work in the end. */
const benches: readonly (readonly [name: string, rows: readonly string[]])[] = [
  ['site', ['rolecall', ...SSH, ...ANSIBLE]],
  ['first', ['rolecall', ...SSH]],
  ['latency', ['rolecall', ...SSH]],
  ['scale', ['rolecall', ...SSH, '4']],
  ['work', ['100 files, first write', '100 commands in sequence', 'scp']],
  ['journal', ['runs', 'history', 'runs prune']],
  ['start', ['node -e 0', 'rolecall --version', 'rolecall list hosts, 100 hosts']],
]

function hasRow(table: string, row: string): boolean {
  return table.split('\n').some((line) => line.startsWith(`| ${row} `) && /^ +[\d.]+ /.test(line.split('|')[2] ?? ''))
}

onLab('the hosts are as after the site, so that no bench has to set them up first', async () => {
  await restoreDisks('after-site', ...nodeNames)
})

for (const [name, rows] of benches) {
  onLab(`bench ${name} prints a row for everybody who did the work`, () => {
    const table = smoke(name)
    const [reason] = /^Ansible and Mitogen are not measured: .*/m.exec(table) ?? []
    if (reason !== undefined) process.stdout.write(`bench ${name}: ${reason}\n`)
    const there = rows.filter((row) => reason === undefined || !ANSIBLE.includes(row))
    for (const row of there) assert.ok(hasRow(table, row), `no row ${row} in\n${table}`)
    return Promise.resolve()
  })
}

test.run()
