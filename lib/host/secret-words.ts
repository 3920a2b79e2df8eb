import { isSecret } from '../secret.ts'
import { Sh, textOfWord } from '../sh/quote.ts'

type Callable = (...args: readonly unknown[]) => unknown

/**
 * zx's `$` that accepts a `Secret` as a word of a command, as its `input` and in its `env`. zx itself would convert the secret to text, which is
 * refused. The same goes for the result of `$({ ... })`.
 */
export function takingSecrets<T extends Callable>(commands: T): T {
  return new Proxy(commands, {
    apply(target, self, args: readonly unknown[]) {
      const [first, ...others] = args
      if (isPieces(first)) return Reflect.apply(target, self, [first, ...others.map(wordOf)])
      const made: unknown = Reflect.apply(target, self, [uncovered(first), ...others])
      return isCallable(made) ? takingSecrets(made) : made
    },
  })
}

/** zx takes a word with a `stdout` for an earlier command, and uses its output without the last newline. */
function wordOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wordOf)
  if (isSecret(value)) return { stdout: `${value.reveal()}\n` }
  if (value instanceof Sh) return value.isSecret ? { stdout: `${value.text}\n` } : value.text
  return value instanceof Promise || isOutput(value)
    ? value
    : textOfWord(typeof value === 'boolean' ? String(value) : value)
}

/** The output of an earlier command. */
function isOutput(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'stdout' in value && typeof value.stdout === 'string'
}

function uncovered(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return options
  const { input, env, deadline, ...others } = options as Readonly<Record<string, unknown>>
  return {
    ...others,
    ...(typeof deadline === 'number' ? { timeout: deadline * 1000 } : {}),
    ...(input === undefined ? {} : { input: isSecret(input) ? input.reveal() : input }),
    ...(typeof env === 'object' && env !== null ? { env: revealedValues(env) } : {}),
  }
}

function revealedValues(env: object): object {
  return Object.fromEntries(Object.entries(env).map(([key, value]) => [key, isSecret(value) ? value.reveal() : value]))
}

function isPieces(value: unknown): boolean {
  return Array.isArray(value) && 'raw' in value
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function'
}
