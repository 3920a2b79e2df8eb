import type { RolecallError } from '../../errors.ts'
import { processState } from '../../process-state.ts'

/** The error that a call of `process.exit` throws; undefined: this refusal does not concern the call. */
type ExitRefusal = (code: string) => RolecallError | undefined

interface Refusals {
  readonly all: Set<ExitRefusal>
  restore: () => void
}

const refusals = processState<Refusals>(
  () => ({ all: new Set(), restore: () => undefined }),
  ({ restore }) => restore(),
)

/**
 * Makes `process.exit` throw if `refusal` returns an error; every other call ends the process as before. Several refusals may be active at the same time,
 * as while a playbook and an inventory are read. Returns a function that ends this one.
 */
export function refuseExit(refusal: ExitRefusal): () => void {
  // A new function each time, so that ending one call's refusal does not end another's.
  const own: ExitRefusal = (code) => refusal(code)
  const now = refusals()
  if (now.all.size === 0) install(now)
  now.all.add(own)
  return () => {
    if (now.all.delete(own) && now.all.size === 0) now.restore()
  }
}

function install(now: Refusals): void {
  const own = Object.getOwnPropertyDescriptor(process, 'exit')
  const exit = process.exit.bind(process)
  process.exit = (code?: Parameters<typeof process.exit>[0]): never => {
    const shown = typeof code === 'number' || typeof code === 'string' ? String(code) : ''
    for (const refusal of now.all) {
      const refused = refusal(shown)
      if (refused !== undefined) throw refused
    }
    return exit(code)
  }
  now.restore = () => {
    if (own !== undefined) Object.defineProperty(process, 'exit', own)
    now.restore = () => undefined
  }
}
