import { RolecallError } from '../../../errors.ts'
import { placeOfCall } from '../../../place.ts'
import { describeValue } from './describe-value.ts'

/**
 * What stands behind the options of a call would be passed over in silence: options that were split into two objects, names that were meant as a list. The
 * build calls this in what it exports of each kind, which knows how many parameters the kind has.
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
    hint: 'options stand in one object, several names in one list, where the kind takes them',
  })
}

/** `paths.map(exists)` gives each element with its index and the whole array, and means the element alone. */
function isCalledByMap([element, index, all, ...more]: readonly unknown[]): boolean {
  return more.length === 0 && typeof index === 'number' && Array.isArray(all) && all[index] === element
}
