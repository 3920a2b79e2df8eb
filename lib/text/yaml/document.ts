import { Composer, Document, Parser, YAMLParseError, YAMLWarning } from 'yaml'
import type { CST, DocumentOptions, LineCounter, ParseOptions, SchemaOptions } from 'yaml'
import { MOST_LEVELS } from '../levels.ts'

type Options = ParseOptions & DocumentOptions & SchemaOptions & { readonly lineCounter?: LineCounter }

/**
 * The documents of a YAML text. One that is nested too deep is empty, with an error of the code `RESOURCE_EXHAUSTION` at the place of the first value
 * that is too deep. The library goes down a level for each level of the text, and Node ends without a word of ours where a
 * regular expression is compiled on the last bytes of the stack: 10,000 `[` were enough. So its tokens are looked at before it does.
 *
 * @example parseYamlDocuments('a: 1\n---\nb: 2', { schema: 'failsafe' })   // two documents
 */
export function parseYamlDocuments(text: string, options: Options): Document.Parsed[] {
  const onOneLine = MANY_ON_ONE_LINE.exec(text)?.index
  const tokens = onOneLine === undefined ? [...new Parser(options.lineCounter?.addNewLine).parse(text)] : []
  if (onOneLine !== undefined) for (const start of lineStarts(text)) options.lineCounter?.addNewLine(start)
  const at = onOneLine ?? tooDeepAt(tokens)
  if (at === undefined) return composed(tokens, options, text.length)
  const says = `it is nested more than ${MOST_LEVELS} levels deep`
  return empty(options, [new YAMLParseError([at, at + 1], 'RESOURCE_EXHAUSTION', says)])
}

/** So many faults of one text are told. Each takes the library 8 µs, and a text of a million commas has a million. */
const MOST_FAULTS = 1000

class TooManyFaults extends Error {}

function composed(tokens: readonly CST.Token[], options: Options, length: number): Document.Parsed[] {
  const composer = new Composer(options)
  // The library has no bound of its own, and goes on to the end of the text.
  const tell: unknown = composer['onError']
  if (typeof tell !== 'function') throw new Error('the library for YAML tells faults in another way')
  let count = 0
  composer['onError'] = (...fault: readonly unknown[]) => {
    Reflect.apply(tell, composer, fault)
    if (++count >= MOST_FAULTS) throw new TooManyFaults()
  }
  try {
    return [...composer.compose(tokens, true, length)]
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error
    const { errors, warnings } = composer.streamInfo()
    return empty(options, errors.length > 0 ? errors : warnings)
  }
}

function empty(options: Options, faults: readonly (YAMLParseError | YAMLWarning)[]): Document.Parsed[] {
  const documents = [...new Composer(options).compose([], true, 0)]
  documents[0]?.errors.push(...faults.map(({ pos, code, message }) => new YAMLParseError(pos, code, message)))
  return documents
}

/**
 * A line that nests a thousand collections: `- - - `, also with anchors and tags. The parser goes down one level for each collection that ends, and some
 * ten thousand overflow its stack. Collections that take a line or a bracket each are safe there: the parser keeps those on the heap.
 */
const MANY_ON_ONE_LINE = /^[ \t]*(?:[-?:][ \t]+(?:[&!]\S*[ \t]+)*){1000}/m

/** The one document of a YAML text; a second one is an error of the code `MULTIPLE_DOCS`. Too deep as above. */
export function parseYamlDocument(text: string, options: Options): Document.Parsed {
  const [document, second] = parseYamlDocuments(text, options)
  if (document === undefined) throw new Error('a text has at least one document')
  const [from, to] = second?.range ?? [0, 0]
  if (second !== undefined)
    document.errors.push(new YAMLParseError([from, to], 'MULTIPLE_DOCS', 'the text holds more than one document'))
  return document
}

/** The place of the first collection that is too deep. */
function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  let level: readonly CST.Token[] = tokens.flatMap((token) => (token.type === 'document' ? (token.value ?? []) : []))
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return level[0]?.offset
    level = level.flatMap(inside)
  }
  return undefined
}

function inside(token: CST.Token): CST.Token[] {
  if (token.type !== 'block-map' && token.type !== 'block-seq' && token.type !== 'flow-collection') return []
  const found: CST.Token[] = []
  for (const { key, value } of token.items) {
    if (isCollection(key)) found.push(key)
    if (isCollection(value)) found.push(value)
  }
  return found
}

function isCollection(token: CST.Token | null | undefined): token is CST.Token {
  return token?.type === 'block-map' || token?.type === 'block-seq' || token?.type === 'flow-collection'
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
}
