import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { githubAnnotations, githubSummary } from '../../lib/report/github.ts'
import { differences } from '../../lib/report/html/compare.ts'
import { escaped, markup } from '../../lib/report/html/markup.ts'
import { reportPage, type PageHead } from '../../lib/report/html/page.ts'
import { pathOf, timelineOf } from '../../lib/report/html/timeline.ts'
import { junitXml } from '../../lib/report/junit.ts'
import { barriersIn, openBrowser } from '../support/browser.ts'
import { problem, resource, started, summary, unitEnd } from './events.ts'

const head: PageHead = {
  run: 'r1',
  facts: [['who', 'anna on laptop']],
  end: 'failed in 1.2 s',
  ok: false,
  resume: 'rolecall resume r1',
}
const EVIL = `</pre></script><script>document.title='hacked'</script><img src=x onerror="document.title='hacked'">'"&`

/** A run in which everything that a host, a role or an inventory says tries to be markup. */
const evil: readonly RunEvent[] = [
  started([EVIL, 'b']),
  { type: 'unit', host: EVIL, role: EVIL, play: EVIL, at: 1000 },
  { type: 'step', host: EVIL, role: EVIL, resource: EVIL, say: EVIL, at: 1100 },
  { type: 'output', host: EVIL, role: EVIL, resource: EVIL, stream: 'stdout', text: EVIL, at: 1200 },
  {
    ...resource(EVIL, EVIL, 'changed', {
      steps: [EVIL],
      reason: EVIL,
      diff: `--- ${EVIL}\n+++ x\n+${EVIL}\n-${EVIL}\n`,
    }),
    at: 1300,
  },
  resource(EVIL, EVIL, 'unknown', { reason: EVIL }),
  problem({
    message: EVIL,
    host: EVIL,
    role: EVIL,
    resource: EVIL,
    expected: EVIL,
    got: EVIL,
    hint: EVIL,
    output: EVIL,
    place: { file: EVIL, line: 1 },
  }),
  { type: 'unit-end', host: EVIL, role: EVIL, play: EVIL, end: 'failed', durationMs: 10, at: 1400 },
  { ...summary('apply', { b: {} }, false) },
]
const evilPage = reportPage(
  {
    ...head,
    run: EVIL,
    end: EVIL,
    resume: EVIL,
    facts: [
      [EVIL, EVIL],
      ['ci', `https://x/${EVIL}`],
    ],
  },
  evil,
  { run: EVIL, events: evil },
)

test('output of hosts and roles is only text in the page', () => {
  assert.is(evilPage.match(/<script/g)?.length, 2)
  assert.not.match(evilPage, '<img')
  assert.not.match(evilPage, /href="https:\/\/x/)
  assert.is(
    markup`<b title="${`"'<>&`}">${['<', markup`<i>${'<'}</i>`, false, undefined, 0]}</b>`.text,
    '<b title="&quot;&#39;&lt;&gt;&amp;">&lt;<i>&lt;</i>0</b>',
  )
  assert.is(escaped('<a>'), '&lt;a&gt;')
})

test('the page allows no script but its own, and asks no other machine', () => {
  const own = evilPage.slice(evilPage.lastIndexOf('<script>') + '<script>'.length, evilPage.lastIndexOf('</script>'))
  const hash = createHash('sha256').update(own).digest('base64')
  assert.match(
    evilPage,
    `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;`,
  )
  assert.not.match(reportPage(head, []), /\s(src|href)=|url\(|@import|https?:/)
})

test('the page has all events in it', () => {
  const [, raw = ''] = /id="raw">([^<]*)</.exec(evilPage) ?? []
  const [steps = '', ...lines] = gunzipSync(Buffer.from(raw.trim(), 'base64')).toString().split('\n')
  const found: unknown[] = []
  let at = 0
  for (const [nth, step] of (JSON.parse(steps) as readonly number[]).entries())
    found[(at += step)] = JSON.parse(lines[nth] ?? '')
  assert.equal(found, evil)
})

test('100 hosts with 60 resources each take less than 500 KB', () => {
  const names = Array.from({ length: 100 }, (_, at) => `node-${String(at).padStart(3, '0')}.example.com`)
  const work = names.flatMap((host, at) => [
    { type: 'unit', host, role: 'base', play: 'all', at: 1000 + at } as const,
    ...Array.from({ length: 60 }, (_, n) => ({
      ...resource(host, `file:/etc/service-${n}/${host}.conf`, n % 10 === 0 ? 'changed' : 'ok', {
        steps: n % 10 === 0 ? [`write /etc/service-${n}/${host}.conf`] : [],
        diff: '--- a\n+++ b\n-old\n+new\n',
      }),
      at: 1000 + at * 7 + n * 13,
    })),
    { ...unitEnd(host, 'done', 900), at: 2000 + at * 7 },
  ])
  const page = reportPage(head, [
    started(names, 'apply'),
    ...work,
    summary('apply', Object.fromEntries(names.map((name) => [name, { ok: 54, changed: 6 }]))),
  ])
  assert.ok(page.length < 500_000, `${page.length}`)
})

/** A hundred hosts with sixty changes each, none of which is like another: of a file with a token, and of a long one. */
function allDiffer(linesAround = 1): string {
  const names = Array.from({ length: 100 }, (_, at) => `node-${at}`)
  const changes = names.flatMap((host, at) => [
    { type: 'unit', host, role: 'base', play: 'all', at: 1000 + at } as const,
    ...Array.from({ length: 60 }, (_, n): RunEvent[] => {
      const token = createHash('sha256').update(`${host} ${n}`).digest('hex')
      const around = Array.from({ length: linesAround }, (__, k) => ` option_${k} = ${n}\n`).join('')
      const diff = `--- /etc/service-${n}/app.conf\tbefore\n+++ /etc/service-${n}/app.conf\tafter\n@@ -1,3 +1,3 @@\n # of ${host}\n${around}-token = ${token.slice(0, 16)}\n+token = ${token.slice(16, 32)} </pre>\n`
      const on = { host, role: 'base', resource: `file:/etc/service-${n}/app.conf`, at: 1000 + at * 7 + n * 13 }
      return [
        { type: 'step', ...on, say: `write /etc/service-${n}/app.conf` },
        { ...resource(host, on.resource, 'changed', { steps: ['write'], diff }), at: on.at + 5 },
      ]
    }).flat(),
    { ...unitEnd(host, 'done', 900), at: 2000 + at * 7 },
  ])
  const counts = Object.fromEntries(names.map((name) => [name, { changed: 60 }]))
  return reportPage(head, [started(names), ...changes, summary('apply', counts)])
}

test('100 hosts with 60 changes each, all of them different, take less than 500 KB', () => {
  const page = allDiffer()
  assert.ok(page.length < 500_000, `${page.length}`)
  assert.match(page, /<a href="#changes">Changed \(6000\)<\/a>/)
  assert.match(page, '<p>This part is compressed, and needs JavaScript: rolecall runs show prints it.</p>')
  const long = allDiffer(50)
  assert.ok(long.length < 500_000, `with long diffs ${long.length}`)
})

test('steps stopped by an interruption are not failures, and sections have links', () => {
  const page = reportPage(head, [
    started(['a', 'b']),
    resource('a', 'file:/x', 'failed', { interrupted: true, reason: 'stopped before it was done: write /x' }),
    unitEnd('a', 'cancelled'),
    unitEnd('b', 'done'),
    summary('apply', { a: { failed: 1, interrupted: 1 } }, false),
  ])
  assert.match(page, '<td>0 ok, 1 stopped</td>')
  assert.match(page, /<h2 id="stopped">Stopped<\/h2>\s*<article data-s><strong>file:\/x: stopped before it was done/)
  assert.match(page, /<a href="#stopped">Stopped \(1\)<\/a>/)
  assert.not.match(page, /href="#(failed|changes)"/)
})

test('the timeline distinguishes connecting, probing and changing', () => {
  const on = { host: 'a', role: 'base' } as const
  const { lanes, critical } = timelineOf([
    started(['a', 'b']),
    { type: 'connecting', host: 'a', at: 1000 },
    { type: 'connected', host: 'a', os: 'Debian', at: 1100 },
    { type: 'unit', ...on, play: 'all', at: 1100 },
    { type: 'step', ...on, resource: 'x:y', say: 'do', at: 1300 },
    { ...resource('a', 'x:y', 'changed'), at: 1700 },
    { type: 'unit-end', ...on, play: 'all', end: 'done', durationMs: 700, at: 1800 },
    { type: 'unit', host: 'b', role: 'web', play: 'late', at: 1810 },
    { type: 'unit-end', host: 'b', role: 'web', play: 'late', end: 'done', durationMs: 90, at: 1900 },
  ])
  assert.equal(
    lanes.get('a')?.map(({ phase, from, to }) => [phase, from, to]),
    [
      ['connect', 1000, 1100],
      ['probe', 1100, 1300],
      ['act', 1300, 1700],
      ['probe', 1700, 1800],
    ],
  )
  assert.equal(
    critical.map(({ host, role }) => `${role} on ${host}`),
    ['base on a', 'web on b'],
  )
  assert.is(
    pathOf(
      [
        { phase: 'act', from: 0, to: 10 },
        { phase: 'act', from: 10, to: 20 },
        { phase: 'act', from: 50, to: 60 },
      ],
      'act',
      { from: 0, to: 100 },
      8,
    ),
    'M0 8h200M500 8h100',
  )
})

test('compared with the previous run, it lists new and fixed failures', () => {
  const one = [started(['a', 'b']), unitEnd('a', 'failed'), resource('a', 'x:y', 'changed'), summary('apply', {})]
  const two = [started(['a', 'c']), unitEnd('c', 'failed'), resource('a', 'x:y', 'changed'), summary('apply', {})]
  assert.equal(differences(two, one), [
    'It took 1.2 s; the previous run took 1.2 s.',
    '1 change; before: 1. 1 change was in both.',
    'New failures: base on c.',
    'No longer failing: base on a.',
    'New: c.',
    'No longer part of the run: b.',
  ])
})

test('JUnit has a suite for each host and a case for each role, and is XML whatever hosts say', () => {
  const xml = junitXml([
    started(['a', 'b']),
    unitEnd('a'),
    problem({ host: 'b', role: 'base', message: `no "x" <&\nline`, output: ']]>' }),
    unitEnd('b', 'failed', 1500),
    summary('apply', {}, false),
  ])
  assert.match(xml, '<testsuite name="b" tests="1" failures="1" errors="0" skipped="0" time="1.500">')
  assert.match(xml, '<failure message="no &quot;x&quot; &lt;&amp;&#10;line">]]&gt;</failure>')
  assert.not.match(junitXml(evil), '<script')
})

test('annotations are at their places, and no text of a host becomes a command', () => {
  const lines = githubAnnotations([
    started(['a']),
    problem({ host: 'a', role: 'base', message: 'no\n::set-env name=X::y', place: { file: 'roles/a,b.ts', line: 3 } }),
  ])
  assert.equal(lines, ['::error file=roles/a%2Cb.ts,line=3,title=base on a::no%0A::set-env name=X::y'])
  assert.not.match(githubSummary(evil), /<script|<img/)
})

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
if (chromium === undefined) process.stdout.write('# needs Chromium, to open the page in a browser: not tried\n')
else {
  const room = mkdtempSync(join(tmpdir(), 'rolecall-page-'))
  process.on('exit', () => rmSync(room, { recursive: true, force: true }))
  const domOf = (page: string, hash = ''): string => {
    writeFileSync(join(room, 'page.html'), page)
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(room, 'profile')}`,
      '--dump-dom',
      `file://${join(room, 'page.html')}${hash}`,
    ]
    return spawnSync(chromium, args, { encoding: 'utf8', timeout: 120_000 }).stdout
  }

  test('in a browser no output of a host is executed', () => {
    const dom = domOf(evilPage)
    assert.match(dom, 'id="failed"')
    assert.not.match(dom, '<title>hacked')
    assert.not.match(dom, '<img')
  })

  test('in a browser a long list of changes is seen, found, continued and printed, with its diffs', async () => {
    writeFileSync(join(room, 'large.html'), allDiffer())
    const browser = await openBrowser()
    await browser.open(`file://${join(room, 'large.html')}`)
    const count = (what: string) => browser.evaluate(`document.querySelectorAll(${JSON.stringify(what)}).length`)
    const until = async (isSo: () => Promise<boolean>) => {
      for (let tries = 0; tries < 600 && !(await isSo()); tries++) await new Promise((done) => setTimeout(done, 50))
    }
    await until(async () => (await count('[data-z],[data-rows]')) === 0)
    assert.is(await count('#list > article'), 200)
    assert.is(await count('article pre span'), 0)
    assert.is(await browser.evaluate(`document.getElementById('left').textContent`), '5800 more are not shown yet.')
    await browser.evaluate(`document.getElementById('some').click()`)
    assert.is(await count('#list > article'), 400)
    // Whoever uses keys goes on where the button was.
    assert.is(
      await browser.evaluate(`[...document.getElementById('list').children].indexOf(document.activeElement)`),
      200,
    )
    const [token] = /[0-9a-f]{16}/.exec(createHash('sha256').update('node-7 59').digest('hex')) ?? []
    const search = `new Promise(done => { const q = document.getElementById('q'); q.value = '${token ?? ''}'
      q.dispatchEvent(new Event('input'))
      const look = () => { const seen = document.querySelectorAll('#list > article')
        if (seen.length !== 1) return setTimeout(look, 50)
        seen[0].querySelector('details').open = true
        const read = () => (seen[0].querySelector('span.del') ? done(seen[0].textContent) : setTimeout(read, 50))
        read() }
      look() })`
    const found = String(await browser.evaluate(search))
    assert.match(found, `-token = ${token ?? ''}`)
    assert.match(found, '</pre>')
    const clear = `(() => { const q = document.getElementById('q'); q.value = ''; q.dispatchEvent(new Event('input')) })()`
    await browser.evaluate(clear)
    await until(async () => (await count('#list > article')) === 200)
    await browser.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    assert.is(await count('article pre span.add'), 6000)
    await browser.close()
  })

  test('in a browser axe finds no barrier in the report of a large run, nor in its diffs and longer lists', async () => {
    writeFileSync(join(room, 'large.html'), allDiffer())
    const browser = await openBrowser()
    for (const look of [{ scheme: 'dark' }, { scheme: 'light', width: 390, height: 800 }] as const) {
      await browser.open(`file://${join(room, 'large.html')}`, look)
      await browser.evaluate(`new Promise(done => { const look = () => {
        if (document.querySelectorAll('[data-z],[data-rows]').length > 0) return setTimeout(look, 50)
        document.getElementById('some').click()
        for (const each of [...document.querySelectorAll('#list > article details')].slice(0, 3)) each.open = true
        setTimeout(done, 500) }
        look() })`)
      assert.is(await barriersIn(browser), '', JSON.stringify(look))
      assert.is(
        await browser.evaluate('document.documentElement.scrollWidth>innerWidth'),
        false,
        'wider than the screen',
      )
    }
    await browser.close()
  })

  test('in a browser of a phone a long name of a host leaves room for how it ended, and paper has no buttons', async () => {
    const name = 'a-very-long-name-of-a-host-that-fits-into-no-line.example.internal.cloud.provider.net'
    const events = [started([name, 'b']), unitEnd(name, 'failed'), unitEnd('b'), summary('apply', {})]
    writeFileSync(join(room, 'long.html'), reportPage(head, events, undefined))
    const browser = await openBrowser()
    await browser.open(`file://${join(room, 'long.html')}`, { width: 375, height: 800 })
    const right = `Math.max(...[...document.querySelectorAll('td.d, td.f')].map((cell) => cell.getBoundingClientRect().right))`
    assert.ok(Number(await browser.evaluate(right)) <= 375, `ends at ${String(await browser.evaluate(right))}`)
    await browser.open(`file://${join(room, 'long.html')}`, { media: 'print', width: 794, height: 1000 })
    assert.is(await browser.evaluate(`getComputedStyle(document.getElementById('events')).display`), 'none')
    await browser.close()
  })

  test('in a browser the search words of the address filter the page', () => {
    const events = [started(['web-1', 'db-1']), unitEnd('web-1'), unitEnd('db-1'), summary('apply', {})]
    const dom = domOf(reportPage(head, events), '#q=web-1')
    assert.match(dom, /<tr data-s="">\s*<th scope="row">web-1/)
    assert.match(dom, /<tr data-s="" hidden="">\s*<th scope="row">db-1/)
  })
}

test.run()
