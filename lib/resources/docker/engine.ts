import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Reply } from '../kit/kind.ts'
import { isBroughtBy } from '../systemd/packaged-units.ts'
import { allAfter } from '../kit/text.ts'

/** Whether Docker can be asked: it answers, it is stopped, it runs and does not answer, or there is no `docker` at all. */
export type Engine = 'running' | 'stopped' | 'silent' | 'none'

/**
 * Leaves in `$ask` whether Docker may be asked at all. That never goes through docker.socket while the engine is stopped: systemd
 * would start the engine to have the question answered.
 *
 * Source: docker(1), systemd.socket(5).
 */
export const engineUnit: Sh = raw(`engine=none ask=
if command -v docker >/dev/null 2>&1; then engine=silent ask=1
set -- $(systemctl is-active docker.service docker.socket 2>/dev/null)
case $1 in active | reloading) ;; *) [ $# = 0 ] || engine=stopped; [ "$2" != active ] || ask=;; esac; fi`)

/** Follows `engineUnit`: prints `engine WORD` and leaves the word in `$engine`. It takes Docker 25 ms. */
export const engineAnswer: Sh =
  raw(`[ -z "$ask" ] || ! docker version -f '{{.Server.Version}}' >/dev/null 2>&1 || engine=running
echo "engine $engine"`)

export const probeEngine: Sh = lines(engineUnit, engineAnswer)

/** The rest of the probe, which may ask Docker. */
export function whenRunning(question: Sh): Sh {
  return sh`${probeEngine}
[ $engine = running ] || exit 0
${question}`
}

export function readEngine(reply: Reply): Engine {
  const word = reply.lines.find((line) => line.startsWith('engine '))?.slice('engine '.length)
  return word === 'running' || word === 'stopped' || word === 'silent' ? word : 'none'
}

/** The lines that begin with a word, without it. */
export function linesOf(reply: Reply, word: string): string[] {
  return allAfter(reply.lines, word)
}

/** What cannot be done without an engine that answers. */
export function engineRefusal(engine: Engine, what: string): Refused | undefined {
  switch (engine) {
    case 'running':
      return undefined
    case 'none':
      return {
        refused: `${what} needs Docker, and this host has no docker command`,
        hint: 'put its package before this resource',
      }
    case 'stopped':
      return {
        refused: `${what} needs Docker, and its engine is stopped`,
        hint: `put service('docker', { running: true }) before this resource`,
      }
    case 'silent':
      return { refused: `${what} needs Docker, and its engine does not answer`, hint: 'docker version says why' }
  }
}

/**
 * What earlier, pending changes make of an engine that cannot be asked now: it comes with nothing in it (there is no Docker yet),
 * it comes with what nobody can see before it runs, or it does not come.
 */
export function predictEngine(engine: Engine, prediction: Prediction): 'empty' | { readonly from: string } | undefined {
  if (engine === 'running') return undefined
  const unit = prediction.units.get('docker.service')
  const isComing =
    unit?.running === true || prediction.packages.installed().some(({ name }) => isBroughtBy('docker.service', name))
  if (engine === 'none' && isComing) return 'empty'
  const bringer = unit?.running === true ? unit : prediction.opaque()
  return bringer && { from: bringer.from }
}
