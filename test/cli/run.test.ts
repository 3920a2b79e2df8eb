import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('check, apply and verify')
const project = localProject()
const motd = join(project, 'motd')

test('check says what would change, changes nothing, and ends with 0', async () => {
  const { code, out, err } = await rolecall(project, ['check', 'site'])
  assert.is(code, 0, err)
  assert.match(out, /^Checking site on 1 host\n/)
  assert.match(out, `here  would change  file:${motd}: create\n`)
  assert.match(out, /site checked in .*: 1 would change on 1 host\n {2}rolecall apply site {2}makes these changes\n$/)
  assert.not(existsSync(motd))
})

test('check --exit-code ends with 3 when something would change', async () => {
  assert.is((await rolecall(project, ['check', 'site', '--exit-code'])).code, 3)
})

test('check --diff shows what changes inside', async () => {
  const { out } = await rolecall(project, ['check', 'site', '--diff'])
  assert.match(out, '    +welcome')
})

test('apply changes it, and again there is nothing to do', async () => {
  const first = await rolecall(project, ['apply', 'site'])
  assert.is(first.code, 0, first.err)
  assert.is(readFileSync(motd, 'utf8'), 'welcome\n')
  const again = await rolecall(project, ['apply', 'site'])
  assert.match(again.out, /here {2}1 ok {3}2 round trips\n\nsite applied in .*: 0 changed on 1 host\n$/)
})

test('check --exit-code ends with 0 when all is as wanted', async () => {
  assert.is((await rolecall(project, ['check', 'site', '--exit-code'])).code, 0)
})

test('a run that has nothing to do says why, and what there is', async () => {
  write(project, {
    'playbooks/none.ts': "import { playbook } from 'rolecall'\nexport default playbook({ name: 'none', plays: [] })\n",
  })
  const { code, err } = await rolecall(project, ['apply', 'none'])
  assert.equal([code, err], [0, 'note: nothing to do: playbook none has no plays\n'])
})

test('verify ends with 0 when it works, and with 2 and the place when it does not', async () => {
  assert.is((await rolecall(project, ['verify', 'site'])).code, 0)
  const wrong = await rolecall(project, ['verify', 'site', '-e', 'motd.text=goodbye'])
  assert.is(wrong.code, 2)
  assert.match(wrong.out, 'roles/motd.ts:11:')
  assert.match(wrong.out, "expected  'goodbye'")
  assert.match(wrong.out, "got       'welcome'")
})

for (const [what, line, told] of [
  [
    'a command of a role that fails',
    'await $.read`echo oh no >&2; exit 3`',
    'the command echo oh no >&2; exit 3 ended with status 3',
  ],
  ['an error that a role throws', "throw new Error('oh no')", 'the role ended with an error: oh no'],
] as const)
  test(`${what} is reported with its place in the role`, async () => {
    const other = localProject()
    write(other, {
      'playbooks/broken.ts': `import { playbook, role } from 'rolecall'
const broken = role({
  name: 'broken',
  async apply({ $ }) {
    await $.read\`true\`
    ${line}
  },
})
export default playbook({ name: 'broken', plays: [{ name: 'all', hosts: 'all', roles: [broken] }] })
`,
    })
    const { code, out } = await rolecall(other, ['apply', 'broken', '--no-types'])
    assert.is(code, 2)
    assert.match(out, /^ {2}playbooks\/broken.ts:6:\d+ {2}here {2}broken {2}/m)
    assert.match(out, `  here  broken  ${told}\n`)
    assert.match(out, 'oh no')
  })

test('a pipe gets no control characters', async () => {
  const { out } = await rolecall(project, ['check', 'site', '--diff', '-v', '-e', 'motd.text=other'])
  assert.not(/[\u0000-\u0008\u000b-\u001f]/.test(out))
})

test('FORCE_COLOR colours a pipe, NO_COLOR does not', async () => {
  const args = ['check', 'site', '-e', 'motd.text=other']
  assert.ok((await rolecall(project, args, { FORCE_COLOR: '1' })).out.includes('\u001b[33m'))
  assert.not((await rolecall(project, args, { NO_COLOR: '1' })).out.includes('\u001b['))
})

test('--json is one event a line and ends with the summary', async () => {
  const { code, out } = await rolecall(project, ['check', 'site', '--json', '-e', 'motd.text=other'])
  assert.is(code, 0)
  const events = eventsOf(out)
  assert.is(events[0]?.type, 'run')
  const change = events.find((event) => event.type === 'resource')
  assert.is(change?.status, 'changed')
  const last = events.at(-1)
  assert.is(last?.type, 'summary')
  assert.is(last?.type === 'summary' && last.hosts['here']?.changed, 1)
})

test('a wrong request ends with 1, and in JSON as problems and a summary that is not ok', async () => {
  const { code, out } = await rolecall(project, ['apply', 'site', '--json', '-e', 'motd.txt=1'])
  assert.is(code, 1)
  const [problem, summary] = eventsOf(out)
  assert.is(problem?.type === 'problem' && problem.problem.hint, 'did you mean "text"?')
  assert.is(summary?.type === 'summary' && summary.ok, false)
})

test('all problems of a request are told at once, without a stack', async () => {
  const { code, err } = await rolecall(project, ['apply', 'site', '-e', 'motd.txt=1', '-e', 'motd.text=[1]'])
  assert.is(code, 1)
  assert.match(err, 'role motd has no variable "txt"')
  assert.match(err, 'motd.text: expected a text')
  assert.match(err, '2 problems. No host was touched.')
  assert.not.match(err, /^\s+at /m)
})

test('a playbook that is never read to its end is refused, and does not end with 0 or 13 and no word', async () => {
  for (const wait of ['await new Promise(() => {})', 'await new Promise((done) => setTimeout(done, 50).unref())']) {
    write(project, { 'playbooks/stuck.ts': `${wait}\nexport default 1\n` })
    const { code, err } = await rolecall(project, ['list', 'units', 'stuck'])
    assert.is(code, 1)
    assert.match(err, 'playbooks/stuck.ts  the playbook is never read to its end')
  }
})

test('an inventory that is not there, a pattern that means nobody', async () => {
  const inventory = await rolecall(project, ['check', 'site', '-i', 'inventry'])
  assert.is(inventory.code, 1)
  assert.match(inventory.err, 'did you mean inventory?')
  const pattern = await rolecall(project, ['check', 'site', '-l', 'her'])
  assert.is(pattern.code, 1)
  assert.match(pattern.err, 'did you mean here?')
})

test('variables of a role that only another playbook uses are no mistake', async () => {
  const other = localProject()
  write(other, {
    'inventory/group_vars/all.yml': 'other-role:\n  x: 1\n',
    'roles/other-role.ts': 'export default 1\n',
  })
  assert.is((await rolecall(other, ['check', 'site', '--no-types'])).code, 0)
})

test('a host that cannot be reached ends with 4, and the others go on', async () => {
  const other = localProject()
  writeFileSync(
    join(other, 'inventory/hosts.yml'),
    'all:\n  hosts:\n    here: { ansible_connection: local }\n    dead: { ansible_host: 127.0.0.1, ansible_port: 1 }\n',
  )
  const { code, out } = await rolecall(other, ['apply', 'site', '--no-types'])
  assert.is(code, 4)
  assert.is(readFileSync(join(other, 'motd'), 'utf8'), 'welcome\n')
  assert.match(out, /dead .*unreachable/)
  assert.match(out, /1 host unreachable\n {2}rolecall resume \S+ {2}goes on: 1 unit left of 2\n$/)
})

test('Ctrl-C ends with 130 and still reports what was done', async () => {
  const other = localProject()
  write(other, {
    'roles/motd.ts': `import { exec, role } from 'rolecall'
export default role({
  name: 'motd',
  async apply({ ensure }) {
    setTimeout(() => process.kill(process.pid, 'SIGINT'), 300)
    await ensure(exec('wait', { run: 'sleep 300', unless: 'false' }))
  },
})
`,
  })
  const begin = Date.now()
  const { code, out, err } = await rolecall(other, ['apply', 'site', '--no-types'])
  assert.is(code, 130, out + err)
  assert.match(err, 'Stopping')
  assert.match(out, /site stopped after/)
  assert.ok(Date.now() - begin < 300_000, 'nobody waits for the command to end')
})

function eventsOf(out: string): RunEvent[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)
}

test('what a role prints with console.log breaks no line of JSON, and stands in a log', async () => {
  const project = localProject()
  const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
  const print =
    "console.log('a word\\nand another'); process.stdout.write('half a line'); console.error('trouble')\n    await ensure("
  write(project, { 'roles/motd.ts': role.replace('await ensure(', print) })
  const asJson = await rolecall(project, ['check', 'site', '--json', '--no-types'])
  for (const line of asJson.out.trimEnd().split('\n')) JSON.parse(line)
  assert.match(asJson.err, 'a word\nand another\ntrouble\nhalf a line\n')
  const asLog = await rolecall(project, ['check', 'site', '--no-types'])
  assert.match(asLog.out, 'a word\nand another\n')
  assert.match(asLog.err, 'trouble\n')
})

test('-q shows only the sums and failures', async () => {
  const project = localProject()
  const { out } = await rolecall(project, ['check', 'site', '-q', '--no-types'])
  assert.match(out, /^\n {2}here {2}0 ok {2}1 would change/)
  assert.match(out, /Would change\n {2}file:/)
  const both = await rolecall(project, ['check', 'site', '-q', '-v'])
  assert.match(both.err, 'cannot be used with')
})

test.run()
