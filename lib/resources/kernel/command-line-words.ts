/** A parameter as it is written on the kernel's command line. */
export function wordOf(name: string, value: unknown): string {
  return value === true ? name : `${name}=${String(value)}`
}

/** A dash and an underscore are the same to the kernel. */
function nameOf(word: string): string {
  return word.replace(/=.*/, '').replaceAll('-', '_')
}

const wordsOf = (line: string): string[] => line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []

const isOf = (word: string, name: string) => nameOf(word) === name.replaceAll('-', '_')

/** The line with these parameters in it, each where it was first, and without others. */
export function editWords(
  line: string,
  set: ReadonlyMap<string, readonly string[]>,
  remove: readonly string[],
): string {
  let words = wordsOf(line).filter((word) => !remove.some((name) => isOf(word, name)))
  for (const [name, wanted] of set) {
    const there = words.filter((word) => isOf(word, name))
    if (there.length === wanted.length && there.every((word, index) => word === wanted[index])) continue
    const at = words.findIndex((word) => isOf(word, name))
    const others = words.filter((word) => !isOf(word, name))
    words = at < 0 ? [...others, ...wanted] : [...others.slice(0, at), ...wanted, ...others.slice(at)]
  }
  return words.join(' ')
}

/** Whether a line has these parameters with these values alone, and none of the others. */
export function applied(line: string, set: ReadonlyMap<string, readonly string[]>, remove: readonly string[]): boolean {
  const words = wordsOf(line)
  return (
    !remove.some((name) => words.some((word) => isOf(word, name))) &&
    [...set].every(([name, wanted]) => {
      const there = words.filter((word) => isOf(word, name))
      return there.length === wanted.length && there.every((word, index) => word === wanted[index])
    })
  )
}

/**
 * Parameters of entries that are not as wanted: their names as they are written there, which a dash may tell from an underscore, and the words that are put in
 * their place.
 */
export function replacements(
  entries: readonly string[],
  set: ReadonlyMap<string, readonly string[]>,
  remove: readonly string[],
): { readonly gone: readonly string[]; readonly put: readonly string[] } {
  const due = new Map(
    [...set].filter(([key, words]) => entries.some((line) => !applied(line, new Map([[key, words]]), []))),
  )
  const names = [...due.keys(), ...remove]
  const gone = entries
    .flatMap(wordsOf)
    .filter((word) => names.some((name) => isOf(word, name)))
    .map((word) => word.replace(/=.*/, ''))
  return { gone: [...new Set(gone)], put: [...due.values()].flat() }
}
