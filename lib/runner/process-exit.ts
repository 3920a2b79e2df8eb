import { RolecallError } from '../errors.ts'
import { placeOfCall } from '../place.ts'
import { runningRole } from '../resources/kit/role-watch.ts'

let users = 0
let restore: (() => void) | undefined

/**
 * `process.exit` in a role or a hook would end the run on every host, without a word and with an exit code of the role's own. While runs are at work the call throws
 * there. Returns what ends this for one run. Everything else of the process may exit as before.
 */
export function refuseExitOfRoles(): () => void {
  if (users++ === 0) {
    const own = Object.getOwnPropertyDescriptor(process, 'exit')
    const exit = process.exit.bind(process)
    process.exit = (code?: Parameters<typeof process.exit>[0]): never => {
      if (runningRole() === undefined) return exit(code)
      throw refusal(code)
    }
    restore = () => own && Object.defineProperty(process, 'exit', own)
  }
  return () => {
    if (--users === 0) restore?.()
  }
}

function refusal(code: unknown): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'role-threw',
    message: `process.exit(${typeof code === 'number' || typeof code === 'string' ? code : ''}) would end the run on every host`,
    ...(place === undefined ? {} : { place }),
    hint: 'return to end the role or the hook here; throw an Error to let it fail',
  })
}
