import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { reportPage } from '../../lib/report/html/page.ts'
import { buildSite } from '../../scripts/site/build.js'
import { render } from '../../scripts/site/markdown.js'
import { problem, resource, started, summary, unitEnd } from '../report/events.ts'
import { barriersIn, hasBrowser, openBrowser, type Looks } from '../support/browser.ts'
import { write } from '../support/project.ts'

const test = suite('the documentation as a site')
const room = mkdtempSync(join(tmpdir(), 'rolecall-site-'))
process.on('exit', () => rmSync(room, { recursive: true, force: true }))
const site = join(room, 'site')
const pages = buildSite(site)
const text = (name: string) => readFileSync(join(site, name), 'utf8')

test('every page of docs/ is there, and one page for each kind; every link leads somewhere', () => {
  // A link that leads nowhere ends the build.
  assert.ok(pages > 100)
  for (const name of ['index', 'guide', 'recipes', 'from-ansible', 'kinds/file', 'kinds/service', 'kinds/index'])
    assert.ok(existsSync(join(site, `${name}.html`)), name)
  assert.match(text('kinds/service.html'), 'ServiceOptions')
  assert.match(text('kinds/index.html'), '<a href="service.html">service</a>')
  for (const name of readdirSync(join(site, 'kinds'))) assert.match(text(`kinds/${name}`), /<h1 id="[\w-]+">/, name)
})

test('nothing of the site is fetched from another machine', () => {
  for (const name of readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((each) => /html$|css$/.test(each)))
    assert.not.match(text(name), /(src|href)="https?:[^"]*\.(js|css|png|woff2?)"|@import|url\(http/)
})

test('every script of the site can be read', () => {
  const scripts = readdirSync(site).filter((name) => name.endsWith('.js'))
  assert.equal(scripts.sort(), ['minisearch.js', 'search-index.js', 'search.js'])
  for (const name of scripts) assert.not.throws(() => new Script(text(name), { filename: name }))
})

test('text that looks like markup is escaped in a page', () => {
  const { html } = render('<script>alert(1)</script> `<b>`\n\n```ts\nconst a = "<img>" // <i>\n```\n', (href) => href)
  assert.not.match(html, /<script|<b>|<img|<i>/)
  assert.match(html, '<span class="comment">// &lt;i&gt;</span>')
})

if (!hasBrowser) process.stdout.write('# needs Chromium, to look at pages in a browser: not tried\n')
else {
  const roles = ['base', 'web-server', 'certificates', 'database', 'monitoring', 'backup', 'log-shipping']
  const events = [
    started(['web-1', 'db-1']),
    ...roles.map((role) => ({ ...unitEnd('web-1'), role })),
    problem({ host: 'web-1', message: 'no space left', output: 'df: full\n' }),
    {
      ...resource('db-1', 'file:/etc/x', 'changed', { steps: ['write'], diff: '--- a\n+++ b\n-old\n+new\n' }),
      at: 1500,
    },
    unitEnd('web-1'),
    unitEnd('db-1'),
    summary('apply', {}),
  ]
  write(room, {
    'report.html': reportPage(
      { run: 'r1', facts: [['who', 'anna']], end: 'failed in 1 s', ok: false, resume: 'x' },
      events,
    ),
  })
  const seen: readonly (readonly [name: string, look: Looks])[] = [
    ['site/index', { scheme: 'light' }],
    ['site/kinds/file', { scheme: 'dark' }],
    ['site/guide', { scheme: 'light', width: 390, height: 800 }],
    ['report', { scheme: 'light', width: 390, height: 800 }],
    ['report', { scheme: 'dark' }],
    // A sheet of A4 at 96 dots an inch.
    ['report', { media: 'print', width: 794, height: 1123 }],
  ]

  test('in a browser axe finds no barrier, light, dark and on a phone, and the search finds a kind', async () => {
    const browser = await openBrowser()
    try {
      for (const [name, look] of seen) {
        await browser.open(pathToFileURL(join(room, `${name}.html`)).href, look)
        assert.is(await barriersIn(browser), '', `${name} ${JSON.stringify(look)}`)
        const isWider = await browser.evaluate('document.documentElement.scrollWidth>innerWidth')
        assert.is(isWider, false, `${name} ${JSON.stringify(look)} is wider than the screen`)
        const isCut = await browser.evaluate(
          'matchMedia("print").matches&&[...document.querySelectorAll(".scroll")].some(e=>e.scrollWidth>e.clientWidth)',
        )
        assert.is(isCut, false, `${name}: on paper nothing can be scrolled`)
      }
      // From a file, without a server.
      await browser.open(pathToFileURL(join(site, 'kinds/file.html')).href)
      const found = await browser.evaluate(`(async()=>{
        const found=document.getElementById('found'),box=document.getElementById('q');
        box.value='restartedAfter service';box.dispatchEvent(new Event('input'));
        for(let i=0;i<400&&!found.querySelector('a');i++)await new Promise(done=>setTimeout(done,50));
        return [...found.querySelectorAll('a')].map(a=>a.getAttribute('href')).join(' ')})()`)
      assert.match(String(found), '../kinds/service.html#')
    } finally {
      await browser.close()
    }
  })
}

test.run()
