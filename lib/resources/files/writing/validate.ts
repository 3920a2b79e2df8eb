import { posix } from 'node:path'
import { quote, raw, sh, Sh } from '../../../sh/quote.ts'
import { privateDirectory } from './temp-file.ts'
import { value } from '../../kit/options/option-types.ts'
import { neverPackaged } from '../path/path-prediction.ts'
import type { Validator } from './write-request.ts'
import type { Validation } from '../../kit/plan.ts'

export type { Validator } from './write-request.ts'

/** Exit status of a step, or of a validation, whose validator is not on the host (EX_UNAVAILABLE of sysexits.h). The live file is untouched. */
export const VALIDATOR_MISSING = 69

/** Runs the validator on `$candidate`; its exit status is left in `$r`, its words go to standard error. */
export function check(validate: Validator): Sh {
  if (validate instanceof Sh)
    return sh`export candidate
(\n${validate}\n) </dev/null >&2; r=$?`
  const argv = argvOf(validate)
  return sh`${commandOf(argv)} || { echo ${`command not found: ${argv[0] ?? ''}`} >&2; false; } && r=0 || r=127
if [ "$r" = 0 ]; then ${withCandidate(argv)} </dev/null >&2; r=$?; fi`
}

function commandOf(argv: readonly string[]): Sh {
  return sh`command -v -- ${argv[0] ?? ''} >/dev/null 2>&1`
}

function argvOf(validate: string): string[] {
  return validate.trim().split(/\s+/)
}

function withCandidate(argv: readonly string[]): Sh {
  return raw(argv.map((word) => word.split('{}').map(quote).join('"$candidate"')).join(' '))
}

export function words(validate: Validator): string {
  return validate instanceof Sh ? validate.text.trim().split('\n', 1).join('') : validate.trim()
}

/** A validator as an option. */
export const validatorOption = () =>
  value<Validator>(
    'a command with {} where the path of the candidate goes',
    (given) =>
      given instanceof Sh || (typeof given === 'string' && given.includes('{}') && !given.trim().startsWith('{}')),
    { hint: (given) => (typeof given === 'string' && given.includes('%s') ? 'write {} in place of %s' : undefined) },
  )

/**
 * Shows the candidate to its validator in a private directory, and leaves nothing behind: where root may write, it is in a place
 * that a boot empties, for the power cut that no trap sees. A validator that is not there has a status of its own: it may be pending.
 */
export function validationOf(path: string, bytes: Uint8Array, validate: Validator | undefined): Validation | undefined {
  if (validate === undefined) return undefined
  return {
    sh: sh`umask 077
${privateDirectory('/tmp')}
[ -n "$room" ] || { echo 'no place for a private directory in /run, /dev/shm or /tmp' >&2; exit 1; }
candidate=$room/${posix.basename(path)}
cat >"$candidate" || exit 1
${check(validate)}
case $r in 0) exit 0;; 126|127) exit ${VALIDATOR_MISSING};; *) exit 1;; esac`,
    stdin: bytes,
    names: namedIn(bytes),
  }
}

/** More would be a list, and no configuration. */
const MOST_NAMES = 100

/** The absolute paths in a candidate's text, but those where packages put nothing. */
function namedIn(bytes: Uint8Array): string[] {
  const named = [
    ...Buffer.from(bytes)
      .toString('utf8')
      .matchAll(/(?<![\w.:/-])\/[\w@%+=:,./-]*[\w@%+=-]/g),
  ]
  return [...new Set(named.map(([path]) => path))].filter((path) => !neverPackaged(path)).slice(0, MOST_NAMES)
}
