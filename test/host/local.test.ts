import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { commandsOf } from '../../lib/host/commands.ts'
import { readFacts } from '../../lib/host/facts.ts'
import { Host } from '../../lib/host/host.ts'
import { lines, raw, sh, shellFunction, shellFunctions } from '../../lib/sh/quote.ts'
import { connectLocal } from '../../lib/transport/local.ts'
import type { Connection } from '../../lib/transport/transport.ts'

const host = await Host.connect('here', { kind: 'local' })
test.after(() => host.close())
const $ = commandsOf(host)
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8')

test('the facts come with the trip that opens the shell', async () => {
  const fresh = await Host.connect('fresh', { kind: 'local' })
  assert.is(fresh.roundTrips, 1)
  assert.is(fresh.facts.uid, process.getuid?.())
  assert.is(fresh.facts.os.family, 'debian')
  fresh.close()
})

const texts = [
  [
    'leading blanks and backslashes',
    "  printf '%s' '  a\\\\b\\n \t'\n  printf '%s' '\n\n   c\\'",
    '  a\\\\b\\n \t\n\n   c\\',
  ],
  ['letters that take more than a byte', "printf '%s' 'äсЁ€\u{10041}'", 'äсЁ€\u{10041}'],
  ['many such letters', `printf '%s' '${'ж'.repeat(1240)}'`, 'ж'.repeat(1240)],
  ['more than is read by lines', `printf '%s' '${' \\x\n'.repeat(1000)}'`, ' \\x\n'.repeat(1000)],
] as const

for (const shell of ['dash', 'bash', 'busybox sh']) {
  for (const [what, script, expected] of texts) {
    test(`a script reaches ${shell} as it is: ${what}`, async () => {
      const there = connectLocal()
      const other = await Host.over('other', {
        lost: undefined,
        close: () => there.close(),
        cut: () => there.close(),
        open: (command) => there.open(command.replace(/^\/bin\/sh /, `${shell} `)),
      })
      const said: Uint8Array[] = []
      await other.run({ script, onStdout: (bytes) => said.push(bytes) })
      other.close()
      // `run` leaves the newline in front of the mark to whoever reads.
      assert.is(text(Buffer.concat(said)).replace(/\n$/, ''), expected.replace(/\n$/, ''))
    })
  }
}

test('many sections cost one round trip, and 5 MB of input arrive whole', async () => {
  const before = host.roundTrips
  const input = Buffer.alloc(5_000_000, 'x')
  const [a, b] = await host.ask(
    [
      { name: 'a', sh: raw('wc -c'), stdinBytes: input.length },
      { name: 'b', sh: raw('echo "it is"') },
    ],
    { stdin: input },
  )
  assert.is(text(a?.stdout).trim(), '5000000')
  assert.is(text(b?.stdout), 'it is\n')
  assert.is(host.roundTrips - before, 1)
})

for (const shell of ['dash', 'bash', 'busybox sh'])
  test(`the definition of a function travels to a shell once, however many questions call it (${shell})`, async () => {
    const sent: string[] = []
    const there = connectLocal()
    const other = await Host.over('other', {
      lost: undefined,
      close: () => there.close(),
      cut: () => there.close(),
      open: async (command) => {
        const channel = await there.open(command.replace(/^\/bin\/sh /, `${shell} `))
        const write = channel.stdin.write.bind(channel.stdin)
        channel.stdin.write = ((chunk: Uint8Array) => {
          sent.push(text(chunk))
          return write(chunk)
        }) as typeof write
        return channel
      },
    })
    const greet = lines(shellFunctions('greet() {\necho "hello $1"\n}'), raw('greet you'))
    const ask = async () => {
      const answers = await other.ask([
        { name: 'a', sh: greet },
        { name: 'b', sh: greet, deadline: 9 },
        { name: 'c', sh: shellFunction([], greet) },
      ])
      return answers.map(({ stdout }) => text(stdout))
    }
    assert.equal(await ask(), ['hello you\n', 'hello you\n', 'hello you\n'])
    sent.length = 0
    assert.equal(await ask(), ['hello you\n', 'hello you\n', 'hello you\n'])
    other.close()
    // What has a deadline runs in a shell of its own, and has its functions in its text.
    assert.is(sent.join('').split('greet() {').length - 1, 1)
  })

test('a deadline ends a command and its children on the host', async () => {
  const [answer] = await host.ask([{ name: 'slow', sh: raw('sleep 61.5 & wait'), deadline: 1 }])
  assert.is(answer?.code, 124)
  const [left] = await host.ask([{ name: 'left', sh: raw('pgrep -f "sleep 61[.]5" || true') }])
  assert.is(text(left?.stdout), '')
})

test('the text of a step stands in no command line', async () => {
  const [answer] = await host.ask([
    {
      name: 'step',
      sh: raw('secret=in-the-text; sleep 0.2 & ps -eo args | grep -c "[i]n-the-text"; wait'),
      deadline: 5,
    },
  ])
  assert.is(text(answer?.stdout).trim(), '0')
})

test('shell text with a syntax error is reported, and the shell goes on', async () => {
  try {
    await host.ask([{ name: 'broken', sh: raw('if') }])
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), /broken broke off/)
  }
  const [answer] = await host.ask([{ name: 'next', sh: raw('echo fine') }])
  assert.is(text(answer?.stdout), 'fine\n')
})

test('a script that arrives only in part is not run', async () => {
  const there = connectLocal()
  const cut: Connection = {
    lost: undefined,
    close: () => there.close(),
    cut: () => there.close(),
    async open(command) {
      const channel = await there.open(command)
      const { stdin } = channel
      const end = channel.stdin.end.bind(stdin)
      const write = channel.stdin.write.bind(stdin)
      let writes = 0
      // The request after the facts loses its end.
      stdin.write = (chunk: Buffer) => (writes++ === 0 ? write(chunk) : (write(chunk.subarray(0, -6)), end(), true))
      return channel
    },
  }
  const half = await Host.over('cut', cut)
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-cut-'))
  await assertLost(half.run({ script: `: 'ü'; touch ${directory}/all ` }))
  assert.equal(readdirSync(directory), [])
  rmSync(directory, { recursive: true })
})

async function assertLost(work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.match(String(error), /the shell on the host ended/)
}

test('what misleads programs in the environment of the controller reaches no command: a hook of git has GIT_DIR', async () => {
  const own = { GIT_DIR: '/nowhere/.git', GIT_WORK_TREE: '/nowhere', TAR_OPTIONS: '--exclude=*', POSIXLY_CORRECT: '1' }
  Object.assign(process.env, own)
  const hooked = await Host.connect('hooked', { kind: 'local' })
  try {
    const { stdout } = await commandsOf(hooked)`env`
    for (const name of Object.keys(own)) assert.not.match(stdout, `${name}=`)
  } finally {
    for (const name of Object.keys(own)) Reflect.deleteProperty(process.env, name)
    hooked.close()
  }
})

test('$ is zx: quoting, pipes, input, directories, environment, failures', async () => {
  assert.is((await $`printf %s ${"it's $HOME"}`).stdout, "it's $HOME")
  assert.is((await $`printf '[%s]' ${['a b', 'c']}`).stdout, '[a b][c]')
  assert.is((await $`seq 3`.pipe($`tail -n 1`)).stdout, '3\n')
  const cut =
    await $`printf 'gr\\303'; sleep 0.1; printf '\\274n \\342\\230'; sleep 0.1; printf '\\203'; printf '\\303' >&2; sleep 0.1; printf '\\237\\n' >&2`
  assert.equal([cut.stdout, cut.stderr], ['grün ☃', 'ß\n'])
  assert.is((await $`printf '\\303'; sleep 0.1; printf '\\377\\342'`.pipe($`od -An -tx1`)).stdout.trim(), 'c3 ff e2')
  assert.is((await $({ input: 'hello' })`cat`).stdout, 'hello')
  assert.is((await $({ cwd: '/usr', env: { A: 'x y' } })`echo "$PWD $A"`).stdout, '/usr x y\n')
  assert.is((await $`exit 3`.nothrow()).exitCode, 3)
  try {
    await $`echo words >&2; exit 4`
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), /words/)
  }
})

test('the error of a failed command has its place, and no stack is rendered before', async () => {
  let rendered = 0
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  Error.prepareStackTrace = (_, calls) => {
    rendered++
    const places = calls.map((call) => [call.getFileName(), call.getLineNumber(), call.getColumnNumber()].join(':'))
    return ['Error', ...places].join('\n    at ')
  }
  try {
    const failed = await $`echo words >&2; exit 4`.nothrow()
    assert.is(rendered, 0)
    assert.match(failed.message, /^words\n\s+at .*host\/local\.test\.ts:\d+:\d+\n\s+exit code: 4/)
    assert.is(rendered, 1)
  } finally {
    Object.defineProperty(
      Error,
      'prepareStackTrace',
      before ?? { value: undefined, writable: true, configurable: true },
    )
  }
})

test('a command that fails while another one reads from it ends the other by the end of its input', async () => {
  const fed = await $`echo one; sleep 0.3; exit 3`.pipe($`cat; sleep 0.3`).nothrow()
  assert.is(fed.stdout, 'one\n')
  assert.is(fed.exitCode, 3)
})

test('changes of a probe to the long-lived shell stay, and print nothing', async () => {
  const fresh = await Host.connect('fresh', { kind: 'local' })
  const own = sh`echo loud; echo loud >&2; seen=$seen+`
  const asked = () => fresh.ask([{ name: 'a', sh: shellFunction([], sh`echo "$seen"`, own), question: 'sequential' }])
  try {
    const said = [...(await asked()), ...(await fresh.ask([{ name: 'b', sh: raw('seen=other') }])), ...(await asked())]
    assert.equal(
      said.map(({ stdout, stderr }) => text(stdout) + text(stderr)),
      ['+\n', '', '++\n'],
    )
  } finally {
    fresh.close()
  }
})

test('an abandoned command is ended with its children', async () => {
  const other = await Host.connect('other', { kind: 'local' })
  const running = other.run({ script: 'sh -c "sleep 62.5; true" & wait' }).catch((error: unknown) => String(error))
  while ((await $`pgrep -f "sleep 62[.]5" || true`).stdout === '')
    await new Promise((resolve) => setTimeout(resolve, 20))
  await other.abandon()
  assert.match(String(await running), /shell on the host ended/)
  assert.is((await $`pgrep -f "sleep 62[.]5" || true`).stdout, '')
  other.close()
})

test('a command that has only begun, or starts others one after the other, is ended with all of them', async () => {
  const script = 'n=0; while [ $n -lt 40 ]; do n=$((n+1)); sh -c "sleep 63.5; true" & done; wait'
  for (let round = 0; round < 12; round++) {
    const other = await Host.connect('other', { kind: 'local' })
    const running = other.run({ script }).catch((error: unknown) => String(error))
    await new Promise((resolve) => setTimeout(resolve, round))
    await other.abandon()
    assert.match(String(await running), /ended/)
    other.close()
    assert.is((await $`pgrep -f "sleep 63[.]5" || true`).stdout, '', `round ${round}`)
  }
})

test('a command whose shell was still being opened does not begin on an abandoned host', async () => {
  const there = connectLocal()
  let opened = 0
  const other = await Host.over('other', {
    lost: undefined,
    close: () => there.close(),
    cut: () => there.close(),
    open: async (command) => {
      // The first shell is that of the host.
      if (opened++ > 0) await new Promise((resolve) => setTimeout(resolve, 200))
      return there.open(command)
    },
  })
  const begun = join(mkdtempSync(join(tmpdir(), 'rolecall-abandoned-')), 'begun')
  const piped = other
    .stream({ script: `touch ${begun}` }, Readable.from(['x']))
    .catch((error: unknown) => String(error))
  await other.abandon()
  assert.match(String(await piped), /the run was ended before this began/)
  assert.not.ok(existsSync(begun))
  other.close()
})

test('families are read from ID and ID_LIKE', () => {
  const family = (id: string, like = '') => readFacts(`ID=${id}\nID_LIKE="${like}"\n`).os.family
  assert.equal(
    [
      family('debian'),
      family('ubuntu', 'debian'),
      family('rocky', 'rhel centos fedora'),
      family('openEuler'),
      family('alpine'),
    ],
    ['debian', 'debian', 'el', 'el', 'other'],
  )
})

test('os-release is read as a shell would, and nothing in it is run', () => {
  const name = (written: string) => readFacts(`PRETTY_NAME=${written}\n`).os.name
  assert.equal(
    [
      name('Debian'),
      name('"Rocky Linux 9.4 (Blue Onyx)"'),
      name("'it is $5'"),
      name('"\\$5 \\"a\\" \\\\ \\n"'),
      name('a\\ b'),
      name('"$(touch /tmp/x)"'),
    ],
    ['Debian', 'Rocky Linux 9.4 (Blue Onyx)', 'it is $5', '$5 "a" \\ \\n', 'a b', '$(touch /tmp/x)'],
  )
})

test('a fact that is none of the known is nothing', () => {
  for (const odd of ['NaN', '1e999', '0x0', '-5', '0.5', '12345678901', ''])
    assert.is(readFacts(`uid=${odd}\n`).uid, -1, odd)
  assert.is(readFacts('uid=1001\n').uid, 1001)
  for (const odd of ['constructor', '__proto__', 'toString']) assert.is(readFacts(`pm=${odd}\n`).packageManager, 'none')
})

test('addresses come with their networks, and without ip(8) alone', () => {
  const { addresses, networks } = readFacts(`2: eth0    inet6 fd00::2/64 scope global \\       valid_lft forever
2: eth0    inet 10.10.50.21/24 brd 10.10.50.255 scope global eth0\\       valid_lft forever
4: tun0    inet 172.7.21.5 peer 10.0.0.1/32 scope global tun0
`)
  assert.equal(addresses, ['10.10.50.21', '172.7.21.5', 'fd00::2'])
  assert.equal(networks, [
    { device: 'eth0', cidr: 'fd00::2/64' },
    { device: 'eth0', cidr: '10.10.50.21/24' },
    { device: 'tun0', cidr: '172.7.21.5/32' },
  ])
  const bare = readFacts('addr=10.0.0.5 fd00::1 \n')
  assert.equal([bare.addresses, bare.networks], [['10.0.0.5', 'fd00::1'], []])
})

test.run()
