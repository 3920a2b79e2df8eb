const resets: (() => void)[] = []

/**
 * State that a process keeps from one run to the next: texts to mask, answers of a person, files that are read once. Returns a function that gives the
 * state. It is made by `begin`, now and after each `forgetProcessState`.
 *
 * A cache whose key holds everything that decides its value needs no such care.
 *
 * @param end releases the state before it is forgotten, such as a listener
 * @example
 * const state = processState(() => ({ answers: new Map<string, string>() }))
 * state().answers.get('question')
 */
export function processState<T>(begin: () => T, end: (state: T) => void = () => undefined): () => T {
  let state = begin()
  resets.push(() => {
    end(state)
    state = begin()
  })
  return () => state
}

/** Gives this process the memory of a new one: for a process that runs many test files, one after the other. Nothing else may be running in it. */
export function forgetProcessState(): void {
  for (const reset of resets) reset()
}
