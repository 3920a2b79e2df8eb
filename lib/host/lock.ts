import { z } from 'zod'
import { once } from '../once.ts'
import { shellFunction, raw, sh, type Sh } from '../sh/quote.ts'
import { chain } from './chain.sh.ts'
import { reportLock } from './report-lock.sh.ts'
import { takeLock } from './take-lock.sh.ts'

/** The run that holds, or requests, the lock of a host. */
export interface LockHolder {
  readonly run: string
  readonly user: string
  readonly machine: string
  readonly pid: number
  /** Milliseconds since the epoch, by the clock of the machine that runs it. */
  readonly since: number
}

/**
 * The result of a request for the lock. `shared`: the same run has this machine under another name. `none`: the host has no flock(1), or no
 * directory for a lock. `orphan`: the other run is gone, but its last command still runs.
 */
export type LockState =
  | { readonly type: 'held' | 'shared' | 'none' }
  | { readonly type: 'busy'; readonly holder: LockHolder | undefined; readonly orphan: boolean }

/** How often a holder touches the lock file, and the minutes without a touch after which an idle holder counts as gone. */
export const SIGN_OF_LIFE_MS = 15_000
const SILENT_MINUTES = 1

/** Acquires the lock in the shell that lives as long as the run. `lockReport` prints the result. */
export function lockHolderScript(holder: LockHolder): Sh {
  return sh`${raw(chain)}
${raw(takeLock)}
rolecall_take_lock ${JSON.stringify(holder)} ${`"run":"${holder.run}"`}`
}

/** Prints whether the lock was acquired, and otherwise who holds it: in the shell in which `lockHolderScript` ran. */
export const lockReport = shellFunction(
  ['who', 'holder', 'was', 'c', 'p', 'q', 'k', 'v'],
  sh`${raw(reportLock)}
rolecall_report_lock ${SILENT_MINUTES}`,
)

/** The holder runs this every `SIGN_OF_LIFE_MS`. */
export const signOfLife = raw('[ -z "$rolecall_file" ] || touch "$rolecall_file"')

/** Reads the answer of `lockReport`. */
export function readLock(text: string): LockState {
  const one = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]
  const state = one('lock')
  if (state === 'held' || state === 'shared') return { type: state }
  if (state !== 'busy') return { type: 'none' }
  return { type: 'busy', holder: holderOf(one('holder') ?? ''), orphan: one('orphan') === 'yes' }
}

/** Any user who may write the lock file can put any text into it, so a text that does not fit this schema is ignored. */
const HolderText = once((): z.ZodType<LockHolder> =>
  z.strictObject({
    run: z.string().max(200),
    user: z.string().max(200),
    machine: z.string().max(300),
    pid: z.number().int().positive(),
    since: z.number().int().nonnegative().max(8_640_000_000_000_000),
  }),
)

/** Undefined for a moment, since the file is written after the lock was acquired. */
function holderOf(text: string): LockHolder | undefined {
  try {
    return HolderText().safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
