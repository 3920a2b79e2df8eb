// Markdown to HTML: headings with anchors, tables that scroll, code in colours, links between pages.
import MarkdownIt from 'markdown-it'
import { slugOf } from './pages.js'

/**
 * @typedef {object} Rendered
 * @property {string} html
 * @property {{ level: number, text: string, slug: string }[]} headings
 * @property {string[]} links links within the site, as `kinds/file.html#options`
 */

/**
 * @param {string} text
 * @param {(href: string) => string} linkTo gives the target on the page for a link of the Markdown
 * @returns {Rendered}
 */
export function render(text, linkTo) {
  // The Markdown contains no HTML: anything that looks like HTML is text.
  const markdown = new MarkdownIt({
    html: false,
    linkify: false,
    highlight: (code, language) => coloured(code, language),
  })
  /** @type {Rendered['headings']} */
  const headings = []
  /** @type {string[]} */
  const links = []
  /** @type {Map<string, number>} */
  const taken = new Map()
  const { rules } = markdown.renderer
  rules['heading_open'] = (tokens, index, options, _, self) => {
    const token = tokens[index]
    const heading = tokens[index + 1]?.children?.map(({ content }) => content).join('') ?? ''
    const base = slugOf(heading)
    const count = taken.get(base) ?? 0
    taken.set(base, count + 1)
    const slug = count === 0 ? base : `${base}-${count}`
    token?.attrSet('id', slug)
    headings.push({ level: Number(token?.tag.slice(1)), text: heading, slug })
    return self.renderToken(tokens, index, options)
  }
  rules['link_open'] = (tokens, index, options, _, self) => {
    const token = tokens[index]
    const href = linkTo(String(token?.attrGet('href') ?? ''))
    if (!/^[a-z]+:/.test(href)) links.push(href)
    token?.attrSet('href', href)
    return self.renderToken(tokens, index, options)
  }
  rules['image'] = (tokens, index) => {
    const token = tokens[index]
    const source = linkTo(String(token?.attrGet('src') ?? ''))
    return `<img src="${markdown.utils.escapeHtml(source)}" alt="${markdown.utils.escapeHtml(token?.content ?? '')}" loading="lazy">`
  }
  // Focusable, so that users without a mouse can scroll with the keyboard.
  let tables = 0
  rules['table_open'] = () => `<div class="scroll" tabindex="0" role="region" aria-label="table ${++tables}"><table>`
  rules['table_close'] = () => '</table></div>'
  const html = markdown
    .render(text)
    .replaceAll('<pre><code', '<pre tabindex="0"><code')
    // An empty table header is not a heading.
    .replaceAll(/<th([^>]*)><\/th>/g, '<td$1></td>')
  return { html, headings, links }
}

const WORDS =
  /\b(?:import|export|from|default|const|let|async|await|return|if|else|for|of|in|new|function|interface|type|readonly|extends|true|false|undefined|null|throw|typeof)\b/
const PARTS = new RegExp(
  `(?<comment>//[^\\n]*|/\\*[^]*?\\*/)|(?<string>'(?:[^'\\\\\\n]|\\\\.)*'|"(?:[^"\\\\\\n]|\\\\.)*"|\`(?:[^\`\\\\]|\\\\.)*\`)|(?<word>${WORDS.source})`,
  'g',
)
const SHELL = /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>'[^'\n]*'|"(?:[^"\\\n]|\\.)*")/gm

/**
 * Marks comments, texts and keywords. No information is in the colour alone.
 *
 * @param {string} code
 * @param {string} language
 */
function coloured(code, language) {
  const parts = ['ts', 'typescript', 'js', 'json'].includes(language)
    ? PARTS
    : ['sh', 'bash', 'yaml', 'yml', 'ini'].includes(language)
      ? SHELL
      : undefined
  if (parts === undefined) return escaped(code)
  let html = ''
  let at = 0
  for (const found of code.matchAll(parts)) {
    const { comment, string } = found.groups ?? {}
    const name = comment !== undefined ? 'comment' : string !== undefined ? 'string' : 'word'
    html += `${escaped(code.slice(at, found.index))}<span class="${name}">${escaped(found[0])}</span>`
    at = found.index + found[0].length
  }
  return html + escaped(code.slice(at))
}

/** @param {string} text */
export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
