import type { SecretOptions } from '../../host/command-types.ts'
import type { Needed } from '../../playbook/role-commands.ts'
import { command, flag, record, seconds, text, value } from '../../resources/kit/options/option-types.ts'
import { Secret } from '../../secret.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'

/** Validates the options of a `$({ ... })` command. */
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

/** Validates the options of a `$.read({ ... })` command. */
export const readReading = objectOptions<SecretOptions>()(() => ({
  input: value<SecretOptions['input']>('a text, bytes, a Secret, a stream, or the output of a command', isInput, {
    takesSecrets: true,
  }).optional(),
  env: record(
    'an object of texts',
    value<string | Secret | undefined>(
      'a text or a Secret',
      (given) => given === undefined || typeof given === 'string' || given instanceof Secret,
      { takesSecrets: true },
    ),
  ).optional(),
  cwd: text('a path', /^[^\0]+$/).optional(),
  nothrow: flag().optional(),
  deadline: seconds().optional(),
}))

function isInput(given: unknown): boolean {
  if (typeof given === 'string' || given instanceof Uint8Array || given instanceof Secret) return true
  return typeof given === 'object' && given !== null && ('stdout' in given || 'pipe' in given)
}
