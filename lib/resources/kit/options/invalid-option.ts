import { RolecallError } from '../../../errors.ts'
import { placeOfCall } from '../../../place.ts'

/** What a person wrote cannot be meant. */
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
