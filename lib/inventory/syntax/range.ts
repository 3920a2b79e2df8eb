/** A range with more hosts than this is surely a typo. */
const MOST_HOSTS = 100_000

const RANGE = /\[([^[\]]*)\]/
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

export type Expansion = { readonly names: readonly string[] } | { readonly wrong: string }

/**
 * Expands a host name with ranges. Both ends are included, leading zeros are kept, a third number is the step, and a
 * missing start is 0.
 *
 * @example
 * expandRange('node-[01:03]')   // { names: ['node-01', 'node-02', 'node-03'] }
 * expandRange('db-[a:c]')       // { names: ['db-a', 'db-b', 'db-c'] }
 * expandRange('n[1:10:4]')      // { names: ['n1', 'n5', 'n9'] }
 * expandRange('www[:2]')        // { names: ['www0', 'www1', 'www2'] }
 */
export function expandRange(name: string): Expansion {
  const found = RANGE.exec(name)
  if (found === null) {
    return /[[\]]/.test(name) ? { wrong: 'a bracket has no other half' } : { names: [name] }
  }
  const middle = members(found[1] ?? '')
  if ('wrong' in middle) return middle
  const rest = expandRange(name.slice(found.index + found[0].length))
  if ('wrong' in rest) return rest
  if (middle.names.length * rest.names.length > MOST_HOSTS) {
    return {
      wrong: `it stands for ${middle.names.length * rest.names.length} hosts; at most ${MOST_HOSTS} are allowed`,
    }
  }
  const before = name.slice(0, found.index)
  return { names: middle.names.flatMap((member) => rest.names.map((after) => before + member + after)) }
}

function members(range: string): Expansion {
  const bounds = range.split(':')
  const [first = '', last = '', by = '1'] = bounds
  if (bounds.length < 2 || bounds.length > 3 || last === '') return { wrong: `[${range}] is not a range` }
  const step = /^\d+$/.test(by) ? Number(by) : 0
  if (step === 0) return { wrong: `the step of [${range}] is not a whole number of 1 or more` }
  const from = first === '' ? '0' : first
  if (/^\d+$/.test(from) && /^\d+$/.test(last)) return numbers(range, from, last, step)
  const [low, high] = [LETTERS.indexOf(from), LETTERS.indexOf(last)]
  if (from.length !== 1 || last.length !== 1 || low === -1 || high === -1) return { wrong: `[${range}] is not a range` }
  return count(range, low, high, step, (at) => LETTERS.charAt(at))
}

function numbers(range: string, first: string, last: string, step: number): Expansion {
  const padded = first.length > 1 && first.startsWith('0')
  if (padded && first.length !== last.length) {
    return { wrong: `"${first}" and "${last}" in [${range}] do not have the same number of digits` }
  }
  return count(range, Number(first), Number(last), step, (number) =>
    padded ? String(number).padStart(first.length, '0') : String(number),
  )
}

function count(range: string, first: number, last: number, step: number, word: (at: number) => string): Expansion {
  if (first > last) return { wrong: `[${range}] ends before it begins` }
  const length = Math.floor((last - first) / step) + 1
  if (length > MOST_HOSTS) return { wrong: `it stands for ${length} hosts; at most ${MOST_HOSTS} are allowed` }
  return { names: Array.from({ length }, (_, index) => word(first + index * step)) }
}
