import { z } from 'zod'
import { once } from '../once.ts'
import { shellFunction, raw, sh, type Sh } from '../sh/quote.ts'
import { chain } from './chain.sh.ts'

/** The run that has, or requests, the lock of a host. */
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

/** How often a holder touches the lock file, and after how many minutes without a touch an idle holder counts as gone. */
export const SIGN_OF_LIFE_MS = 15_000
const SILENT_MINUTES = 1

/**
 * Acquires the lock in the shell that lives as long as the run: flock(2) on a file that only this shell has open. However the shell ends, the lock
 * ends with it, and a file that is left behind means nothing. Sets `rolecall_lock` and `rolecall_file`.
 *
 * root's lock is in /run, another user's in its own runtime directory or home: one user's processes must not be able to hold up another's.
 */
export function lockHolderScript(holder: LockHolder): Sh {
  return sh`rolecall_lock=none; rolecall_file=
${raw(chain)}
rolecall_take_lock() {
command -v flock >/dev/null 2>&1 || return 0
for d in /run/rolecall /var/run/rolecall own "$HOME/.rolecall"; do
[ "$d" != own ] || d=/run/user/$(id -u)/rolecall
[ -d "$d" ] || mkdir -m 700 "$d" 2>/dev/null
f=$d/lock
if [ -d "$d" ] && [ -w "$d" ] && true 2>/dev/null >>"$f"; then rolecall_file=$f; break; fi
done
[ -n "$rolecall_file" ] || return 0
exec 9>>"$f"
if flock -n 9; then
rolecall_lock=held
chain $$
printf '%s\\n' ${JSON.stringify(holder)} "$$" "$c" >"$f"
return 0
fi
exec 9>&-
rolecall_lock=busy
c=; read -r c <"$f"
case $c in *${`"run":"${holder.run}"`}*) rolecall_lock=shared;; esac
}
rolecall_take_lock`
}

/**
 * Prints whether the lock was acquired, and otherwise who holds it. When the ancestors of the holder's shell have changed, its connection is gone. A
 * holder whose controller died without closing the connection (no power, no network) is known by its silence: an idle one without a sign of life is
 * killed here. Reads the variables that `lockHolderScript` set in the same shell.
 */
export const lockReport = shellFunction(
  ['who', 'holder', 'was', 'c', 'p', 'q', 'k', 'v'],
  sh`echo "lock=$rolecall_lock"
if [ "$rolecall_lock" = busy ]; then
who=; holder=; was=
{ read -r who; read -r holder; IFS= read -r was; } <"$rolecall_file"
echo "holder=$who"
chain "$holder"
[ "$c" = "$was" ] || echo orphan=yes
if [ -r "/proc/$holder/task/$holder/children" ] && [ -z "$(cat "/proc/$holder/task/$holder/children")" ] &&
[ -n "$(find "$rolecall_file" -mmin +${SILENT_MINUTES})" ]; then kill "$holder"; fi
fi`,
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

/** Every user who may write the lock file may write any text to it: a text that does not follow this schema is ignored. */
const HolderText = once((): z.ZodType<LockHolder> =>
  z.strictObject({
    run: z.string().max(200),
    user: z.string().max(200),
    machine: z.string().max(300),
    pid: z.number().int().positive(),
    since: z.number().int().nonnegative().max(8_640_000_000_000_000),
  }),
)

/** Undefined for a moment: the file is written after the lock was acquired. */
function holderOf(text: string): LockHolder | undefined {
  try {
    return HolderText().safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
