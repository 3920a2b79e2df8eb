/** Whether something that was thrown is an error. A proxy may throw when it is asked. */
export function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error
  } catch {
    return false
  }
}

/** A property of something that was thrown; undefined if it cannot be read: a class of errors may compute it, and throw meanwhile. */
export function fieldOf(thrown: object, name: string): unknown {
  try {
    return Reflect.get(thrown, name)
  } catch {
    return undefined
  }
}

/** The stack of an error, empty for anything else. V8 writes it when it is first read, from the error's message. Never throws. */
export function stackOf(thrown: unknown): string {
  const stack = isError(thrown) ? fieldOf(thrown, 'stack') : undefined
  return typeof stack === 'string' ? stack : ''
}

/** The causes of an error, and the errors in it, as `Promise.any` has them. */
export function insideOf(error: Error): { readonly errors: readonly unknown[]; readonly cause: unknown } {
  const errors = error instanceof AggregateError ? fieldOf(error, 'errors') : []
  return { errors: Array.isArray(errors) ? errors : [], cause: fieldOf(error, 'cause') }
}
