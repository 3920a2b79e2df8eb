import { invalidOption } from '../kit/options/invalid-option.ts'
import { z } from 'zod'
import { isSecret, Secret } from '../../secret.ts'
import { Sh } from '../../sh/quote.ts'
import { effectOption } from '../kit/options/effect-options.ts'
import {
  command,
  flag,
  isCommand,
  isMask,
  list,
  nested,
  path,
  pattern,
  record,
  seconds,
  secretText,
  text,
  value,
  whole,
} from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import type { Command } from './exec-want.ts'

/** A command, and what shows that it is done: without `creates`, `unless` or `changedBy` it does not compile. */
export type ExecOptions = Command &
  (
    | { readonly creates: string; readonly unless?: string | Sh; readonly changedBy?: readonly number[] | RegExp }
    | { readonly creates?: string; readonly unless: string | Sh; readonly changedBy?: readonly number[] | RegExp }
    | { readonly creates?: string; readonly unless?: string | Sh; readonly changedBy: readonly number[] | RegExp }
  )

export const read = resourceOptions<ExecOptions>()(
  'exec',
  execName,
  () => ({
    run: value<ExecOptions['run']>('a command: a text, sh`...`, or a list of words', isRun, {
      got: (given) => {
        if (Array.isArray(given)) return given.some(isSecret) ? 'a Secret among its words' : describeValue(given)
        return typeof given === 'string' ? 'an empty one' : undefined
      },
      hint: (given) =>
        given instanceof Secret || (Array.isArray(given) && given.some(isSecret))
          ? 'others would see it in the list of processes: use env or stdin'
          : undefined,
    }),
    creates: text('a path without ".."', isPath).optional(),
    unless: command().optional(),
    onlyIf: command().optional(),
    cwd: path().optional(),
    env: record('names and values of variables', secretText('a text without NUL bytes, or a Secret', noNul)).optional(),
    stdin: value<string | Uint8Array | Secret>(
      'a text, bytes or a Secret',
      (given) =>
        (typeof given === 'string' && !isMask(given)) || given instanceof Uint8Array || given instanceof Secret,
    ).optional(),
    deadline: seconds().optional(),
    user: text('the name of a user', /^[^\s:-][^\s:]*$/).optional(),
    effects: list('a list of effects', effectOption()).optional(),
    paths: list('a list of absolute paths', path()).optional(),
    changedBy: z
      .union([exitCodes(), pattern()], { error: 'a list of exit codes, or a pattern of its output' })
      .optional(),
    allowFailure: z.union([flag(), exitCodes()], { error: 'true, or a list of exit codes' }).optional(),
    background: flag().optional(),
    reconnect: nested('{ deadline, until }', {
      deadline: seconds().optional(),
      until: command().optional(),
    }).optional(),
  }),
  ({ env = {}, background }, given) => [
    ...(background === true ? notInBackground(given) : []),
    ...tooLongValues(env),
    given.has('creates') || given.has('unless') || given.has('changedBy')
      ? undefined
      : {
          expected: 'given creates, unless or changedBy',
          got: 'none of them',
          hint: 'with creates or unless it runs while something is missing, with changedBy in every run; what only answers is await $.read`...`',
        },
    ...Object.keys(env)
      .filter((key) => !/^[A-Za-z_]\w*$/.test(key))
      .map((key) => ({ what: 'env', expected: 'names of variables', got: JSON.stringify(key) })),
  ],
)

/** The most bytes of a variable: Linux has 128 KiB for it with its name (execve(2), MAX_ARG_STRLEN), and no program could be started. */
const LONGEST_VALUE = 130_000

function tooLongValues(env: Readonly<Record<string, string | Secret | undefined>>) {
  return Object.entries(env).flatMap(([name, given = '']) => {
    const bytes = Buffer.byteLength(given instanceof Secret ? given.reveal() : given)
    if (bytes <= LONGEST_VALUE) return []
    const hint = 'Linux gives no program more than 128 KiB in one variable: use stdin, or a file'
    return [
      { what: 'env', expected: `at most ${LONGEST_VALUE} bytes in each variable`, got: `${bytes} in ${name}`, hint },
    ]
  })
}

/** What says how a command has ended says nothing when it has only begun. */
function notInBackground(given: ReadonlySet<string>) {
  const wrong = ['changedBy', 'allowFailure', 'reconnect'].filter((name) => given.has(name))
  return wrong.map((what) => ({ what, expected: 'left out with background: true', got: 'both' }))
}

const exitCodes = () => list('a list of exit codes', whole('an exit code, 0 to 255', 0, 255))

/** A command of `$` is its own name, however many lines it has. */
function execName(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '') return given
  throw invalidOption('name of exec', 'a text', typeof given === 'string' ? 'none' : describeValue(given))
}

function isRun(given: unknown): boolean {
  if (!Array.isArray(given)) return isCommand(given)
  const isWord = (word: unknown) =>
    (typeof word === 'string' && noNul(word)) || (typeof word === 'number' && Number.isFinite(word))
  return given.length > 0 && given[0] !== '' && given.every(isWord)
}

function isPath(given: string): boolean {
  return given !== '' && noNul(given) && !given.split('/').includes('..')
}

function noNul(given: string): boolean {
  return !given.includes('\0')
}
