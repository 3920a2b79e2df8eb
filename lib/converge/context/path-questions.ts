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

/** Rows that wait for their turn on a host, of all roles. */
const waiting = new WeakMap<Host, Set<Row>>()

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

  /** Its questions may be asked from now on: with those of another role whose turn on the host comes before. */
  wait(host: Host): void {
    const rows = waiting.get(host) ?? new Set()
    if (!this.isAsked) waiting.set(host, rows.add(this))
  }

  async answer(name: string, host: Host): Promise<Answer | undefined> {
    this.#answers ??= this.#askWithOthers(host)
    return (await this.#answers).find((each) => each.name === name)
  }

  /** What a hundred hosts read of one host is one round trip, and what is read a hundred times is sent once. */
  #askWithOthers(host: Host): Promise<readonly Answer[]> {
    const rows = new Set([this, ...(waiting.get(host) ?? [])])
    waiting.delete(host)
    const questions = new Map([...rows].flatMap((row) => [...row.#questions]))
    const sections = [...questions.values()].map((each) => ({ name: each.name, sh: each.sh(host.facts.uid) }))
    const answers = host.ask(sections, { mostBytes: sections.length * 10 * MIB })
    for (const row of rows) row.#answers = answers
    return answers
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
   * @param call makes the call, whose turn may come later; `wait` says on which host it waits for that
   */
  ask<T>(
    host: string,
    question: PathQuestion,
    call: (answer: AnswerFrom, wait: (host: Host) => void) => Promise<T>,
  ): Promise<T> {
    const row =
      this.#row?.host === host && this.#calls === this.#made() && !this.#row.isAsked ? this.#row : new Row(host)
    row.add(question)
    this.#row = row
    const promise = call(
      (at) => row.answer(question.name, at),
      (at) => row.wait(at),
    )
    this.#calls = this.#made()
    return promise
  }
}
