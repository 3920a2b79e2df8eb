// The pages of the documentation: the files of docs/, and one page for each kind from docs/reference.md.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Page
 * @property {string} path as `guide.html` or `kinds/file.html`
 * @property {string} title
 * @property {string} text Markdown
 * @property {string} source the file that it is made from, relative to the project
 * @property {string} group its group in the list of pages
 */

/** @type {readonly (readonly [group: string, names: readonly string[]])[]} */
const ORDER = [
  ['Begin', ['guide', 'recipes', 'from-ansible', 'tutorial', 'kubernetes']],
  ['Use', ['inventories', 'watching', 'check-mode', 'plans', 'runs', 'agents', 'lab']],
  ['Know', ['kinds', 'security', 'survival', 'performance', 'architecture']],
]

/**
 * @param {string} project
 * @returns {Page[]}
 */
export function allPages(project) {
  const docs = readdirSync(join(project, 'docs')).filter((name) => name.endsWith('.md') && name !== 'reference.md')
  const known = ORDER.flatMap(([, names]) => names)
  const others = docs.map((name) => name.slice(0, -3)).filter((name) => !known.includes(name))
  const written = [...ORDER, /** @type {const} */ (['More', others])].flatMap(([group, names]) =>
    names.map((name) => pageOf(project, `docs/${name}.md`, `${name}.html`, group)),
  )
  const more = ['CHANGELOG', 'SECURITY', 'CONTRIBUTING'].map((name) =>
    pageOf(project, `${name}.md`, `${name.toLowerCase()}${name === 'SECURITY' ? '-policy' : ''}.html`, 'Know'),
  )
  const named = more.map((page) => (page.source === 'SECURITY.md' ? { ...page, title: 'Report a weakness' } : page))
  return [pageOf(project, 'README.md', 'index.html', ''), ...written, ...referencePages(project), ...named]
}

/**
 * @param {string} project
 * @param {string} source
 * @param {string} path
 * @param {string} group
 * @returns {Page}
 */
function pageOf(project, source, path, group) {
  const text = readFileSync(join(project, source), 'utf8')
  return { path, source, group, text, title: /^# (.*)$/m.exec(text)?.[1] ?? source }
}

/**
 * A page for each kind and each chapter. Types, whose names begin with a capital letter, go with the name before them.
 *
 * @param {string} project
 * @returns {Page[]}
 */
function referencePages(project) {
  const source = 'docs/reference.md'
  const [head = '', ...chapters] = readFileSync(join(project, source), 'utf8').split(/^## /m)
  const pages = chapters.flatMap((chapter) => {
    const [title = '', ...lines] = chapter.split('\n')
    const text = lines.join('\n')
    if (title !== 'Resources')
      return [
        { path: `reference/${slugOf(title)}.html`, title, source, group: 'Reference', text: `# ${title}\n\n${text}` },
      ]
    return kindPages(text, source)
  })
  const kinds = pages.filter(({ group }) => group === 'Kinds')
  const rows = kinds.map(({ title, text }) => `| [${title}](${title}.html) | ${firstSentence(text)} |`)
  const index = {
    path: 'kinds/index.html',
    title: 'All kinds',
    source,
    group: 'Reference',
    text: `# All kinds\n\n${head.split('\n\n')[1] ?? ''}\n\n| Kind | What it is |\n| --- | --- |\n${rows.join('\n')}\n`,
  }
  return [index, ...pages]
}

/**
 * @param {string} chapter
 * @param {string} source
 * @returns {Page[]}
 */
function kindPages(chapter, source) {
  /** @type {Page[]} */
  const pages = []
  /** @type {string[]} */
  const before = []
  for (const part of chapter.split(/^### /m).slice(1)) {
    const [name = '', ...lines] = part.split('\n')
    const last = pages.at(-1)
    if (/^[a-z]/.test(name)) {
      const text = `# ${name}\n${lines.join('\n')}${before.splice(0).join('')}`
      pages.push({ path: `kinds/${name}.html`, title: name, source, group: 'Kinds', text })
    } else if (last === undefined) before.push(`\n## ${part}`)
    else last.text += `\n## ${part}`
  }
  return pages
}

/** @param {string} text */
function firstSentence(text) {
  const [, first = ''] = text.split('\n\n')
  const words = first.startsWith('```') ? '' : first.replaceAll('\n', ' ')
  return words.replace(/(?<=\.)\s.*$/, '').replaceAll('|', '\\|')
}

/**
 * The anchor of a heading as on GitHub, so that links that work there work here.
 *
 * @param {string} heading
 */
export function slugOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}
