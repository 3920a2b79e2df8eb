import type { Needed } from '../../playbook/role-commands.ts'
import { command, seconds, text } from '../../resources/kit/options/option-types.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'

/** Reads the options that stood before a `$` command. */
export const readNeeded = objectOptions<Needed>()(
  () => ({
    name: text('a text', /\S/).optional(),
    deadline: seconds().optional(),
    user: text('the name of a user', /^[^\s:-][^\s:]*$/).optional(),
    creates: text('a path', /^[^\0]+$/).optional(),
    unless: command().optional(),
  }),
  (_, given) => [
    given.has('creates') || given.has('unless') ? undefined : { expected: 'given creates or unless', got: 'neither' },
  ],
)
