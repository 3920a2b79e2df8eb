import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec, file, pkg, play, raw, RolecallError, role, run, z, type Resource } from 'rolecall'
import { connectMemory } from '../../lib/transport/memory.ts'

const app = role({
  name: 'app',
  vars: z.object({ port: z.number().default(80) }),
  async apply({ $, ensure, exists, host, note, read, site, vars }) {
    await ensure(pkg(host.pick({ debian: 'app-deb', el: 'app-rpm' })))
    const release = (await $.read`cat /etc/app-release ${'a b'}`.nothrow()).stdout.trim()
    const old = (await read('/etc/app.conf')) ?? 'none'
    const peers = site.hosts('app').map((peer) => `${peer.name}:${peer.vars(app).port}`)
    await ensure(file('/etc/app.conf', { content: [vars.port, release, old, ...peers].join(' ') }))
    if (await exists('/opt/app')) note('already unpacked')
    else await $({ creates: '/opt/app' })`tar xf ${'app 1.tar'} -C /opt`
  },
})

const ids = (asked: readonly Resource[]) => asked.map((resource) => resource.id)

test('lists what a role asks for, in order, including commands that change something', async () => {
  const { asked, commands, notes } = await play(app, {
    site: { app: [{ name: 'node-02', address: '192.0.2.2', vars: { app: { port: 81 } } }] },
    files: { '/etc/app.conf': 'before' },
    answers: (command) => (command.startsWith('cat') ? { stdout: '1.2\n' } : undefined),
  })
  const tar = "tar xf 'app 1.tar' -C /opt"
  assert.equal(ids(asked), ['pkg:app-deb', 'file:/etc/app.conf', `exec:${tar}`])
  assert.equal(asked[1]?.want, file('/etc/app.conf', { content: '80 1.2 before node-02:81' }).want)
  assert.equal(asked[2]?.want, exec(tar, { run: raw(tar), creates: '/opt/app' }).want)
  assert.equal(commands, ["cat /etc/app-release 'a b'"])
  assert.equal(notes, [])
})

test('refuses options that it does not know, with the nearest name', async () => {
  const said = async (options: unknown) => {
    try {
      await play(app, options as object)
    } catch (error) {
      if (error instanceof RolecallError)
        return error.problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join()
      throw error
    }
    return 'nothing'
  }
  assert.match(await said({ file: {} }), /file.*files/)
  assert.match(await said({ vars: [], checking: 'yes' }), /vars of play\(app\).*checking of play\(app\)/s)
  assert.match(await said({ host: { nmae: 'a' } }), /nmae.*name/)
  assert.match(await said({ host: { os: 'debian' } }), /os of host of play\(app\)/)
  assert.match(await said({ site: { app: ['node-02'] } }), /site of play\(app\)/)
  assert.match(await said({ files: { '/etc/a': 7 } }), /files of play\(app\)/)
})

test('answers from the files that the test names; directories above them exist', async () => {
  const { asked, notes } = await play(app, { site: { app: [] }, files: { '/opt/app/bin/app': '' } })
  assert.equal(ids(asked), ['pkg:app-deb', 'file:/etc/app.conf'])
  assert.equal(notes, ['already unpacked'])
})

test('plays the host that the test describes', async () => {
  const os = { family: 'el', id: 'rocky', version: '9.4', name: 'Rocky Linux 9.4' } as const
  const { asked } = await play(app, { site: { app: [] }, host: { name: 'web', os, packageManager: 'dnf' } })
  assert.is(asked[0]?.id, 'pkg:app-rpm')
})

const refused = async (options: unknown) => {
  const error: unknown = await play(app, options as object).catch((thrown: unknown) => thrown)
  if (!(error instanceof RolecallError)) throw error
  return error
}

test('says what is wrong with variables, in the line of the test, with the nearest name', async () => {
  const wrong = await refused({ vars: { port: 'x', prot: 1 } })
  assert.equal(
    wrong.problems.map(({ message, expected, got, hint, place }) => ({
      message,
      expected,
      got,
      hint,
      file: place?.file,
    })),
    [
      {
        message: 'Expected port of vars of play(app) to be a number, got "x"',
        expected: 'a number',
        got: '"x"',
        hint: undefined,
        file: 'test/runner/play.test.ts',
      },
      {
        message: 'unknown variable "prot" of vars of play(app)',
        expected: 'port',
        got: '"prot"',
        hint: 'did you mean "port"?',
        file: 'test/runner/play.test.ts',
      },
    ],
  )
  // Runners of tests show the stack: its first line is the call.
  assert.match(wrong.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '', 'play.test.ts')
})

test('says what is wrong with variables that the test gives another host', async () => {
  const site = { app: [{ name: 'node-02', address: '192.0.2.2', vars: { app: { port: 'x' } } }] }
  const { message } = await refused({ site })
  assert.is(message, `Expected port of vars.app of the test's host node-02 to be a number, got "x"`)
})

test('reports hosts that a test left open, and passes on errors of the role', async () => {
  assert.match(String(await play(app).catch((error: unknown) => error)), 'the role asks for the hosts of "app"')
  const broken = role({ name: 'broken', apply: () => Promise.reject(new Error('no such thing')) })
  assert.match(String(await play(broken).catch((error: unknown) => error)), 'no such thing')
})

test('a command that fails in $.read is an error with its status, as on a host', async () => {
  const reader = role({
    name: 'reader',
    async apply({ $ }) {
      await $.read`false`
    },
  })
  const error: unknown = await play(reader, { answers: () => ({ code: 3, stderr: 'no' }) }).catch(
    (thrown: unknown) => thrown,
  )
  assert.equal(error instanceof Error && 'exitCode' in error && error.exitCode, 3)
})

test('commands that are piped into one another each get a channel of their own', async () => {
  const piper = role({
    name: 'piper',
    async apply({ $, note }) {
      note((await $.read`printf it\'s`.pipe($.read`tr a b`)).stdout)
    },
  })
  const { commands, notes } = await play(piper, { answers: (command) => ({ stdout: `<${command}>` }) })
  assert.equal(commands.length, 2)
  assert.equal(notes, ['<tr a b>'])
})

test('the memory transport gives a script its input, cut anywhere, and both streams back', async () => {
  const connection = connectMemory((script, stdin) => ({
    stdout: `${script}|${Buffer.from(stdin).toString()}`,
    stderr: 'e',
    code: 4,
  }))
  const channel = await connection.open("/bin/sh -c 'echo -abc ready $$; while read'")
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    channel[stream].on('data', (chunk: Buffer) => (said[stream] += chunk.toString()))
  for (const byte of Buffer.from('rc -b1 3 2\nabcxyrc -b2 2 0\nde')) channel.stdin.write(Buffer.from([byte]))
  const closed = new Promise((resolve) => channel.once('close', resolve))
  connection.close()
  assert.is(await closed, 0)
  assert.match(said.stdout, /^\n-abc ready 1\nabc\|xy\n?-b1 end 4\nde\|\n?-b2 end 4\n$/)
  assert.match(said.stderr, /^e\n?-b1 end 4\ne\n?-b2 end 4\n$/)
})

test('$ names its unknown options', async () => {
  const strange = role({
    name: 'strange',
    async apply({ $ }) {
      await $({ create: '/x' } as never)`true`
    },
  })
  const error: unknown = await play(strange).catch((thrown: unknown) => thrown)
  const [problem] = error instanceof RolecallError ? error.problems : []
  assert.is(problem?.message, 'unknown option "create" of $({ ... })')
  assert.is(problem?.hint, 'did you mean "creates"?')
})

test('run names its unknown options, and the problems of a playbook made by hand', async () => {
  const site = {
    type: 'playbook',
    name: 'site',
    about: undefined,
    plays: [{ name: 'all', hosts: 'all', roles: [], serail: 1 }],
  }
  const error: unknown = await run(site as never, { mode: 'check', limt: 'x' } as never)
    .next()
    .catch((thrown: unknown) => thrown)
  const messages = error instanceof RolecallError ? error.problems.map(({ message }) => message) : []
  assert.equal(messages, ['unknown option "serail" of play "all"', 'unknown option "limt" of run'])
})

test.run()
