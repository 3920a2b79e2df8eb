// Writes docs/reference.md from the docstrings of all exports of lib/index.ts: `node scripts/reference.js`. With `--check` it ends with 1 if the file
// is not up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const project = resolve(fileURLToPath(import.meta.url), '../..')
const page = join(project, 'docs/reference.md')

/** Chapters by the folder in which a name is defined. A name without a chapter is an error, so none is forgotten. */
/** @type {readonly (readonly [title: string, rooms: RegExp])[]} */
const CHAPTERS = [
  ['Roles and playbooks', /^lib\/(playbook|host)\//],
  ['Inventories in code', /^lib\/inventory\//],
  ['Resources', /^lib\/resources\/(?!kit\/(kind|checked-kind|plan|resource)|prediction)/],
  ['Kinds of your own', /^lib\/(resources\/(kit\/(kind|checked-kind|plan|resource)|prediction\/)|sh\/)/],
  ['Running and testing', /^lib\/(runner|transport)\//],
  ['The lab of a project', /^lib\/lab\//],
  ['What is told: facts, events, errors, secrets', /^lib\/(facts|host-details|events|errors|secret|secret-text)\.ts$/],
]

/** The TypeScript program for the exports of lib/index.ts, made once, because it takes seconds. */
export function publicProgram() {
  const index = join(project, 'lib/index.ts')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(project, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    project,
  )
  const program = ts.createProgram([index], options)
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(index)
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${index} exports nothing`)
  return { checker, module }
}

/**
 * @param {ReturnType<typeof publicProgram>} program
 * @returns {string} the whole page
 */
export function reference({ checker, module } = publicProgram()) {
  const words = checker.getExportsOfModule(module).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return describe(symbol.name, target, checker)
  })
  const foreign = words.filter(({ file }) => file.startsWith('..') || file.includes('node_modules'))
  const own = words.filter((word) => !foreign.includes(word))
  const lost = own.filter(({ file }) => !CHAPTERS.some(([, rooms]) => rooms.test(file)))
  if (lost.length > 0) throw new Error(`no chapter for ${lost.map(({ name }) => name).join(', ')}`)
  return [
    '# Reference',
    '',
    "Every word that `import { ... } from 'rolecall'` gives. This page is made from the docstrings: change those, then run",
    '`node scripts/reference.js`.',
    '',
    ...foreign.map(({ name }) => `\`${name}\` is passed on from its own package, so that there is one copy of it.\n`),
    ...CHAPTERS.flatMap(([title, rooms]) => [
      `## ${title}`,
      '',
      ...own.filter(({ file }) => rooms.test(file)).flatMap(section),
    ]),
  ]
    .join('\n')
    .replace(/\n+$/, '\n')
}

/** @typedef {{ name: string, file: string, text: string, examples: string[], code: string }} Word */

/**
 * @param {Word} word
 * @returns {string[]}
 */
function section({ name, text, examples, code }) {
  return [
    `### ${name}`,
    '',
    ...(text === '' ? [] : [text, '']),
    ...examples.flatMap((example) => ['```typescript', example, '```', '']),
    ...(code === '' ? [] : ['```typescript', code, '```', '']),
  ]
}

/**
 * The text and the examples of a name, and its declaration: a function without its body, a type in full.
 *
 * @param {string} name
 * @param {ts.Symbol} symbol
 * @param {ts.TypeChecker} checker
 * @returns {Word}
 */
function describe(name, symbol, checker) {
  const [declaration] = symbol.declarations ?? []
  if (declaration === undefined) throw new Error(`${name} is declared nowhere`)
  const source = declaration.getSourceFile()
  const tags = symbol.getJsDocTags(checker)
  const examples = tags.filter((tag) => tag.name === 'example').map((tag) => ts.displayPartsToString(tag.text).trim())
  // TypeScript counts a paragraph after an example as part of the tag; here it belongs to the text.
  const parts = examples.map((example) => example.split(/\n\n(?=[A-Z][a-z]+[:,])/))
  const more = parts.flatMap(([, ...rest]) => rest)
  const prose = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
  return {
    name,
    file: relative(project, source.fileName),
    text: [prose, ...more].join('\n\n').trim(),
    examples: parts.map(([example = '']) => example),
    code: ts.isVariableDeclaration(declaration) ? '' : declared(declaration, source),
  }
}

/**
 * @param {ts.Declaration} declaration
 * @param {ts.SourceFile} source
 */
function declared(declaration, source) {
  // Members marked as internal are for our own kinds only.
  const text = declaration
    .getText(source)
    .replace(/^export /, '')
    .replace(/ *\/\*\*(?:(?!\*\/)[^])*@internal\s*\*\/\n.*\n/g, '')
  if (ts.isFunctionDeclaration(declaration)) {
    const body = declaration.body?.getStart(source) ?? declaration.end
    return source.text
      .slice(declaration.getStart(source), body)
      .replace(/^export /, '')
      .trim()
  }
  if (!ts.isClassDeclaration(declaration)) return text
  const members = declaration.members
    .filter((member) => member.name && !ts.isPrivateIdentifier(member.name) && !isInternal(member))
    .map((member) => `  ${member.getText(source).split(/ \{\n| = /)[0]}`)
  return `class ${declaration.name?.text ?? ''} {\n${members.join('\n')}\n}`
}

/** @param {ts.Node} node */
function isInternal(node) {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = reference()
  if (!process.argv.includes('--check')) writeFileSync(page, text)
  else if (readFileSync(page, 'utf8') !== text) {
    process.stderr.write('docs/reference.md is not what the docstrings say: node scripts/reference.js writes it\n')
    process.exitCode = 1
  }
}
