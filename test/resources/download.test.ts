import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Refusal } from '../../lib/errors.ts'
import { download } from '../../lib/resources/download.ts'
import { Foreseen } from '../../lib/resources/foreseen.ts'
import { secret } from '../../lib/secret.ts'
import {
  converge,
  debian,
  findTool,
  reply,
  run,
  scratch,
  shells,
  stepsOf,
  words,
  type Shell,
} from '../support/converge-locally.ts'

const url = 'https://mirror.example/cfssl'
const content = Buffer.alloc(300_000, 'rolecall')
const sha256 = createHash('sha256').update(content).digest('hex')
const tool = 'tool\n'

const table: readonly (readonly [says: string, have: string, then: readonly string[] | string])[] = [
  ['nothing there: download it', `none 0 4 dir\n${tool}`, [`download /opt/cfssl from ${url}`]],
  ['as wanted: nothing to do', 'have 0 81ed 9 0 0 root:root\nsame\n', []],
  ['another content: download it', `have 0 81ed 9 0 0 root:root\n${tool}`, [`download /opt/cfssl from ${url}`]],
  ['another mode: chmod alone', 'have 0 81a4 9 0 0 root:root\nsame\n', ['set mode 0755 of /opt/cfssl (was 0644)']],
  [
    'a link in the way: replace it',
    `have 0 a1ff 9 0 0 root:root\n${tool}`,
    [`replace the symbolic link /opt/cfssl with a file from ${url}`],
  ],
  [
    'a directory in the way: refused',
    `have 0 41ed 9 0 0 root:root\n${tool}`,
    'refused: /opt/cfssl is a directory, not a file',
  ],
  [
    'no directory above: refused',
    `none 0 1 absent\n${tool}`,
    'refused: /opt/cfssl cannot be made: there is no directory /opt',
  ],
  [
    'nothing to fetch it with: refused',
    'none 0 4 dir\n',
    'refused: /opt/cfssl cannot be downloaded: the host has neither curl nor wget',
  ],
  ['nothing to fetch it with, but it is there: nothing to do', 'have 0 81ed 9 0 0 root:root\nsame\n', []],
]

for (const [says, have, then] of table) {
  const want = download('/opt/cfssl', { url, sha256, mode: '0755' })
  test(says, () => assert.equal(words(want.weigh(reply(have), debian, new Foreseen())), then))
}

test('A package that is still to come may bring curl', () => {
  const foreseen = new Foreseen()
  foreseen.lay('pkg:curl', [{ about: 'package', name: 'curl', installed: true }])
  const weighed = download('/opt/cfssl', { url, sha256 }).weigh(reply('none 0 4 dir\n'), debian, foreseen)
  assert.equal(
    [words(weighed), 'restsOn' in weighed && weighed.restsOn],
    [[`download /opt/cfssl from ${url}`], ['pkg:curl']],
  )
})

test('What cannot be meant is refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => download('cfssl', { url, sha256 }),
    () => download('/opt/cfssl', { url, sha256: 'latest' }),
    () => download('/opt/cfssl', { url: 'file:///etc/shadow', sha256 }),
    () => download('/opt/cfssl', { url: 'https://a/"\noutput="/etc/passwd', sha256 }),
  ]
  for (const make of wrong) assert.throws(make, (error: unknown) => error instanceof Refusal)
  assert.throws(
    () => download('/opt/cfssl', { url: secret('hunter2'), sha256 }),
    (error: unknown) => error instanceof Refusal && !error.message.includes('hunter2'),
  )
})

test('A secret URL is in no script and no word', () => {
  const resource = download('/opt/cfssl', { url: secret('https://u:hunter2@host/x'), sha256 })
  const weighed = resource.weigh(reply(`none 0 4 dir\n${tool}`), debian, new Foreseen())
  assert.equal(words(weighed), ['download /opt/cfssl'])
  assert.not.match(JSON.stringify([resource, weighed, stepsOf(weighed)[0]?.sh.text]), 'hunter2')
})

/** A server on this machine. It fails the first `failures` requests. */
async function serving(what: (base: string, asked: () => number) => Promise<void>, failures = 0, body = content) {
  let asked = 0
  const answer = (_: IncomingMessage, response: ServerResponse) => {
    asked += 1
    response.statusCode = asked <= failures ? 503 : 200
    response.end(asked <= failures ? 'busy' : body)
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    await what(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/file?a=1&b='2'`, () => asked)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** The shells, each with only one tool to fetch with. */
function* fetchers(): Generator<Shell> {
  const basics = 'sh stat sha256sum mktemp dd rm mv chmod chown sleep id grep sync cat'.split(' ')
  for (const shell of shells()) {
    for (const name of shell.name === 'busybox' ? ['busybox wget', 'curl'] : ['wget', 'curl']) {
      const fetcher = name === 'busybox wget' ? join(shell.path.split(':')[0] ?? '', 'wget') : findTool(name)
      if (fetcher === undefined) {
        process.stdout.write(`skipped: ${name} is not installed, so downloads by it are not tried\n`)
        continue
      }
      const only = scratch()
      for (const tool of basics) {
        const from = shell.name === 'busybox' ? join(shell.path.split(':')[0] ?? '', tool) : findTool(tool)
        if (from !== undefined) symlinkSync(from, join(only, tool))
      }
      symlinkSync(fetcher, join(only, basename(fetcher)))
      yield { ...shell, name: `${shell.name} with ${name}`, path: only }
    }
  }
}

const direct = { env: { no_proxy: '*', http_proxy: '' } }

for (const shell of fetchers()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a file comes whole, with its mode, and is then as wanted without the network', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), `it's here`)
      const want = download(path, { url: base, sha256, mode: '0755' })
      const { did, again, failed } = await converge(shell, want, direct)
      assert.equal([did.length, words(again), failed?.stderr], [1, [], undefined])
      assert.ok(readFileSync(path).equals(content))
      assert.is(statSync(path).mode & 0o7777, 0o755)
      chmodSync(path, 0o600)
      assert.equal((await converge(shell, want, direct)).did, [`set mode 0755 of ${path} (was 0600)`])
      assert.is(asked(), 1)
    })
  })

  it('another checksum than expected never goes live', async () => {
    await serving(async (base) => {
      const path = join(scratch(), 'file')
      writeFileSync(path, 'old')
      const { failed } = await converge(shell, download(path, { url: base, sha256: 'a'.repeat(64) }), direct)
      assert.match(failed?.stderr ?? '', `expected sha256 ${'a'.repeat(64)}, got ${sha256}`)
      assert.equal([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))], ['old', ['file']])
    })
  })

  it('a failure that passes is tried again', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), 'file')
      const [step] = stepsOf((await converge(shell, download(path, { url: base, sha256 }), direct)).weighed)
      assert.ok(step)
      assert.equal([asked(), readFileSync(path).equals(content)], [2, true])
    }, 1)
  })
}

const [any] = shells()
if (any !== undefined) {
  test('A failure that stays is given up after three tries, without a trace', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), 'file')
      const { failed } = await converge(any, download(path, { url: base, sha256 }), direct)
      assert.match(failed?.stderr ?? '', `${path}: 3 tries came to nothing`)
      assert.equal([asked(), readdirSync(join(path, '..'))], [3, []])
    }, 9)
  })

  test('A secret URL works, and is in no argument list', async () => {
    await serving(async (base) => {
      const dir = scratch()
      const real = findTool('curl')
      if (real === undefined) {
        process.stdout.write('skipped: curl is not installed\n')
        return
      }
      mkdirSync(join(dir, 'bin'))
      writeFileSync(join(dir, 'bin/curl'), `#!/bin/sh\necho "$@" >>${dir}/seen\nexec ${real} "$@"\n`, { mode: 0o755 })
      const [step] = stepsOf(
        download(join(dir, 'file'), { url: secret(base), sha256 }).weigh(
          reply(`none 0 4 dir\n${tool}`),
          debian,
          new Foreseen(),
        ),
      )
      assert.ok(step)
      const ran = await run(any, step.sh, step.stdin, { ...direct.env, PATH: `${dir}/bin:${any.path}` })
      assert.is(ran.code, 0, ran.stderr)
      assert.ok(readFileSync(join(dir, 'file')).equals(content))
      assert.not.match(readFileSync(join(dir, 'seen'), 'utf8'), '127.0.0.1')
    })
  })
}

test.run()
