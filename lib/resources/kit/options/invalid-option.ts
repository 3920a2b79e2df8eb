import { Refusal } from '../../../errors.ts'
import { placeOfCall } from '../../../place.ts'

/** What a person wrote cannot be meant. */
export function wrong(what: string, expected: string, got: string): Refusal {
  const place = placeOfCall()
  return new Refusal({
    code: 'playbook',
    message: `Expected ${what} to be ${expected}, got ${got}`,
    ...(place === undefined ? {} : { place }),
    expected,
    got,
  })
}
