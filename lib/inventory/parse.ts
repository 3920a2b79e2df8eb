import { dirname } from 'node:path'
import { LineCounter } from 'yaml'
import type { Place } from '../errors.ts'
import { parseYamlDocument } from '../text/yaml/document.ts'
import { compose } from './variables/compose.ts'
import { isJson } from './syntax/json-values.ts'
import { noSecrets } from './sources/secret-reader.ts'
import type { SecretReader } from './sources/secret-reader.ts'
import { TOO_DEEP } from './syntax/syntax-words.ts'
import { syntaxProblems } from './syntax/syntax.ts'
import type { Source, YamlNode } from './graph/tree.ts'
import type { Report } from './report.ts'

export type { Report } from './report.ts'

export interface Text {
  readonly file: string
  readonly text: string
  readonly code: 'inventory' | 'vars'
  /** The text itself may be a secret, so no message quotes it. */
  readonly hidden?: boolean
  /** The file was encrypted. */
  readonly isSecret?: boolean
  readonly secrets?: SecretReader | undefined
  /** For a text that is no file, such as a `-e` argument: the place of everything in it, and the directory for relative paths. */
  readonly fixed?: { readonly place: Place; readonly directory: string }
}

/**
 * Parses a YAML text into a tree of values with places, and reports all YAML errors. Returns undefined when the meaning
 * of the text is in doubt.
 */
export function parseYaml(input: Text, report: Report): YamlNode | undefined {
  const lines = new LineCounter()
  const source = sourceOf(input, lines)
  try {
    const document = parseYamlDocument(input.text, {
      lineCounter: lines,
      prettyErrors: false,
      // compose() finds duplicate keys. The library's own check compares every key with every other: 10,000 hosts took 860 ms with
      // it and 220 ms without.
      uniqueKeys: false,
      // plainScalar() decides the type of unquoted values, as Ansible does.
      schema: 'failsafe',
      logLevel: 'error',
    })
    const problems = syntaxProblems(input, document.errors, source)
    problems.forEach(report)
    return problems.length > 0
      ? undefined
      : compose(
          document.contents,
          { source, code: input.code, report, isJson: isJson(input.text) },
          input.hidden === true,
        )
  } catch (error) {
    // The library and compose() recurse once for each level of the text.
    if (!(error instanceof RangeError)) throw error
    report({ code: input.code, place: source.place(0), ...TOO_DEEP })
    return undefined
  }
}

function sourceOf({ file, fixed, isSecret = false, secrets }: Text, lines: LineCounter): Source {
  const openValue: Source['openValue'] = (sealed, place) => (secrets ?? noSecrets).openValue(sealed, place)
  if (fixed !== undefined) return { file, directory: fixed.directory, isSecret, place: () => fixed.place, openValue }
  return {
    file,
    directory: dirname(file),
    isSecret,
    openValue,
    place(offset) {
      return placeAt(file, lines, offset)
    },
  }
}

function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  // An offset before the first line break of an empty text has line 0.
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** Converts offsets to places in a text that is not YAML. */
export function lineCounter(file: string, text: string): (offset: number) => Place {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
  return (offset) => placeAt(file, lines, offset)
}
