import { isPath } from '../../kit/options/unit-name.ts'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { recall } from './cache.ts'
import { engineUnit } from '../engine.ts'
import { type ComposeWant, COMPOSE_FILES, LABEL, label, STATE, ofProject, containers } from './answer.ts'

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

/** A line for each container of the project. */
export function containersOf(project: string, format: string): Sh {
  return sh`ids=$(docker ps -aq ${ofProject(project)})
[ -z "$ids" ] || docker inspect -f ${format} $ids 2>/dev/null | sort`
}

/** Prints the ids of the containers of these services of a project. Default: of all its services. */
export function servicesOf(project: string, services: readonly string[]): Sh {
  if (services.length === 0) return sh`docker ps -aq ${ofProject(project)}`
  const ofEach = services.map(
    (name) => sh`docker ps -aq ${ofProject(project)} --filter ${`label=${LABEL}.service=${name}`}`,
  )
  return lines(...ofEach)
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
 * Both versions look in the directory and in those above it, unless COMPOSE_FILE says otherwise, which `.env` may set. To hear from
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
