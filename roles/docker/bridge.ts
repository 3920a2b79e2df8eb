import { kind, sh, type Resource } from 'rolecall'

interface Have {
  /** The address of docker0 with its network's size; undefined when there is no docker0. */
  readonly address: string | undefined
  /** Containers that live on when the engine is restarted. */
  readonly surviving: number
}

/** Seconds that containers have to end by themselves, as with `docker stop`. */
const GRACE_SECONDS = 10

/**
 * docker0 has the address that daemon.json asks for. Mostly a restart of the engine is enough for that. With live-restore the engine
 * leaves its networks alone while a container runs, so the containers have to be started anew as well, once.
 *
 * They are ended while the engine is down: for it they then died of their own, and their restart policies hold as after a
 * reboot, also when this is killed half-way. Units that require the engine stop with it, and are started again.
 */
export function bridge(bip: string): Resource {
  return make('docker0', { bip })
}

const make = kind<{ readonly bip: string }, Have>({
  name: 'dockerBridge',
  // A stopped engine is not asked: docker.socket would start it. The shims of its containers stand in /run.
  probe: () => sh`ip -o -4 addr show dev docker0 2>/dev/null | sed -n 's/.* inet \\([^ ]*\\) .*/address \\1/p'
n=0; for d in /run/containerd/io.containerd.runtime.v*/moby/* /run/docker/containerd/daemon/io.containerd.runtime.v*/moby/*; do
[ -d "$d" ] && n=$((n + 1)); done
if systemctl is-active -q docker.service && [ "$(docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)" = false ]; then n=0; fi
echo "surviving $n"`,
  read(_, { lines }) {
    const said = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    return { address: said('address'), surviving: Number(said('surviving') ?? 0) }
  },
  plan: ({ bip }, { address, surviving }) =>
    address === bip
      ? []
      : [
          {
            say: `restart docker${surviving > 0 ? ` and its ${surviving === 1 ? 'container' : `${surviving} containers`}` : ''}, so that docker0 has ${bip} (has ${address ?? 'none'})`,
            sh: sh`ids=; pids=; along=
for u in $(systemctl show -p RequiredBy docker.service | sed 's/^[^=]*=//'); do ! systemctl is-active -q "$u" || along="$along $u"; done
if systemctl is-active -q docker.service; then ids=$(docker ps -q)
[ -z "$ids" ] || pids=$(docker inspect -f '{{.State.Pid}}' $ids) || exit 1; fi
systemctl stop docker.socket 2>/dev/null; systemctl stop docker.service || exit 1
if [ -n "$pids" ]; then kill -TERM $pids 2>/dev/null; n=0
while kill -0 $pids 2>/dev/null && [ $n -lt ${GRACE_SECONDS} ]; do sleep 1; n=$((n + 1)); done
kill -KILL $pids 2>/dev/null; sleep 1; fi
systemctl start docker.service || exit 1
[ -z "$along" ] || systemctl start $along || exit 1
[ -z "$ids" ] || docker start $ids >/dev/null`,
          },
        ],
  foresee({ bip }, have, foreseen) {
    // A restart of the engine does it, unless containers live on through it. An engine that is still to come starts so.
    const restarted = foreseen.unit('docker.service')?.running === true && have.surviving === 0
    const comes = have.address === undefined && foreseen.opaque() !== undefined
    return restarted || comes ? { ...have, address: bip } : have
  },
})
