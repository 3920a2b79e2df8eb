import { raw, sh, type Sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'

/** Something that may lock us out: it holds for some seconds only, unless it is confirmed over the same connection. */
export interface WayBack {
  /** The kind that confirms. */
  readonly kind: string
  /** What a prediction calls it. */
  readonly object: string
  /** A directory that a boot empties. */
  readonly room: string
  /** The timer that goes back. */
  readonly timer: string
  /** In words: `the rules`. */
  readonly what: string
  /** What confirming is called: `confirm the rules of nftables`. */
  readonly confirms: string
  readonly hint: string
}

/** Begins the script that changes something: the room is there and empty, and is where the script goes on. */
export function beginWayBack({ room }: WayBack): Sh {
  return sh`umask 077
mkdir -p ${room} && cd ${room} && rm -rf back taken-back live old || exit 1`
}

/**
 * After this the host goes back by itself, `confirm` seconds later, by the file `back` of the room: by a timer of systemd, or a process of its own, which no lost
 * connection ends.
 */
export function armWayBack({ room, timer }: WayBack, confirm: number): Sh {
  return sh`if [ -d /run/systemd/system ] && systemctl stop ${`${timer}.timer`} 2>/dev/null; systemd-run -q --unit=${timer} --on-active=${confirm} --timer-property=AccuracySec=1s /bin/sh ${`${room}/back`} 2>/dev/null; then :
else setsid sh -c ${`sleep ${confirm}; sh ${room}/back`} >/dev/null 2>&1 </dev/null & fi`
}

interface Confirmed {
  readonly state: 'confirmed' | 'waiting' | 'taken back'
}

/** The resource that confirms. It is asked in a trip of its own: that its question arrives, and its step, is what it shows. */
export function confirmation(way: WayBack): (name: string, want: { readonly object: string }) => Resource {
  const { room, timer, what, confirms, hint } = way
  return kind<{ readonly object: string }, Confirmed>({
    name: way.kind,
    probe: () =>
      sh`if [ -f ${`${room}/taken-back`} ]; then echo 'taken back'; elif [ -f ${`${room}/back`} ]; then echo waiting; else echo confirmed; fi`,
    read: (_, { text: said }) => ({
      state: said.startsWith('waiting') ? 'waiting' : said.startsWith('taken') ? 'taken back' : 'confirmed',
    }),
    plan(_, { state }): Step[] | Refused {
      if (state === 'confirmed') return []
      if (state === 'taken back') return { refused: `${what} were taken back: nobody confirmed them in time`, hint }
      return [
        {
          summary: confirms,
          sh: sh`mv ${`${room}/back`} ${`${room}/confirmed`} 2>/dev/null || { echo ${`${what} were taken back: nobody confirmed them in time`} >&2; exit 1; }
systemctl stop ${`${timer}.timer`} 2>/dev/null; ${raw(':')}`,
        },
      ]
    },
    predict: ({ object }, have, later) =>
      later.objects.get(way.object, object) === undefined ? have : { state: 'waiting' },
    advanced: { declarations: () => [] },
  })
}
