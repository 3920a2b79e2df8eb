import { sh, type Sh } from '../../sh/quote.ts'
import { LOG_MARK, stateAndLog, type AfterStart, type LaterState } from '../processes/after-start.ts'
import { engineUnit } from './engine.ts'

const FORMAT = '{{.Name}} {{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}'
const ENDED = ['exited', 'dead', 'restarting']

/** What becomes of containers after their start. `ids`: a script that prints their names or ids. */
export function containersAfterStart(ids: Sh): AfterStart {
  return {
    look: () => sh`${engineUnit}
[ -n "$ask" ] || exit 0
ids=$(${ids}) && [ -n "$ids" ] || exit 0
now=$(docker container inspect -f ${FORMAT} $ids 2>/dev/null)
printf '%s\\n' "$now"
sick=$(printf '%s\\n' "$now" | while read -r name status restarts _; do
case $status:$restarts in running:0 | paused:* | created:*) ;; *) echo "\${name#/}"; break;; esac; done)
[ -z "$sick" ] || { echo ${LOG_MARK}; docker logs --tail 15 "$sick" 2>&1; }; :`,
    read(reply) {
      const { state, log } = stateAndLog(reply)
      return stateOf(state.map(seen), log)
    },
  }
}

interface Seen {
  readonly name: string
  readonly status: string
  readonly restarts: number
  readonly exitCode: string
}

function seen(line: string): Seen {
  const [name = '', status = '', restarts = '', exitCode = ''] = line.split(' ')
  return { name: name.replace(/^\//, ''), status, restarts: Number(restarts) || 0, exitCode }
}

function stateOf(containers: readonly Seen[], log: string): LaterState {
  const ended = containers.find(({ status }) => ENDED.includes(status))
  if (ended === undefined) {
    const restarts = containers.reduce((sum, each) => sum + each.restarts, 0)
    return { type: 'up', restarts, log }
  }
  const { name, status, exitCode } = ended
  const message = `container ${name} has ended soon after its start`
  if (status === 'restarting')
    return {
      type: 'restarting',
      message: `${message}, and Docker is about to start it again: exit code ${exitCode}`,
      log,
    }
  return { type: exitCode === '0' ? 'down' : 'failed', message: `${message}: exit code ${exitCode}`, log }
}
