// What people saw on a terminal and could not use: each finding of test/README.md, "What people saw", on a real one.
// Own process: it has a server of terminals of its own
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { width } from '../../lib/report/text/width.ts'
import { projectOf, rolecall } from '../support/project.ts'
import { hasTerminal, openTerminal } from '../support/terminal.ts'

const hosts = ['web-1', 'web-2', '数据库-主机']
const project = projectOf({
  'inventory/hosts.yml': `all:\n  vars: { ansible_connection: local }\n  hosts:\n${hosts.map((name) => `    ${name}:\n`).join('')}`,
  'playbooks/slow.ts': `import { exec, playbook, role } from 'rolecall'
const slow = role({ name: 'slow', apply: async ({ host, ensure }) => {
  console.log('printed by', host.name)
  await ensure(exec('install', { run: 'echo Reading; echo 正在安装 part 2; sleep 300', unless: 'false' }))
} })
export default playbook({ name: 'slow', plays: [{ name: 'all', hosts: 'all', roles: [slow] }] })
`,
  'playbooks/broken.ts': `import { exec, playbook, role } from 'rolecall'
const broken = role({ name: 'broken', apply: ({ ensure }) =>
  ensure(exec('build', { run: 'echo compiling; echo no space left on device >&2; exit 7', unless: 'false' })) })
export default playbook({ name: 'broken', plays: [{ name: 'all', hosts: 'all', roles: [broken] }] })
`,
  'playbooks/busy.ts': `import { playbook, role } from 'rolecall'
import { writeSync } from 'node:fs'
const busy = role({ name: 'busy', apply: () => {
  writeSync(2, 'at it now\\n')
  while (true);
} })
export default playbook({ name: 'busy', plays: [{ name: 'all', hosts: 'web-1', roles: [busy] }] })
`,
  'playbooks/coloured.ts': `import { playbook, role } from 'rolecall'
const coloured = role({ name: 'coloured', apply: () => {
  console.log({ port: 80, name: 'web' }, true)
  console.log('\\x1b[31mred\\x1b[0m end')
  return Promise.resolve()
} })
export default playbook({ name: 'coloured', plays: [{ name: 'all', hosts: 'web-1', roles: [coloured] }] })
`,
  'playbooks/asked.ts': `import { file, playbook, role } from 'rolecall'
const asked = role({ name: 'asked', apply: ({ ensure }) => ensure(file(process.env['OUT'] ?? '', { content: 'x\\n' })) })
export default playbook({ name: 'asked', plays: [{ name: 'all', hosts: 'web-1', roles: [asked] }] })
`,
})
const out = join(project, 'out')

/** A line that is longer than the screen would have been broken by the terminal, in the midst of a word. */
function assertWhole(lines: readonly string[], columns: number): void {
  for (const line of lines) assert.ok(width(line) <= columns, `${width(line)} of ${columns} columns: ${line}`)
}

const SIZES = [
  [120, 40],
  [80, 24],
  [50, 20],
] as const

if (!hasTerminal) {
  process.stdout.write('skipped: tmux, which gives a real terminal, is not installed\n')
  test.skip('what people saw on a terminal', () => undefined)
}

for (const [columns, rows] of hasTerminal ? SIZES : []) {
  const at = `at ${columns}x${rows}`

  test(`${at} a step shows its last line, and after Ctrl-C the step and the command that goes on are named`, async () => {
    const terminal = openTerminal('apply slow --no-types', { cwd: project, columns, rows })
    const lines = await terminal.screen(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] 数据库-主机 .*part 2/m)
    for (const name of hosts) assert.match(lines.join('\n'), new RegExp(`^printed by ${name}$`, 'm'))
    // Names of hosts stand in one column, whatever letters they have.
    const role = lines
      .filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(line))
      .map((line) => width(line.slice(0, line.indexOf('slow'))))
    assert.equal(role, [15, 15, 15])
    assertWhole(lines, columns)
    terminal.press('C-c')
    const all = await terminal.all(/exit \d+\./)
    assertWhole(all, columns)
    const text = all.join('\n').replaceAll(/\s+/g, ' ')
    assert.match(
      text,
      /Stopped at slow on web-1, web-2, 数据库-主机: exec:install: stopped before it was done: run echo Reading/,
    )
    assert.match(text, /0 changed, 3 stopped on 3 hosts/)
    assert.not.match(text, 'failed')
    assert.match(text, /slow stopped after .* rolecall resume \S+ goes on: 3 units left of 3 exit 130\./)
    terminal.close()
  })

  // Once more narrow, and once more usual.
  if (columns > 80) continue

  test(`${at} a failure shows what the command said, both streams once for all hosts, and what to do next`, async () => {
    const terminal = openTerminal('apply broken --no-types', { cwd: project, columns, rows })
    const all = await terminal.all(/exit \d+\./)
    assertWhole(all, columns)
    const text = all.join('\n')
    for (const name of hosts) assert.match(text, new RegExp(`^${name} +failed +exec:build: no space`, 'm'))
    assert.is(
      text.match(/^ {4}\| stderr:\n {4}\| no space left on device\n {4}\| stdout:\n {4}\| compiling$/gm)?.length,
      1,
      text,
    )
    assert.match(
      text.replaceAll(/\s+/g, ' '),
      /3 failed on 3 hosts rolecall resume \S+ goes on: 3 units left of 3 exit 2\./,
    )
    terminal.close()
  })

  test(`${at} runs, runs show and history read back what was done, in lines that fit`, async () => {
    const terminal = openTerminal(
      `runs; ${process.execPath} ${join(import.meta.dirname, '../../bin/rolecall.js')} runs show`,
      { cwd: project, columns, rows },
    )
    const all = await terminal.all(/exit \d+\./)
    const text = all.join('\n')
    assert.match(text, 'failed')
    assert.match(text, /\| compiling/)
    assert.match(text, /! no space left on device/)
    assertWhole(
      all.slice(
        0,
        all.findIndex((line) => line.startsWith('run ')),
      ),
      columns,
    )
    terminal.close()
  })
}

test('a terminal that is gone ends what runs on hosts, and the run can be gone on with', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal('apply slow --no-types', { cwd: project })
  await terminal.screen(/part 2/)
  terminal.close()
  let last = ''
  for (let tries = 0; tries < 200 && !last.includes('interrupted after'); tries++) {
    await new Promise((done) => setTimeout(done, 50))
    last = (await rolecall(project, ['runs'])).out.split(/\n(?=\d{8}-)/).at(-1) ?? ''
  }
  assert.match(last, /apply slow\s+3 hosts\s+interrupted after .*: 3\s+stopped\s+3 of 3 units left {2}rolecall resume/)
})

test('what a role prints with colours, as console.log does on a terminal, is shown without them', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal('apply coloured --no-types', { cwd: project, env: 'TERM=xterm-256color' })
  const text = (await terminal.all(/exit 0\./)).join('\n')
  assert.match(text, "{ port: 80, name: 'web' } true")
  assert.match(text, /^red end$/m)
  assert.not.match(text, 'x1b')
  terminal.close()
})

test('Ctrl-C ends a command by hand, which is told as stopped and not as failed', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal("run --stream -l all 'echo begun; sleep 300'", { cwd: project, columns: 120 })
  await terminal.screen(/begun[^]*begun[^]*begun/)
  terminal.press('C-c')
  const text = (await terminal.all(/exit \d+\./)).join('\n')
  assert.match(text, /stopped before it had ended/)
  assert.match(text, /0 of 3 hosts ended with 0 in .*; stopped on web-1, web-2, 数据库-主机\s+exit 130\./)
  terminal.close()
})

test('Ctrl-Z leaves the shell a screen without the picture, and after fg the run goes on below it', async () => {
  if (!hasTerminal) return
  // A shell with jobs, as a person has: the one that runs the command has none.
  const terminal = openTerminal('apply slow --no-types', {
    cwd: project,
    shell: 'set -m;',
    after: 'echo "stopped."; sleep 1; fg',
  })
  await terminal.screen(/part 2/)
  terminal.press('C-z')
  const lines = await terminal.screen(/stopped\./)
  assert.not.match(lines.join('\n'), /part 2|Applying slow: /)
  const after = await terminal.screen(/stopped\.[^]*part 2[^]*Applying slow: /)
  assert.is(after.filter((line) => line.includes('part 2')).length, hosts.length)
  terminal.press('C-c')
  await terminal.all(/slow stopped after .*[^]*exit 130\./)
  terminal.close()
})

test('a terminal that cannot be drawn on gets the last lines broken between words', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal('apply broken --no-types', { cwd: project, env: 'TERM=dumb', columns: 50 })
  const all = await terminal.all(/exit 2\./)
  assertWhole(all.slice(all.indexOf('Failed')), 50)
  terminal.close()
})

test('a second Ctrl-C ends a run whose role never gives way', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal('apply busy --no-types', { cwd: project })
  await terminal.screen(/at it now/)
  terminal.press('C-c')
  await new Promise((done) => setTimeout(done, 100))
  terminal.press('C-c')
  await terminal.all(/Killed, because a role kept this program busy[^]*exit 137\./)
  terminal.close()
})

const answers: readonly [what: string, keys: readonly string[], said: RegExp, isDone: boolean][] = [
  ['yes', ['y', 'e', 's', 'Enter'], /1 changed on 1 host\s+exit 0\./, true],
  ['Enter alone', ['Enter'], /Nothing was changed\.\s+exit 1\./, false],
  ['another word', ['o', 'k', 'Enter'], /Nothing was changed\.\s+exit 1\./, false],
  ['Ctrl-C', ['C-c'], /Nothing was changed\.\s+error: the question was not answered\s+exit 130\./, false],
  ['Ctrl-D', ['C-d'], /Nothing was changed\.\s+error: the question was not answered\s+exit 130\./, false],
]
for (const [what, keys, said, isDone] of hasTerminal ? answers : [])
  test(`apply --ask answered with ${what}: ${isDone ? 'the change is made' : 'nothing is changed'}`, async () => {
    writeFileSync(out, 'before\n')
    const terminal = openTerminal('apply asked --ask --no-types', { cwd: project, env: `OUT=${out}` })
    await terminal.screen(/changes\? \[y\/N\]/)
    terminal.press(...keys)
    await terminal.all(said)
    assert.is(readFileSync(out, 'utf8'), isDone ? 'x\n' : 'before\n')
    terminal.close()
  })

for (const [option, question] of hasTerminal
  ? [
      ['-K', 'BECOME password:'],
      ['-k', 'SSH password:'],
      ['--ask-vault-pass', 'Vault password'],
    ]
  : [])
  test(`input after ${option ?? ''} is not seen`, async () => {
    const terminal = openTerminal(`check asked ${option ?? ''} --no-types`, { cwd: project, env: `OUT=${out}` })
    await terminal.screen(new RegExp(question ?? ''))
    terminal.press('h', 'u', 'n', 't', 'e', 'r', '2', 'Enter')
    const all = await terminal.all(/exit 0\./)
    assert.not.match(all.join('\n'), 'hunter2')
    terminal.close()
  })

test('Ctrl-C ends a question for a password, and nothing of it has been seen', async () => {
  if (!hasTerminal) return
  const terminal = openTerminal('check asked -K --no-types', { cwd: project, env: `OUT=${out}` })
  await terminal.screen(/BECOME password:/)
  terminal.press('h', 'u', 'n', 'C-c')
  assert.not.match((await terminal.all(/error: the question was not answered\s+exit 130\./)).join('\n'), 'hun')
  terminal.close()
})

test.run()
