import { invalidOption } from '../../kit/options/invalid-option.ts'
import { posix } from 'node:path'
import { nearest } from '../../../text/nearest.ts'
import { predictCompose, type Have } from './prediction.ts'
import { COMPOSE_FILES, readCompose, type ComposeWant } from './answer.ts'
import { probeCompose, servicesOf } from './probe.ts'
import { downSteps, upSteps } from './steps.ts'
import { containersAfterStart } from '../after-start.ts'
import { engineRefusal } from '../engine.ts'
import { kind, type Plan, type Refused, type Resource, type Step } from '../../kit/kind.ts'
import { list, oneOf, seconds, text } from '../../kit/options/option-types.ts'
import { resourceOptions } from '../../kit/options/options.ts'
import { absolute } from '../../files/path/path.ts'
import { triggersOf, triggersOption } from '../../kit/options/unit-name.ts'

export interface DockerComposeOptions {
  readonly project?: string
  readonly files?: readonly string[]
  readonly state?: 'running' | 'absent'
  readonly services?: readonly string[]
  readonly deadline?: number
  readonly restartedAfter?: readonly (Resource | string)[]
}

/** Seconds that services have to become healthy. */
const DEFAULT_DEADLINE_SECONDS = 300

/**
 * A compose project that runs, or is not there. Works with `docker compose` (v2) and `docker-compose` (v1); v2 is taken where both are.
 *
 * - `state: 'running'` (default): each service has a container that runs, is healthy where it has a health check, and was made from the configuration and
 *   the image of now. Otherwise compose brings it up again, and the step waits until all of it is so.
 * - `state: 'absent'`: no container and no network of the project is left. Volumes and images stay.
 * - `docker-compose`, which is slow, is asked again only when something that it reads has changed: its answer is kept in `/run/rolecall`.
 * - `project`: default the last part of `dir`, in lower case and without what compose does not take. Say it when somebody else brings the
 *   project up under another name.
 * - `files`: relative to `dir`; default those that compose finds there.
 * - `services`: only these must be up; default all. A service that ends by itself is to be left out here.
 * - `restartedAfter`: resources, paths, and services by resource or name, such as the engine itself. Containers that have run since before one of these changed, or
 *   last started, are stopped, and
 *   started in the order of their services. With `live-restore` containers outlive a restart of the engine; some cannot go on
 *   then, such as those that send their logs to another container.
 * - `deadline`: seconds that the services have to become healthy, default 300. When they are over, the error says what was last seen
 *   of each service, with the last words of one.
 *
 * A service that is unhealthy is restarted once. One that is still starting is waited for, which counts as a change. Containers of services
 * that the files no longer name are left alone.
 *
 * Prediction: nothing is there on a host without Docker, so it will be brought up. Unknown: the engine is stopped and a pending change
 * starts it; the project is up and one of its files is about to change. With `restartedAfter` a pending start or restart of such a
 * service is a change, whatever runs now; but for a restart that takes along an active unit which requires the service and works in `dir`.
 *
 * Refused: a host without Docker or compose; an engine that does not answer; a `dir` that is not there; files that compose refuses;
 * a service that they do not name; a `dir`, or files, that an account can change which is neither root nor in the group docker.
 *
 * @example
 * dockerCompose('/opt/harbor')
 * dockerCompose('/srv/app', { project: 'app', files: ['base.yml', 'site.yml'], services: ['web'], deadline: 60 })
 * dockerCompose('/srv/old', { state: 'absent' })
 * dockerCompose('/opt/harbor', { restartedAfter: ['docker'] })
 *
 * Source: docker-compose(1), docker compose reference (up, down, config --hash), docker-inspect(1).
 */
export function dockerCompose(dir: string, options: DockerComposeOptions = {}): Resource {
  const { name: path, options: given } = read(dir, options)
  const { files = [], state = 'running', services, deadline = DEFAULT_DEADLINE_SECONDS, restartedAfter = [] } = given
  const project = given.project ?? projectIn(path)
  if (!PROJECT.test(project))
    throw invalidOption(`project of dockerCompose:${path}`, PROJECT_WORDS, JSON.stringify(project))
  const units = triggersOf('restartedAfter', restartedAfter)
  return make(path, { dir: path, project, files, state, services, deadline, units })
}

const PROJECT = /^[a-z0-9][a-z0-9_-]*$/
const PROJECT_WORDS = 'lower case letters, digits, _ and -'

const read = resourceOptions<DockerComposeOptions>()(
  'dockerCompose',
  (dir) => absolute('dockerCompose', dir),
  () => ({
    project: text(PROJECT_WORDS, PROJECT).optional(),
    files: list('a list of paths', text('a path', /^[^\0\r\n]+$/)).optional(),
    state: oneOf(['running', 'absent'], { up: `write 'running', the default`, down: `write 'absent'` }).optional(),
    services: list('a list of services', text('names of services', /^[a-zA-Z0-9_][\w.-]*$/)).optional(),
    deadline: seconds().optional(),
    restartedAfter: triggersOption().optional(),
  }),
  ({ services }) => [
    services?.length === 0 ? { what: 'services', expected: 'at least one, or left out', got: 'none' } : undefined,
  ],
)

/** As compose makes it from the directory (v1 `get_project_name`, v2 `NormalizeProjectName`). */
function projectIn(dir: string): string {
  return posix
    .basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
}

const make = kind<ComposeWant, Have>({
  name: 'dockerCompose',
  probe: probeCompose,
  read: readCompose,
  plan: planned,
  effects: ({ project, state }) => [{ type: 'project', name: project, exists: state === 'running' }],
  predict: predictCompose,
  advanced: {
    parallelProbe: true,
    afterStart: ({ project, services = [], state }) =>
      state === 'running' ? containersAfterStart(servicesOf(project, services)) : undefined,
    trusts: ({ dir, files }) => {
      const own = { peers: 'docker', danger: 'could have docker do anything as root' }
      const inside = files.filter((file) => !file.startsWith('/') && !file.split('/').includes('..'))
      const others = files.filter((file) => !inside.includes(file)).map((file) => posix.resolve(dir, file))
      const read = inside.length === 0 ? COMPOSE_FILES : inside
      return [{ path: dir, inside: [...read, '.env'], ...own }, ...others.map((path) => ({ path, ...own }))]
    },
  },
})

function planned(want: ComposeWant, have: Have): readonly Step[] | Plan | Refused {
  if (have.asWanted === true) return []
  if (want.state === 'absent') {
    if (have.engine === 'none') return []
    return engineRefusal(have.engine, 'a compose project') ?? downSteps(want, have)
  }
  return engineRefusal(have.engine, 'a compose project') ?? objection(want, have) ?? upSteps(want, have)
}

function objection({ dir, project, services }: ComposeWant, have: Have): Refused | undefined {
  if (!have.directory)
    return { refused: `there is no directory ${dir}`, hint: `put dir('${dir}') before this resource` }
  if (have.tool === 'none')
    return {
      refused: 'this host has neither docker compose nor docker-compose',
      hint: `put pkg('docker-compose') before this resource`,
    }
  if (have.objection !== undefined)
    return {
      refused: `compose cannot read the files of ${project}: ${have.objection}`,
      hint: `see the files in ${dir}`,
    }
  const known = have.services
  const lost = known && services?.find((service) => !known.has(service))
  if (known === undefined || lost === undefined) return undefined
  const [near] = nearest(lost, [...known.keys()])
  return {
    refused: `${project} has no service ${lost}`,
    hint: near === undefined ? `it has ${[...known.keys()].join(', ')}` : `did you mean "${near}"?`,
  }
}
