import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { archive, type ArchiveOptions } from '../../../lib/resources/downloads/archive.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { yamlFile } from '../../../lib/resources/structured/yaml-file.ts'
import { secret } from '../../../lib/secret.ts'
import { raw, sh } from '../../../lib/sh/quote.ts'
import {
  ask,
  converge,
  debian,
  findTool,
  reply,
  run,
  scratch,
  shells,
  stepsOf,
  words,
} from '../../support/converge-locally.ts'

const url = 'http://mirror.example/app-1.0.tgz'
const digest = 'a'.repeat(64)
const absent = 'none 0 4 dir\n'
const dir = 'have 0 41ed 9 0 0 root:root\n'
const marked = (source: string, sha256: string) => `${dir}marker\nsource ${source}\nsha256 ${sha256}\n`
const fixed: ArchiveOptions = { source: url, sha256: digest }
const published: ArchiveOptions = { source: url, sha256: { source: 'http://mirror.example/SHA256SUMS' } }

const table: readonly (readonly [string, ArchiveOptions, string, readonly string[] | string])[] = [
  ['Nothing there: unpack', fixed, absent, [`unpack ${url} into /opt/app`]],
  ['An empty directory: unpack', fixed, `${dir}empty\n`, [`unpack ${url} into /opt/app`]],
  ['Unpacked: nothing to do', fixed, marked(url, digest), []],
  ['Unpacked from another mirror, the same checksum: nothing to do', fixed, marked('http://other/', digest), []],
  ['With a published checksum the URL decides', published, marked(url, 'b'.repeat(64)), []],
  ['Another mode', { ...fixed, mode: '0700' }, marked(url, digest), ['set mode 0700 of /opt/app (was 0755)']],
  [
    'Another version: refused',
    fixed,
    marked('http://old/', 'b'.repeat(64)),
    `refused: /opt/app contains another archive: http://old/, sha256 ${'b'.repeat(64)}`,
  ],
  [
    'Something else is there: refused',
    fixed,
    dir,
    'refused: /opt/app exists, is not empty, and did not come from an archive',
  ],
  [
    'A file is there: refused',
    fixed,
    'have 0 81a4 3 0 0 root:root\n',
    'refused: /opt/app exists and is not a directory',
  ],
  ['No tool: refused', fixed, `${absent}without curl\n`, 'refused: /opt/app cannot be unpacked: the host has no curl'],
  ['No tool, but nothing to do', fixed, `${marked(url, digest)}without curl\n`, []],
  [
    'No archive on the host: refused',
    { source: '/srv/app.zip', sha256: digest },
    `${absent}without /srv/app.zip\n`,
    'refused: there is no archive /srv/app.zip on the host',
  ],
  [
    'An archive on the host is not as deep: refused',
    { source: '/srv/app.zip', sha256: digest, strip: 2 },
    `${absent}level 2 a, b c\n`,
    'refused: /opt/app cannot be unpacked with strip: 2: level 2 of /srv/app.zip is not one directory alone: a, b c',
  ],
]

test('How deep an archive is that an earlier step may bring is not known', () => {
  const prediction = new Prediction()
  const state = { type: 'file' } as const
  prediction.record('download:/srv/app.zip', [{ type: 'path', path: '/srv/app.zip', state }])
  const want = archive('/opt/app', { source: '/srv/app.zip', sha256: digest, strip: 2 })
  const answer = reply(`${absent}level 2 a, b c\n`)
  assert.equal(words(want.evaluate(answer, debian, prediction)), ['unpack /srv/app.zip into /opt/app'])
})

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(archive('/opt/app', want).evaluate(reply(have), debian, new Prediction())), then))
}

test('What a pending archive may bring is no error, and is planned only when it is there', () => {
  const prediction = new Prediction()
  const pending = archive('/opt/app', fixed).evaluate(reply(absent), debian, prediction)
  prediction.record('archive:/opt/app', 'effects' in pending ? pending.effects : [])
  const none = 'none 0 4 absent\n'
  assert.is(
    words(line('/opt/app/etc/conf', { line: 'a' }).evaluate(reply(none), debian, prediction)),
    'unknown: there is no directory /opt/app/etc, unless it comes with archive:/opt/app',
  )
  const edited = yamlFile('/opt/app/app.yml', { set: { a: 1 } }).evaluate(reply(none), debian, prediction)
  assert.equal('dependsOn' in edited && edited.dependsOn, ['archive:/opt/app'])

  const anew = new Prediction()
  anew.record('absent:/opt/app', [{ type: 'path', path: '/opt/app', state: { type: 'absent' } }])
  anew.record('archive:/opt/app', 'effects' in pending ? pending.effects : [])
  const old = 'have 0 81a4 3 0 0 root:root\n'
  assert.is(
    words(line('/opt/app/etc/conf', { line: 'a' }).evaluate(reply(old), debian, anew)),
    'unknown: /opt/app/etc/conf may come with archive:/opt/app',
  )
})

test('An archive that is to be unpacked is as wanted when it is asked for again', () => {
  const prediction = new Prediction()
  const first = archive('/opt/app', fixed).evaluate(reply(absent), debian, prediction)
  prediction.record('archive:/opt/app', 'effects' in first ? first.effects : [])
  assert.equal(words(archive('/opt/app', fixed).evaluate(reply(absent), debian, prediction)), [])
})

test('An archive that is not there, or is wrong, is unknown only while something may bring another one', () => {
  const local = { source: '/srv/app.tgz', sha256: digest }
  const lacking = `${absent}without /srv/app.tgz\n`
  const wrong = `${absent}sum ${digest.replaceAll('a', 'b')}\n`
  const said = (answer: string, from: string, effect: Effect) => {
    const prediction = new Prediction()
    prediction.record(from, [effect])
    return String(words(archive('/opt/app', local).evaluate(reply(answer), debian, prediction)))
  }
  const command: Effect = { type: 'anything' }
  const none = '/srv/app.tgz on the host, unless exec:x changes that'
  assert.is(said(lacking, 'exec:x', command), `unknown: there is no archive ${none}`)
  assert.match(said(wrong, 'exec:x', command), /^unknown: .* expected sha256 a+, got b+, unless exec:x changes that$/)
  assert.match(said(lacking, 'pkg:x', { type: 'package', name: 'x', installed: true }), /^refused: there is no archive/)
  const file: Effect = { type: 'path', path: '/srv/app.tgz', state: { type: 'file' } }
  for (const answer of [lacking, wrong]) assert.match(said(answer, 'download:/srv/app.tgz', file), /^unpack /)
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly ArchiveOptions[] = [
    { source: 'http://x/app.rar', sha256: digest },
    { source: '/srv/app.tgz', sha256: { source: url } },
    { source: url, sha256: 'abc' },
    { source: url, sha256: { source: 'SHA256SUMS' } },
    { source: 'app.tgz', sha256: digest },
    { ...fixed, strip: -1 },
  ]
  for (const options of wrong)
    assert.throws(
      () => archive('/opt/app', options),
      (error: unknown) => error instanceof RolecallError,
    )
  for (const part of ['/etc', '../x', 'a/../b', '', './x', 'a//b', 'a\nb'])
    assert.throws(
      () => archive('/opt/app', { source: 'https://a/app.tgz', sha256: '0'.repeat(64), exclude: [part] }),
      /a path in the archive/,
    )
})

/** An archive of app-1.0/bin/run and app-1.0/README, in a room that is served. */
function pack(): { readonly room: string; readonly sum: string } {
  const room = scratch()
  mkdirSync(join(room, 'app-1.0/bin'), { recursive: true })
  writeFileSync(join(room, 'app-1.0/bin/run'), '#!/bin/sh\n')
  // What nobody is to become by unpacking it.
  chmodSync(join(room, 'app-1.0/bin/run'), 0o6757)
  writeFileSync(join(room, 'app-1.0/README'), 'read me\n')
  execFileSync('tar', ['-czf', 'app-1.0.tgz', 'app-1.0'], { cwd: room })
  const sum = createHash('sha256')
    .update(readFileSync(join(room, 'app-1.0.tgz')))
    .digest('hex')
  writeFileSync(join(room, 'SHA256SUMS'), `${'0'.repeat(64)}  other.tgz\n${sum.toUpperCase()} *app-1.0.tgz\n`)
  writeFileSync(join(room, 'bare'), `${sum}\n`)
  return { room, sum }
}

async function served(
  room: string,
): Promise<{ readonly server: Server; readonly at: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = join(room, request.url ?? '')
    asked.push(request.url ?? '')
    if (existsSync(path)) response.end(readFileSync(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('an archive is fetched, compared, stripped and unpacked once', async () => {
    const { room, sum } = pack()
    const { server, at, asked } = await served(room)
    try {
      for (const sha256 of [sum, { source: `${at}/SHA256SUMS` }, { source: `${at}/bare` }]) {
        const into = join(scratch(), "it's app")
        const app = archive(into, { source: `${at}/app-1.0.tgz`, sha256, strip: 1 })
        const { failed, again } = await converge(shell, app)
        assert.equal([failed?.stderr, words(again)], [undefined, []])
        assert.equal(readdirSync(into).sort(), ['.rolecall-archive', 'README', 'bin'])
        assert.is(statSync(join(into, 'bin/run')).mode & 0o7777, 0o755)
        assert.is(statSync(into).mode & 0o777, 0o755)
        assert.is(readFileSync(join(into, '.rolecall-archive'), 'utf8'), `source ${at}/app-1.0.tgz\nsha256 ${sum}\n`)
        assert.equal(readdirSync(join(into, '..')), ["it's app"])
        const before = asked.length
        writeFileSync(join(into, 'README'), 'edited')
        assert.equal((await converge(shell, app)).did, [])
        assert.is(asked.length, before, 'the network is not asked again')
      }
    } finally {
      server.close()
    }
  })

  it('a part of an archive is unpacked, and another part of it is refused', async () => {
    const { room, sum } = pack()
    const { server, at } = await served(room)
    const source = { source: `${at}/app-1.0.tgz`, sha256: sum, strip: 1 }
    const parts: readonly (readonly [Partial<ArchiveOptions>, readonly string[]])[] = [
      [{ exclude: ['README'] }, ['bin', 'bin/run']],
      [{ exclude: ['bin/*', 'no such'] }, ['README', 'bin']],
      [{ include: ['bin'] }, ['bin', 'bin/run']],
      [{ include: ['*/run'], exclude: ['*.md'] }, ['bin', 'bin/run']],
      [{ include: ['README', 'bin'], exclude: ['bin/r?n'] }, ['README', 'bin']],
    ]
    try {
      for (const [part, then] of parts) {
        const into = join(scratch(), "it's app")
        const { failed, again } = await converge(shell, archive(into, { ...source, ...part }))
        assert.equal([failed?.stderr, words(again)], [undefined, []])
        const there = readdirSync(into, { recursive: true }).map(String).sort()
        assert.equal(there, ['.rolecall-archive', ...then])
        assert.match(
          String(words(await ask(shell, archive(into, source)))),
          /refused: .* contains another part of this archive: \{/,
        )
      }
      const { failed } = await converge(shell, archive(join(scratch(), 'app'), { ...source, include: ['bin', 'lib'] }))
      assert.match(failed?.stderr ?? '', /nothing in the archive is lib/)
    } finally {
      server.close()
    }
  })

  it('a wrong checksum, one that is not published, and a level that is not alone leave nothing behind', async () => {
    const { room, sum } = pack()
    const { server, at } = await served(room)
    const top = scratch()
    const into = join(top, 'app')
    const tries: readonly (readonly [ArchiveOptions, RegExp])[] = [
      [
        { source: `${at}/app-1.0.tgz?x`, sha256: { source: `${at}/app-1.0/README` } },
        /has no SHA-256 of app-1\.0\.tgz/,
      ],
      [
        { source: `${at}/app-1.0.tgz`, sha256: sum, strip: 2 },
        /level 2 of the archive is not one directory alone: \w+, \w+/,
      ],
    ]
    try {
      for (const [options, words] of tries) {
        const { failed } = await converge(shell, archive(into, options))
        assert.match(failed?.stderr ?? 'it did not fail', words)
        assert.equal(readdirSync(top), [])
      }
    } finally {
      server.close()
    }
  })

  it('an archive on the host with another checksum, or that is damaged, is refused before anything is done', async () => {
    const { room, sum } = pack()
    const into = join(scratch(), 'app')
    const source = join(room, 'app-1.0.tgz')
    const asked = await ask(shell, archive(into, { source, sha256: digest }))
    const refused = `refused: ${into} cannot be unpacked: ${source}: expected sha256 ${digest}, got ${sum}`
    assert.is(words(asked), refused)
    // apply does not read it twice: the step fails, and the whole question gives the same words.
    const resource = archive(into, { source, sha256: digest })
    const quickProbe = await run(shell, sh`(${raw(resource.quickProbe?.probe(debian).text ?? '')}) </dev/null`)
    const planned = resource.evaluate(reply(quickProbe.stdout), debian, new Prediction())
    const [step] = stepsOf(planned)
    assert.ok(step)
    const ran = await run(shell, step.sh, step.stdin)
    assert.match(ran.stderr, `expected sha256 ${digest}, got ${sum}`)
    const whole = readFileSync(source)
    for (const [name, bytes] of [
      ['torn.tgz', whole.subarray(0, whole.length - 20)],
      ['words.tar', Buffer.from('no archive')],
      ['words.tgz', Buffer.from('no archive')],
    ] as const) {
      const damaged = join(room, name)
      writeFileSync(damaged, bytes)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const said = words(await ask(shell, archive(into, { source: damaged, sha256 })))
      assert.is(said, `refused: ${into} cannot be unpacked: ${damaged} is damaged: it cannot be read to its end`)
    }
  })

  it('how deep an archive on the host can be stripped is seen before anything is done', async () => {
    const room = scratch()
    for (const path of ['deep/a/b/file', 'two/a/f', 'two/b/f', 'bare/file', 'hollow/a/', `it's/a b/f`]) {
      mkdirSync(join(room, path.replace(/[^/]*$/, '')), { recursive: true })
      if (!path.endsWith('/')) writeFileSync(join(room, path), 'x')
    }
    const tries: readonly (readonly [of: string, strip: number, level?: number])[] = [
      ['deep', 3],
      ['deep', 4, 4],
      ['two', 1],
      ['two', 2, 2],
      ['bare', 1],
      ['bare', 2, 2],
      ['hollow', 2],
      ['hollow', 3, 3],
      [`it's`, 2],
      [`it's`, 3, 3],
      ['.', 1, 1],
    ]
    const kinds = findTool('zip') === undefined ? ['tgz', 'tar'] : ['tgz', 'tar', 'zip']
    for (const [of, strip, level] of tries)
      for (const kind of kinds) {
        const [made, into] = [join(scratch(), `a.${kind}`), join(scratch(), 'app')]
        const pack = kind === 'zip' ? ['zip', '-qr', made] : ['tar', kind === 'tar' ? '-cf' : '-czf', made]
        execFileSync(pack[0] ?? '', [...pack.slice(1), of], { cwd: room })
        const sha256 = createHash('sha256').update(readFileSync(made)).digest('hex')
        const { evaluation, failed, again } = await converge(shell, archive(into, { source: made, sha256, strip }))
        if (level === undefined) assert.equal([failed?.stderr, words(again)], [undefined, []], `${of} ${strip} ${kind}`)
        else {
          const said = String(words(evaluation))
          assert.ok(
            said.startsWith(`refused: ${into} cannot be unpacked with strip: ${strip}: level ${level} of `),
            said,
          )
          assert.not(existsSync(into))
        }
      }
  })

  it('an archive on the host takes the place of an empty directory; a secret URL is in no file', async () => {
    const { room, sum } = pack()
    const into = join(scratch(), 'app')
    mkdirSync(into)
    const { again } = await converge(
      shell,
      archive(into, { source: join(room, 'app-1.0.tgz'), sha256: sum, mode: '0750' }),
    )
    assert.equal([words(again), readdirSync(into).length, statSync(into).mode & 0o777], [[], 2, 0o750])
    const { server, at } = await served(room)
    try {
      const other = join(scratch(), 'app')
      const from = secret(`${at.replace('//', '//user:hunter2@')}/app-1.0.tgz`)
      const { failed } = await converge(shell, archive(other, { source: from, sha256: sum }))
      const left = failed === undefined ? readFileSync(join(other, '.rolecall-archive'), 'utf8') : failed.stderr
      assert.not.match(left, 'hunter2')
    } finally {
      server.close()
    }
  })
}

test.run()
