import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { hasLine, hostPattern } from '../../../lib/resources/kit/host-pattern.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { waitFor, type WaitOptions, type WaitWant } from '../../../lib/resources/commands/waiting/wait-for.ts'
import { lines, sh } from '../../../lib/sh/quote.ts'
import { movesOf } from '../../../lib/resources/commands/waiting/wait-probe.ts'
import {
  ask,
  converge,
  debian,
  reply,
  run,
  scratch,
  shells,
  stepsOf,
  words,
  type Shell,
} from '../../support/converge-locally.ts'

const nginx = service('nginx', { running: true })
const port: WaitOptions = { port: 180 }
const after: WaitOptions = { port: 180, againAfter: [nginx] }
const url: WaitOptions = { url: 'http://127.0.0.1/', deadline: 5 }
const file: WaitOptions = { file: '/srv/token', contains: /^id=\d+$/ }
const wait = ['wait up to 60 s for port 180 of 127.0.0.1']
const restart: [string, Effect] = ['service:nginx', { type: 'unit', name: 'nginx.service', running: true }]
const enable: [string, Effect] = [restart[0], { type: 'unit', name: 'nginx.service', running: true, stays: true }]
const exec: [string, Effect] = ['exec:x', { type: 'anything' }]
const pkg = (name: string): [string, Effect] => [`pkg:${name}`, { type: 'package', name, installed: true }]
const over: [string, Effect] = [
  'waitFor:it',
  { type: 'path', path: (waitFor('it', after).want as WaitWant).mark, state: { type: 'file' } },
]
const token = (content?: string): [string, Effect] => [
  'file:/srv/token',
  {
    type: 'path',
    path: '/srv/token',
    state: content === undefined ? { type: 'file' } : { type: 'file', content: Buffer.from(content) },
  },
]
const later = 'unknown: whether there will be something to wait for is known only after'

const table: readonly (readonly [string, WaitOptions, string, [string, Effect][], readonly string[] | string])[] = [
  ['open: nothing to do', port, '0 open\n', [], []],
  ['closed: wait', port, '1 connection refused\n', [], wait],
  ['to be gone, and open: wait', { port: 180, state: 'absent' }, '0 open\n', [], [`${wait[0] ?? ''} to be gone`]],
  ['to be gone, and closed: nothing to do', { port: 180, state: 'absent' }, '1 connection refused\n', [], []],
  [
    'nothing to ask with: refused',
    url,
    '2 nothing to ask with\n',
    [],
    'refused: nothing on this host can ask for http://127.0.0.1/: it has neither curl nor wget',
  ],
  [
    'to be gone, and nothing to ask with: refused',
    { port: 1, host: 'a', state: 'absent' },
    '2 nothing to ask with\n',
    [],
    'refused: nothing on this host can ask for port 1 of a: it has none of bash, nc and curl',
  ],
  [
    'nothing to ask with, but a package is to come: unknown',
    url,
    '2 nothing to ask with\n',
    [pkg('curl')],
    `${later} pkg:curl`,
  ],
  ['open, but not seen since the service started: wait', after, '0 open\n', [], wait],
  ['open, and seen since the service started: nothing to do', after, '0 open\nseen\n', [], []],
  ['open, and the service last started before this run: nothing to do', after, '0 open\nearlier\n', [], []],
  ['closed, and the service last started before this run: wait', after, '1 connection refused\nearlier\n', [], wait],
  [
    'to be gone, gone, and the service last started before this run: nothing to do',
    { ...after, state: 'absent' },
    '1 connection refused\nearlier\n',
    [],
    [],
  ],
  ['the same wait comes earlier, after the service restarts: nothing to do', after, '0 open\n', [restart, over], []],
  ['the same wait comes earlier, for a service that comes with a package', after, '1 no\n', [pkg('nginx'), over], []],
  ['the service restarts after the same wait: wait once more', after, '0 open\nseen\n', [restart, over, restart], wait],
  ['another package comes after the same wait: nothing to do', after, '1 no\n', [restart, over, pkg('curl')], []],
  [
    'what a wait keeps brings no answer of a URL',
    url,
    '1 HTTP 404\n',
    [over],
    ['wait up to 5 s for http://127.0.0.1/'],
  ],
  ['the service is to restart: wait, though it is open now', after, '0 open\nseen\n', [restart], wait],
  ['the service is only to be enabled: nothing to do', after, '0 open\nseen\n', [enable], []],
  ['it is enabled after it is restarted: wait', after, '0 open\nseen\n', [restart, enable], wait],
  ['its package is to come, and it was never seen: wait', after, '1 connection refused\n', [pkg('nginx')], wait],
  [
    'its package is to be another: unknown',
    after,
    '0 open\nseen\n',
    [pkg('nginx')],
    'unknown: whether pkg:nginx restarts nginx.service before it',
  ],
  [
    'without after, closed, and a unit is to start: unknown',
    port,
    '1 connection refused\n',
    [restart],
    `${later} service:nginx`,
  ],
  [
    'without after, closed, and a command is to come: unknown',
    port,
    '1 connection refused\n',
    [exec],
    `${later} exec:x`,
  ],
  [
    'without after, closed, and a unit is only to be enabled or a file to be written: wait',
    port,
    '1 connection refused\n',
    [token()],
    wait,
  ],
  ['without after, open, and a command is to come: nothing to do', port, '0 open\n', [exec], []],
  ['a URL may come with any file', url, '1 HTTP 404\n', [token()], `${later} file:/srv/token`],
  ['a file that is to be written as wanted', file, '1 file not there\n', [token('a\nid=7\n')], []],
  [
    'a file that is to be written otherwise',
    file,
    '0 there\n',
    [token('id=x\n')],
    ['wait up to 60 s for /^id=\\d+$/ in /srv/token'],
  ],
  [
    'a file of which nobody knows the content',
    file,
    '1 file not there\n',
    [token()],
    'unknown: what /srv/token holds is known only after file:/srv/token',
  ],
  ['a file that is to come, whatever it holds', { file: '/srv/token' }, '1 file not there\n', [token()], []],
  [
    'a file that is to go',
    { file: '/srv/token', state: 'absent' },
    '0 there\n',
    [['absent:x', { type: 'path', path: '/srv', state: { type: 'absent' } }]],
    [],
  ],
]

for (const [says, want, have, pending, then] of table) {
  test(says, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(waitFor('it', want).evaluate(reply(have), debian, prediction)), then)
  })
}

for (const shell of shells())
  test(`${shell.name}: a line of a content matches beforehand when grep says so`, async () => {
    const patterns = [/^$/, /^a$/, /a.b/, /^.$/, /^\s$/, /[^x]y/, /é/, /^[é]$/, /A/i, /a|^b$/, /(?:ab)+c/, /\/\d/]
    const contents = ['', '\n', 'a\n', 'a', 'a\n\nb\n', 'a\nb\n', 'é\n', ' \n', 'x\ny\n', 'ababc\r\n', '/7']
    for (const pattern of patterns)
      for (const content of contents) {
        const { extended, ignoreCase } = hostPattern('contains', pattern)
        const script = sh`grep -E -q ${ignoreCase ? ['-i'] : []} -e ${extended}`
        const { code } = await run(shell, script, Buffer.from(content))
        assert.is(hasLine(pattern, Buffer.from(content)), code === 0, `${String(pattern)} ${JSON.stringify(content)}`)
      }
  })

test('A wait is told to later waits of the same, where it has services to look at', () => {
  const effects = (options: WaitOptions) => {
    const evaluation = waitFor('it', options).evaluate(reply('1 connection refused\n'), debian, new Prediction())
    return 'effects' in evaluation ? evaluation.effects : undefined
  }
  assert.equal([effects(after), effects(port)], [[over[1]], []])
})

test('A service that is itself unknown leaves unknown whether it is waited for', () => {
  const prediction = new Prediction()
  prediction.doubt('service:nginx', [restart[1]])
  assert.is(
    words(waitFor('it', after).evaluate(reply('0 open\nseen\n'), debian, prediction)),
    'unknown: whether nginx.service restarts before it depends on service:nginx, which is unknown',
  )
})

test('A pattern goes to the host only when it means the same there', () => {
  const same: readonly (readonly [RegExp, string])[] = [
    [/"status":"healthy"/, '"status":"healthy"'],
    [/^a\/b\.c\s+[\w.]*\d{2,3}$/m, '^a/b\\.c[[:space:]]+[A-Za-z0-9_.]*[0-9]{2,3}$'],
    [/(?:yes|no)\+/i, '(yes|no)\\+'],
  ]
  for (const [pattern, extended] of same) assert.is(hostPattern('x', pattern).extended, extended)
  for (const pattern of [/a(?=b)/, /\bword/, /a*?/, /(a)\1/, /[\]]/, /\D/, /a/s, /\u0041/, /\n/])
    assert.throws(
      () => hostPattern('body', pattern),
      (error: unknown) => error instanceof RolecallError,
      String(pattern),
    )
})

test('Invalid options are refused before any host is touched', () => {
  const wrong = [
    { port: 0 },
    { port: 1.5 },
    { port: 80, deadline: 0 },
    { url: 'nginx' },
    { file: 'token' },
    { port: 1, host: '-h' },
  ]
  for (const options of [...wrong, {}, { port: 1, file: '/x' }])
    assert.throws(
      () => waitFor('it', options as WaitOptions),
      (error: unknown) => error instanceof RolecallError,
      JSON.stringify(options),
    )
})

async function listen(server: Server, at = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Variant {
  readonly shell: Shell
  readonly env: Readonly<Record<string, string>>
  readonly name: string
}
const inShells = shells().map((shell): Variant => ({ shell, env: {}, name: shell.name }))
const bare = inShells
  .filter(({ name }) => name === 'busybox')
  .map(({ shell }): Variant => {
    const env = { PATH: shell.path.split(':')[0] ?? '' }
    return { shell, env, name: 'busybox with its own applets alone' }
  })

/** In all variants at the same time: most of what each does is to wait. */
function it(says: string, variants: readonly Variant[], what: (variant: Variant) => Promise<void>): void {
  test(says, async () => {
    const ended = await Promise.allSettled(variants.map(what))
    const failed = ended.flatMap((each, at) =>
      each.status === 'fulfilled' ? [] : [`${variants[at]?.name ?? ''}: ${String(each.reason)}`],
    )
    assert.equal(failed, [])
  })
}

it('a port is open or closed, and the wait ends when it opens', [...inShells, ...bare], async ({ shell, env }) => {
  const server = createServer((_, response) => response.end())
  const number = await listen(server)
  let met = 0
  server.on('connection', () => met++)
  assert.equal(words(await ask(shell, waitFor('it', { port: number }), { env })), [])
  // A connection to a socket of systemd would start the unit behind it.
  assert.is(met, 0, 'a question has connected')
  server.close()
  const gone = await converge(shell, waitFor('it', { port: number, deadline: 1 }), { env })
  assert.match(
    gone.failed?.stderr ?? 'it did not fail',
    /gave up after \d s; last seen: (connection refused|nobody listens)/,
  )
  assert.equal(words(await ask(shell, waitFor('it', { port: number, state: 'absent' }), { env })), [])
  const pending = converge(shell, waitFor('it', { port: number, deadline: 30 }), { env })
  const opened = createServer((_, response) => response.end())
  setTimeout(() => opened.listen(number, '127.0.0.1'), 1200)
  const { failed, again } = await pending
  opened.close()
  assert.equal([failed?.stderr, words(again)], [undefined, []])
})

it('a URL must have its status and its body', [...inShells, ...bare], async ({ shell, env }) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/bad' ? 502 : 200)
    response.end('{\n"status": "healthy"\n}\n')
  })
  const at = `http://127.0.0.1:${await listen(server)}`
  const say = async (options: WaitOptions) => {
    const { failed, did } = await converge(shell, waitFor('it', { ...options, deadline: 1 }), { env })
    return failed === undefined ? did.length : failed.stderr.trim().split('last seen: ').at(-1)
  }
  try {
    assert.is(await say({ url: at, body: /"status": "HEALTHY"$/i }), 0)
    assert.is(await say({ url: `${at}/bad`, status: 502 }), 0)
    assert.is(await say({ url: `${at}/bad` }), 'HTTP 502')
    assert.is(await say({ url: at, body: /it's sick/ }), "HTTP 200, and no line of its body matches /it's sick/")
  } finally {
    server.close()
  }
  assert.match(String(await say({ url: at })), /refused|connect/i)
})

it('a start of a service is of this run, of an earlier one, or seen by a wait', inShells, async ({ shell }) => {
  const bin = scratch()
  const told = async (when: string, seen?: string) => {
    writeFileSync(
      join(bin, 'systemctl'),
      `#!/bin/sh\necho InactiveExitTimestampMonotonic=${when}\necho InactiveEnterTimestampMonotonic=0\n`,
      { mode: 0o755 },
    )
    const mark = join(bin, 'mark')
    rmSync(mark, { force: true })
    if (seen !== undefined)
      writeFileSync(mark, `InactiveEnterTimestampMonotonic=0 InactiveExitTimestampMonotonic=${seen} `)
    const { stdout } = await run(shell, movesOf(['nginx.service'], mark), undefined, { PATH: `${bin}:${shell.path}` })
    return stdout.toString().trim()
  }
  const late = '99999999999999999'
  assert.equal(
    [await told('1000'), await told(late), await told(late, late), await told('1000', '5'), await told(late, '1000')],
    ['earlier', '', 'seen', 'earlier', ''],
  )
})

if (process.getuid?.() === 0)
  it('a stop is of this run, also where systemd has forgotten the unit since', inShells, async ({ shell, name }) => {
    const bin = scratch()
    const systemctl = `#!/bin/sh\n[ "$1" = stop ] || printf 'Inactive%sTimestampMonotonic=0\\n' Exit Enter\n`
    writeFileSync(join(bin, 'systemctl'), systemctl, { mode: 0o755 })
    const unit = `rolecall-test-${name}-${process.pid}`
    const env = { PATH: `${bin}:${shell.path}` }
    const moves = movesOf([`${unit}.service`], join(bin, 'mark'))
    const runs = reply('LoadState=loaded\nActiveState=active\n')
    const stop = stepsOf(service(unit, { running: false }).evaluate(runs, debian, new Prediction()))
    try {
      const told: string[] = []
      for (const script of [moves, lines(...stop.map((step) => step.sh), moves)])
        told.push((await run(shell, script, undefined, env)).stdout.toString().trim())
      assert.equal(told, ['earlier', ''])
    } finally {
      rmSync(`/run/rolecall/stopped-${unit}.service`, { force: true })
    }
  })
else process.stdout.write('skipped: only root stops units\n')

it('a file must be there, and hold what is wanted', inShells, async ({ shell }) => {
  const path = join(scratch(), "it's here")
  assert.match(
    (await converge(shell, waitFor('it', { file: path, deadline: 1 }))).failed?.stderr ?? '',
    'not yet: file not there\n',
  )
  const pending = converge(shell, waitFor('it', { file: path, contains: /^id=\d+$/ }))
  setTimeout(() => writeFileSync(path, 'id=x\n'), 500)
  setTimeout(() => writeFileSync(path, 'a\nid=42\n'), 1700)
  const { failed, again } = await pending
  assert.equal([failed?.stderr, words(again)], [undefined, []])
  rmSync(path)
  assert.equal(words(await ask(shell, waitFor('it', { file: path, state: 'absent' }))), [])
})

test.run()
