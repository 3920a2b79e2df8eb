// Output that cannot be written: a full disk behind it, as `> FILE` has one. Own processes: what is looked at is the process.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { command, localProject, write } from '../support/project.ts'

const test = suite('output that cannot be written')
const project = localProject()
const FULL = '/dev/full'

interface Ended {
  readonly code: number | null
  readonly err: string
}

function withFullDisk(args: readonly string[], { stderr }: { readonly stderr: 'full' | 'read' }): Promise<Ended> {
  const full = openSync(FULL, 'w')
  // A command that goes on for ever is ended, and has no exit code then.
  const child = spawn(process.execPath, [command, ...args], {
    cwd: project,
    stdio: ['ignore', full, stderr === 'full' ? full : 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  closeSync(full)
  let err = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((done) => child.once('close', (code) => done({ code, err })))
}

if (!existsSync(FULL)) process.stdout.write(`skipped: there is no ${FULL} here\n`)
else
  for (const args of [
    ['check', 'site', '--no-types'],
    ['check', 'site', '--no-types', '--json'],
    ['list', 'hosts'],
    ['runs', '--json'],
    ['help'],
    ['nonsense', '--json'],
  ])
    test(`${args.join(' ')}: told once, the exit code is no success, and the command ends`, async () => {
      const { code, err } = await withFullDisk(args, { stderr: 'read' })
      assert.is(code, 1, err)
      assert.is(
        err.match(/standard output cannot be written: no space is left on the device\n {2}hint/g)?.length,
        1,
        err,
      )
      assert.not.match(err, /\n {4}at |bug/)
      assert.is((await withFullDisk(args, { stderr: 'full' })).code, 1)
    })

if (existsSync(FULL))
  test('apply makes its changes all the same, and its journal has them', async () => {
    const { code } = await withFullDisk(['apply', 'site', '--no-types'], { stderr: 'full' })
    assert.is(code, 1)
    assert.ok(existsSync(`${project}/motd`))
  })

test('a file that is too large for this process is named, and no host is touched', () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, command, 'check', 'site', '--no-types'],
    {
      cwd: localProject(),
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  assert.is(status, 1, stderr)
  assert.match(stderr, /cannot write \S+ on this machine: the file would be larger/)
})

test('a run whose journal cannot be written to its end makes its changes, says so, and is no success', () => {
  const project = localProject()
  write(project, {
    'playbooks/long.ts': `import { exec, playbook, role } from 'rolecall'
const long = role({ name: 'long', apply: ({ ensure }) => ensure(exec('print', { run: 'seq 20000 && touch ' + process.cwd() + '/printed', unless: 'test -e ' + process.cwd() + '/printed' })) })
export default playbook({ name: 'long', plays: [{ name: 'all', hosts: 'all', roles: [long] }] })
`,
  })
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 40; exec "$0" "$@"', process.execPath, command, 'apply', 'long', '--no-types'],
    { cwd: project, encoding: 'utf8', timeout: 60_000 },
  )
  assert.match(stdout, /the journal of this run cannot be written any more: /)
  assert.ok(existsSync(`${project}/printed`))
  assert.is(status, 1, stdout)
})

test.run()
