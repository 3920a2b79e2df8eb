import type { Place } from '../../errors.ts'

/** A remark about an inventory that does not keep it from being used. */
export interface Note {
  readonly message: string
  /** The first place that the note is about. */
  readonly place?: Place
  readonly hint?: string
}

/** A note from a reader of files. Notes with the same `topic` become one that lists all their names. */
export interface Remark extends Note {
  readonly topic?: string
  /** What to count under the topic, such as the name of a variable. */
  readonly name?: string
}

const MOST_NAMES = 6

/**
 * Folds equal remarks into one note each, with their number.
 *
 * @example
 * foldNotes([{ message: 'they mean nothing here', topic: 'inert', name: 'ansible_shell_type' }, ...])
 * // [{ message: 'ansible_shell_type (12 times), ansible_ssh_pipelining: they mean nothing here', ... }]
 */
export function foldNotes(remarks: readonly Remark[]): Note[] {
  const topics = new Map<string, Remark[]>()
  for (const remark of remarks) {
    const topic = remark.topic ?? remark.message
    const known = topics.get(topic)
    if (known === undefined) topics.set(topic, [remark])
    else known.push(remark)
  }
  return Array.from(topics.values(), folded)
}

function folded(remarks: readonly Remark[]): Note {
  const [first] = remarks
  if (first === undefined) throw new Error('a topic has a remark')
  const { name, message, place, hint } = first
  const rest = { ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) }
  if (name === undefined) {
    return { message: remarks.length === 1 ? message : `${message} (${remarks.length} times)`, ...rest }
  }
  const counts = new Map<string, number>()
  for (const remark of remarks) counts.set(remark.name ?? '', (counts.get(remark.name ?? '') ?? 0) + 1)
  const names = Array.from(counts, ([each, count]) => (count === 1 ? each : `${each} (${count} times)`))
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return { message: `${names.slice(0, MOST_NAMES).join(', ')}${more}: ${message}`, ...rest }
}
