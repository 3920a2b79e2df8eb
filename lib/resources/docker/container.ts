import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import {
  configDigest,
  containerWant,
  DIGEST_LABEL,
  textOf,
  type ContainerWant,
  type DockerContainerOptions,
} from './container-want.ts'
import { containersAfterStart } from './after-start.ts'
import { flagWords } from './container-flags.ts'
import { engineRefusal, predictEngine, readEngine, linesOf, whenRunning, type Engine } from './engine.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import { kind, type Plan, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'

export type { DockerContainerOptions } from './container-want.ts'

interface Seen {
  readonly status: string
  readonly digest: string
  readonly image: string
  readonly restart: string
}

interface Have {
  readonly engine: Engine
  /** Undefined: there is no container of this name. */
  readonly container: Seen | undefined
  /** The image that the name means now; undefined: it is not on the host. */
  readonly image: string | undefined
  /** Only predicted: an image of this name will be there. */
  readonly imageComes?: boolean
}

/**
 * A container of this name that runs, is stopped, or is not there.
 *
 * - `image`: must be on the host; put `dockerImage` before it. When the name means another image than the one the container was made
 *   from, the container is recreated.
 * - `command`: words, instead of the image's own. `user`; `network`, one or a list (default the bridge); `volumes`: `/host:/in:ro` or `name:/in`;
 *   `ports`: `8080:80`, `127.0.0.1:53:53/udp`; `labels`.
 * - `env`: texts, and Secrets. They reach Docker through a private file and are in no command line. Who may ask Docker can
 *   see them, as always with Docker.
 * - `healthcheck`: a command in the container with `interval`, `timeout`, `startPeriod` and `retries`; `memory` (`512m`), `hostname`, `privileged`,
 *   `capabilities` (`['NET_ADMIN']`).
 * - What `docker create` has besides: `entrypoint`, `cwd`, `mounts`, `tmpfs`, `devices`, `ulimits`, `sysctls`, `securityOptions`, `dropCapabilities`, `readOnly`,
 *   `init`, `hosts`, `dns`, `cpus`, `shmSize`, `logDriver` and `logOptions`, `pid`, `ipc`, `groups`, `stopSignal`, `stopTimeout`.
 * - `restart`: `no` (default), `always`, `unless-stopped`, `on-failure`, `on-failure:5`. It is changed in place.
 * - `state`: `running` (default), `stopped`, `absent`.
 * - `deadline`: seconds that each step may take, default 600.
 *
 * A container cannot be changed: one that differs is removed and recreated, and the step says so. A digest of its options is stored in its
 * label `rolecall.config`, without `state` and what is compared with the container itself; a container of the same name that somebody else made has none, and is recreated.
 * Data that is in no volume goes with it. A container that has ended 2 s after its start, or that Docker starts again and again, fails with its last words.
 *
 * Prediction: a host without Docker has no container. Unknown: the engine is stopped and a pending change starts it; the container
 * is there and a pending change brings its image.
 * Refused: a host without Docker; an engine that does not answer; an image that is not on the host and that nothing pending brings.
 *
 * @example
 * dockerContainer('web', { image: 'app:v1', ports: ['8080:80'], restart: 'always', env: { TOKEN: secret(token) } })
 * dockerContainer('db', { image: 'postgres:16', network: ['app', 'backup'], shmSize: '256m', stopTimeout: 60, logOptions: { 'max-size': '10m' } })
 * dockerContainer('old', { image: 'app:v0', state: 'absent' })
 *
 * Source: docker-create(1), docker-inspect(1), docker-update(1).
 */
export function dockerContainer(name: string, options: DockerContainerOptions): Resource {
  return make(name, containerWant(name, options))
}

const make = kind<ContainerWant, Have>({
  name: 'dockerContainer',
  probe: ({ name, image }) =>
    whenRunning(sh`docker container inspect -f ${`container {{.State.Status}} {{.Image}} {{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}} {{index .Config.Labels "${DIGEST_LABEL}"}}`} -- ${name} 2>/dev/null
docker image inspect -f 'image {{.Id}}' -- ${image} 2>/dev/null; :`),
  read(_, reply) {
    const [line] = linesOf(reply, 'container')
    const [status = '', image = '', restart = '', digest = ''] = line?.split(' ') ?? []
    return {
      engine: readEngine(reply),
      container: line === undefined ? undefined : { status, image, restart: policy(restart), digest },
      image: linesOf(reply, 'image')[0],
    }
  },
  plan: (want, have) => withDeadline(planned(want, have), want.deadline),
  effects: ({ name, state }) => [{ type: 'container', name, exists: state !== 'absent' }],
  predict: predict,
  advanced: {
    afterStart: ({ name, state }) => (state === 'running' ? containersAfterStart(sh`echo ${name}`) : undefined),
  },
})

/** `always:0` is `always`, `:0` is `no`, `on-failure:5` stays. */
function policy(said: string): string {
  return said.replace(/:0$/, '') || 'no'
}

function planned(want: ContainerWant, have: Have): Step[] | Plan | Refused {
  const { name, image, state } = want
  if (state === 'absent' && have.engine === 'none') return []
  const refused = engineRefusal(have.engine, 'a container')
  if (refused !== undefined) return refused
  const { container } = have
  if (state === 'absent')
    return container === undefined
      ? []
      : [{ summary: `remove container ${name}`, sh: sh`docker rm -f -- ${name} >/dev/null` }]
  if (container === undefined || difference(want, have, container) !== undefined) {
    if (have.image === undefined && have.imageComes !== true)
      return {
        refused: `there is no image ${image} on this host`,
        hint: `put dockerImage('${image}') before this resource`,
      }
    return fresh(want, container === undefined ? undefined : difference(want, have, container))
  }
  return inPlace(want, container)
}

/** Why the container must be recreated; undefined when it need not be. */
function difference(want: ContainerWant, have: Have, container: Seen): string | undefined {
  if (container.digest !== configDigest(want)) return 'it was made from something else'
  if (have.image !== undefined && container.image !== have.image) return `${want.image} is another image by now`
  if (container.status === 'dead' || container.status === 'removing') return `it is ${container.status}`
  return undefined
}

function fresh(want: ContainerWant, why: string | undefined): Step[] {
  const { name, image, command = [], ports = [], volumes = [], env = {}, network, restart, user, labels = {} } = want
  const [first, ...others] = typeof network === 'string' ? [network] : (network ?? [])
  const flags = [
    ...['--name', name, '--restart', restart, '--label', `${DIGEST_LABEL}=${configDigest(want)}`],
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...ports.flatMap((port) => ['-p', port]),
    ...volumes.flatMap((volume) => ['-v', volume]),
    ...(first === undefined ? [] : ['--network', first]),
    ...(user === undefined ? [] : ['--user', user]),
    ...extraFlags(want),
    ...flagWords(want),
  ]
  const settings = Object.entries(env).map(([key, value]) => `${key}=${textOf(value)}\n`)
  const isOpen = settings.length === 0
  const create = sh`docker create ${isOpen ? raw('') : raw('--env-file /dev/stdin ')}${flags} -- ${image} ${command} >/dev/null || exit 1`
  const script = lines(
    ...(why === undefined ? [] : [sh`docker rm -f -- ${name} >/dev/null || exit 1`]),
    // Docker opens /dev/stdin by its name, which works with a pipe only.
    isOpen ? create : sh`cat | ${create}`,
    ...others.map(
      (each) => sh`docker network connect -- ${each} ${name} || { docker rm -f -- ${name} >/dev/null; exit 1; }`,
    ),
    ...(want.state === 'running' ? [start(name)] : []),
  )
  const verb = want.state === 'running' ? 'run' : 'create'
  return [
    {
      summary: why === undefined ? `${verb} container ${name} of ${image}` : `recreate container ${name} (${why})`,
      sh: script,
      ...(isOpen ? {} : { stdin: Buffer.from(settings.join('')) }),
    },
  ]
}

function extraFlags({ healthcheck, memory, hostname, privileged, capabilities = [] }: ContainerWant): string[] {
  const pair = (flag: string, given: string | number | undefined) => (given === undefined ? [] : [flag, String(given)])
  return [
    ...pair('--health-cmd', healthcheck?.command),
    ...pair('--health-interval', healthcheck?.interval),
    ...pair('--health-timeout', healthcheck?.timeout),
    ...pair('--health-start-period', healthcheck?.startPeriod),
    ...pair('--health-retries', healthcheck?.retries),
    ...pair('--memory', memory),
    ...pair('--hostname', hostname),
    ...(privileged === true ? ['--privileged'] : []),
    ...capabilities.flatMap((each) => ['--cap-add', each]),
  ]
}

function inPlace({ name, restart, state }: ContainerWant, { status, restart: now }: Seen): Step[] {
  const update =
    now === restart
      ? []
      : [
          {
            summary: `set restart ${restart} of container ${name} (was ${now})`,
            sh: sh`docker update --restart ${restart} -- ${name} >/dev/null`,
          },
        ]
  const runs = status === 'running'
  const isUp = runs || status === 'paused' || status === 'restarting'
  if (state === 'stopped')
    return [
      ...update,
      ...(isUp ? [{ summary: `stop container ${name}`, sh: sh`docker stop -- ${name} >/dev/null` }] : []),
    ]
  if (runs) return update
  if (status === 'paused')
    return [...update, { summary: `unpause container ${name}`, sh: sh`docker unpause -- ${name} >/dev/null` }]
  return [...update, { summary: `start container ${name}, which is ${status}`, sh: start(name) }]
}

/** Starts, and looks again after a second: a container that dies at once has not started. */
function start(name: string): Sh {
  return sh`docker start -- ${name} >/dev/null || exit 1
sleep 1
now=$(docker container inspect -f '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}' -- ${name})
case $now in 'running 0 '*) ;; *) echo ${`container ${name} ended right after its start:`} "$now" | sed 's/ [0-9]* \\([0-9]*\\)$/, exit code \\1/' >&2; docker logs --tail 15 -- ${name} >&2; exit 1;; esac`
}

function predict(want: ContainerWant, have: Have, prediction: Prediction): Have | Unknown {
  if (prediction.empty) return have
  // What there is no Docker for need not be taken away.
  if (have.engine === 'none' && want.state === 'absent') return have
  const engine = predictEngine(have.engine, prediction)
  if (engine !== undefined && engine !== 'empty')
    return { unknown: `whether container ${want.name} is there is known only after ${engine.from}` }
  const made = prediction.objects.container(want.name)
  if (made?.exists === true && want.state !== 'absent')
    return { unknown: `how ${made.from} makes container ${want.name}` }
  const gone = made?.exists === false && have.container !== undefined
  const image = prediction.objects.image(want.image)
  if (image?.exists === true && have.container !== undefined && !gone && want.state !== 'absent')
    return { unknown: `whether ${image.from} brings another image for container ${want.name}` }
  const imageComes =
    image?.exists ?? (engine === 'empty' || (have.image === undefined && prediction.opaque() !== undefined))
  if (engine === undefined && !gone && !imageComes) return have
  return {
    engine: 'running',
    container: gone || engine === 'empty' ? undefined : have.container,
    image: image?.exists === false ? undefined : have.image,
    imageComes,
  }
}
