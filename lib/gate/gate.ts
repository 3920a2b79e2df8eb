import { inspect } from 'node:util'
import { RolecallError } from '../errors.ts'
import { processState } from '../process-state.ts'
import { isSecret, MASK } from '../secret.ts'
import { neutral, neutralName } from './neutral.ts'
import { maskedCount, redact } from './redact.ts'
import { capped, cappedEnd } from './size.ts'

/**
 * The gate for all output. Text for a person, a file or another program passes here: events for the report and the journal, problems, and the lines that
 * commands print. Secrets are masked, control characters are made visible, and long texts are cut.
 *
 * Data for a host never passes the gate, and text that has passed is never used as data, because masks have replaced values.
 *
 * @example
 * stream.write(`${JSON.stringify(shown(event))}\n`)
 */
export function shown<T>(value: T): T {
  return walk(value, '', 0) as T
}

/** A RolecallError for a program that uses this one. */
export function shownError({ problems, stack }: RolecallError): RolecallError {
  const refusal = new RolecallError(shown(problems))
  if (stack !== undefined) refusal.stack = shownText(stack)
  return refusal
}

/** Text of several lines, such as the output of a command. */
export function shownText(text: string, most: number = MOST.prose): string {
  return capped(neutral(redact(text)), most)
}

/** Text of one line: a name, a cell of a table. */
export function shownName(text: string): string {
  if (text.length > LONGEST_KEPT) return capped(neutralName(redact(text)), MOST.name)
  const names = keptNames()
  const known = maskedCount()
  if (known !== names.known || names.shown.size >= MOST_KEPT) {
    names.known = known
    names.shown.clear()
  }
  let name = names.shown.get(text)
  if (name === undefined) names.shown.set(text, (name = neutralName(redact(text))))
  return name
}

/** Names by their original text. The ten names in an event (hosts, roles, keys) were in earlier events too: checking each only once saves 10 ms of a short run. */
const keptNames = processState(() => ({ known: 0, shown: new Map<string, string>() }))
const LONGEST_KEPT = 128
const MOST_KEPT = 4096

/** Characters. */
const MOST = { name: 4096, prose: 16_384, output: 65_536, stream: 262_144 } as const

/** How the text under a key is shown. Text under any other key is a name. */
const SHOW = new Map<string, (text: string) => string>(
  Object.entries({
    message: shownText,
    say: shownText,
    steps: shownText,
    reason: shownText,
    expected: shownText,
    got: shownText,
    hint: shownText,
    output: (text: string) => cappedEnd(neutral(redact(text)), MOST.output),
    text: (text: string) => shownText(text, MOST.stream),
    diff: (text: string) => shownText(text, MOST.stream),
  }),
)

const DEEPEST = 8

/** Accepts any value, because a role in plain JavaScript may put anything in the place of a text. */
function walk(value: unknown, key: string, depth: number): unknown {
  if (isSecret(value)) return MASK
  const show = SHOW.get(key) ?? shownName
  if (typeof value === 'string') return show(value)
  if (SHOW.has(key) && value !== undefined && !Array.isArray(value)) return show(inspect(value))
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value
  if (depth < DEEPEST && Array.isArray(value)) return value.map((each) => walk(each, key, depth + 1))
  if (depth < DEEPEST && isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [shownName(name), walk(each, name, depth + 1)]),
    )
  return show(inspect(value))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
