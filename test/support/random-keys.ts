import type { Key, KeyPath, Setting, Settings, Tree } from '../../lib/resources/kit/tree.ts'
import type { Die } from './die.ts'

const NAMES = ['a', 'b', 'http', 'log-opts', 'x y', 'ümlaut', 'yes', '7', 'with.dot', 'it\'s "q"', 'no'] as const
const WORDS = [
  'plain', '', 'yes', 'null', '010', '1:30', '2001-01-01', ' lead', 'trail ', '# no comment', 'a: b', 'a #b', '- x', '{}', '*x', '&x', '!t',
  '%d', '@at', '`tick', '"q"', "it's", 'back\\slash', 'tab\there', 'ünï ☃', '~', '=', '<<', '1e3', '0x1f', '.5', 'line\nline', 'end\n', '\n',
  ' \n x', '-----BEGIN\nabc=\n-----END\n', 'cr\r\n', '\u2028', '\u0007', '---', '...', '? x', 'a,b', '[x', 'https://h:1/?a=b&c#d',
  'w'.repeat(200), 'many words '.repeat(30),
] as const // prettier-ignore

/** A value that a structured file can hold, with the odd ones more often than in life. */
export function randomSetting(die: Die, depth = 0): Setting {
  const kind = die.below(depth > 2 ? 5 : 8)
  if (kind < 3) return die.oneOf(WORDS)
  if (kind === 3) return die.oneOf([0, 1, -7, 180, 0.5, 1e21, 12345678901])
  if (kind === 4) return die.oneOf([true, false, null])
  if (kind === 5) return Array.from({ length: die.below(4) }, () => randomSetting(die, depth + 1))
  return randomSettings(die, depth + 1)
}

export function randomSettings(die: Die, depth = 0): Settings {
  return Object.fromEntries(Array.from({ length: die.below(5) }, () => [die.oneOf(NAMES), randomSetting(die, depth)]))
}

/** Paths of keys to remove that are not to be set at the same time. */
export function randomRemoved(die: Die, set: Settings, live: Tree): KeyPath[] {
  const there = [...pathsOf(live)]
  const some = Array.from({ length: die.below(4) }, (): KeyPath | undefined =>
    die.falls(4) ? [die.oneOf(NAMES), die.oneOf(NAMES)] : there[die.below(there.length)],
  )
  return some.filter((path): path is KeyPath => path !== undefined && !isSet(set, path))
}

function isSet(set: Settings, path: KeyPath): boolean {
  let now: Setting | undefined = set
  for (const key of path)
    now = typeof now === 'object' && now !== null && !Array.isArray(now) ? (now as Settings)[String(key)] : undefined
  return now !== undefined
}

function* pathsOf(tree: Tree, above: KeyPath = []): Generator<KeyPath> {
  if (!(tree instanceof Map)) return
  for (const [key, value] of tree as ReadonlyMap<Key, Tree>) {
    yield [...above, key]
    yield* pathsOf(value, [...above, key])
  }
}
