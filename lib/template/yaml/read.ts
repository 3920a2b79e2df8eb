import { isAlias, isMap, isPair, isScalar, isSeq, Scalar, type Document } from 'yaml'
import { MOST_LEVELS } from '../../text/levels.ts'
import { plainScalar } from '../../text/yaml/scalar.ts'
import { aliasTargets } from '../../text/yaml/aliases.ts'
import { Typed, untyped } from '../../text/typed.ts'
import { parseYamlDocuments } from '../../text/yaml/document.ts'
import { Float, int, Opaque, TemplateError, Tuple, type Key, type Value } from '../values/value.ts'

const TEXT = 'tag:yaml.org,2002:str'
/** Nested aliases can expand to billions of values. */
const MOST_VALUES = 100_000

/** The documents of a YAML text as PyYAML reads them: YAML 1.1. Throws a TemplateError. */
export function readYaml(text: string): Value[] {
  const options = { schema: 'failsafe', uniqueKeys: false, logLevel: 'error', prettyErrors: false } as const
  return parseYamlDocuments(text, options).map((document) => {
    const [error] = document.errors
    if (error?.code === 'RESOURCE_EXHAUSTION') throw tooDeep()
    if (error !== undefined) throw new TemplateError('the text is not YAML')
    return new YamlReader(document).value(document.contents)
  })
}

class YamlReader {
  readonly #targets: ReturnType<typeof aliasTargets>
  #values = 0
  #level = 0

  constructor(document: Document) {
    this.#targets = aliasTargets(document)
  }

  value(node: unknown): Value {
    if (++this.#values > MOST_VALUES)
      throw new TemplateError(`the YAML has more than ${MOST_VALUES} values with its aliases`)
    // Nested aliases count as levels, too.
    if (++this.#level > MOST_LEVELS + 1) throw tooDeep()
    const value = isAlias(node) ? this.value(this.#targets.get(node)) : this.#written(node)
    this.#level--
    return value
  }

  #written(node: unknown): Value {
    if (isScalar(node)) return scalar(node)
    if (isSeq(node))
      return node.items.map((item) =>
        isPair(item) ? new Tuple([this.value(item.key), this.value(item.value)]) : this.value(item),
      )
    if (!isMap(node)) return null
    const found = new Map<Key, Value>()
    const merged: (readonly [Key, Value])[] = []
    for (const { key, value } of node.items) {
      const inner = this.value(value)
      if (isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN) merged.push(...mergedFrom(inner))
      else found.set(keyOf(this.value(key)), inner)
    }
    for (const [key, inner] of merged) if (!found.has(key)) found.set(key, inner)
    return found
  }
}

function tooDeep(): TemplateError {
  return new TemplateError(`the YAML is nested more than ${MOST_LEVELS} levels deep`)
}

function mergedFrom(value: Value): (readonly [Key, Value])[] {
  return (Array.isArray(value) ? (value as readonly Value[]) : [value]).flatMap((each) =>
    each instanceof Map ? Array.from(each as ReadonlyMap<Key, Value>) : [],
  )
}

function keyOf(value: Value): Key {
  if (value instanceof Float) return value.value
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Key
  throw new TemplateError('a key of the YAML is a list or a map')
}

function scalar({ type, tag, source, value }: Scalar): Value {
  const text = typeof value === 'string' ? value : ''
  if (type !== Scalar.PLAIN || tag === TEXT) return text
  const written = source ?? text
  const plain = plainScalar(written)
  if (plain instanceof Typed && plain.type === 'float') return new Float(Number(plain.value))
  if (plain instanceof Typed && plain.type === 'time') {
    const time = String(plain.value)
    return new Opaque(time, time.includes(' ') ? 'datetime' : 'date')
  }
  if (plain instanceof Typed) return int(Number(plain.value))
  return typeof plain === 'number' ? int(plain) : untyped(plain)
}
