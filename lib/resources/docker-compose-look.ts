import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../sh/quote.ts'
import { probeEngine, readEngine, told, type Engine } from './docker-engine.ts'
import type { Reply } from './kind.ts'
import { readInstant, readTimestamp, type Stamp } from './stamp.ts'

export interface ComposeWant {
  readonly dir: string
  readonly project: string
  readonly files: readonly string[]
  readonly state: 'up' | 'down'
  /** Undefined: all that the files name. */
  readonly services: readonly string[] | undefined
  /** Seconds. */
  readonly deadline: number
  /** Units after whose start its containers must have been started. */
  readonly units: readonly string[]
}

export interface Container {
  readonly service: string
  readonly state: string
  /** Undefined: it has no health check. */
  readonly health: string | undefined
  /** Compose's own digest of what the container was made from. */
  readonly hash: string
  readonly image: string
  readonly imageName: string
  /** Undefined: it never was. */
  readonly started: Stamp | undefined
}

export interface ComposeHave {
  readonly engine: Engine
  /** `docker compose` is v2, `docker-compose` mostly v1. */
  readonly tool: 'v2' | 'v1' | 'none'
  readonly directory: boolean
  /** Each service with compose's digest of it; undefined when the files cannot be read, or are only foreseen. */
  readonly services: ReadonlyMap<string, string> | undefined
  /** What compose has against the files. */
  readonly objection: string | undefined
  readonly containers: readonly Container[]
  readonly networks: readonly string[]
  /** Which image a name means now. */
  readonly images: ReadonlyMap<string, string>
  /** When each of the wanted units last started. */
  readonly unitStarts: ReadonlyMap<string, Stamp>
  /** An active unit that requires one of these and works in the project's directory: it is restarted along with it, containers and all. */
  readonly follower: string | undefined
}

/** Labels that compose gives whatever it makes, v1 and v2 alike. */
const LABEL = 'com.docker.compose'
const label = (name: string) => `{{index .Config.Labels "${LABEL}.${name}"}}`
const STATE = '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}}'

/**
 * Defines `compose`, which is `docker compose` or `docker-compose` for this project, and leaves `$tool`. Where there is no `docker compose`, docker
 * asks its engine before it says so, and a stopped one would be started through docker.socket: so the question goes nowhere.
 */
export function composeTool({ project, files }: ComposeWant): Sh {
  const flags = ['-p', project, ...files.flatMap((file) => ['-f', file])]
  return sh`if DOCKER_HOST=unix:///dev/null docker compose version >/dev/null 2>&1; then tool=v2; compose() { docker compose ${flags} "$@"; }
elif command -v docker-compose >/dev/null 2>&1; then tool=v1; compose() { docker-compose ${flags} "$@"; }
else tool=none; compose() { return 127; }; fi`
}

/** Containers of the project, but for those of `docker-compose run`. */
export function containersOf(project: string, format: string): Sh {
  return sh`ids=$(docker ps -aq --filter ${`label=${LABEL}.project=${project}`} --filter ${`label=${LABEL}.oneoff=False`})
[ -z "$ids" ] || docker inspect -f ${format} $ids 2>/dev/null | sort`
}

/** `SERVICE STATE HEALTH STARTED NAME RESTARTS` of each container: what a wait looks at. */
export const LIVELINESS = `${label('service')} ${STATE} {{.State.StartedAt}} {{.Name}} {{.RestartCount}}`

/**
 * Asks compose for its services and Docker for the project's containers.
 *
 * Source: docker-compose(1) `config --hash`; docker-inspect(1).
 */
export function probeCompose(want: ComposeWant): Sh {
  const { dir, project, state } = want
  const format = `container ${label('service')} ${STATE} ${label('config-hash')} {{.Image}} {{.Config.Image}} {{.State.StartedAt}}`
  return lines(
    probeEngine,
    composeTool(want),
    sh`echo "tool $tool"
cd ${dir} 2>/dev/null && echo directory || tool=none
[ $engine = running ] || exit 0`,
    state === 'down'
      ? raw(':')
      : raw(`if [ $tool != none ]; then
if hashes=$(compose config --hash='*' 2>/dev/null); then echo services; printf '%s\\n' "$hashes" | sed 's/^/service /'
else compose config -q 2>&1 | head -n 8 | sed 's/^/objection /'; fi; fi`),
    sh`c=$(${containersOf(project, format)})
[ -z "$c" ] || printf '%s\\n' "$c"
docker network ls --filter ${`label=${LABEL}.project=${project}`} --format 'network {{.Name}}'`,
    ...want.units.map(
      (unit) =>
        sh`s() { TZ=UTC systemctl show "$@" -p ExecMainStartTimestamp -- ${unit} 2>/dev/null; }
t=$(s --timestamp=us+utc) || t=$(s); echo unit-start ${unit} "\${t#*=}"
for u in $(systemctl show -p RequiredBy -- ${unit} 2>/dev/null | sed 's/^[^=]*=//'); do
! systemctl is-active -q "$u" || [ "$(systemctl show -p WorkingDirectory -- "$u" | sed 's/^[^=]*=//')" != ${dir} ] || echo "follower $u"; done`,
    ),
    // Of all images only those that a container of the project has by name.
    raw(`names=' '
while read -r w s t h d i n x; do case \${n##*/} in ''|*@*) ;; *:*) names="$names$n ";; *) names="$names$n:latest ";; esac; done <<EOF
$c
EOF
[ "$names" = ' ' ] || docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | while read -r n i; do
case $names in *" $n "*) echo "image $n $i";; esac; done`),
  )
}

export function readCompose(_: ComposeWant, reply: Reply): ComposeHave {
  const [tool] = told(reply, 'tool')
  const pairs = (word: string) =>
    new Map(told(reply, word).map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? ''] as const))
  const objection = told(reply, 'objection').join('\n')
  return {
    engine: readEngine(reply),
    tool: tool === 'v2' || tool === 'v1' ? tool : 'none',
    directory: reply.lines.includes('directory'),
    services: reply.lines.includes('services') ? pairs('service') : undefined,
    objection: objection === '' ? undefined : objection,
    containers: told(reply, 'container').map((line) => {
      const [service = '', state = '', health, hash = '', image = '', imageName = '', started = ''] = line.split(' ')
      return {
        service,
        state,
        health: health === '-' ? undefined : health,
        hash,
        image,
        imageName,
        started: readInstant(started),
      }
    }),
    networks: told(reply, 'network'),
    images: pairs('image'),
    follower: told(reply, 'follower')[0],
    unitStarts: new Map(
      told(reply, 'unit-start').flatMap((line) => {
        const [unit = '', ...words] = line.split(' ')
        const stamp = readTimestamp(words.join(' '))
        return stamp === undefined ? [] : [[unit, stamp] as const]
      }),
    ),
  }
}

/** The image that a container's own name for it means now; undefined when nobody knows. */
export function imageNow({ imageName }: Container, images: ReadonlyMap<string, string>): string | undefined {
  return images.get(posix.basename(imageName).includes(':') ? imageName : `${imageName}:latest`)
}
