import { Scalar as YamlScalar } from 'yaml'
import type { ParsedNode } from 'yaml'
import type { Problem } from '../errors.ts'
import type { Above, Reading } from './compose.ts'
import { nearest } from '../text/nearest.ts'
import type { Scalar } from './tree.ts'
import { trapIn } from './traps.ts'

const STANDARD = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`)
const KNOWN_TAGS = new Set(['!', '!unsafe', ...STANDARD])
const JINJA = /\{\{|\{%/

/** The value of one scalar. Reports what no two readers would understand alike: traps, templates, foreign tags. */
export function readScalar(node: YamlScalar.Parsed, reading: Reading, above: Above): Scalar {
  const value: unknown = node.value
  const place = reading.source.place.bind(reading.source, node.range[0])
  const wrongTag = tagProblem(node, reading)
  if (wrongTag !== undefined) {
    reading.report(wrongTag)
    return null
  }
  if (node.type === YamlScalar.PLAIN && node.tag === undefined) {
    const trap = trapIn(node.source)
    if (trap !== undefined) {
      reading.report({ code: reading.code, place: place(), ...trapWords(node.source, trap, above.hidden) })
    }
  }
  if (typeof value === 'string') {
    if (JINJA.test(value) && !above.unsafe && node.tag !== '!unsafe') {
      reading.report({ code: reading.code, place: place(), ...jinjaWords(value, above.hidden) })
    }
    return value
  }
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

/** What is wrong with the tag of a node, if anything: `!vault` and other tags of other tools. */
export function tagProblem(node: ParsedNode, { source, code }: Reading): Problem | undefined {
  const tag = 'tag' in node ? node.tag : undefined
  if (tag === undefined || KNOWN_TAGS.has(tag)) return undefined
  const place = source.place(node.range[0])
  if (tag === '!vault') {
    return {
      code,
      place,
      message: 'the value is encrypted with Ansible Vault, which Rolecall does not read',
      hint: VAULT_HINT,
    }
  }
  const near = nearest(tag, ['!unsafe', '!!str'])[0]
  return {
    code,
    place,
    message: `the YAML tag ${tag.replace('tag:yaml.org,2002:', '!!')} is unknown`,
    expected: 'a value without a tag, or !unsafe for a text with {{ }} in it',
    hint: near === undefined ? 'remove the tag' : `did you mean ${near}?`,
  }
}

export const VAULT_HINT =
  'decrypt it into a file outside the repository that only you can read (chmod 600) and pass that with -e @FILE, ' +
  "or give the playbook secret(process.env['NAME'])"

type Words = Pick<Problem, 'message' | 'expected' | 'got' | 'hint'>

function trapWords(text: string, trap: { why: string; hint: string }, hidden: boolean): Words {
  if (hidden) return { message: 'the value is ambiguous in YAML', hint: 'put it in quotes' }
  return {
    message: `the value ${text} is ambiguous: ${trap.why}`,
    expected: 'a value that means one thing',
    got: text,
    hint: trap.hint,
  }
}

function jinjaWords(value: string, hidden: boolean): Words {
  const line = value.split('\n').find((part) => JINJA.test(part)) ?? value
  return {
    message: 'the value holds a Jinja template, and Rolecall has no templates in YAML',
    expected: 'a value as it should be',
    ...(hidden ? {} : { got: line.trim() }),
    hint: 'compute the value in TypeScript, in the role or the playbook; if the text really has {{ in it, write !unsafe before it',
  }
}
