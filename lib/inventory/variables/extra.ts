import type { Layer } from './layer.ts'
import { readLayer } from './layer.ts'
import { kindOf } from '../sources/files.ts'
import { parseYaml } from '../parse.ts'
import type { Report } from '../parse.ts'
import { isSensitive } from '../../text/sensitive.ts'
import type { Entry, MapNode, Source, YamlNode } from '../graph/tree.ts'
import type { Reader } from '../sources/reader.ts'
import { sourceAt } from '../syntax/value-node.ts'
import { readVarsFile } from '../sources/vars-files.ts'

const SHAPE = /^([^.=\s]+)(?:\.([^.=\s[\]]+))?=([^]*)$/

/** Whether an argument of `-e` is an object of variables in JSON or YAML, as Ansible tells it from others. */
export function isObjectOfVariables(argument: string): boolean {
  return /^\s*[{[]/.test(argument)
}

/**
 * Reads the arguments of `-e`: `role.variable=value` and `ansible_NAME=value` with a value in YAML, an object of variables in JSON or YAML, or `@FILE`
 * with a file of variables. A later one replaces an earlier one.
 *
 * @example
 * readExtras(['dns-server.listen=1.2.3.4', '{"web": {"port": 8080}}', '@site.yml'], report)
 */
export function readExtras(args: readonly string[], reader: Reader): Layer[] {
  return args.map((arg) => readExtra(arg, reader)).filter((layer) => layer !== undefined)
}

/** The top-level names that `-e` arguments set directly. Names in files and in objects do not count, since these may have variables for other uses. */
export function extraNames(args: readonly string[]): string[] {
  return args.flatMap((arg) => (arg.startsWith('@') || isObjectOfVariables(arg) ? [] : (SHAPE.exec(arg)?.[1] ?? [])))
}

function readExtra(arg: string, reader: Reader): Layer | undefined {
  const { report, secrets } = reader
  if (arg.startsWith('@')) return readExtraFile(arg.slice(1), reader)
  if (isObjectOfVariables(arg)) return readObject(arg, reader)
  const [, first, variable, text] = SHAPE.exec(arg) ?? []
  // The value may be a password, so places and messages do not repeat it.
  const file = `-e ${/^[^=\s]*/.exec(arg)?.[0] ?? ''}=...`
  if (first === undefined || text === undefined) {
    report(shapeProblem(arg, file))
    return undefined
  }
  const place = { file }
  noteSecond(text, file, report)
  const fixed = { place, directory: process.cwd() }
  const source = sourceAt(place, fixed.directory)
  // As in a shell, `name=` sets an empty text, not YAML's null.
  const empty: YamlNode = { kind: 'scalar', value: '', source, offset: 0 }
  const node =
    text === ''
      ? empty
      : parseYaml({ file, text, code: 'vars', fixed, secrets, hidden: isSensitive(variable ?? first) }, report)
  if (node === undefined) return undefined
  const wrapped = variable === undefined ? node : mapWith(variable, node, source)
  return readLayer(mapWith(first, wrapped, source), { rank: 'extra' }, report)
}

/** The values may be passwords, so neither places nor messages repeat the text. */
function readObject(text: string, { report, secrets }: Reader): Layer | undefined {
  const place = { file: '-e {...}' }
  const fixed = { place, directory: process.cwd() }
  const node = parseYaml({ file: place.file, text, code: 'vars', fixed, secrets, hidden: true }, report)
  if (node === undefined) return undefined
  if (node.kind === 'map') return readLayer(node, { rank: 'extra' }, report)
  const expected = 'an object of variables, such as {"role": {"variable": 1}}'
  report({ code: 'vars', message: '-e gives a list, which names no variable', place, expected, got: 'a list' })
  return undefined
}

/** Ansible takes several variables in one `-e`, with spaces between; here the rest is the value of the first. */
function noteSecond(text: string, file: string, report: Report): void {
  const [, second] = /^[^\s'"[{]+\s+([A-Za-z_][\w.-]*)=/.exec(text) ?? []
  if (second === undefined) return
  report.note({
    message: `${second}=... is part of the value of the variable before it: one -e gives one variable`,
    place: { file },
    hint: `write -e ${second}=... on its own where it is another variable, or an object: -e '{"role": {"variable": 1}}'`,
  })
}

function readExtraFile(file: string, reader: Reader): Layer | undefined {
  if (kindOf(file) !== 'missing') return readVarsFile(file, { rank: 'extra' }, reader)
  reader.report({
    code: 'vars',
    message: `there is no file ${file}`,
    place: { file: `-e @${file}` },
    expected: 'a YAML file of variables',
  })
  return undefined
}

function shapeProblem(arg: string, file: string): Parameters<Report>[0] {
  const hasValue = arg.includes('=')
  const [, variable] = /^([^.=\s]+\.[^.=\s[\]]+)[.[][^=]*=/.exec(arg) ?? []
  if (variable !== undefined) {
    return {
      code: 'vars',
      message: '-e sets a part of a variable, and a variable is replaced as a whole',
      place: { file },
      expected: 'role.variable=value',
      hint: `write the whole value, as in -e '${variable}={ ... }'`,
    }
  }
  return {
    code: 'vars',
    message: hasValue ? 'the variable of -e names no role' : '-e gives a variable no value',
    place: { file: hasValue ? file : `-e ${arg}` },
    expected: 'role.variable=value, ansible_NAME=value, an object in JSON or @FILE',
    hint: hasValue
      ? 'write the name of the role and a dot before it, as in -e dns-server.listen=10.10.50.50'
      : `write -e ${arg}=VALUE, or -e @${arg} for a file`,
  }
}

function mapWith(key: string, node: YamlNode, source: Source): MapNode {
  const entry: Entry = { key, node, source, offset: 0 }
  return { kind: 'map', entries: new Map([[key, entry]]), source, offset: 0 }
}
