import { RolecallError } from '../../../errors.ts'
import { placeOfCall } from '../../../place.ts'

/** The error for a value that an option does not accept. */
export function invalidOption(what: string, expected: string, got: string, hint?: string): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'playbook',
    message: `Expected ${what} to be ${expected}, got ${got}`,
    ...(place === undefined ? {} : { place }),
    expected,
    got,
    ...(hint === undefined ? {} : { hint }),
  })
}
