import { Refusal } from '../errors.ts'
import { commandsOf } from '../host/commands.ts'
import { exec } from '../resources/exec.ts'
import type { Resource } from '../resources/kind.ts'
import type { CommandArgument, Needed, Outcome, RoleCommands } from '../playbook/context.ts'
import { Secret } from '../secret.ts'
import { sh, Sh } from '../sh/quote.ts'
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
  const { name = run.shown, ...when } = needed
  return exec(name, { run, ...when })
}

/** Every argument is one quoted word, as zx quotes it; the pieces are the role's own shell text. */
function commandText(pieces: TemplateStringsArray, args: readonly CommandArgument[]): Sh {
  return sh(pieces, ...args.map((value) => (value instanceof Sh ? asWord(value) : value)))
}

/** A script is one word too, for a shell that the command starts itself. */
function asWord(script: Sh): string | Secret {
  return script.isSecret ? new Secret(script.text, { byLine: false }) : script.text
}
