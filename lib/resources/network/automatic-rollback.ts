import { raw, sh, type Sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'

/** A change that may cut the connection to the host: the host undoes it after some seconds, unless it is confirmed over the same connection. */
export interface AutomaticRollback {
  /** The kind that confirms. */
  readonly kind: string
  /** What a prediction calls it. */
  readonly object: string
  /** The directory of the rollback's files, on a file system that a boot empties. */
  readonly directory: string
  /** The timer unit that starts the rollback. */
  readonly timer: string
  /** In words: `the rules`. */
  readonly what: string
  /** The summary of the step that confirms: `confirm the rules of nftables`. */
  readonly confirms: string
  readonly hint: string
}

/** The first lines of the script that makes the change: enters the directory, and empties it. */
export function beginRollback({ directory }: AutomaticRollback): Sh {
  return sh`umask 077
mkdir -p ${directory} && cd ${directory} && rm -rf back taken-back live old || exit 1`
}

/**
 * Makes the host run the script `back` of the directory after `confirm` seconds: by a timer of systemd, or else by a process in a session of its own,
 * so that a lost connection does not end it.
 */
export function armRollback({ directory, timer }: AutomaticRollback, confirm: number): Sh {
  return sh`if [ -d /run/systemd/system ] && systemctl stop ${`${timer}.timer`} 2>/dev/null; systemd-run -q --unit=${timer} --on-active=${confirm} --timer-property=AccuracySec=1s /bin/sh ${`${directory}/back`} 2>/dev/null; then :
else setsid sh -c ${`sleep ${confirm}; sh ${directory}/back`} >/dev/null 2>&1 </dev/null & fi`
}

interface Confirmed {
  readonly state: 'confirmed' | 'waiting' | 'taken back'
}

/** The resource that confirms the change, in a round trip of its own: that the trip succeeds shows that the host can still be reached. */
export function confirmation(way: AutomaticRollback): (name: string, want: { readonly object: string }) => Resource {
  const { directory, timer, what, confirms, hint } = way
  return kind<{ readonly object: string }, Confirmed>({
    name: way.kind,
    probe: () =>
      sh`if [ -f ${`${directory}/taken-back`} ]; then echo 'taken back'; elif [ -f ${`${directory}/back`} ]; then echo waiting; else echo confirmed; fi`,
    read: (_, { text: said }) => ({
      state: said.startsWith('waiting') ? 'waiting' : said.startsWith('taken') ? 'taken back' : 'confirmed',
    }),
    plan(_, { state }): Step[] | Refused {
      if (state === 'confirmed') return []
      if (state === 'taken back') return { refused: `${what} were rolled back: nobody confirmed them in time`, hint }
      return [
        {
          summary: confirms,
          sh: sh`mv ${`${directory}/back`} ${`${directory}/confirmed`} 2>/dev/null || { echo ${`${what} were rolled back: nobody confirmed them in time`} >&2; exit 1; }
systemctl stop ${`${timer}.timer`} 2>/dev/null; ${raw(':')}`,
          failures: {
            1: {
              why: `${what} were rolled back: nobody confirmed them in time`,
              hint: 'if the host still answers, the confirmation came too late: move the resources between these two after them, or give confirm more seconds',
            },
          },
        },
      ]
    },
    predict: ({ object }, have, prediction) =>
      prediction.objects.get(way.object, object) === undefined ? have : { state: 'waiting' },
    advanced: { declarations: () => [], confirms: true },
  })
}
