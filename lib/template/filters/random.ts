import type { Apply } from '../evaluation/given.ts'
import { withParameters, type Bound } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { PythonRandom } from '../values/python-random.ts'
import { shaCrypt } from '../values/sha-crypt.ts'
import { isNumber, numberOf, TemplateError, typeName, type Value } from '../values/value.ts'

/** Without a seed the value would differ in each run, and hosts would change every time. */
function seeded(run: Run, given: Bound): PythonRandom {
  const seed = given.has('seed') ? run.plain(given.need('seed')) : null
  if (typeof seed === 'string' || (typeof seed === 'number' && Number.isSafeInteger(seed)))
    return new PythonRandom(seed)
  throw new TemplateError(
    'without a seed the value is another one in each run',
    'give it a text or a number as its seed: random(seed=inventory_hostname)',
  )
}

function random(run: Run, value: Value, given: Bound): Value {
  const drawn = seeded(run, given)
  const end = run.plain(value)
  if (typeof end !== 'number') {
    const items = run.items(end)
    if (given.get('start') != null || given.get('step') != null)
      throw new TemplateError('start and step are for numbers, and this is a list')
    if (items.length === 0) throw new TemplateError('nothing can be chosen from an empty list')
    return items[drawn.below(items.length)] ?? null
  }
  const [start, step] = [given.int('start', 0), given.int('step', 1) || 1]
  const count = Math.ceil((end - start) / step)
  if (count <= 0) throw new TemplateError(`there is no number from ${start} up to ${end}`)
  return start + step * drawn.below(count)
}

/** Defaults of passlib, which Ansible uses for hashes. */
const ROUNDS = { sha256: 535_000, sha512: 656_000 }
const MOST_KEPT = 10_000

/** Cached: a hash takes half a second, and several variables may need the same one. */
const made = new Map<string, string>()

function passwordHash(run: Run, value: Value, given: Bound): Value {
  const algorithm = given.text('hashtype', 'sha512')
  if (algorithm !== 'sha512' && algorithm !== 'sha256')
    throw new TemplateError(
      `the hash "${algorithm}" is not supported`,
      'it can be sha512 or sha256; write another hash out, encrypted by a vault',
    )
  if (given.get('salt') == null)
    throw new TemplateError(
      'without a salt the hash is another one in each run',
      "give it one: password_hash('sha512', 65534 | random(seed=inventory_hostname) | string)",
    )
  const plain = run.plain(given.need('salt'))
  if (typeof plain !== 'string')
    throw new TemplateError(`the salt is a '${typeName(plain)}'`, 'make it a text: | string')
  if (!/^[./0-9A-Za-z]{0,16}$/.test(plain))
    throw new TemplateError('the salt is invalid', 'it has at most 16 letters, digits, dots and slashes')
  const rounds = given.get('rounds') == null ? ROUNDS[algorithm] : numberOfRounds(run, given.need('rounds'))
  const password = run.text(value)
  const key = JSON.stringify([algorithm, password, plain, rounds])
  const hash = made.get(key) ?? shaCrypt(algorithm, password, plain, rounds)
  if (made.size < MOST_KEPT) made.set(key, hash)
  return hash
}

function numberOfRounds(run: Run, value: Value): number {
  const rounds = run.plain(value)
  const count = isNumber(rounds) ? Math.trunc(numberOf(rounds)) : NaN
  if (count >= 1000 && count <= 10_000_000) return count
  throw new TemplateError('the number of rounds is invalid', 'it is from 1000 to 10,000,000')
}

/** Filters whose results look random, but are the same in each run. */
export const randomFilters: Readonly<Record<string, Apply>> = {
  random: withParameters(['start', 'step', 'seed'], random),
  shuffle: withParameters(['seed'], (run, value, given) => seeded(run, given).shuffled(run.items(value))),
  password_hash: withParameters(['hashtype', 'salt', 'salt_size', 'rounds'], passwordHash),
}
