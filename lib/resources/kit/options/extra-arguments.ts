import { RolecallError } from '../../../errors.ts'
import { placeOfCall } from '../../../place.ts'
import { describeValue } from './describe-value.ts'

/**
 * Refuses arguments after the options, which would be ignored silently: options split into two objects, names meant as a list. The build wraps the
 * exported function of each kind in this, with the kind's number of parameters.
 */
export function refuseExtra(kind: string, most: number, given: readonly unknown[]): void {
  const extra = given.slice(most).filter((each) => each !== undefined)
  if (extra.length === 0 || (most === 1 && isCalledByMap(given))) return
  const place = placeOfCall()
  const expected = most === 1 ? 'one argument' : `${most} arguments at most`
  const got = `${given.length}: the last is ${describeValue(given.at(-1))}`
  throw new RolecallError({
    code: 'playbook',
    message: `Expected ${kind}() to be given ${expected}, got ${got}`,
    ...(place === undefined ? {} : { place }),
    expected,
    got,
    hint: 'give options as one object, and several names as one list, if the kind takes them',
  })
}

/** `paths.map(exists)` passes each element with its index and the whole array, but means only the element. */
function isCalledByMap([element, index, all, ...more]: readonly unknown[]): boolean {
  return more.length === 0 && typeof index === 'number' && Array.isArray(all) && all[index] === element
}
