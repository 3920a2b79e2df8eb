import type { Host } from '../../host/host.ts'
import type { Answer } from '../../sh/frame.ts'
import type { Sh } from '../../sh/quote.ts'

const MIB = 1024 * 1024

/** A question about a path: whether it exists, or its content. */
export interface PathQuestion {
  readonly name: string
  /** @param uid the account of the shell that asks */
  readonly sh: (uid: number) => Sh
}

/** Groups that wait for their turn on a host, of all roles. */
const waiting = new WeakMap<Host, Set<QuestionGroup>>()

/** Collects questions that a role asks a host with no other call in between, and answers them in one round trip. */
class QuestionGroup {
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

  /** Marks a group as ready: its questions may travel with those of another role whose turn on the host comes first. */
  wait(host: Host): void {
    const groups = waiting.get(host) ?? new Set()
    if (!this.isAsked) waiting.set(host, groups.add(this))
  }

  async answer(name: string, host: Host): Promise<Answer | undefined> {
    this.#answers ??= this.#askWithOthers(host)
    return (await this.#answers).find((each) => each.name === name)
  }

  /** Questions of a hundred hosts to one host take one round trip, and equal questions are sent once. */
  #askWithOthers(host: Host): Promise<readonly Answer[]> {
    const groups = new Set([this, ...(waiting.get(host) ?? [])])
    waiting.delete(host)
    const questions = new Map([...groups].flatMap((group) => [...group.#questions]))
    const sections = [...questions.values()].map((each) => ({ name: each.name, sh: each.sh(host.facts.uid) }))
    const answers = host.ask(sections, { mostBytes: sections.length * 10 * MIB })
    for (const group of groups) group.#answers = answers
    return answers
  }
}

/** Returns the answer of a question in the turn of its call. */
export type AnswerFrom = (host: Host) => Promise<Answer | undefined>

/** The questions of one role. */
export class PathQuestions {
  #group: QuestionGroup | undefined
  /** The number of calls that the role had made at the last question. */
  #calls = 0
  readonly #made: () => number

  /** @param made the number of calls that the role has made so far */
  constructor(made: () => number) {
    this.#made = made
  }

  /**
   * Asks a question as a call of the role. Any other call between two questions ends a group, so no question is answered before a change that the
   * role made earlier.
   *
   * @param host identifies the host
   * @param call makes the call, whose turn may come later; `wait` names the host whose turn it waits for
   */
  ask<T>(
    host: string,
    question: PathQuestion,
    call: (answer: AnswerFrom, wait: (host: Host) => void) => Promise<T>,
  ): Promise<T> {
    const group =
      this.#group?.host === host && this.#calls === this.#made() && !this.#group.isAsked
        ? this.#group
        : new QuestionGroup(host)
    group.add(question)
    this.#group = group
    const promise = call(
      (at) => group.answer(question.name, at),
      (at) => group.wait(at),
    )
    this.#calls = this.#made()
    return promise
  }
}
