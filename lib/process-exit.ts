import type { RolecallError } from './errors.ts'

/** Why a call of `process.exit` is refused; undefined where it is none of the asker's. */
type ExitRefusal = (code: string) => RolecallError | undefined

const refusals = new Set<ExitRefusal>()
let restore: (() => void) | undefined

/**
 * Makes `process.exit` throw wherever `refusal` gives an error; every other call ends the process as before. Several may ask for it at the same time, as while
 * a playbook and an inventory are read. Returns what ends it for this one.
 */
export function refuseExit(refusal: ExitRefusal): () => void {
  // A function of its own for each, so that nobody ends it for another.
  const own: ExitRefusal = (code) => refusal(code)
  if (refusals.size === 0) install()
  refusals.add(own)
  return () => {
    if (refusals.delete(own) && refusals.size === 0) restore?.()
  }
}

function install(): void {
  const own = Object.getOwnPropertyDescriptor(process, 'exit')
  const exit = process.exit.bind(process)
  process.exit = (code?: Parameters<typeof process.exit>[0]): never => {
    const shown = typeof code === 'number' || typeof code === 'string' ? String(code) : ''
    for (const refusal of refusals) {
      const refused = refusal(shown)
      if (refused !== undefined) throw refused
    }
    return exit(code)
  }
  restore = () => own && Object.defineProperty(process, 'exit', own)
}
