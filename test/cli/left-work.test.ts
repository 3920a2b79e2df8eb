import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { command, localProject, rolecallProcess as rolecall, write } from '../support/project.ts'

/** A project of one role, whose `apply` and `verify` are this. */
function projectWith(body: string, hooks = ''): string {
  const project = localProject()
  write(project, {
    'roles/motd.ts': `import { createServer } from 'node:http'
import { role } from 'rolecall'
const work = async () => { ${body} }
void createServer
export default role({ name: 'motd', apply: work, verify: work })
`,
    'playbooks/site.ts': `import { playbook } from 'rolecall'
import motd from '../roles/motd.ts'
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [motd] }], ${hooks} })
`,
  })
  return project
}

/** Interrupts a command when it has begun with the role; gives how it ended and all that it printed. */
async function interrupted(project: string, mode: string, begun: RegExp, signal: NodeJS.Signals = 'SIGINT') {
  const child = spawn(process.execPath, [command, mode, 'site', '--no-types'], { cwd: project })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'exit')
  while (!begun.test(said) && child.exitCode === null) await once(child.stdout, 'data')
  child.kill(signal)
  const [code] = (await ended) as [number | null]
  return { code, said }
}

for (const mode of ['check', 'apply', 'verify'])
  test(`Ctrl-C ends ${mode} of a role that waits for something of its own`, async () => {
    const project = projectWith("console.log('begun'); await new Promise(() => undefined)")
    const { code, said } = await interrupted(project, mode, /begun/)
    assert.is(code, 130, said)
    assert.match(said, /here {2}cancelled/)
  })

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  test(`${signal} ends a run as Ctrl-C does, with the exit code that shells give it`, async () => {
    const project = projectWith("console.log('begun'); await new Promise(() => undefined)")
    const { code, said } = await interrupted(project, 'apply', /begun/, signal)
    assert.is(code, status, said)
    assert.match(said, /site stopped after/)
  })

test('Ctrl-C ends a run whose hook waits for something of its own, and says so', async () => {
  const project = projectWith(
    '',
    "hooks: { afterRun: async () => { console.log('begun'); await new Promise(() => undefined) } }",
  )
  const { code, said } = await interrupted(project, 'apply', /begun/)
  assert.is(code, 130, said)
  assert.match(said, 'the hook afterRun did not end after the run was interrupted, so the run ended without it')
})

test('a role that calls process.exit fails with the place, and ends nothing else', async () => {
  for (const mode of ['check', 'apply', 'verify']) {
    const { code, out } = await rolecall(projectWith('process.exit(0)'), [mode, 'site', '--no-types'])
    assert.is(code, 2, mode)
    assert.match(out, 'process.exit(0) would end the run on every host')
    assert.match(out, 'roles/motd.ts:3:')
  }
})

test('a hook that calls process.exit is told as failed, with the place, and ends nothing', async () => {
  const project = projectWith('', 'hooks: { afterRun: () => process.exit(0) }')
  const { code, out } = await rolecall(project, ['apply', 'site', '--no-types'])
  assert.is(code, 2, out)
  assert.match(out, 'process.exit(0) would end the run on every host')
  assert.match(out, 'playbooks/site.ts:3:')
})

test('a timer and a server that a role has left open end with the run, and a line says so', async () => {
  const project = projectWith('setInterval(() => undefined, 1000); createServer().listen(0)')
  const { code, err } = await rolecall(project, ['apply', 'site', '--no-types'])
  assert.is(code, 0, err)
  assert.match(err, /note: a role left something running on this machine \(.*Timeout.*\): it ends with the run/)
})

test('a process that had no time to end its own work blames no role', async () => {
  // As where others take the processor: when the loop goes on, more than two seconds are over.
  const busy = 'const end = Date.now() + 2500; while (Date.now() < end);'
  const project = projectWith(`setTimeout(() => { ${busy} }, 100)`)
  const { code, err } = await rolecall(project, ['apply', 'site', '--no-types'])
  assert.is(code, 0, err)
  assert.not.match(err, 'left something running')
})

test.run()
