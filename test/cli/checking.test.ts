import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { driftIn, type PastCheck } from '../../lib/cli/checking/drift.ts'
import type { RunEvent, Status } from '../../lib/events.ts'
import { localProject, rolecall as command, write } from '../support/project.ts'

const test = suite('drift, tests of roles, and watching')

/** Types take seconds each time, and other tests look at them. */
function rolecall(cwd: string, args: readonly string[]) {
  return command(cwd, [...args, '--no-types'])
}

/** A check that found these on a host. */
function checked(
  at: number,
  found: Readonly<Record<string, Status>>,
  end: 'done' | 'failed' | 'unreachable' = 'done',
): PastCheck {
  const about = { host: 'a', role: 'r', at }
  const events: RunEvent[] = [
    ...Object.entries(found).map(([resource, status]): RunEvent => ({
      type: 'resource',
      ...about,
      resource,
      status,
      steps: ['write'],
      durationMs: 0,
    })),
    { type: 'unit-end', ...about, play: 'p', end, durationMs: 0 },
  ]
  return { run: `run-${at}`, at, events }
}

for (const [what, checks, since, count] of [
  ['the first time', [checked(1, { x: 'changed' })], 1, 1],
  [
    'for three checks',
    [checked(1, { x: 'changed' }), checked(2, { x: 'changed' }), checked(3, { x: 'changed' })],
    1,
    3,
  ],
  [
    'again, after it was as wanted',
    [checked(1, { x: 'changed' }), checked(2, { x: 'ok' }), checked(3, { x: 'changed' })],
    3,
    1,
  ],
  [
    'also where a check did not come to the host',
    [checked(1, { x: 'changed' }), checked(2, {}, 'unreachable'), checked(3, { x: 'changed' })],
    1,
    2,
  ],
  [
    'also where the role of a check failed before it',
    [checked(1, { x: 'changed' }), checked(2, { y: 'ok' }, 'failed'), checked(3, { x: 'changed' })],
    1,
    2,
  ],
  [
    'again, after it was as wanted in a role that failed later',
    [checked(1, { x: 'changed' }), checked(2, { x: 'ok' }, 'failed'), checked(3, { x: 'changed' })],
    3,
    1,
  ],
] as const)
  test(`a difference ${what} has the time since when`, () => {
    const [found] = driftIn(checks).drift
    assert.is(found?.since, since)
    assert.is(found?.checks, count)
  })

test('a difference that is gone is reported, and a host that was not checked is not', () => {
  assert.equal(driftIn([checked(1, { x: 'changed' }), checked(2, { x: 'ok' })]).settled, [{ host: 'a', resource: 'x' }])
  assert.equal(driftIn([checked(1, { x: 'changed' }), checked(2, {}, 'unreachable')]).settled, [])
  assert.equal(driftIn([checked(1, { x: 'changed' }), checked(2, { y: 'ok' }, 'failed')]).settled, [])
  assert.equal(driftIn([checked(1, { x: 'changed' }), checked(2, {})]).settled, [{ host: 'a', resource: 'x' }])
})

test('drift keeps its checks, and says what differs since when, with an exit code', async () => {
  const project = localProject()
  assert.is((await rolecall(project, ['apply', 'site'])).code, 0)
  const well = await rolecall(project, ['drift', 'site'])
  assert.is(well.code, 0, well.err)
  assert.match(well.out, /Nothing differs\.\n$/)
  writeFileSync(join(project, 'motd'), 'by hand\n')
  const first = await rolecall(project, ['drift', 'site'])
  assert.is(first.code, 3)
  assert.match(first.out, /1 thing not as wanted\n {2}new {2}here {2}file:.*motd {2}write\n/)
  const second = await rolecall(project, ['drift', 'site', '-o', 'drift.html'])
  assert.match(second.out, / {2}since \d{4}-\d\d-\d\d \d\d:\d\d {2}here {2}file:/)
  assert.match(
    readFileSync(join(project, 'drift.html'), 'utf8'),
    /<td>since \d{4}-\d\d-\d\d \d\d:\d\d<\/td>\s*<th scope="row">file:[^<]*motd<\/th>\s*<td>here<\/td>\s*<td>write<\/td>/,
  )
  const { drift } = JSON.parse((await rolecall(project, ['drift', 'site', '--json'])).out) as {
    drift: { checks: number }[]
  }
  assert.is(drift[0]?.checks, 3)
  writeFileSync(join(project, 'motd'), 'welcome\n')
  assert.match(
    (await rolecall(project, ['drift', 'site'])).out,
    /As wanted again since the last check: file:.*motd on here\n/,
  )
})

test('a role is put through check, apply, apply and verify', async () => {
  const project = localProject()
  const { code, out, err } = await rolecall(project, ['test', 'motd', '-i', 'inventory', '--junit', 'motd.xml'])
  assert.is(code, 0, err + out)
  const steps = ['check', 'apply', 'apply again changes nothing', 'verify']
  for (const step of steps) assert.match(out, `ok  motd: ${step}  `)
  const xml = readFileSync(join(project, 'motd.xml'), 'utf8')
  assert.match(xml, 'tests="4" failures="0" errors="0" skipped="0"')
})

test('a role that changes something each time fails its test, and so does one that does not work', async () => {
  const project = localProject()
  write(project, {
    'roles/restless.ts': `import { file, role } from 'rolecall'
export default role({
  name: 'restless',
  async apply({ ensure }) {
    await ensure(file(${JSON.stringify(join(project, 'restless'))}, { content: String(process.hrtime.bigint()) }))
  },
})
`,
  })
  const { code, out } = await rolecall(project, ['test', 'restless', '-i', 'inventory', '--junit', 'r.xml'])
  assert.is(code, 2)
  assert.match(out, /not ok {2}restless: apply again changes nothing: changed again: here file:/)
  assert.match(readFileSync(join(project, 'r.xml'), 'utf8'), 'tests="4" failures="1" errors="0" skipped="1"')
  rmSync(join(project, 'roles/restless.ts'))
  const none = await rolecall(project, ['test', 'modt', '-i', 'inventory'])
  assert.is(none.code, 1)
  assert.match(none.err, /there is no role modt[^]*hint/)
})

test('check --watch checks again when a file was saved', async () => {
  const project = localProject()
  const program = resolve(import.meta.dirname, '../../bin/rolecall.js')
  const child = spawn(process.execPath, [program, 'check', 'site', '--no-types', '--watch'], {
    cwd: project,
    env: { ...process.env, PWD: project },
  })
  let said = ''
  const until = (word: RegExp) =>
    new Promise<void>((done, fail) => {
      const look = () => {
        if (word.test(said)) done()
      }
      child.stdout.on('data', (chunk: Buffer) => ((said += chunk.toString()), look()))
      child.stderr.on('data', (chunk: Buffer) => ((said += chunk.toString()), look()))
      child.once('exit', () => fail(new Error(said)))
      look()
    })
  await until(/Waiting for a file/)
  const role = join(project, 'roles/motd.ts')
  writeFileSync(role, readFileSync(role, 'utf8').replace("default('welcome')", "default('hello')"))
  await until(/roles\/motd\.ts was saved[^]*Waiting for a file/)
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
})

test.run()
