import { Scalar as YamlScalar } from 'yaml'
import type { ParsedNode } from 'yaml'
import type { Problem } from '../../errors.ts'
import { secret } from '../../secret.ts'
import { nearest } from '../../text/nearest.ts'
import { jsonScalar, plainScalar, type Plain } from '../../text/yaml/scalar.ts'
import { timestamp } from '../../text/timestamp.ts'
import { Typed, untyped } from '../../text/typed.ts'
import { sealedScalar } from './sealed.ts'
import type { Scalar, ScalarNode } from '../graph/tree.ts'
import type { Above, Reading } from '../variables/reading.ts'

const STANDARD_PREFIX = 'tag:yaml.org,2002:'
const SCALARS = ['str', 'int', 'float', 'bool', 'null', 'timestamp'].map((name) => STANDARD_PREFIX + name)
const COLLECTIONS = ['map', 'seq', 'set', 'omap', 'pairs'].map((name) => STANDARD_PREFIX + name)
const STANDARD: ReadonlySet<string> = new Set([...SCALARS, ...COLLECTIONS])
const TEXT = `${STANDARD_PREFIX}str`
const BINARY = `${STANDARD_PREFIX}binary`
const VAULT: ReadonlySet<string> = new Set(['!vault', '!vault-encrypted'])
const KNOWN_TAGS = new Set(['!', '!unsafe', ...VAULT, ...STANDARD])

/** Reads a scalar with its value in Ansible's sense. Reports unknown tags. */
export function scalarNode(node: YamlScalar.Parsed, reading: Reading, above: Above): ScalarNode {
  const { source } = reading
  const standing = { kind: 'scalar', source, offset: node.range[0] } as const
  const wrongTag = tagProblem(node, reading)
  if (wrongTag !== undefined) {
    reading.report(wrongTag)
    return { ...standing, value: null }
  }
  if (node.tag !== undefined && VAULT.has(node.tag)) return sealedScalar(textOf(node), source, node.range[0])
  const written = node.source
  const isPlain = node.type === YamlScalar.PLAIN && (node.tag === undefined || STANDARD.has(node.tag))
  const isTyped = node.tag !== undefined && node.tag !== TEXT && STANDARD.has(node.tag)
  const typed = isTyped
    ? typedScalar(node.tag ?? '', textOf(node), reading, node)
    : isPlain && node.tag !== TEXT
      ? unquoted(written, reading)
      : textOf(node)
  const value = untyped(typed)
  const type = typed instanceof Typed ? ({ type: typed.type } as const) : {}
  const unsafe = above.unsafe || node.tag === '!unsafe' ? ({ tag: 'unsafe' } as const) : {}
  // Under a name that sounds secret, a number is a secret as well: 4711 may be a password.
  const isHidden = source.isSecret === true && (typeof value === 'string' || (above.hidden && value !== null))
  if (isHidden) return { ...standing, ...unsafe, value: secret(typeof value === 'string' ? value : written) }
  return isPlain && reading.isJson !== true && saysMore(value, written)
    ? { ...standing, ...unsafe, ...type, value, spelled: written }
    : { ...standing, ...unsafe, ...type, value }
}

/** The value of an unquoted scalar: in JSON `1e3` is a number, in YAML 1.1 a text. */
export function unquoted(written: string, { isJson }: Pick<Reading, 'isJson'>): Plain {
  if (isJson !== true) return plainScalar(written)
  const found = jsonScalar(written)
  return found === undefined ? written : found
}

/** A text with a standard tag: `!!int "12"` is 12 in spite of the quotes. */
function typedScalar(tag: string, text: string, { source, code, report }: Reading, node: YamlScalar.Parsed): Plain {
  const name = tag.slice(STANDARD_PREFIX.length)
  const value = plainScalar(text)
  if (name === 'null') return null
  if (name === 'bool' && typeof value === 'boolean') return value
  if (name === 'int' && (typeof value === 'number' || (value instanceof Typed && value.type === 'int'))) return value
  const fraction = Number(typeof value === 'number' || value instanceof Typed ? untyped(value) : text)
  const isNumber = text.trim() !== '' && (!Number.isNaN(fraction) || (value instanceof Typed && value.type === 'float'))
  if (name === 'float' && isNumber) return new Typed(fraction, 'float')
  const time = name === 'timestamp' ? timestamp(text) : undefined
  if (time !== undefined) return time
  report({
    code,
    place: source.place(node.range[0]),
    message: `the value under the tag !!${name} is no ${name}`,
    expected: EXPECTED[name] ?? `a ${name === 'set' ? 'map' : 'list or a map'} under it`,
    hint: 'remove the tag',
  })
  return null
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  timestamp: 'a date, or a date with a time',
}

function textOf({ value, source }: YamlScalar.Parsed): string {
  // The library makes a Date of a value with the tag !!timestamp.
  return typeof value === 'string' ? value : value === null ? '' : source
}

/** Whether the spelling must be kept: `yes`, `1.10`, and texts of YAML 1.1 that are numbers in YAML 1.2. */
function saysMore(value: Scalar, written: string): boolean {
  if (typeof value === 'string' && value !== written) return true
  if (typeof value !== 'string') return value !== null && String(value) !== written
  return /^[-+]?[0-9.]/.test(written) && !Number.isNaN(Number(written))
}

/** The problem with the tag of a node, if there is one: tags of other tools. */
export function tagProblem(node: ParsedNode, { source, code }: Reading): Problem | undefined {
  const tag = 'tag' in node ? node.tag : undefined
  if (tag === undefined || KNOWN_TAGS.has(tag)) return undefined
  const near = nearest(tag, ['!unsafe', '!!str', '!vault'])[0]
  return {
    code,
    place: source.place(node.range[0]),
    message: `the YAML tag ${tag.replace('tag:yaml.org,2002:', '!!')} is unknown`,
    expected: 'a value without a tag, !vault for an encrypted one, or !unsafe for a text with {{ }} in it',
    hint: hintFor(tag, near),
  }
}

function hintFor(tag: string, near: string | undefined): string {
  if (tag === BINARY) return `write "{{ '...' | b64decode }}" where the bytes are a text`
  return near === undefined ? 'remove the tag' : `did you mean ${near}?`
}
