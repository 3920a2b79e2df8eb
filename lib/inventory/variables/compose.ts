import { isAlias, isMap, isPair, isScalar, isSeq, Scalar } from 'yaml'
import type { Alias, Pair, ParsedNode, YAMLMap } from 'yaml'
import type { Place, Problem } from '../../errors.ts'
import { JSON_UNSAFE, JSON_VAULT } from '../syntax/json-values.ts'
import { sealedScalar } from '../syntax/sealed.ts'
import { firstOfEqual } from '../syntax/value-node.ts'
import { scalarNode, tagProblem, unquoted } from '../syntax/scalar.ts'
import { MOST_LEVELS } from '../../text/levels.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { Typed } from '../../text/typed.ts'
import type { Entry, YamlNode } from '../graph/tree.ts'
import { asUnsafe, describe, standsAt } from '../graph/tree.ts'
import type { Above, Reading } from './reading.ts'

export type { Above, Reading } from './reading.ts'

/** Nested aliases can expand to billions of values. No real inventory has more than this. */
const MOST_VALUES = 2_000_000

const SET = 'tag:yaml.org,2002:set'

type ParsedPair = Pair<ParsedNode, ParsedNode | null>

type Anchored = { readonly node: YamlNode; readonly values: number; readonly levels: number } | 'open'

/** Converts the library's nodes to our tree: resolves aliases and merge keys, finds duplicate keys and ambiguous values. */
export function compose(root: ParsedNode | null, reading: Reading, hidden: boolean): YamlNode {
  return new Composer(reading).node(root, 0, { hidden, unsafe: false })
}

class Composer {
  readonly #reading: Reading
  readonly #anchors = new Map<string, Anchored>()
  #values = 0
  #tooMany = false
  /** The level of the present node, and the deepest level seen below it. */
  #level = 0
  #deepest = 0

  constructor(reading: Reading) {
    this.#reading = reading
  }

  node(node: ParsedNode | null, emptyAt: number, above: Above): YamlNode {
    if (node === null) return this.#nothing(emptyAt)
    if (isAlias(node)) return this.#alias(node)
    this.#values++
    const before = this.#values
    const deepest = this.#deepest
    this.#level++
    this.#deepest = this.#level
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, 'open')
    const composed = this.#plainNode(node, above)
    this.#level--
    if (node.anchor !== undefined) {
      const levels = this.#deepest - this.#level
      this.#anchors.set(node.anchor, { node: composed, values: this.#values - before + 1, levels })
    }
    this.#deepest = Math.max(this.#deepest, deepest)
    return composed
  }

  #plainNode(node: Exclude<ParsedNode, Alias.Parsed>, above: Above): YamlNode {
    const { source } = this.#reading
    const offset = node.range[0]
    if (isScalar(node)) return scalarNode(node, this.#reading, above)
    const wrongTag = tagProblem(node, this.#reading)
    if (wrongTag !== undefined) this.#reading.report(wrongTag)
    const within = node.tag === '!unsafe' ? { ...above, unsafe: true } : above
    if (isSeq(node)) {
      // For !!omap and !!pairs the library has pairs.
      const items: readonly (ParsedNode | ParsedPair)[] = node.items
      return {
        kind: 'list',
        source,
        offset,
        items: items.map((item) => (isPair(item) ? this.#pair(item, within) : this.node(item, offset, within))),
      }
    }
    if (node.tag === SET) {
      const items = node.items.map(({ key }) => this.node(key, offset, within))
      return { kind: 'list', source, offset, items }
    }
    return this.#map(node, offset, within)
  }

  /** A pair of `!!omap` or `!!pairs` becomes a list of two. */
  #pair({ key, value }: ParsedPair, above: Above): YamlNode {
    const offset = key.range[0]
    const items = [this.node(key, offset, above), this.node(value, key.range[1], above)]
    return { kind: 'list', source: this.#reading.source, offset, items }
  }

  #map(map: YAMLMap.Parsed, offset: number, above: Above): YamlNode {
    const { source } = this.#reading
    const entries = new Map<string, Entry>()
    const numbers = new Map<string, Pick<Entry, 'key' | 'typed'>>()
    const merged: Entry[] = []
    for (const { key: keyNode, value } of map.items) {
      const found = this.#key(keyNode, above)
      if (found === undefined) continue
      const { key, typed } = found.typed === undefined ? found : firstOfEqual(numbers, found)
      const at = keyNode.range[0]
      const node = this.node(value, keyNode.range[1], isSensitive(key) ? { ...above, hidden: true } : above)
      if (key === '<<' && isScalar(keyNode) && keyNode.type === Scalar.PLAIN) {
        merged.push(...this.#merged(node))
        continue
      }
      const first = entries.get(key)
      if (first !== undefined)
        this.#duplicate(key, at, first.offset, (first.typed === undefined) === (typed === undefined))
      entries.set(key, { key, ...(typed === undefined ? {} : { typed }), node, source, offset: at })
    }
    // As in Ansible merged keys come before the map's own, which win over them.
    const all = merged.length === 0 ? entries : new Map(merged.map((entry) => [entry.key, entry]))
    if (all !== entries) for (const [key, entry] of entries) all.set(key, entry)
    return this.#wrapped(all, offset, above) ?? { kind: 'map', source, offset, entries: all }
  }

  /** `{"__ansible_unsafe": "..."}` and `{"__ansible_vault": "..."}`, which Ansible writes in JSON for `!unsafe` and `!vault`. */
  #wrapped(entries: ReadonlyMap<string, Entry>, offset: number, above: Above): YamlNode | undefined {
    if (this.#reading.isJson !== true) return undefined
    const { source } = this.#reading
    const unsafe = entries.get(JSON_UNSAFE)?.node
    if (unsafe !== undefined) return asUnsafe(unsafe)
    const sealed = entries.get(JSON_VAULT)?.node
    return sealed?.kind === 'scalar' && typeof sealed.value === 'string' && !above.unsafe
      ? sealedScalar(sealed.value, source, offset)
      : undefined
  }

  /** A key is a text as written, with what it is to Python where that is none: `no:` is False, and `0644:` is 420. */
  #key(node: ParsedNode, above: Above): Pick<Entry, 'key' | 'typed'> | undefined {
    if (isAlias(node)) {
      const named = this.#alias(node)
      if (named.kind === 'scalar' && typeof named.value === 'string') return { key: named.value }
    }
    if (isScalar(node) && node.value !== null) {
      const wrongTag = tagProblem(node, this.#reading)
      if (wrongTag !== undefined) this.#reading.report(wrongTag)
      if (node.anchor !== undefined) this.node(node, node.range[0], above)
      const typed = node.type === Scalar.PLAIN && node.tag === undefined ? unquoted(node.source, this.#reading) : ''
      return typeof typed === 'string' || (typed instanceof Typed && typed.type === 'time')
        ? { key: node.source }
        : { key: node.source, typed }
    }
    const place = this.#place(node.range[0])
    if (isMap(node) && node.flow === true) {
      this.#report('there is a Jinja expression {{ }} where a value should be', place, {
        expected: 'a value',
        hint: 'YAML takes braces for a map: put the template in quotes, as in name: "{{ other }}"',
      })
    } else {
      this.#report('a key is not a text', place, { expected: 'a text before the colon' })
    }
    return undefined
  }

  /** The entries that a merge key adds. Of a list the first map wins, of two merge keys the last. */
  #merged(node: YamlNode): readonly Entry[] {
    const parts = node.kind === 'list' ? node.items : [node]
    const maps = parts.filter((part) => part.kind === 'map')
    if (maps.length !== parts.length) {
      this.#report('the merge key << needs a map, or a list of maps', standsAt(node), {
        expected: 'an alias of a map, as in <<: *common',
        got: describe(node),
      })
    }
    return maps.toReversed().flatMap((map) => [...map.entries.values()])
  }

  #alias(alias: Alias.Parsed): YamlNode {
    const anchored = this.#anchors.get(alias.source)
    if (anchored === undefined || anchored === 'open') {
      const known = anchored === 'open' ? 'is used inside itself' : 'is not defined above this line'
      this.#report(`the anchor &${alias.source} of alias *${alias.source} ${known}`, this.#place(alias.range[0]), {
        hint: `write &${alias.source} before the value it names, above the alias; a text that begins with * must be in quotes`,
      })
      return this.#nothing(alias.range[0])
    }
    this.#values += anchored.values
    this.#deepest = Math.max(this.#deepest, this.#level + anchored.levels)
    if (this.#deepest > MOST_LEVELS) {
      this.#deepest = this.#level
      this.#report(`the aliases are nested more than ${MOST_LEVELS} levels deep`, this.#place(alias.range[0]), {
        hint: 'write the values out, or use fewer aliases of aliases',
      })
      return this.#nothing(alias.range[0])
    }
    if (this.#values <= MOST_VALUES) return anchored.node
    if (!this.#tooMany) {
      this.#report(`the aliases stand for more than ${MOST_VALUES} values`, this.#place(alias.range[0]), {
        hint: 'write the values out, or use fewer aliases of aliases',
      })
    }
    this.#tooMany = true
    return this.#nothing(alias.range[0])
  }

  /** As in Ansible, the last one wins. There a text and what is no text (`"1"` and `1`) are two keys, and a role's variable has texts as keys alone. */
  #duplicate(key: string, at: number, first: number, isSame: boolean): void {
    const before = this.#place(first)
    const line = before.line === undefined ? '' : ` (line ${before.line})`
    this.#reading.report.note({
      topic: isSame ? 'duplicate' : 'duplicate but for quotes',
      name: `"${key}"`,
      message: isSame
        ? `the key occurs twice in the same map, and the last one counts; the first${line} is lost`
        : `the key occurs with and without quotes in the same map: two keys to Ansible, and one to a role, where the last one counts; the first${line} is lost`,
      place: this.#place(at),
      hint: isSame ? 'remove one of the two, or put what they hold under one key' : 'give the two different names',
    })
  }

  #nothing(offset: number): YamlNode {
    return { kind: 'scalar', source: this.#reading.source, offset, value: null }
  }

  #place(offset: number): Place {
    return this.#reading.source.place(offset)
  }

  #report(message: string, place: Place, more: Pick<Problem, 'expected' | 'got' | 'hint'>): void {
    this.#reading.report({ code: this.#reading.code, message, place, ...more })
  }
}
