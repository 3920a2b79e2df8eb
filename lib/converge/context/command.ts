import { tellCommands } from '../../host/command-calls.ts'
import type { Commands } from '../../host/commands.ts'
import { exec } from '../../resources/commands/exec.ts'
import type { ExecOptions } from '../../resources/commands/exec-options.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import type { CommandArgument, Needed, Outcome, ReadCommands, RoleCommands } from '../../playbook/role-commands.ts'
import { RolecallError } from '../../errors.ts'
import { placeOfCall } from '../../place.ts'
import { describeValue } from '../../resources/kit/options/describe-value.ts'
import { invalidOption } from '../../resources/kit/options/invalid-option.ts'
import { Secret } from '../../secret.ts'
import { sh, Sh } from '../../sh/quote.ts'
import type { Calls } from './calls.ts'
import { readNeeded, readReading } from './needed.ts'

/** The two halves of a role's `$`: `$.read` is zx on the host; `$({ creates })` is a resource of kind `exec`. */
export function roleCommands(
  calls: Calls,
  change: (resource: Resource) => Promise<Outcome>,
  read: () => Commands,
  user?: string,
): RoleCommands {
  const changes = (given: Needed) => {
    if (isTemplate(given))
      throw bare(
        '$({ ... })',
        'write $.read`command` for what only looks, $({ creates })`command` for what changes something',
      )
    refuseText('$({ creates })', given)
    const needed = { ...(user === undefined ? {} : { user }), ...readNeeded('$({ ... })', given) }
    const completed = calls.half('$({ ... })', 'give it its command: $({ ... })`command`')
    return (pieces: TemplateStringsArray, ...args: readonly CommandArgument[]): Promise<Outcome> => {
      completed()
      return change(commandResource(needed, pieces, args))
    }
  }
  return Object.defineProperties(changes, {
    read: { get: () => strictReads(tellCommands(read(), (call) => calls.command(call))) },
    as: { value: (other: string) => roleCommands(calls, change, () => read().as(other), other) },
  }) as RoleCommands
}

/** `$` for code that may change nothing: only `$.read`. */
export function readCommands(calls: Calls, read: () => Commands): ReadCommands {
  const refuse = () => {
    throw bare('$.read', 'write $.read`command`: verify only looks')
  }
  return Object.defineProperties(refuse, {
    read: { get: () => strictReads(tellCommands(read(), (call) => calls.command(call))) },
    as: { value: (other: string) => readCommands(calls, () => read().as(other)) },
  }) as unknown as ReadCommands
}

/** Commands with checked options. An option that zx knows but that means nothing on a host would be ignored silently, or run the command here. */
function strictReads(commands: Commands): Commands {
  return new Proxy(commands, {
    get: (target, key, self): unknown =>
      key === 'as' ? (user: string) => strictReads(target.as(user)) : Reflect.get(target, key, self),
    apply(target, self, args): unknown {
      const [first] = args as unknown[]
      if (isTemplate(first)) {
        refuseEmpty(first, args.length)
        return Reflect.apply(target as (...given: unknown[]) => unknown, self, args)
      }
      refuseText('$.read', first)
      return strictReads(target(readReading('$.read({ ... })', first)))
    },
    set(_, key): never {
      const place = placeOfCall()
      const message = `$.read.${String(key)} cannot be set`
      const hint = `give the command what it needs: $.read({ ... })\`command\``
      throw new RolecallError({ code: 'playbook', message, ...(place === undefined ? {} : { place }), hint })
    },
  })
}

/** `$.read('uptime')`: a command in parentheses. */
function refuseText(call: string, given: unknown): void {
  if (typeof given !== 'string') return
  const hint = `write it between backticks, without parentheses: ${call}\`${given.split('\n', 1)[0] ?? ''}\``
  throw invalidOption('a command', 'a text between backticks', describeValue(given), hint)
}

/** A command without a word does nothing, and says nothing. */
function refuseEmpty(pieces: readonly string[], given: number): void {
  if (given === 1 && pieces.join('').trim() === '')
    throw invalidOption('a command', 'a line of shell', 'an empty text', 'write the command between the backticks')
}

function isTemplate(given: unknown): given is readonly string[] {
  return Array.isArray(given) && 'raw' in given
}

function bare(expected: string, hint: string): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'playbook',
    message: `Expected ${expected} before a command, got $ alone`,
    ...(place === undefined ? {} : { place }),
    expected,
    got: '$',
    hint,
  })
}

/** The resource for a call of `$({ creates })`. */
function commandResource(
  needed: Partial<Needed>,
  pieces: TemplateStringsArray,
  args: readonly CommandArgument[],
): Resource {
  const run = commandText(pieces, args)
  const { name = run.shown, ...when } = needed
  // `readNeeded` has checked that one of the two is given; `exec` checks again.
  return exec(name, { run, ...when } as ExecOptions)
}

/** Every argument is one quoted word, as in zx; the other pieces are the role's own shell text. */
function commandText(pieces: TemplateStringsArray, args: readonly CommandArgument[]): Sh {
  return sh(pieces, ...args.map((value) => (value instanceof Sh ? asWord(value) : value)))
}

/** A script is one word too, for a shell that the command itself starts. */
function asWord(script: Sh): string | Secret {
  return script.isSecret ? new Secret(script.text, { byLine: false }) : script.text
}
