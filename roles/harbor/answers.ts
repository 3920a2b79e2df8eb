import { kind, sh, type Resource } from 'rolecall'
import { PROJECT, readiness, untilReady, type At } from './ready.ts'

/** `led`: it does not answer, and its unit starts it anew whenever the engine is started anew. */
type Have = 'answers' | 'silent' | 'led' | 'no engine'

/** Seconds that services which Docker calls healthy may take to answer. */
const GRACE_SECONDS = 15
const HEALTHY_WITHIN = 300

/**
 * Harbor answers, and not only Docker says so. An engine that died and came back by itself (live-restore) leaves the services running
 * without a network, and goes on to call them healthy. Nothing but a new start helps.
 *
 * Prediction: its services are to be brought up, which waits for them, or the engine takes its unit along when it is restarted: it will
 * answer. Unknown: the engine is to be started.
 *
 * @example
 * harborAnswers({ root: 'http://127.0.0.1:180', api: '/api/v2.0' })
 */
export const harborAnswers = (at: At): Resource<At> => make(at.root, at)

const make = kind<At, Have>({
  name: 'harborAnswers',
  probe: (at) => sh`${readiness(at)}
if healthy && asks; then echo answers
# A stopped engine is not asked: docker.socket would start it.
elif systemctl is-active -q docker.service && docker version >/dev/null 2>&1; then
if systemctl is-active -q harbor.service && systemctl show -p Requires harbor.service | grep -qw docker.service; then echo led; else echo silent; fi
else echo no engine; fi`,
  read(_, { lines: [said] }) {
    return said === 'answers' || said === 'led' || said === 'no engine' ? said : 'silent'
  },
  predict(_, have, prediction) {
    if (have === 'answers') return have
    const engine = prediction.units.get('docker.service')
    if (prediction.objects.project(PROJECT)?.exists === true) return 'answers'
    if (have === 'led' && engine?.running === true && prediction.units.startOrStop('docker.service') !== undefined)
      return 'answers'
    if (have !== 'no engine' || engine?.running !== true) return have
    return { unknown: `whether Harbor answers is known only after ${engine.from}` }
  },
  plan(at, have) {
    switch (have) {
      case 'answers':
        return []
      case 'no engine':
        return { refused: 'Harbor needs a Docker engine that answers', hint: 'give the host the role docker before it' }
      case 'silent':
      case 'led':
        return [
          {
            summary: `restart the services of Harbor, because it does not answer at ${at.root}`,
            sh: sh`${readiness(at)}
n=0; until healthy && asks; do n=$((n + 1)); [ $n -lt ${GRACE_SECONDS} ] || { systemctl restart harbor.service || exit 1; break; }; sleep 1; done
${untilReady(HEALTHY_WITHIN)}`,
            deadline: 2 * HEALTHY_WITHIN,
          },
        ]
    }
  },
  effects: () => [{ type: 'project', name: PROJECT, exists: true }],
})
