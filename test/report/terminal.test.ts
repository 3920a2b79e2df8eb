import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { width } from '../../lib/report/text/width.ts'
import { projectOf } from '../support/project.ts'

const command = resolve(import.meta.dirname, '../../bin/rolecall.js')
const names = Array.from({ length: 36 }, (_, at) => `host-${String(at).padStart(2, '0')}`)
const project = projectOf({
  'inventory/hosts.yml': `all:\n  vars: { ansible_connection: local }\n  hosts:\n${names.map((name) => `    ${name}:\n`).join('')}`,
  'playbooks/site.ts': `import { playbook, role } from 'rolecall'
const slow = role({ name: 'slow', apply: async ({ host, $, note }) => {
  console.log('printed by', host.name)
  note('主机 begins')
  await $({ unless: 'false', name: 'take long' })\`echo 最后一行 of it; sleep 4\`
} })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [slow] }] })
`,
})

const tmux = (...args: readonly string[]) =>
  spawnSync('tmux', ['-L', `rolecall-${process.pid}`, ...args], { encoding: 'utf8' })
const hasTmux = tmux('-V').status === 0
if (!hasTmux) {
  process.stdout.write('skipped: tmux, which gives a real terminal, is not installed\n')
  test.skip('a run on a real terminal', () => undefined)
}
process.on('exit', () => tmux('kill-server'))

/** Each test has a session of its own: a server that is being ended takes no new one. */
let session = 0

/** What stands on the screen as soon as it has these words. */
async function screenWith(words: RegExp): Promise<string[]> {
  for (let tries = 0; tries < 900; tries++) {
    const { stdout } = tmux('capture-pane', '-p', '-t', `s${session}`)
    if (words.test(stdout)) return stdout.split('\n')
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`the screen never had ${words.source}:\n${tmux('capture-pane', '-p', '-t', `s${session}`).stdout}`)
}

for (const [columns, rows] of hasTmux
  ? ([
      [80, 24],
      [50, 20],
    ] as const)
  : []) {
  test(`36 hosts on a terminal of ${columns} columns and ${rows} rows: half of the screen is log, and no line breaks`, async () => {
    const run = `env -u CI LC_ALL=C.UTF-8 ${process.execPath} ${command} apply site --no-types; sleep 300`
    session += 1
    tmux('new-session', '-s', `s${session}`, '-d', '-x', String(columns), '-y', String(rows), '-c', join(project), run)
    const lines = await screenWith(/最后一行 of it|最后/)
    const sum = lines.findIndex((line) => /^ {2}36 hosts: .*at work/.test(line))
    assert.ok(sum > 0, lines.join('\n'))
    assert.match(lines[sum + 1] ?? '', /site: \d+/)
    assert.ok(lines.slice(0, sum).filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✗] /.test(line)).length <= rows / 2, lines.join('\n'))
    for (const line of lines) assert.ok(width(line) <= columns, line)
    assert.not.match(lines.join('\n'), '\\x1b')
  })
}

test.run()
