// `npm run docs [DIRECTORY]`: builds the documentation as a site of static files, for any server or none. Reading it needs no other machine.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import MiniSearch from 'minisearch'
import { pageHtml, SEARCH, STYLE } from './layout.js'
import { render } from './markdown.js'
import { allPages } from './pages.js'

const project = resolve(fileURLToPath(import.meta.url), '../../..')
const OPTIONS = { fields: ['title', 'heading', 'text'], storeFields: ['title', 'heading'] }

/**
 * @param {string} directory is made anew
 * @returns {number} the number of pages
 */
export function buildSite(directory) {
  const written = allPages(project)
  const pages = [...written, ...linkedFiles(written)]
  const ready = pages.map((page) => ({ page, rendered: render(page.text, (href) => linkOf(href, page, pages)) }))
  const broken = brokenLinks(ready)
  if (broken.length > 0) throw new Error(`these links lead nowhere:\n${broken.join('\n')}`)
  rmSync(directory, { recursive: true, force: true })
  for (const { page, rendered } of ready) {
    const file = join(directory, page.path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, pageHtml(page, rendered, pages))
  }
  cpSync(join(project, 'docs/images'), join(directory, 'images'), { recursive: true })
  cpSync(join(project, 'docs/events.schema.json'), join(directory, 'events.schema.json'))
  cpSync(join(project, 'LICENSE'), join(directory, 'LICENSE'))
  const search = new MiniSearch(OPTIONS)
  search.addAll(pages.flatMap(partsOf))
  const packed = JSON.stringify(JSON.stringify(search))
  writeFileSync(join(directory, 'style.css'), STYLE)
  writeFileSync(join(directory, 'search.js'), SEARCH)
  writeFileSync(
    join(directory, 'search-index.js'),
    `const ROLECALL_OPTIONS=${JSON.stringify(OPTIONS)},ROLECALL_INDEX=${packed}\n`,
  )
  const umd = join(dirname(createRequire(import.meta.url).resolve('minisearch')), '../umd/index.js')
  writeFileSync(join(directory, 'minisearch.js'), readFileSync(umd, 'utf8').replace(/\n\/\/# sourceMappingURL.*/, ''))
  return pages.length
}

/** @typedef {import('./pages.js').Page} Page */

/**
 * The target of a Markdown link on the site: the page made from that file, or, in the reference, the page of that kind.
 *
 * @param {string} href
 * @param {Page} page
 * @param {readonly Page[]} pages
 */
function linkOf(href, page, pages) {
  if (/^[a-z]+:/.test(href) || href.startsWith('#')) return href
  if (page.source === 'docs/reference.md' && href.endsWith('.html')) return href
  const [path = '', anchor] = href.split('#')
  const file = posix.join(posix.dirname(page.source), path)
  const up = page.path.includes('/') ? '../' : ''
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (file === 'docs/reference.md') {
    const name = anchor ?? ''
    const kind = pages.find((each) => each.group === 'Kinds' && each.title.toLowerCase() === name)
    const chapter = pages.find(
      (each) => each.group === 'Reference' && new RegExp(`^### ${name}$`, 'im').test(each.text),
    )
    return `${up}${kind?.path ?? (name === '' || chapter === undefined ? 'kinds/index.html' : `${chapter.path}${hash}`)}`
  }
  const target = pages.find(({ source }) => source === file)
  return target === undefined ? `${up}${file.replace(/^docs\//, '')}${hash}` : `${up}${target.path}${hash}`
}

/**
 * Pages that show files of the project which other pages link to, such as a role.
 *
 * @param {readonly Page[]} pages
 * @returns {Page[]}
 */
function linkedFiles(pages) {
  const files = pages.flatMap(({ text, source }) =>
    [...text.matchAll(/\]\(([\w./-]+\.(?:ts|md))(?:#[\w-]*)?\)/g)].map(([, path = '']) =>
      posix.join(posix.dirname(source), path),
    ),
  )
  const sources = pages.map(({ source }) => source)
  const others = [...new Set(files)].filter((file) => !sources.includes(file) && existsSync(join(project, file)))
  return others.map((file) => {
    const text = readFileSync(join(project, file), 'utf8')
    const isCode = file.endsWith('.ts')
    const title = isCode ? file : (/^# (.*)$/m.exec(text)?.[1] ?? file)
    return {
      path: `source/${file.replaceAll('/', '-')}.html`,
      title,
      source: file,
      group: '',
      text: isCode ? `# ${file}\n\n\`\`\`\`ts\n${text}\`\`\`\`\n` : text,
    }
  })
}

/** @param {readonly { page: Page, rendered: import('./markdown.js').Rendered }[]} ready */
function brokenLinks(ready) {
  const anchors = new Map(
    ready.map(({ page, rendered }) => [page.path, new Set(rendered.headings.map(({ slug }) => slug))]),
  )
  const files = new Set(['events.schema.json', 'LICENSE'])
  return ready.flatMap(({ page, rendered }) =>
    rendered.links.flatMap((href) => {
      const [path = '', anchor] = href.split('#')
      const target = path === '' ? page.path : posix.join(posix.dirname(page.path), path)
      if (files.has(target)) return []
      const there = anchors.get(target)
      if (there === undefined) return [`${page.source}: ${href}`]
      return anchor === undefined || there.has(anchor) ? [] : [`${page.source}: ${href}`]
    }),
  )
}

/**
 * The search index: each section under its own heading.
 *
 * @param {Page} page
 */
function partsOf(page) {
  const { headings } = render(page.text, (href) => href)
  const parts = page.text.split(/^#{1,3} .*$/m)
  const marks = headings.filter(({ level }) => level <= 3)
  return marks.map(({ text: heading, slug }, at) => ({
    id: `${page.path}#${slug}`,
    title: page.title,
    heading,
    text: (parts[at + 1] ?? '').replaceAll(/[`*|[\]()#>-]+/g, ' '),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = resolve(process.argv[2] ?? join(project, 'dist-docs'))
  process.stdout.write(`${buildSite(directory)} pages in ${directory}: open index.html\n`)
}
