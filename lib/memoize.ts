/** Results of longer texts are not kept: a parsed document may take a hundred times the bytes of its text. */
const LONGEST = 128 * 1024

/**
 * Memoizes a pure function of a text: the last two results are kept, because the text that one edit makes is parsed to test that edit, and again by the next one.
 *
 * @param make may take further arguments, which are compared by identity
 */
export function memoizeByText<More extends readonly unknown[], T>(
  make: (text: string, ...more: More) => T,
): (text: string, ...more: More) => T {
  let last: { readonly text: string; readonly more: More; readonly result: T }[] = []
  return (text, ...more) => {
    const known = last.find((each) => each.text === text && each.more.every((one, at) => one === more[at]))
    if (known !== undefined) return known.result
    const result = make(text, ...more)
    if (text.length <= LONGEST) last = [{ text, more, result }, ...last.slice(0, 1)]
    return result
  }
}

/** Memoizes a pure function of a wanted state and the live text: plan, report and prediction of one edit all call it. */
export function memoizeByWant<Want extends object, T>(
  make: (want: Want, live: string) => T,
): (want: Want, live: string) => T {
  const last = new WeakMap<Want, { readonly live: string; readonly result: T }>()
  return (want, live) => {
    const known = last.get(want)
    if (known?.live === live) return known.result
    const result = make(want, live)
    last.set(want, { live, result })
    return result
  }
}
