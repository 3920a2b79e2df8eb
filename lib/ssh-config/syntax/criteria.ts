import { cutWord } from './words.ts'

/** A criterion of Match. */
export interface Criterion {
  /** In lower case, without the exclamation mark. */
  readonly name: string
  readonly isNegated: boolean
  /** Empty for `all`, `canonical` and `final`. */
  readonly value: string
}

/** Those that take no value. */
const ALONE: ReadonlySet<string> = new Set(['canonical', 'final'])
/** Those that take one. The last line: of later versions. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['host', 'originalhost', 'user', 'localuser', 'exec'],
  ...['localnetwork', 'tagged', 'command', 'version', 'sessiontype'],
])

/**
 * The criteria of a line `Match`, or what is wrong with them in ssh's words.
 *
 * Source: match_cfg_line of OpenSSH 9.2.
 */
export function criteriaOf(line: string): readonly Criterion[] | string {
  const criteria: Criterion[] = []
  let left: string | undefined = line
  const next = () => {
    const cut = left === undefined ? undefined : cutWord(left)
    left = cut?.rest
    return cut?.word
  }
  for (let written = next(); written !== undefined && written !== ''; written = next()) {
    if (written.startsWith('#')) return criteria.length === 0 ? 'One or more attributes required for Match' : criteria
    const isNegated = written.startsWith('!')
    const name = written.replace(/^!/, '').toLowerCase()
    if (name === 'all') {
      const after = next() ?? ''
      return criteria.length > 1 || (after !== '' && !after.startsWith('#'))
        ? `'${written}' cannot be combined with other Match attributes`
        : [...criteria, { name, isNegated, value: '' }]
    }
    if (ALONE.has(name)) {
      criteria.push({ name, isNegated, value: '' })
      continue
    }
    const value = next() ?? ''
    if (value === '' || value.startsWith('#')) return `Missing Match criteria for ${name}`
    if (!WITH_VALUE.has(name)) return `Unsupported Match attribute ${name}`
    criteria.push({ name, isNegated, value })
  }
  return criteria.length === 0 ? 'One or more attributes required for Match' : criteria
}
