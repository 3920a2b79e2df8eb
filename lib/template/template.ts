import type { Place } from '../errors.ts'

/**
 * A template in a value of the inventory: `"{{ domain }}"`. Only text written in an inventory's files becomes a template. Text from a
 * host, under `!unsafe` or out of another template stays text.
 */
export class Template {
  readonly #source: string
  readonly place: Place
  /** The template comes from an encrypted file, so its result is a secret. */
  readonly isSecret: boolean

  constructor(source: string, place: Place, isSecret = false) {
    this.#source = source
    this.place = place
    this.isSecret = isSecret
  }

  get source(): string {
    return this.#source
  }
}

/** Whether Ansible would treat a text as a template. */
export function isTemplate(text: unknown): text is string {
  return typeof text === 'string' && (text.includes('{{') || text.includes('{%') || text.includes('{#'))
}

/**
 * The type of the result. `ansible`: as in ansible-core by default, where `{{ 80 + 1 }}` is the text "81". `typed`: the type of the
 * expression, the number 81.
 */
export type Typing = 'ansible' | 'typed'
