/** What an answer was derived from. */
export interface Consulted<Answer> {
  readonly answer: Answer
  /** The pending resources that the answer depends on. */
  readonly dependsOn: readonly string[]
  /** Those whose result is not declared exactly: they must run, and the host must be asked again, before anything is done on the basis of the answer. */
  readonly mustConfirm: readonly string[]
}

/** Notes which pending resources are looked up while a kind predicts. */
export class Consultation {
  #dependsOn = new Set<string>()
  #mustConfirm = new Set<string>()

  /** Runs `question`, and returns its answer with the resources that were looked up for it. */
  run<Answer>(question: () => Answer): Consulted<Answer> {
    this.#dependsOn = new Set()
    this.#mustConfirm = new Set()
    const answer = question()
    return { answer, dependsOn: [...this.#dependsOn], mustConfirm: [...this.#mustConfirm] }
  }

  /**
   * Records the resource that a look-up found, and returns what was found.
   *
   * @param isExact the resource declares exactly what will be there, so the host need not be asked again
   */
  note<Found extends { readonly from: string } | undefined>(found: Found, isExact = false): Found {
    if (found === undefined) return found
    this.#dependsOn.add(found.from)
    if (!isExact) this.#mustConfirm.add(found.from)
    return found
  }
}
