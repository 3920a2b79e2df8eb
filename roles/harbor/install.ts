import { kind, sh, type Resource } from 'rolecall'

interface Want {
  readonly directory: string
  readonly at: At
}

/** Where Harbor itself answers, past any proxy. */
export interface At {
  /** Such as `http://127.0.0.1:180`. */
  readonly root: string
  /** The path of its API, such as `/api/v2.0`. */
  readonly api: string
}

interface Have {
  /** install.sh has come to its end with the harbor.yml of now. */
  readonly installed: boolean
  readonly engine: boolean
}

/** Seconds that Harbor has to become healthy. */
const HEALTHY_WITHIN = 300

/**
 * Harbor installed from the harbor.yml that is in its directory. The digest of that file is written down beside it when Harbor
 * was ready, by the very step that installed it: whatever is killed before is done again.
 *
 * Ready: no service is down or unhealthy for Docker, which in the 1.8 line watches some of them only; Harbor's own API says that every
 * component is healthy; and `/v2/` asks who is there, which is the first thing that docker login wants to hear. What was seen last is
 * told when it does not come to that in time.
 *
 * Foreseen: a pending harbor.yml, or its directory, makes it run. Docker that is still to come, or is to be started, is taken as
 * there: the installer says itself what is wrong with it. Its services are then a compose project that is up.
 *
 * Refused: a host without a Docker engine that answers, and nothing pending that may bring one.
 *
 * @example
 * harborInstall('/opt/harbor-v2.9.5', { root: 'http://127.0.0.1:180', api: '/api/v2.0' })
 *
 * Source: install.sh of Harbor; its API, `GET /health` (1.8: below `/api`, since 2.0: below `/api/v2.0`).
 */
export const harborInstall = (directory: string, at: At): Resource<Want> => make(directory, { directory, at })

/** What all its services are called together, whichever directory they were started from. */
export const PROJECT = 'harbor'

const make = kind<Want, Have>({
  name: 'harborInstall',
  probe: ({ directory }) => sh`cd ${directory} 2>/dev/null || exit 0
[ ! -e docker-compose.yml ] || [ "$(sha256sum <harbor.yml)" != "$(cat .installed-from 2>/dev/null)" ] || echo installed
# A stopped engine is not asked: docker.socket would start it.
{ ! systemctl is-active -q docker.socket || systemctl is-active -q docker.service; } &&
command -v docker >/dev/null && docker version >/dev/null 2>&1 && echo engine; :`,
  read: (_, { lines }) => ({ installed: lines.includes('installed'), engine: lines.includes('engine') }),
  foresee({ directory }, have, foreseen) {
    const pending = foreseen.path(`${directory}/harbor.yml`) ?? foreseen.path(directory)
    const started = foreseen.unit('docker.service')?.running === true
    // The installer says itself what is wrong with the engine that there will be.
    return pending === undefined && foreseen.opaque() === undefined && !started
      ? have
      : { installed: have.installed && pending === undefined, engine: true }
  },
  plan: ({ directory, at }, { installed, engine }) =>
    installed
      ? []
      : engine
        ? [
            {
              say: `run ${directory}/install.sh and wait until its services are healthy`,
              sh: run(directory, at),
              deadline: 1800,
            },
          ]
        : { refused: 'Harbor needs a Docker engine that answers', hint: 'give the host the role docker before it' },
  effects: () => [{ about: 'project', name: PROJECT, exists: true }],
})

function run(directory: string, { root, api }: At) {
  return sh`cd ${directory} || exit 1
sum=$(sha256sum <harbor.yml) || exit 1
rm -f .installed-from
./install.sh || exit 1
end=$(($(date +%s) + ${HEALTHY_WITHIN}))
up() {
seen=$(docker ps -a --filter label=com.docker.compose.project=${PROJECT} --format '{{.Names}}: {{.Status}}')
[ -n "$seen" ] && ! printf '%s\\n' "$seen" | grep -qv ': Up ' && ! printf '%s\\n' "$seen" | grep -q 'health: starting\\|(unhealthy)'
}
healthy() {
seen=$(curl -sS -m 10 ${`${root}${api}/health`} 2>&1)
case $(printf %s "$seen" | tr -d '[:space:]') in *'"status":"unhealthy"'*) return 1;; *'"status":"healthy"'*) ;; *) return 1;; esac
}
asks() {
seen=$(curl -sS -m 10 -o /dev/null -w '/v2/ answers %{http_code}' ${`${root}/v2/`} 2>&1)
[ "$seen" = '/v2/ answers 401' ]
}
until up && healthy && asks; do
[ "$(date +%s)" -lt "$end" ] || { printf '%s\\n' ${`not healthy within ${HEALTHY_WITHIN} s:`} "$seen" >&2; exit 1; }
sleep 1
done
printf '%s\\n' "$sum" >.installed-from.new && sync .installed-from.new && mv .installed-from.new .installed-from`
}
