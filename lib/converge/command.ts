import { Refusal } from '../errors.ts'
import { commandsOf } from '../host/commands.ts'
import { exec } from '../resources/exec.ts'
import type { Resource } from '../resources/kind.ts'
import type { CommandArgument, Needed, Outcome, RoleCommands } from '../playbook/context.ts'
import { quote, raw, type Sh } from '../sh/quote.ts'
import { ensure, type Ground } from './ensure.ts'
import type { Horizon } from './horizon.ts'

/** The two halves of a role's `$`: `$.read` is zx on the host; `$({ creates })` is a resource of kind `exec`. */
export function roleCommands(ground: Ground, horizon: Horizon): RoleCommands {
  const change =
    (needed: Needed) =>
    async (pieces: TemplateStringsArray, ...args: readonly CommandArgument[]): Promise<Outcome> => {
      const resource = commandResource(needed, pieces, args)
      horizon.hold()
      const [outcome] = await ensure(ground, [resource])
      if (outcome === undefined) throw new Refusal({ code: 'role-threw', message: `${resource.name} had no outcome` })
      return outcome
    }
  return Object.defineProperty(change, 'read', {
    get: () => (ground.mode === 'check' ? commandsOf(ground.host, undefined, horizon.watch) : commandsOf(ground.host)),
  }) as RoleCommands
}

/** The resource that `$({ creates })` stands for. */
export function commandResource(
  needed: Needed,
  pieces: TemplateStringsArray,
  args: readonly CommandArgument[],
): Resource {
  const run = commandText(pieces, args)
  const { name = run.text, ...when } = needed
  return exec(name, { run, ...when })
}

function commandText(pieces: TemplateStringsArray, args: readonly CommandArgument[]): Sh {
  const word = (value: CommandArgument) =>
    Array.isArray(value) ? value.map((item: string | number) => quote(String(item))).join(' ') : quote(String(value))
  return raw(pieces.reduce((text, piece, index) => text + word(args[index - 1] ?? '') + piece))
}
