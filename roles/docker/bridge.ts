import { inline, kind, sh, type Resource } from 'rolecall'

interface Have {
  /** The address of docker0 with its network's size; undefined when there is no docker0. */
  readonly address: string | undefined
  /** Containers that live on when the engine is restarted. */
  readonly surviving: number
  /** Those among them that an active unit takes along: it requires the engine, and works in the directory of their compose project. */
  readonly led: number
  readonly running: boolean
}

interface Want {
  readonly bip: string
  readonly dataRoot: string
}

/** Seconds that containers have to end by themselves, as with `docker stop`. */
const GRACE_SECONDS = 10

/**
 * docker0 has the address that daemon.json asks for. Mostly a restart of the engine is enough for that. With live-restore the engine
 * leaves its networks alone while a container runs, so the containers have to be started anew as well, once.
 *
 * They are ended while the engine is down: for it they then died of their own, and their restart policies hold as after a
 * reboot, also when this is killed half-way. Units that require the engine stop with it, and are started again. Of the other containers
 * the oldest is started first, and one that cannot start is tried again: it may need another. One that cannot start at all, because what it
 * mounts is lost, is for whoever runs it.
 */
export function bridge(bip: string, dataRoot: string): Resource {
  return make('docker0', { bip, dataRoot })
}

const make = kind<Want, Have>({
  name: 'dockerBridge',
  // A stopped engine is not asked: docker.socket would start it. The shims of its containers stand in /run.
  probe: ({ bip, dataRoot }) =>
    inline(
      ['a', 'n', 'led', 'dirs', 'u', 'd', 'c', 'w'],
      sh`set -- $(ip -o -4 addr show dev docker0 2>/dev/null); a=\${4:+address $4}; echo "$a"
# Where the address is right nothing else counts, and six questions are saved.
[ "$a" != ${`address ${bip}`} ] || return 0
n=0; led=0; dirs=; for u in $(systemctl show -p RequiredBy docker.service | sed 's/^[^=]*=//'); do
! systemctl is-active -q "$u" || dirs="$dirs $(systemctl show -p WorkingDirectory "$u" | sed 's/^[^=]*=//')"; done
for d in /run/containerd/io.containerd.runtime.v*/moby/* /run/docker/containerd/daemon/io.containerd.runtime.v*/moby/*; do
[ -d "$d" ] || continue; n=$((n + 1)); c=${dataRoot}/containers/\${d##*/}
for w in $dirs; do ! grep -qF "project.working_dir\\":\\"$w\\"" "$c/config.v2.json" || { led=$((led + 1)); break; }; done
done
if systemctl is-active -q docker.service && [ "$(docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)" = false ]; then n=0; led=0; fi
echo "surviving $n"; echo "led $led"
! systemctl is-active -q docker.service || echo running`,
    ),
  read(_, { lines }) {
    const said = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    return {
      address: said('address'),
      surviving: Number(said('surviving') ?? 0),
      led: Number(said('led') ?? 0),
      running: lines.includes('running'),
    }
  },
  plan: ({ bip }, { address, surviving }) =>
    address === bip
      ? []
      : [
          {
            summary: `restart docker${surviving > 0 ? ` and its ${surviving === 1 ? 'container' : `${surviving} containers`}` : ''}, so that docker0 has ${bip} (has ${address ?? 'none'})`,
            sh: sh`ids=; pids=; along=
for u in $(systemctl show -p RequiredBy docker.service | sed 's/^[^=]*=//'); do ! systemctl is-active -q "$u" || along="$along $u"; done
if systemctl is-active -q docker.service; then ids=$(docker ps -q)
[ -z "$ids" ] || pids=$(docker inspect -f '{{.State.Pid}}' $ids) || exit 1; fi
systemctl stop docker.socket 2>/dev/null; systemctl stop docker.service || exit 1
if [ -n "$pids" ]; then kill -TERM $pids 2>/dev/null; n=0
while kill -0 $pids 2>/dev/null && [ $n -lt ${GRACE_SECONDS} ]; do sleep 1; n=$((n + 1)); done
kill -KILL $pids 2>/dev/null; sleep 1; fi
systemctl start docker.service || exit 1
[ -z "$along" ] || systemctl start $along || :
old=; for i in $ids; do old="$i $old"; done
n=0; while [ -n "$old" ]; do bad=
for i in $old; do said=$(docker start "$i" 2>&1) || bad="$bad $i"; done
old=$bad; n=$((n + 1)); [ -z "$bad" ] || [ $n -lt 5 ] || { printf '%s\\n' "$said" >&2; break; }
[ -z "$bad" ] || sleep 1; done`,
          },
        ],
  effects: () => [{ type: 'unit', name: 'docker.service', running: true }],
  predict({ bip }, have, prediction) {
    // A start of the engine does it, unless containers live on through it. One that does not run is started before, or comes with its package.
    const starts = prediction.units.startOrStop('docker.service') !== undefined || (!have.running && !prediction.empty)
    return starts && have.surviving === have.led ? { ...have, address: bip, running: true } : have
  },
})
