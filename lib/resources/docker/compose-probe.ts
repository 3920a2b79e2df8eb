import { posix } from 'node:path'
import { isPath } from '../kit/unit-name.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { recall } from './compose-cache.ts'
import { engineUnit, readEngine, told, type Engine } from './engine.ts'
import type { Reply } from '../kit/kind.ts'
import { readInstant, readHostTime, readTimestamp, type HostTime } from '../kit/host-time.ts'

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
  /** Each service with compose's digest of it; undefined when the files cannot be read, or are only foreseen. */
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
const LABEL = 'com.docker.compose'
const label = (name: string) => `{{index .Config.Labels "${LABEL}.${name}"}}`
const STATE = '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}}'

/** Where docker looks for its plugins, besides what its own configuration says (docker/cli, `cli-plugins/manager`). */
const PLUGIN_DIRS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

/**
 * Defines `compose`, which is `docker compose` or `docker-compose` for this project, and leaves `$tool`. Where there is no `docker compose`, docker
 * asks its engine before it says so, and a stopped one would be started through docker.socket: so the question goes nowhere. It takes 25 ms:
 * where there is `docker-compose`, it is asked only when a plugin is in one of the usual places.
 */
export function composeTool({ project, files }: ComposeWant): Sh {
  const flags = ['-p', project, ...files.flatMap((file) => ['-f', file])]
  return sh`p=; command -v docker-compose >/dev/null 2>&1 || p=1; for d in ${PLUGIN_DIRS}; do [ ! -e "$d/docker-compose" ] || p=1; done
[ ! -d "\${DOCKER_CONFIG:-$HOME/.docker}" ] || p=1
if [ -n "$p" ] && DOCKER_HOST=unix:///dev/null docker compose version >/dev/null 2>&1; then tool=v2; compose() { docker compose ${flags} "$@"; }
elif command -v docker-compose >/dev/null 2>&1; then tool=v1; compose() { docker-compose ${flags} "$@"; }
else tool=none; compose() { return 127; }; fi`
}

/** How docker is asked for the containers of the project, but for those of `docker-compose run`. */
function ofProject(project: string): Sh {
  return sh`--filter ${`label=${LABEL}.project=${project}`} --filter ${`label=${LABEL}.oneoff=False`}`
}

/** A line for each container of the project. */
export function containersOf(project: string, format: string): Sh {
  return sh`ids=$(docker ps -aq ${ofProject(project)})
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
  const head = lines(
    composeTool(want),
    sh`echo "tool $tool"
there=; cd ${dir} 2>/dev/null && echo directory && there=1 || tool=none`,
  )
  if (state === 'absent') {
    const network = sh`docker network ls --filter ${`label=${LABEL}.project=${project}`} --format 'network {{.Name}}'`
    const units = want.units.map((unit) => startOf(unit, dir))
    return lines(head, engineUnit, containers(want), network, ...units)
  }
  // docker-compose is Python and takes 0.3 s: the rest is asked meanwhile.
  return lines(
    head,
    engineUnit,
    want.files.length > 0 ? raw('found=1') : someFile,
    raw('[ -n "$ask" ] || { echo "engine $engine"; exit 0; }'),
    recall(want, COMPOSE_FILES),
    raw(`[ $tool = none ] || [ -n "$found" ] || echo "objection there is no compose file in $PWD or above it"
{ if [ $tool = none ] || [ -z "$found" ]; then echo none
elif [ -n "$kept" ]; then echo kept
else compose config --hash='*' 2>/dev/null; echo $?; fi; } | {
exec 3<&0 </dev/null`),
    containers(want),
    namesInFiles(want),
    ...want.units.map((unit) => startOf(unit, dir)),
    imagesOfContainers,
    // Its status is the last line.
    raw(`said= status=none; while IFS= read -r l <&3; do [ "$status" = none ] || said="$said\${said:+
}$status"; status=$l; done
if [ "$status" = kept ]; then
if agrees; then said=$kept status=0 memo=; else said=$(compose config --hash='*' 2>/dev/null); status=$?; fi; fi
case $status in
0) echo services; [ -z "$said" ] || printf '%s\\n' "$said" | while IFS= read -r l; do echo "service $l"; done; keep "$said";;
none) ;;
*) compose config -q 2>&1 | head -n 8 | sed 's/^/objection /';; esac; }`),
  )
}

/**
 * Both versions look in the directory and in those above it, unless COMPOSE_FILE says otherwise, which may stand in `.env`. To hear from
 * docker-compose that there is none takes 0.3 s.
 */
const someFile: Sh = sh`found=$COMPOSE_FILE d=$PWD
while :; do for n in .env ${COMPOSE_FILES}; do [ ! -e "$d/$n" ] || found=1; done
[ -z "$found" ] && [ -n "$d" ] || break; d=\${d%/*}; done`

/** When a unit last started, and what follows it. */
function startOf(unit: string, dir: string): Sh {
  if (isPath(unit)) return sh`c=$(stat -c %.9Z -- ${unit} 2>/dev/null) && echo path-change "$c" ${unit}`
  return sh`s() { TZ=UTC systemctl show "$@" -p ExecMainStartTimestamp,RequiredBy -- ${unit} 2>/dev/null; }
us=; while IFS='=' read -r k v; do
case $k in ExecMainStartTimestamp) echo unit-start ${unit} "$v";; RequiredBy) us=$v;; esac; done <<EOF
$(s --timestamp=us+utc || s)
EOF
for u in $us; do
a=; w=; f=; while IFS='=' read -r k v; do
case $k in ActiveState) a=$v;; WorkingDirectory) w=$v;; FragmentPath) f=$v;; esac; done <<EOF
$(systemctl show -p ActiveState,WorkingDirectory,FragmentPath -- "$u" 2>/dev/null)
EOF
[ "$a" = active ] && [ "$w" = ${dir} ] || continue
if awk -v requires=${`^Requires=.*${unit.replaceAll('.', '[.]')}`} '/^\\[Unit]/ { u = 1 } /^\\[Service]/ { s = 1 } $0 ~ requires { r = 1 } /^ExecStart=/ { e = 1 }
END { exit !(u && s && r && e) }' "$f" 2>/dev/null; then f=lasting; else f=; fi
echo "follower $u $f"; done`
}

/**
 * Which image the name of a container's image means now. `docker ps` says the name itself while that means the container's own image, and
 * else the digest: only then is there something to look up.
 *
 * Source: moby, `daemon/list.go`, `reducePsContainer`.
 */
const imagesOfContainers = raw(`names=' ' own=1
case $ps in *' sha256:'*) own=;; esac
while read -r w s t h d i n x; do
case \${n##*/} in ''|*@*) continue;; *:*) ;; *) n=$n:latest;; esac
if [ -n "$own" ]; then echo "image $n $i"; else names="$names$n "; fi; done <<EOF
$c
EOF
[ "$names" = ' ' ] || docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | while read -r n i; do
case $names in *" $n "*) echo "image $n $i";; esac; done`)

/**
 * Where compose is still to come, the keys below `services:` say which there are. More than that only compose can tell.
 * Prints `written SECONDS` and `named SERVICE` where `$tool` is none and `$there` is not empty.
 *
 * Source: Compose file reference, `services`.
 */
export function namesInFiles({ files }: Pick<ComposeWant, 'files'>): Sh {
  return sh`if [ $tool = none ] && [ -n "$there" ]; then
set -- ${files.length > 0 ? files : COMPOSE_FILES}
for f do shift; [ ! -f "$f" ] || set -- "$@" "$f"; done
if [ $# -gt 0 ]; then echo "written $(stat -c %Y -- "$@" | sort -n | tail -n 1)"
awk '/^services:/ { s = 1; next } /^[^ #]/ { s = 0 } s && match($0, /^ +[^ #-][^:]*:/) { match($0, /^ +/); if (!w) w = RLENGTH
if (RLENGTH == w) { sub(/^ +/, ""); sub(/:.*/, ""); gsub(/"/, ""); print "named", $0 } }' "$@"; fi; fi`
}

/**
 * Leaves in `$ps` and `$c` what is known of the containers, and prints the latter. Where all of them are up and well, and their images are still what the names
 * mean, `docker ps` says all but the moment of their start: containerd writes down the first process of each then. That takes a `stat` where
 * `docker inspect` takes 25 ms. Else, and where containerd keeps that elsewhere, they are inspected.
 *
 * Source: moby, `container/state.go`, `String`; containerd, `runtime/v2/shim.go`, `InitPidFile`.
 */
function containers({ project, units }: ComposeWant): Sh {
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
  const [tool] = told(reply, 'tool')
  const [written] = told(reply, 'written')
  const [follower, how] = (told(reply, 'follower')[0] ?? '').split(' ').filter((word) => word !== '')
  const pairs = (word: string) =>
    new Map(told(reply, word).map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? ''] as const))
  const objection = told(reply, 'objection').join('\n')
  return {
    engine: readEngine(reply),
    tool: tool === 'v2' || tool === 'v1' ? tool : 'none',
    directory: reply.lines.includes('directory'),
    services: reply.lines.includes('services') ? pairs('service') : undefined,
    files: written === undefined ? undefined : { services: told(reply, 'named'), written: Number(written) },
    objection: objection === '' ? undefined : objection,
    containers: told(reply, 'container').map((line) => {
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
    networks: told(reply, 'network'),
    images: pairs('image'),
    follower: follower === undefined ? undefined : { unit: follower, lasting: how === 'lasting' },
    unitStarts: new Map([
      ...told(reply, 'path-change').flatMap((line) => {
        const changed = readHostTime(line.replace(/ .*/, ''))
        return changed === undefined ? [] : [[line.replace(/^\S+ /, ''), changed] as const]
      }),
      ...told(reply, 'unit-start').flatMap((line) => {
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
