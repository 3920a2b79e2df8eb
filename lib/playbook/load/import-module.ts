import { setSourceMapsEnabled } from 'node:process'
import { pathToFileURL } from 'node:url'
import { RolecallError } from '../../errors.ts'
import { firstPlace } from '../../place.ts'
import { refuseExit } from './refuse-exit.ts'
import type { Built } from './cache.ts'
import { friendly } from './find.ts'

/** A user's module, imported. */
export interface Importing {
  readonly entry: string
  readonly built: Built
  readonly cwd: string
  /** The module's name in messages. */
  readonly what: string
}

/** Imports a user's module under the watch below. */
export async function importModule(importing: Importing): Promise<unknown> {
  setSourceMapsEnabled(true)
  return await readToItsEnd(importing, () => import(pathToFileURL(importing.built.module).href))
}

/**
 * Runs code of a user's module. Throws for anything that would end Rolecall silently with exit code 0 or 13: `process.exit` in the module, and an
 * `await` that never settles.
 */
export async function readToItsEnd<T>(importing: Importing, work: () => Promise<T>): Promise<T> {
  const allowExit = refuseExit((code) => exitRefusal(importing, code))
  const end = whenNothingIsLeft(importing)
  try {
    return await Promise.race([work(), end.reached])
  } finally {
    end.forget()
    allowExit()
  }
}

/** Refuses `process.exit` if the module or a function it calls is on the stack, but not in a signal handler. */
function exitRefusal({ built, cwd, what }: Importing, code: string): RolecallError | undefined {
  const place = firstPlace(new Error('here').stack ?? '', (file) => built.inputs.includes(file))
  if (place === undefined) return undefined
  return new RolecallError({
    code: 'playbook',
    message: `process.exit(${code}) would end Rolecall while ${what} is read`,
    place: { ...place, file: friendly(place.file, cwd) },
    hint: 'throw an Error to refuse the run, with what is wrong in its words',
  })
}

/** Rejects when the event loop is empty and the process would end. */
function whenNothingIsLeft({ entry, cwd, what }: Importing): { readonly reached: Promise<never>; forget(): void } {
  let tell: () => void = () => undefined
  const reached = new Promise<never>((_, reject) => {
    tell = () => {
      reject(
        new RolecallError({
          code: 'playbook',
          message: `${what} is never read to its end: an await waits for what does not come`,
          place: { file: friendly(entry, cwd) },
          expected: 'modules that end when they are read',
          hint: 'nothing is left that could settle the promise: look at each await that runs while the file is read',
        }),
      )
    }
  })
  process.once('beforeExit', tell)
  return { reached, forget: () => void process.off('beforeExit', tell) }
}
