import type { Host } from '../../host/host.ts'
import type { Answer } from '../../sh/frame.ts'
import type { Sh } from '../../sh/quote.ts'

const MIB = 1024 * 1024

/** Asks whether something is at a path, or what it holds. */
export interface PathQuestion {
  readonly name: string
  /** @param uid the account that asks */
  readonly sh: (uid: number) => Sh
}

/** Questions that a role asks a host in a row, with no other call in between: one round trip answers all. */
class Row {
  readonly host: string
  readonly #questions = new Map<string, PathQuestion>()
  #answers: Promise<readonly Answer[]> | undefined

  constructor(host: string) {
    this.host = host
  }

  get isAsked(): boolean {
    return this.#answers !== undefined
  }

  add(question: PathQuestion): void {
    this.#questions.set(question.name, question)
  }

  async answer(name: string, host: Host): Promise<Answer | undefined> {
    const sections = [...this.#questions.values()].map((each) => ({ name: each.name, sh: each.sh(host.facts.uid) }))
    this.#answers ??= host.ask(sections, { mostBytes: sections.length * 10 * MIB })
    return (await this.#answers).find((each) => each.name === name)
  }
}

/** Gives a question's answer in the turn of its call. */
export type AnswerFrom = (host: Host) => Promise<Answer | undefined>

/** The rows of one role. */
export class PathQuestions {
  #row: Row | undefined
  /** How many calls the role had made when the last question was asked. */
  #calls = 0
  readonly #made: () => number

  /** @param made how many calls the role has made by now */
  constructor(made: () => number) {
    this.#made = made
  }

  /**
   * Asks a question by a call of the role. Whatever the role calls between two questions ends a row, so no question is answered before a change that
   * the role has asked for earlier.
   *
   * @param host tells hosts apart
   * @param call makes the call, whose turn may come later
   */
  ask<T>(host: string, question: PathQuestion, call: (answer: AnswerFrom) => Promise<T>): Promise<T> {
    const row =
      this.#row?.host === host && this.#calls === this.#made() && !this.#row.isAsked ? this.#row : new Row(host)
    row.add(question)
    this.#row = row
    const promise = call((at) => row.answer(question.name, at))
    this.#calls = this.#made()
    return promise
  }
}
