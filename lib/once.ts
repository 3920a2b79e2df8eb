/**
 * The value of `make`, made on the first call. For schemas and tables that most runs never need: a schema takes up to 1 ms of every start.
 *
 * @example
 * const Manifest = once(() => z.strictObject({ module: z.string() }))
 * Manifest().safeParse(value)
 */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
