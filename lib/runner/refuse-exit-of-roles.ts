import { RolecallError } from '../errors.ts'
import { placeOfCall } from '../place.ts'
import { refuseExit } from '../playbook/load/refuse-exit.ts'
import { runningRole } from '../resources/kit/role-watch.ts'

/**
 * Makes `process.exit` throw in roles and hooks: it would end the run on every host, silently and with an exit code of the role's own. Returns a
 * function that undoes this for one run.
 */
export function refuseExitOfRoles(): () => void {
  return refuseExit((code) => (runningRole() === undefined ? undefined : refusal(code)))
}

function refusal(code: string): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'role-threw',
    message: `process.exit(${code}) would end the run on every host`,
    ...(place === undefined ? {} : { place }),
    hint: 'return to end the role or the hook here; throw an Error to let it fail',
  })
}
