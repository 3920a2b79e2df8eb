import { kind, sh, type Resource } from 'rolecall'

interface Want {
  readonly directory: string
}

interface Have {
  /** install.sh has come to its end with the harbor.yml of now. */
  readonly installed: boolean
  readonly engine: boolean
}

/** Seconds that the services have to become healthy. */
const HEALTHY_WITHIN = 300

/**
 * Harbor installed from the harbor.yml that is in its directory. The digest of that file is written down beside it when all
 * services were healthy, by the very step that installed them: whatever is killed before is done again.
 */
export const harborInstall = (directory: string): Resource<Want> => make(directory, { directory })

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
  plan: ({ directory }, { installed, engine }) =>
    installed
      ? []
      : engine
        ? [
            {
              say: `run ${directory}/install.sh and wait until its services are healthy`,
              sh: run(directory),
              deadline: 1800,
            },
          ]
        : { refused: 'Harbor needs a Docker engine that answers', hint: 'give the host the role docker before it' },
  effects: () => [{ about: 'project', name: PROJECT, exists: true }],
})

function run(directory: string) {
  return sh`cd ${directory} || exit 1
sum=$(sha256sum <harbor.yml) || exit 1
rm -f .installed-from
./install.sh || exit 1
tries=0
until states=$(docker ps -a --filter label=com.docker.compose.project=${PROJECT} --format '{{.Names}}: {{.Status}}') &&
[ -n "$states" ] && ! printf '%s\\n' "$states" | grep -qv ': Up ' &&
! printf '%s\\n' "$states" | grep -q 'health: starting\\|(unhealthy)'; do
tries=$((tries + 1))
[ $tries -lt ${HEALTHY_WITHIN} ] || { printf '%s\\n' ${`not healthy within ${HEALTHY_WITHIN} s:`} "$states" >&2; exit 1; }
sleep 1
done
printf '%s\\n' "$sum" >.installed-from.new && sync .installed-from.new && mv .installed-from.new .installed-from`
}
