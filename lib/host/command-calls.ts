import type { ProcessOutput, ProcessPromise } from 'zx/core'
import { noteAwait, noteThen } from '../awaited-promises.ts'
import type { Commands } from './command-types.ts'

/** A command that a role has started. */
export interface CommandCall {
  /** Settles when the command has ended, successfully or not. */
  readonly ended: Promise<{ readonly error: unknown } | undefined>
  /** Whether anybody used the result: by `await`, `.text()`, `.pipe()` or similar. */
  readonly isUsed: () => boolean
  /** The command's promise. */
  readonly promise: object
}

const used = new WeakSet<object>()
const commands = new WeakMap<object, string>()

/** A command that failed: its text, and what it printed. */
interface FailedCommand {
  readonly command: string
  /** Null if the command was ended at its time limit, or its host was lost. */
  readonly code: number | null
  readonly isTimeUp: boolean
  readonly stdout: string
  readonly stderr: string
}

/** The command that an error comes from, if any. */
export function failedCommand(error: unknown): FailedCommand | undefined {
  const command = error instanceof Error ? commands.get(error) : undefined
  if (command === undefined) return undefined
  const { exitCode: code, signal, stdout, stderr } = error as ProcessOutput
  return { command, code, isTimeUp: signal === 'SIGTERM', stdout, stderr }
}

/** Makes every command from now on record who uses its result. */
export function noteUse(prototype: ProcessPromise): void {
  const then = Reflect.get<ProcessPromise, 'then'>(prototype, 'then')
  prototype.then = function (this: ProcessPromise, ...handlers: Parameters<typeof then>) {
    used.add(this)
    return noteThen(this, handlers[0], () => then.apply(this, handlers))
  } as typeof then
  noteAwait(prototype, Reflect.get(prototype, 'constructor'))
}

/** The same commands; `onCall` is called for each one that starts. */
export function tellCommands(commands: Commands, onCall: (call: CommandCall) => void): Commands {
  return new Proxy(commands, {
    get: (target, key, self): unknown =>
      key === 'as' ? (user: string) => tellCommands(target.as(user), onCall) : Reflect.get(target, key, self),
    apply(target, self, args): unknown {
      const result: unknown = Reflect.apply(target as (...args: unknown[]) => unknown, self, args)
      if (typeof result === 'function') return tellCommands(result as Commands, onCall)
      if (result instanceof Promise) onCall({ ended: endOf(result), isUsed: () => used.has(result), promise: result })
      return result
    },
  })
}

/** Observes the promise without counting as a use. Calling zx's own `then` would cost 20 us for each promise that nobody uses. */
function endOf(command: Promise<unknown>): CommandCall['ended'] {
  Reflect.defineProperty(command, 'constructor', { value: Promise, configurable: true })
  const ended = Promise.prototype.then.call(
    command,
    () => undefined,
    (error: unknown) => {
      const { cmd } = command as Partial<ProcessPromise>
      if (error instanceof Error && cmd !== undefined) commands.set(error, cmd)
      return { error }
    },
  ) as CommandCall['ended']
  Reflect.deleteProperty(command, 'constructor')
  return ended
}
