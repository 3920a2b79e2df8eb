// What people saw in a log and could not use: findings of test/README.md, "What people saw", in a real pipe.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall } from '../support/project.ts'

const project = projectOf({
  'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
  'playbooks/slow.ts': `import { exec, playbook, role } from 'rolecall'
const slow = role({ name: 'slow', apply: ({ ensure }) =>
  ensure(exec('install', { run: 'printf one; sleep 0.3; printf " line\\\\ntwo\\\\n"; sleep 14; echo three >&2; exit 1', unless: 'false' })) })
export default playbook({ name: 'slow', plays: [{ name: 'all', hosts: 'all', roles: [slow] }] })
`,
})

// Both at once: most of it is waiting.
const verbose = rolecall(project, ['apply', 'slow', '--no-types', '-v'])
const usual = rolecall(project, ['check', 'slow', '--no-types']).then(() =>
  rolecall(project, ['apply', 'slow', '--no-types', '--timestamps']),
)

test('a silent step gives a sign of life with its last line, long before a system for continuous integration gives up', async () => {
  const { code, out } = await usual
  assert.is(code, 2)
  assert.match(out, /^\d\d:\d\d:\d\d {2}here {2}\.\.\. slow: run .*, for 1\d s: two$/m)
})

test('with -v each line that a step prints is a line, none is torn, and none is empty', async () => {
  const { out } = await verbose
  const printed = (mark: string) => out.split('\n').filter((line) => line.startsWith(`here  ${mark}`))
  assert.equal(printed('|'), ['here  | one line', 'here  | two'])
  assert.equal(printed('!'), ['here  ! three'])
})

test('a failure has both streams, the place, and the command that goes on', async () => {
  const { out } = await usual
  assert.match(out, /playbooks\/slow\.ts:3:\d+ {2}here {2}slow {2}exec:install/)
  assert.match(out, / {4}\| stderr:\n {4}\| three\n {4}\| stdout:\n {4}\| one line\n {4}\| two\n/)
  assert.match(out, /rolecall resume \S+ {2}goes on: 1 unit left of 1/)
})

const bin = resolve(import.meta.dirname, '../../bin/rolecall.js')

/** Another Node, as far as a program can tell. */
const OLD = `--import=data:text/javascript,${encodeURIComponent('Object.defineProperty(process.versions, "node", { value: "18.19.0" })')}`
const PERMISSION = Number(process.versions.node.split('.')[0]) < 24 ? '--experimental-permission' : '--permission'

const machines: readonly [what: string, options: readonly string[], said: RegExp][] = [
  ['a Node that is too old', [OLD], /^error: Rolecall needs Node 20\.12 or later, and this is Node 18\.19\.0: /],
  [
    'a Node that may start no programs',
    [PERMISSION, '--allow-fs-read=*'],
    /Node runs with --permission, and does not allow/,
  ],
]
for (const [what, options, said] of machines)
  test(`${what} is told as that, and as no bug`, () => {
    const { status, stderr } = spawnSync(process.execPath, [...options, bin, 'check', 'slow'], {
      cwd: project,
      encoding: 'utf8',
    })
    assert.is(status, 1, stderr)
    assert.match(stderr, said)
    assert.not.match(stderr, /bug|^\s+at /m)
  })

test('a project whose journal cannot be written is reported with the path, and not as a bug', async () => {
  const unwritable = projectOf({
    '.rolecall': 'no directory',
    'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
    'playbooks/site.ts': `import { file, playbook, role } from 'rolecall'
const relative = role({ name: 'relative', apply: ({ ensure }) => ensure(file('relative/path', { content: 'x' })) })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [relative] }] })
`,
  })
  const { code, err } = await rolecall(unwritable, ['apply', 'site', '--no-types'])
  assert.is(code, 1)
  assert.match(err, /^error: .*\.rolecall/)
  assert.not.match(err, /bug|^\s+at /m)
  rmSync(join(unwritable, '.rolecall'))
  const { out } = await rolecall(unwritable, ['apply', 'site', '--no-types'])
  assert.match(
    out,
    /playbooks\/site\.ts:2:\d+ {2}here {2}relative {2}Expected file path to be an absolute path, got "relative\/path"/,
  )
})

test('a role without checks is reported in words, not as a number', async () => {
  const { code, out } = await rolecall(project, ['verify', 'slow', '--no-types'])
  assert.is(code, 0)
  assert.match(out, /here {2}no check {2}slow has no verify/)
  assert.match(out, /slow verified in .*: nothing was checked on 1 host/)
  assert.not.match(out, '0 ok')
})

test.run()
