import { kind, raw, sh, type Resource } from 'rolecall'
import { PROJECT, readiness, untilReady, type At } from './ready.ts'

interface Want {
  readonly directory: string
  readonly at: At
}

interface Have {
  /** install.sh has come to its end with the harbor.yml of now. */
  readonly installed: boolean
  /** A Docker engine answers; it is asked only where there is something to install. */
  readonly engine: boolean
  /** The unit of Harbor's services is there, and does not run. */
  readonly stopped: boolean
}

/** Seconds that Harbor has to become healthy. */
const HEALTHY_WITHIN = 300

const UNIT = 'harbor.service'

/**
 * Harbor installed from the harbor.yml that is in its directory. The digest of that file is written down beside it when Harbor
 * was ready, by the very step that installed it: whatever is killed before is done again.
 *
 * Ready is what `readiness` says. What was seen last is told when it does not come to that in time.
 *
 * Prediction: a pending harbor.yml, or an archive that brings its directory, makes it run; not one that only gets another mode or owner.
 * Docker that is still to come, or is to be started, is taken as there: the installer says itself what is wrong with it. Its services are
 * then a compose project that is up.
 *
 * Refused: a host without a Docker engine that answers, and nothing pending that may bring one.
 *
 * @example
 * harborInstall('/opt/harbor-v2.9.5', { root: 'http://127.0.0.1:180', api: '/api/v2.0' })
 *
 * Source: install.sh of Harbor; its API, `GET /health` (1.8: below `/api`, since 2.0: below `/api/v2.0`).
 */
export const harborInstall = (directory: string, at: At): Resource<Want> => make(directory, { directory, at })

const make = kind<Want, Have>({
  name: 'harborInstall',
  probe: ({ directory }) => sh`cd ${directory} 2>/dev/null || exit 0
from=; [ ! -r .installed-from ] || read -r from <.installed-from
[ ! -e docker-compose.yml ] || [ "$(sha256sum <harbor.yml)" != "$from" ] || { echo installed; exit 0; }
[ -e /etc/systemd/system/${UNIT} ] && ! systemctl is-active -q ${UNIT} && echo stopped
# A stopped engine is not asked: docker.socket would start it.
{ ! systemctl is-active -q docker.socket || systemctl is-active -q docker.service; } &&
command -v docker >/dev/null && docker version >/dev/null 2>&1 && echo engine; :`,
  read: (_, { lines }) => ({
    installed: lines.includes('installed'),
    engine: lines.includes('engine'),
    stopped: lines.includes('stopped'),
  }),
  predict({ directory }, have, prediction) {
    const yml = `${directory}/harbor.yml`
    const doubt = prediction.paths.doubtAbout(yml)
    if (doubt) return { unknown: `what ${yml} will be is known only after ${doubt.from}` }
    const file = prediction.paths.get(yml)?.state
    const pending =
      file === undefined || (file.type === 'file' && file.kept === true) ? prediction.paths.filledAbove(yml) : file
    const started = prediction.units.get('docker.service')?.running === true
    // The installer says itself what is wrong with the engine that there will be.
    return pending === undefined && prediction.opaque() === undefined && !started
      ? have
      : { ...have, installed: have.installed && pending === undefined, engine: true }
  },
  plan: ({ directory, at }, { installed, engine, stopped }) =>
    installed
      ? []
      : engine
        ? [
            {
              summary: `run ${directory}/install.sh and wait until its services are healthy`,
              sh: run(directory, at, stopped),
              deadline: 1800,
            },
          ]
        : { refused: 'Harbor needs a Docker engine that answers', hint: 'give the host the role docker before it' },
  effects: (_, { stopped }) => [
    { type: 'project', name: PROJECT, exists: true },
    ...(stopped ? [{ type: 'unit', name: UNIT, running: true } as const] : []),
  ],
  advanced: { batchable: true },
})

const ofProject = `--filter label=com.docker.compose.project=${PROJECT}`

/**
 * Ends the services that run, and removes their networks, before the installer does. It gives up where the engine has not let go of a container that
 * has ended: "network has active endpoints". Such an endpoint goes after a moment, or when it is disconnected by force.
 */
const endRunning = raw(`all=$(docker ps -aq ${ofProject}) || exit 1
[ -z "$all" ] || { docker stop $all && docker rm -v $all; } >/dev/null || exit 1
for network in $(docker network ls -q ${ofProject}); do
tries=0
until docker network rm "$network" >/dev/null 2>&1; do
tries=$((tries + 1))
[ "$tries" -lt 10 ] || { docker network rm "$network" >/dev/null; exit 1; }
for left in $(docker network inspect -f '{{range .Containers}}{{.Name}} {{end}}' "$network"); do docker network disconnect -f "$network" "$left"; done
sleep 1
done
done`)

function run(directory: string, at: At, isStopped: boolean) {
  // A restart of Docker restarts this unit too, which fails while files of the release are missing.
  const start = isStopped ? sh`systemctl start ${UNIT} || exit 1` : raw('')
  return sh`cd ${directory} || exit 1
sum=$(sha256sum <harbor.yml) || exit 1
rm -f .installed-from
${endRunning}
./install.sh || exit 1
${readiness(at)}
${untilReady(HEALTHY_WITHIN)}
${start}
printf '%s\\n' "$sum" >.installed-from.new && sync .installed-from.new && mv .installed-from.new .installed-from`
}
