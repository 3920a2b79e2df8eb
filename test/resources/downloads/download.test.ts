import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import type { Checksum } from '../../../lib/resources/downloads/checksum.ts'
import { download, downloadKey, type DownloadOptions } from '../../../lib/resources/downloads/download.ts'
import { FETCH_FAILURES, fetchFailed } from '../../../lib/resources/downloads/fetch-failures.ts'
import { file } from '../../../lib/resources/files/file.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { secret, type Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { Waits } from '../../../lib/sh/waiting.ts'
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
} from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

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
  const want = download('/opt/cfssl', { source: url, sha256, mode: '0755' })
  test(says, () => assert.equal(words(want.evaluate(reply(have), debian, new Prediction())), then))
}

const published = { source: 'https://mirror.example/SHA256SUMS' }
const anyContent: typeof table = [
  ['a published checksum, nothing there: download it', `none 0 4 dir\n${tool}`, [`download /opt/cfssl from ${url}`]],
  ['a published checksum: what is there is as wanted', 'have 0 81ed 9 0 0 root:root\nsame\n', []],
  [
    'a published checksum: mode and owner of what is there still count',
    'have 0 81a4 9 0 0 root:root\nsame\n',
    ['set mode 0755 of /opt/cfssl (was 0644)'],
  ],
  [
    'a published checksum: a link is not the file',
    `have 0 a1ff 9 0 0 root:root\n${tool}`,
    [`replace the symbolic link /opt/cfssl with a file from ${url}`],
  ],
]
for (const [says, have, then] of anyContent) {
  const want = download('/opt/cfssl', { source: url, sha256: published, mode: '0755' })
  test(says, () => assert.equal(words(want.evaluate(reply(have), debian, new Prediction())), then))
}

test('What an earlier step brings is other content, unless the checksum is only published', () => {
  const evaluate = (sha256: Checksum, mode: string | undefined) => {
    const prediction = new Prediction()
    const state = { type: 'file', owner: 'root', group: 'root', ...(mode === undefined ? {} : { mode }) } as const
    prediction.record('exec:make', [{ type: 'path', path: '/opt/cfssl', state }])
    const said = reply(`none 0 4 dir\n${tool}`)
    return words(download('/opt/cfssl', { source: url, sha256, mode: '0755' }).evaluate(said, debian, prediction))
  }
  assert.equal(evaluate(sha256, '0755'), [`download /opt/cfssl from ${url}`])
  assert.equal(evaluate(published, '0755'), [])
  assert.equal(evaluate(published, '0644'), ['set mode 0755 of /opt/cfssl (was 0644)'])
  assert.equal(evaluate(published, undefined), 'unknown: what /opt/cfssl will be is known only after exec:make')
})

test('What an earlier resource fetches or writes with this checksum is not fetched again', () => {
  const answer = reply(`none 0 4 dir\n${tool}`)
  const later = (first: Resource, then: Resource) => {
    const prediction = new Prediction()
    const pending = first.evaluate(answer, debian, prediction)
    prediction.record(first.id, 'effects' in pending ? pending.effects : [])
    return words(then.evaluate(answer, debian, prediction))
  }
  const get = (options: Partial<DownloadOptions> = {}) =>
    download('/opt/cfssl', { source: url, sha256, mode: '0755', owner: 'root', group: 'root', ...options })
  const write = (text: string | Secret) =>
    file('/opt/cfssl', { content: text, mode: '0755', owner: 'root', group: 'root' })
  const anyones = () => download('/opt/cfssl', { source: url, sha256, mode: '0755' })
  const key = () => downloadKey('/opt/cfssl', { source: url, sha256, mode: '0755', owner: 'root', group: 'root' })
  const [text, more] = [content.toString(), [`download /opt/cfssl from ${url}`]]
  const cases: readonly (readonly [first: Resource, then: Resource, will: readonly string[] | string])[] = [
    [get(), get(), []],
    [get(), get({ mode: '0700' }), ['set mode 0700 of /opt/cfssl (was 0755)']],
    [get(), get({ sha256: '0'.repeat(64) }), more],
    [anyones(), get(), 'unknown: what /opt/cfssl will be is known only after download:/opt/cfssl'],
    [write(text), get(), []],
    [write(secret(text)), get(), []],
    [write('other'), get(), more],
    [get(), write(text), []],
    [get(), write('other'), ['write /opt/cfssl']],
    [key(), key(), []],
    [key(), get(), more],
    [get(), key(), more],
  ]
  assert.equal(
    cases.map(([first, then]) => later(first, then)),
    cases.map(([, , will]) => will),
  )
})

test('A file with a published checksum that an earlier step takes away is fetched anew', () => {
  const prediction = new Prediction()
  prediction.record('absent:/opt/cfssl', [{ type: 'path', path: '/opt/cfssl', state: { type: 'absent' } }])
  prediction.record('pkg:curl', [{ type: 'package', name: 'curl', installed: true }])
  const want = download('/opt/cfssl', { source: url, sha256: published, mode: '0755' })
  const have = reply('have 0 81ed 9 0 0 root:root\nsame\n')
  assert.equal(words(want.evaluate(have, debian, prediction)), [`download /opt/cfssl from ${url}`])
})

test('A package that is still to come may bring curl', () => {
  const prediction = new Prediction()
  prediction.record('pkg:curl', [{ type: 'package', name: 'curl', installed: true }])
  const evaluation = download('/opt/cfssl', { source: url, sha256 }).evaluate(
    reply('none 0 4 dir\n'),
    debian,
    prediction,
  )
  assert.equal(
    [words(evaluation), 'dependsOn' in evaluation && evaluation.dependsOn],
    [[`download /opt/cfssl from ${url}`], ['pkg:curl']],
  )
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => download('cfssl', { source: url, sha256 }),
    () => download('/opt/cfssl', { source: url, sha256: 'latest' }),
    () => download('/opt/cfssl', { source: 'file:///etc/shadow', sha256 }),
    () => download('/opt/cfssl', { source: url, sha256: { source: 'SHA256SUMS' } }),
    () => download('/opt/cfssl', { source: 'https://a/"\noutput="/etc/passwd', sha256 }),
  ]
  for (const make of wrong) assert.throws(make, (error: unknown) => error instanceof RolecallError)
  assert.throws(
    () => download('/opt/cfssl', { source: secret('hunter2'), sha256 }),
    (error: unknown) => error instanceof RolecallError && !error.message.includes('hunter2'),
  )
})

test('A secret URL is in no script and no word', () => {
  const resource = download('/opt/cfssl', { source: secret('https://u:hunter2@host/x'), sha256 })
  const evaluation = resource.evaluate(reply(`none 0 4 dir\n${tool}`), debian, new Prediction())
  assert.equal(words(evaluation), ['download /opt/cfssl'])
  assert.not.match(shown([resource, evaluation, stepsOf(evaluation)[0]?.sh.text]), 'hunter2')
})

/** A server on this machine. It fails the first `failures` requests. */
async function serving(
  what: (base: string, asked: () => number) => Promise<void>,
  failures = 0,
  sums = `${sha256}  file\n`,
) {
  let asked = 0
  const answer = ({ url: at = '' }: IncomingMessage, response: ServerResponse) => {
    asked += 1
    response.statusCode = asked <= failures ? 503 : 200
    response.end(asked <= failures ? 'busy' : at.endsWith('SHA256SUMS') ? sums : content)
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

for (const shell of shells()) {
  test(`${shell.name}: headers and passwords reach the server of the file alone, by no argument`, async () => {
    const seen: (readonly [at: string, token: unknown, authorization: unknown])[] = []
    const listen = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
      const server = createServer((request, response) => {
        seen.push([request.url ?? '', request.headers['private-token'], request.headers.authorization])
        answer(request, response)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      return { server, at: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}` }
    }
    const other = await listen((_, response) => response.end(content))
    const own = await listen(({ url: path, headers }, response) => {
      if (headers['private-token'] !== `it's "x\\y"`) response.writeHead(401).end()
      else if (path === '/SHA256SUMS') response.end(`${sha256}  file\n`)
      else if (path === '/file') response.writeHead(302, { location: '/there' }).end()
      else response.writeHead(302, { location: `${other.at}/stored` }).end()
    })
    try {
      const path = join(scratch(), 'file')
      const get = download(path, {
        source: `${own.at}/file`,
        sha256: { source: `${own.at}/SHA256SUMS` },
        headers: { 'PRIVATE-TOKEN': secret(`it's "x\\y"`) },
        username: 'ada',
        password: secret('correct horse'),
      })
      const { failed, again } = await converge(shell, get, direct)
      assert.equal([failed?.stderr, words(again)], [undefined, []])
      assert.ok(readFileSync(path).equals(content))
      const [token, basic] = [`it's "x\\y"`, `Basic ${Buffer.from('ada:correct horse').toString('base64')}`]
      assert.equal(seen, [
        ['/SHA256SUMS', token, basic],
        ['/file', token, basic],
        ['/there', token, basic],
        ['/stored', undefined, undefined],
      ])
    } finally {
      for (const { server } of [own, other]) {
        server.closeAllConnections()
        server.close()
      }
    }
  })
}

test('headers and passwords need curl, are in no script, and are checked', () => {
  const get = download('/opt/cfssl', { source: url, sha256, headers: { 'X-Token': secret('hunter2') } })
  const without = words(get.evaluate(reply('none 0 4 dir\n'), debian, new Prediction()))
  assert.is(without, 'refused: /opt/cfssl cannot be downloaded: the host has no curl, which headers and passwords need')
  const evaluation = get.evaluate(reply(`none 0 4 dir\n${tool}`), debian, new Prediction())
  assert.not.match(shown([get, evaluation, stepsOf(evaluation)[0]?.sh.text]), 'hunter2')
  const wrong: readonly (readonly [Partial<DownloadOptions>, RegExp])[] = [
    [{ headers: { 'X Token': 'a' } }, /names of headers/],
    [{ headers: { 'X-Token': 'a\nb' } }, /one line/],
    [{ password: 'a' }, /given with username/],
  ]
  for (const [options, words] of wrong)
    assert.throws(() => download('/opt/cfssl', { source: url, sha256, ...options }), words)
})

/** The shells, each with only one tool to fetch with. */
function* fetchers(): Generator<Shell> {
  const basics = 'sh stat sha256sum mktemp dd rm mv chmod chown id grep sync cat tr awk'.split(' ')
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
      noWaits(only)
      yield { ...shell, name: `${shell.name} with ${name}`, path: only }
    }
  }
}

/** What waits between two tries waits no longer there: how long it would have, it says. */
function noWaits(directory: string): string {
  writeFileSync(join(directory, 'sleep'), '#!/bin/sh\n', { mode: 0o755 })
  return directory
}

const direct = { env: { no_proxy: '*', http_proxy: '' } }

for (const shell of fetchers()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a file comes whole, with its mode, and is then as wanted without the network', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), `it's here`)
      const want = download(path, { source: base, sha256, mode: '0755' })
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
      const { failed } = await converge(shell, download(path, { source: base, sha256: 'a'.repeat(64) }), direct)
      assert.match(failed?.stderr ?? '', `expected sha256 ${'a'.repeat(64)}, got ${sha256}`)
      assert.equal([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))], ['old', ['file']])
    })
  })

  const beside = (base: string) => ({ source: new URL('SHA256SUMS', base).href })

  it('with a published checksum a file comes once, compared with it', async () => {
    const sums = `${'b'.repeat(64)}  other\n${sha256.toUpperCase()} *file\n`
    const work = async (base: string, asked: () => number) => {
      const path = join(scratch(), 'file')
      const want = download(path, { source: base, sha256: beside(base), mode: '0755' })
      const { did, again, failed } = await converge(shell, want, direct)
      assert.equal([did.length, words(again), failed?.stderr], [1, [], undefined])
      assert.ok(readFileSync(path).equals(content))
      assert.is(statSync(path).mode & 0o7777, 0o755)
      writeFileSync(path, 'edited')
      chmodSync(path, 0o600)
      assert.equal((await converge(shell, want, direct)).did, [`set mode 0755 of ${path} (was 0600)`])
      assert.equal([readFileSync(path, 'utf8'), asked()], ['edited', 2])
    }
    await serving(work, 0, sums)
  })

  it('what is published must be of this file, and right', async () => {
    const wrong: readonly (readonly [sums: string, complaint: RegExp])[] = [
      [`${'b'.repeat(64)}  file\n`, /expected sha256 b{64}, got /],
      [`${sha256}  other\n${sha256}  another\n`, /SHA256SUMS: it has no SHA-256 of file/],
      ['not found\n', /SHA256SUMS: it has no SHA-256 of file/],
    ]
    for (const [sums, complaint] of wrong) {
      const work = async (base: string) => {
        const path = join(scratch(), 'file')
        const { failed } = await converge(shell, download(path, { source: base, sha256: beside(base) }), direct)
        assert.match(failed?.stderr ?? '', complaint)
        assert.equal(readdirSync(join(path, '..')), [])
      }
      await serving(work, 0, sums)
    }
  })

  it('a failure that passes is waited out, which is said at once and is no part of the output', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), 'file')
      const [step] = stepsOf(
        download(path, { source: base, sha256 }).evaluate(reply(`none 0 4 dir\n${tool}`), debian, new Prediction()),
      )
      assert.ok(step)
      const ran = await run(shell, step.sh, step.stdin, direct.env)
      const { said, output } = new Waits().take(Buffer.from(ran.stderr))
      assert.equal([ran.code, asked(), said], [0, 2, [`${path}: try 1 of 3 failed, again in 2 s`]])
      assert.not.match(Buffer.from(output).toString('utf8'), 'again in')
    }, 1)
  })

  it('a failure that passes is tried again', async () => {
    await serving(async (base, asked) => {
      const path = join(scratch(), 'file')
      const [step] = stepsOf((await converge(shell, download(path, { source: base, sha256 }), direct)).evaluation)
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
      const env = { ...direct.env, PATH: `${noWaits(scratch())}:${any.path}` }
      const { failed } = await converge(any, download(path, { source: base, sha256 }), { env })
      assert.match(failed?.stderr ?? '', `${path}: 3 tries came to nothing`)
      assert.equal([asked(), readdirSync(join(path, '..'))], [3, []])
    }, 9)
  })

  test('What a tool says of a failure becomes its reason', async () => {
    const meant = async (status: number, said: string) => {
      const script = sh`${fetchFailed}
fetch_failed ${String(status)} ${said}`
      const { code } = await run(any, script)
      return FETCH_FAILURES[code]?.why.replace(/[:(].*/, '').trim() ?? `status ${code}`
    }
    assert.equal(
      [
        await meant(22, 'curl: (22) The requested URL returned error: 404'),
        await meant(22, 'curl: (22) The requested URL returned error: 403 Forbidden'),
        await meant(22, 'curl: (22) The requested URL returned error: 418'),
        await meant(8, 'http://a/b:\n2026-11-29 08:00:00 ERROR 503: Service Unavailable.'),
        await meant(1, 'wget: server returned error: HTTP/1.1 410 Gone'),
        await meant(6, 'curl: (6) Could not resolve host: nowhere.example'),
        await meant(1, "wget: bad address 'nowhere.example'"),
        await meant(4, 'wget: unable to resolve host address ‘nowhere.example’'),
        await meant(7, 'curl: (7) Failed to connect to 127.0.0.1 port 9: Connection refused'),
        await meant(1, "wget: can't connect to remote host (127.0.0.1): Connection refused"),
        await meant(28, 'curl: (28) Connection timed out after 20001 milliseconds'),
        await meant(60, 'curl: (60) SSL certificate problem: self-signed certificate'),
        await meant(23, 'curl: (23) Failure writing output to destination'),
        await meant(1, ''),
      ],
      [
        'the server has nothing at this URL',
        'the server refuses these credentials, or needs some',
        'the server refuses the request',
        'the server has an error of its own',
        'the server has nothing at this URL',
        ...Array.from({ length: 3 }, () => 'the host cannot resolve the name of the server'),
        ...Array.from({ length: 2 }, () => 'the host cannot connect to the server'),
        'the server does not answer in time',
        'TLS with the server cannot be set up',
        'what is fetched cannot be written on the host',
        'status 1',
      ],
    )
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
        download(join(dir, 'file'), { source: secret(base), sha256 }).evaluate(
          reply(`none 0 4 dir\n${tool}`),
          debian,
          new Prediction(),
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
