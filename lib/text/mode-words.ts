const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }
const PLACES: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const SPECIAL: Readonly<Record<string, Readonly<Record<string, number>>>> = { s: { u: 0o4000, g: 0o2000 } }

/** One word for each, `u=rw`, as chmod(1) reads it. */
const WHOLE = /^(?:[ugo]+|a)=[rwxs]*$/
const WORDS = /^[ugoa]*[-+=][rwxXstugo]*([-+=,][ugoarwxXst]*)*$/

/**
 * The octal digits of a mode in words that say all of it, whatever is there: `u=rw,g=r,o=` is `0640`. Undefined where something is left as it is.
 *
 * Source: chmod(1), "symbolic mode".
 */
export function digitsOf(words: string): string | undefined {
  const said = new Map<string, number>()
  for (const word of words.split(',')) {
    if (!WHOLE.test(word)) return undefined
    const [who = '', what = ''] = word.split('=')
    for (const one of who === 'a' ? 'ugo' : who) said.set(one, bitsOf(one, what))
  }
  if (said.size < Object.keys(PLACES).length) return undefined
  const all = [...said.values()].reduce((one, other) => one | other, 0)
  return all.toString(8).padStart(4, '0')
}

function bitsOf(who: string, what: string): number {
  const bits = what.split('').map((bit) => SPECIAL[bit]?.[who] ?? (BITS[bit] ?? 0) << (PLACES[who] ?? 0))
  return bits.reduce((one, other) => one | other, 0)
}

/** What to write in place of words that leave something as it is. */
export function hintOfWords(words: string): string | undefined {
  if (!WORDS.test(words)) return undefined
  const [file, dir] = ['', 'x'].map((x) => digitsOf(words.replaceAll('X', x)))
  if (file !== undefined && dir !== undefined)
    return `say what X comes to: '${dir}' for directories and programs, '${file}' for other files`
  return `say all of the mode, such as '0644' or 'u=rw,go=r': what +, - and = for some leave as it is depends on what is there`
}
