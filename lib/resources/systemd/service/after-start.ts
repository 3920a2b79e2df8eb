import { raw, sh, type Sh } from '../../../sh/quote.ts'
import { LOG_MARK, stateAndLog, type AfterStart, type LaterState } from '../../processes/after-start.ts'

/** `NRestarts` is new in systemd 235: an older one says nothing of it. */
const PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'NRestarts',
  'ExecMainCode',
  'ExecMainStatus',
].flatMap((each) => ['-p', each])

/** Codes of `ExecMainCode`, as waitid(2) has them. */
const EXITED = '1'

interface Manager {
  /** Runs a script where its systemd can be asked. Default: as it is. */
  readonly within?: (script: Sh) => Sh
  readonly user?: string
}

/** What becomes of a unit after its start. `mayEnd`: nobody has asked that it runs. */
export function unitAfterStart(
  unit: string,
  { mayEnd }: { readonly mayEnd: boolean },
  manager: Manager = {},
): AfterStart {
  const { within = (script: Sh) => script, user } = manager
  const option = raw(user === undefined ? '' : '--user')
  return {
    look: (seconds) =>
      within(sh`now=$(systemctl ${option} show ${PROPERTIES} -- ${unit} 2>/dev/null) || exit 0
printf '%s\\n' "$now"
if systemctl ${option} is-active --quiet -- ${unit}; then case $now in *NRestarts=[1-9]*) ;; *) exit 0;; esac; fi
echo ${LOG_MARK}
log() { journalctl ${option} --no-pager -q -n 20 -o cat --since=${`-${seconds}s`} "$@" 2>/dev/null; }
own=$(log ${`${user === undefined ? '_SYSTEMD_UNIT' : '_SYSTEMD_USER_UNIT'}=${unit}`})
if [ -n "$own" ]; then printf '%s\\n' "$own"; else log -u ${unit}; fi`),
    read(reply) {
      const { state, log } = stateAndLog(reply)
      const said = new Map(state.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
      return stateOf(user === undefined ? unit : `${unit} of ${user}`, said, log, mayEnd)
    },
  }
}

function stateOf(unit: string, said: ReadonlyMap<string, string>, log: string, mayEnd: boolean): LaterState {
  const get = (property: string) => said.get(property) ?? ''
  const restarts = Number(get('NRestarts')) || 0
  if (get('ActiveState') === 'failed')
    return { type: 'failed', message: `${unit} has failed soon after its start: ${endOf(get)}`, log }
  if (get('SubState').startsWith('auto-restart'))
    return {
      type: 'restarting',
      message: `${unit} has ended soon after its start, and systemd is about to start it again: ${endOf(get)}`,
      log,
    }
  if (get('ActiveState') === 'inactive' && get('LoadState') === 'loaded' && !mayEnd)
    return { type: 'down', message: `${unit} has ended soon after its start: ${endOf(get)}`, log }
  return { type: 'up', restarts, log }
}

/** How its main process ended, as far as systemd says. */
function endOf(get: (property: string) => string): string {
  const [code, status, result] = [get('ExecMainCode'), get('ExecMainStatus'), get('Result')]
  if (code === EXITED) return `exit status ${status}`
  if (code !== '' && code !== '0') return `signal ${status}`
  return result === '' ? 'its reason is unknown' : `result ${result}`
}
