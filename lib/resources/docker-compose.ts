import { posix } from 'node:path'
import { nearest } from '../inventory/nearest.ts'
import { probeCompose, readCompose, type ComposeHave, type ComposeWant } from './docker-compose-look.ts'
import { downSteps, upSteps } from './docker-compose-steps.ts'
import { engineRefusal, foreseeEngine } from './docker-engine.ts'
import type { Foreseen } from './foreseen.ts'
import { kind, type Plan, type Refused, type Resource, type Step, type Unknown } from './kind.ts'
import { absolute, wrong } from './path.ts'
import type { ServiceWant } from './service.ts'
import { isBroughtBy } from './unit-foreseen.ts'

export interface DockerComposeOptions {
  readonly project?: string
  readonly files?: readonly string[]
  readonly state?: 'up' | 'down'
  readonly services?: readonly string[]
  readonly deadline?: number
  readonly restartedAfter?: readonly Resource<ServiceWant>[]
}

/** Seconds that services have to become healthy. */
const DEFAULT_DEADLINE_SECONDS = 300

/** What compose reads in a directory when no files are named, in both its versions. */
const FILES = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
  '.env',
]

/**
 * A compose project that is up, or down. Works with `docker compose` (v2) and `docker-compose` (v1); v2 is taken where both are.
 *
 * - up: each service has a container that runs, is healthy where it has a health check, and was made from the configuration and
 *   the image of now. Otherwise compose brings it up again, and the step waits until all of it is so.
 * - down: no container and no network of the project is left. Volumes and images stay.
 * - `project`: default the last part of `dir`, in lower case and without what compose does not take. Say it when somebody else brings the
 *   project up under another name.
 * - `files`: relative to `dir`; default those that compose finds there.
 * - `services`: only these must be up; default all. A service that ends by itself is to be left out here.
 * - `restartedAfter`: services, such as the engine itself. Containers that have run since before one of them last started are stopped, and
 *   started in the order of their services. With `live-restore` containers outlive a restart of the engine; some cannot go on
 *   then, such as those that send their logs to another container.
 * - `deadline`: seconds that the services have to become healthy, default 300. When they are over, the error says what was last seen
 *   of each service, with the last words of one.
 *
 * A service that is unhealthy is restarted once. One that is still starting is waited for, which counts as a change. Containers of services
 * that the files no longer name are left alone.
 *
 * Foreseen: nothing is there on a host without Docker, so it will be brought up. Unknown: the engine is stopped and a pending change
 * starts it; the project is up and one of its files is about to change. With `restartedAfter` a pending start or restart of such a
 * service is a change, whatever runs now; but for a restart that takes along an active unit which requires the service and works in `dir`.
 *
 * Refused: a host without Docker or compose; an engine that does not answer; a `dir` that is not there; files that compose refuses;
 * a service that they do not name.
 *
 * @example
 * dockerCompose('/opt/harbor')
 * dockerCompose('/srv/app', { project: 'app', files: ['base.yml', 'site.yml'], services: ['web'], deadline: 60 })
 * dockerCompose('/srv/old', { state: 'down' })
 * dockerCompose('/opt/harbor', { restartedAfter: [docker] })                  // docker = service('docker', ...)
 *
 * Source: docker-compose(1), docker compose reference (up, down, config --hash), docker-inspect(1).
 */
export function dockerCompose(dir: string, options: DockerComposeOptions = {}): Resource<ComposeWant> {
  const path = absolute('dockerCompose', dir)
  const { files = [], state = 'up', services, deadline = DEFAULT_DEADLINE_SECONDS, restartedAfter = [] } = options
  const of = `of dockerCompose ${path}`
  const project = options.project ?? projectIn(path)
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(project))
    throw wrong(`project ${of}`, 'lower case letters, digits, _ and -', JSON.stringify(project))
  if (services?.length === 0) throw wrong(`services ${of}`, 'at least one, or left out', 'none')
  for (const name of services ?? [])
    if (!/^[a-zA-Z0-9_][\w.-]*$/.test(name)) throw wrong(`services ${of}`, 'names of services', JSON.stringify(name))
  for (const name of files) if (name === '') throw wrong(`files ${of}`, 'paths', 'an empty one')
  if (!Number.isInteger(deadline) || deadline < 1)
    throw wrong(`deadline ${of}`, 'whole seconds, at least 1', String(deadline))
  const units = restartedAfter.map(({ kind: made, want, id }) => {
    // Plain JavaScript has no types to hold it to this.
    if (made !== 'service') throw wrong(`restartedAfter ${of}`, 'made of services', id)
    return want.unit
  })
  return make(path, { dir: path, project, files, state, services, deadline, units })
}

/** As compose makes it from the directory (v1 `get_project_name`, v2 `NormalizeProjectName`). */
function projectIn(dir: string): string {
  return posix
    .basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
}

interface Have extends ComposeHave {
  /** An earlier resource will leave the project as it is wanted. */
  readonly asWanted?: boolean
  /** Foreseen: the change after which its containers are started anew. */
  readonly anew?: string
}

const make = kind<ComposeWant, Have>({
  name: 'dockerCompose',
  probe: probeCompose,
  read: readCompose,
  plan: planned,
  effects: ({ project, state }) => [{ about: 'project', name: project, exists: state === 'up' }],
  foresee: foreseen,
})

function planned(want: ComposeWant, have: Have): readonly Step[] | Plan | Refused {
  if (have.asWanted === true) return []
  if (want.state === 'down') {
    if (have.engine === 'none') return []
    return engineRefusal(have.engine, 'a compose project') ?? downSteps(want, have)
  }
  return engineRefusal(have.engine, 'a compose project') ?? objection(want, have) ?? upSteps(want, have)
}

function objection({ dir, project, services }: ComposeWant, have: Have): Refused | undefined {
  if (!have.directory) return { refused: `there is no directory ${dir}`, hint: `put dir('${dir}') before it` }
  if (have.tool === 'none')
    return {
      refused: 'this host has neither docker compose nor docker-compose',
      hint: `put pkg('docker-compose') before it`,
    }
  if (have.objection !== undefined)
    return { refused: `compose cannot read the files of ${project}: ${have.objection}`, hint: `look into ${dir}` }
  const known = have.services
  const lost = known && services?.find((service) => !known.has(service))
  if (known === undefined || lost === undefined) return undefined
  const [near] = nearest(lost, [...known.keys()])
  return {
    refused: `${project} has no service ${lost}`,
    hint: near === undefined ? `it has ${[...known.keys()].join(', ')}` : `did you mean "${near}"?`,
  }
}

/** The rules stand in the docstring of `dockerCompose`. The very same object comes back when nothing pending decides. */
function foreseen(want: ComposeWant, have: Have, later: Foreseen): Have | Unknown {
  if (later.empty) return have
  const { dir, project, state } = want
  const files = (want.files.length > 0 ? want.files : FILES).map((file) => posix.resolve(dir, file))
  const made = later.docker('project', project)
  if (made !== undefined) {
    if (made.exists === (state === 'up')) return { ...have, asWanted: true }
    if (made.exists) return { unknown: `what ${made.from} leaves of ${project}` }
    return empty(have)
  }
  const engine = foreseeEngine(have.engine, later)
  if (engine === 'empty') return empty(have)
  const anew = state === 'up' ? startedBefore(want.units, later) : undefined
  const canBeAsked = have.directory && have.tool !== 'none' && have.objection === undefined
  if (anew !== undefined && canBeAsked) {
    if ('unknown' in anew) return anew
    // That unit brings all of it up, from its files of then: what runs of it now says nothing any more.
    const led = have.follower !== undefined && have.engine === 'running'
    if (!led) return { ...have, engine: 'running', anew: anew.from }
    if (files.every((path) => later.path(path) === undefined)) return { ...have, asWanted: true }
  }
  if (engine !== undefined) return { unknown: `what runs of ${project} is known only after ${engine.from}` }
  if (state === 'down') return have

  const change = [dir, ...files].map((path) => later.path(path)).find((pending) => pending !== undefined)
  const cannotTell = !have.directory || have.tool === 'none' || have.objection !== undefined
  const pending = change ?? (cannotTell ? later.opaque() : undefined)
  if (pending === undefined) return have
  if (have.containers.length === 0) return empty(have)
  // That a directory will hold something more says nothing about what runs from its files.
  if (change !== undefined && !cannotTell && files.every((path) => later.path(path) === undefined)) return have
  return { unknown: `whether ${pending.from} changes what runs of ${project}` }
}

/** What starts one of the units before its turn: its containers, whether they live through that or not, are older then. */
function startedBefore(units: readonly string[], later: Foreseen): { readonly from: string } | Unknown | undefined {
  for (const unit of units) {
    const moved = later.unit(unit)?.running === true ? later.moved(unit) : undefined
    if (moved !== undefined) return moved
    const doubt = later.unitDoubt(unit)
    if (doubt) return { unknown: `whether ${unit} restarts before it depends on ${doubt.from}, which is unknown` }
    const bringer = later.packages().find(({ name, kept }) => !kept && isBroughtBy(unit, name))
    if (bringer) return { unknown: `whether ${bringer.from} restarts ${unit} before it` }
  }
  return undefined
}

/** Nothing of the project is there, and all that it takes to bring it up will be. */
function empty(have: Have): Have {
  const nothing = { services: undefined, objection: undefined, containers: [], networks: [] }
  return { ...have, ...nothing, engine: 'running', tool: have.tool === 'none' ? 'v1' : have.tool, directory: true }
}
