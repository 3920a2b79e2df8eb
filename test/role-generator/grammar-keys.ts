import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

type Options = { readonly [name: string]: Data | undefined }

/** Values by their key: what one resource sets, every other that names the key sets alike. */
const VALUES: Options = {
  one: 'one value',
  two: 2,
  'x.y': true,
  list: [1, 'two', { three: 3 }],
  none: null,
  secret: { $secret: 'a word that nobody is to see' },
  '8080': 'web',
  yes: 'yes',
  empty: '',
  odd: '# no comment: "quoted"',
}
/** Keys that are only ever removed. */
const OLD: readonly Data[] = ['old', ['deep', 'old'], ['gone', 'deeper'], ['s', 'old']]

/** Keys of a JSON or YAML file. */
export function keys(make: 'jsonFile' | 'yamlFile', name: string) {
  return (random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined =>
    edited(random, uses, make, posix.join(posix.dirname(somewhere), name), () => {
      const chosen = many(random, Object.keys(VALUES), 2)
      const plain = Object.fromEntries(chosen.map((key) => [key, VALUES[key]]))
      const deep = random.next() < 0.4 ? { deep: { inner: 1, [random.pick(['p', 'q'])]: { r: true } } } : {}
      const remove = random.next() < 0.3 ? { remove: [random.pick(OLD)] } : {}
      return { set: { ...plain, ...deep }, ...remove }
    })
}

const INI: Options = {
  one: 'one value',
  two: 2,
  deep: ['1', '2'],
  flag: true,
  'x.y': 'a = b',
  secret: { $secret: 'a word that nobody is to see' },
}

/** Keys of an INI file. */
export function iniKeys(name: string) {
  return (random: Random, uses: PlaceUses, somewhere: string): ResourceSpec | undefined =>
    edited(random, uses, 'iniFile', posix.join(posix.dirname(somewhere), name), () => {
      const chosen = many(random, Object.keys(INI), 2)
      const section = random.pick(['s', 't', 'a b'])
      const remove = random.next() < 0.3 ? { remove: [random.pick<Data>([['s', 'old'], 'goes'])] } : {}
      return { set: { [section]: Object.fromEntries(chosen.map((key) => [key, INI[key]])) }, ...remove }
    })
}

function edited(
  random: Random,
  uses: PlaceUses,
  make: string,
  path: string,
  options: () => Options,
): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && (use.type !== 'keys' || use.kind !== make)) return undefined
  const attributes = use?.attributes ?? (random.next() < 0.3 ? uses.attributes(false) : {})
  uses.set(path, { type: 'keys', kind: make, attributes })
  const create = random.next() < 0.08 ? { create: false } : {}
  const backup = random.next() < 0.05 ? { backup: true } : {}
  const validate = random.next() < 0.05 ? { validate: 'grep -q one {}' } : {}
  return { make, args: [path, { ...options(), ...create, ...backup, ...validate, ...attributes }] }
}

/** Up to `most` of a list, at least one. */
function many(random: Random, list: readonly string[], most: number): string[] {
  return random.shuffled(list).slice(0, random.between(1, most))
}
