import { posix } from 'node:path'
import { raw, sh, type Sh } from '../../../sh/quote.ts'
import { readEngine, linesOf, type Engine } from '../engine.ts'
import type { Reply } from '../../kit/kind.ts'
import { readInstant, readHostTime, readTimestamp, type HostTime } from '../../kit/host-time.ts'

export interface ComposeWant {
  readonly dir: string
  readonly project: string
  readonly files: readonly string[]
  readonly state: 'running' | 'absent'
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
  /** `=`: it is the one that the name means, whichever that is. */
  readonly image: string
  readonly imageName: string
  /** Undefined: it never was. */
  readonly started: HostTime | undefined
  readonly created: HostTime | undefined
}

export interface ComposeHave {
  readonly engine: Engine
  /** `docker compose` is v2, `docker-compose` mostly v1. */
  readonly tool: 'v2' | 'v1' | 'none'
  readonly directory: boolean
  /** Each service with compose's digest of it; undefined when the files cannot be read, or are only predicted. */
  readonly services: ReadonlyMap<string, string> | undefined
  /** Without compose on the host: the names of services in the files, and when the youngest of these was written. */
  readonly files: { readonly services: readonly string[]; readonly written: number } | undefined
  /** What compose has against the files. */
  readonly objection: string | undefined
  readonly containers: readonly Container[]
  readonly networks: readonly string[]
  /** Which image a name means now. */
  readonly images: ReadonlyMap<string, string>
  /** When each of the wanted units last started, and each of the paths changed. */
  readonly unitStarts: ReadonlyMap<string, HostTime>
  /** An active unit that requires one of these and works in the project's directory: it is restarted along with it, containers and all. */
  readonly follower: Follower | undefined
}

/** What compose reads in a directory when no files are named, in both its versions. */
export const COMPOSE_FILES = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
]

export interface Follower {
  readonly unit: string
  /** It is one also by its file as that is now: systemd may not have read it yet. */
  readonly lasting: boolean
}

/** Labels that compose gives whatever it makes, v1 and v2 alike. */
export const LABEL = 'com.docker.compose'

export const label = (name: string) => `{{index .Config.Labels "${LABEL}.${name}"}}`

export const STATE = '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}}'

/** How docker is asked for the containers of the project, but for those of `docker-compose run`. */
export function ofProject(project: string): Sh {
  return sh`--filter ${`label=${LABEL}.project=${project}`} --filter ${`label=${LABEL}.oneoff=False`}`
}

/**
 * Leaves in `$ps` and `$c` what is known of the containers, and prints the latter. Where all of them are up and well, and their images are still what the names
 * mean, `docker ps` says all but the moment of their start: containerd writes down the first process of each then. That takes a `stat` where
 * `docker inspect` takes 25 ms. Else, and where containerd keeps that elsewhere, they are inspected.
 *
 * Source: moby, `container/state.go`, `String`; containerd, `runtime/v2/shim.go`, `InitPidFile`.
 */
export function containers({ project, units }: ComposeWant): Sh {
  const brief = `{{.ID}} {{.Image}} {{.Label "${LABEL}.service"}} {{.Label "${LABEL}.config-hash"}} {{.Status}}`
  const whole = `container ${label('service')} ${STATE} ${label('config-hash')} {{.Image}} {{.Config.Image}} {{.State.StartedAt}} {{.Created}}`
  const starts = sh`for i in $ids; do set -- "$@" /run/containerd/io.containerd.runtime.v*/moby/"$i"/init.pid; done
set -- $# $(stat -c @%.9Z -- "$@" 2>/dev/null); [ "$1" = $(($# - 1)) ] || up=; shift
for t do case $t in @*.?????????) ;; *) up=;; esac; done`
  return sh`ps= ids= c= up=$there
[ $tool != none ] || up=
[ -z "$ask" ] || ! ps=$(docker ps -a --no-trunc ${ofProject(project)} --format ${brief} 2>/dev/null) || engine=running
echo "engine $engine"
[ $engine = running ] || exit 0
while read -r i n s d t; do ids="$ids $i"
case $n:$t in sha256:*) up=;; *':Up '*' (healthy)') ;; *'('*) up=;; *':Up '*) ;; *) up=;; esac; done <<EOF
$ps
EOF
set --
[ -z "$up" ] || { ${units.length === 0 ? raw(':') : starts}; }
if [ "$ids" = ' ' ]; then :
elif [ -z "$up" ]; then c=$(docker inspect -f ${whole} $ids 2>/dev/null)
else while read -r i n s d t; do
case $t in *' (healthy)') h=healthy;; *) h=-;; esac
c="$c\${c:+
}container $s running $h $d = $n \${1:--} -"; [ $# = 0 ] || shift; done <<EOF
$ps
EOF
fi
[ -z "$c" ] || printf '%s\\n' "$c"`
}

export function readCompose(_: ComposeWant, reply: Reply): ComposeHave {
  const [tool] = linesOf(reply, 'tool')
  const [written] = linesOf(reply, 'written')
  const [follower, how] = (linesOf(reply, 'follower')[0] ?? '').split(' ').filter((word) => word !== '')
  const pairs = (word: string) =>
    new Map(linesOf(reply, word).map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? ''] as const))
  const objection = linesOf(reply, 'objection').join('\n')
  return {
    engine: readEngine(reply),
    tool: tool === 'v2' || tool === 'v1' ? tool : 'none',
    directory: reply.lines.includes('directory'),
    services: reply.lines.includes('services') ? pairs('service') : undefined,
    files: written === undefined ? undefined : { services: linesOf(reply, 'named'), written: Number(written) },
    objection: objection === '' ? undefined : objection,
    containers: linesOf(reply, 'container').map((line) => {
      const [service = '', state = '', health, hash = '', image = '', imageName = '', started = '', created = ''] =
        line.split(' ')
      return {
        service,
        state,
        health: health === '-' ? undefined : health,
        hash,
        image,
        imageName,
        started: started.startsWith('@') ? readHostTime(started.slice(1)) : readInstant(started),
        created: readInstant(created),
      }
    }),
    networks: linesOf(reply, 'network'),
    images: pairs('image'),
    follower: follower === undefined ? undefined : { unit: follower, lasting: how === 'lasting' },
    unitStarts: new Map([
      ...linesOf(reply, 'path-change').flatMap((line) => {
        const changed = readHostTime(line.replace(/ .*/, ''))
        return changed === undefined ? [] : [[line.replace(/^\S+ /, ''), changed] as const]
      }),
      ...linesOf(reply, 'unit-start').flatMap((line) => {
        const [unit = '', ...words] = line.split(' ')
        const stamp = readTimestamp(words.join(' '))
        return stamp === undefined ? [] : [[unit, stamp] as const]
      }),
    ]),
  }
}

/** The image that a container's own name for it means now; undefined when nobody knows. */
export function imageNow({ imageName }: Container, images: ReadonlyMap<string, string>): string | undefined {
  return images.get(posix.basename(imageName).includes(':') ? imageName : `${imageName}:latest`)
}
