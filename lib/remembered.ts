/** A longer text is not remembered: what is read from it may take a hundred times its bytes. */
const LONGEST = 128 * 1024

/**
 * The same function, which gives its last two results again. A text that was made by one edit is read to test it, and is what the next edit begins with.
 * `more` is what else decides the result.
 */
export function rememberTexts<More extends readonly unknown[], T>(
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

/** The same pure function, which gives its last result for a want again: plan, report and prediction of one edit are the same. */
export function rememberWants<Want extends object, T>(
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
