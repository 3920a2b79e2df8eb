import { posix } from 'node:path'
import { COMPOSE_FILES, type ComposeHave, type ComposeWant } from './answer.ts'
import { predictEngine } from '../engine.ts'
import type { Prediction, PathState } from '../../prediction/prediction.ts'
import type { Unknown } from '../../kit/kind.ts'
import { isPath } from '../../kit/options/unit-name.ts'
import { isBroughtBy } from '../../systemd/packaged-units.ts'

const FILES = [...COMPOSE_FILES, '.env']

/** What was seen of a project, and what is predicted for it. */
export interface Have extends ComposeHave {
  /** An earlier resource will leave the project as it is wanted. */
  readonly asWanted?: boolean
  /** Prediction: the change after which its containers are restarted. */
  readonly anew?: string
}

/** The rules are in the docstring of `dockerCompose`. Returns the same object when nothing pending decides. */
export function predictCompose(want: ComposeWant, seen: Have, prediction: Prediction): Have | Unknown {
  if (prediction.empty) return seen
  const have = seen.tool === 'none' && prediction.packages.installed().length > 0 ? withCompose(seen) : seen
  const { dir, project, state } = want
  const files = (want.files.length > 0 ? want.files : FILES).map((file) => posix.resolve(dir, file))
  const changes = files.flatMap((path) => {
    const pending = prediction.paths.get(path)
    return pending === undefined || isHarmless(pending.state) ? [] : [pending]
  })
  const made = prediction.objects.project(project)
  if (made !== undefined) {
    if (made.exists === (state === 'running')) return { ...have, asWanted: true }
    if (made.exists) return { unknown: `what ${made.from} leaves of ${project}` }
    return empty(have)
  }
  const engine = predictEngine(have.engine, prediction)
  if (engine === 'empty') return empty(have)
  const anew = state === 'running' ? startedBefore(want.units, prediction) : undefined
  const canBeAsked = have.directory && have.tool !== 'none' && have.objection === undefined
  if (anew !== undefined && canBeAsked) {
    if ('unknown' in anew) return anew
    // That unit brings all of it up, from its files of then: what runs of it now says nothing any more.
    const isLed = have.follower !== undefined && (have.follower.lasting || prediction.units.reload() === undefined)
    const led = isLed && have.engine === 'running'
    if (!led) return { ...have, engine: 'running', anew: anew.from }
    if (changes.length === 0) return { ...have, asWanted: true }
  }
  if (engine !== undefined) return { unknown: `what runs of ${project} is known only after ${engine.from}` }
  // Nothing that is pending brings an engine: whatever its files will be, it cannot be asked.
  if (state === 'absent' || have.engine !== 'running') return have

  const change = changes[0] ?? prediction.paths.get(dir)
  const cannotTell = !have.directory || have.tool === 'none' || have.objection !== undefined
  const pending = change ?? (cannotTell ? prediction.opaque() : undefined)
  if (pending === undefined) return have
  if (have.containers.length === 0) return empty(have)
  // That a directory will hold something more says nothing about what runs from its files.
  if (change !== undefined && !cannotTell && changes.length === 0) return have
  return { unknown: `whether ${pending.from} changes what runs of ${project}` }
}

/** Only its mode or owner changes; or it says no more than the project's name, which compose is told in any case. */
function isHarmless(state: PathState): boolean {
  if (state.type !== 'file') return false
  const lines = state.content && Buffer.from(state.content).toString('utf8').split('\n')
  return state.kept === true || lines?.every((line) => /^(COMPOSE_PROJECT_NAME=.*|#.*|\s*)$/.test(line)) === true
}

/** What starts one of the units before its turn: its containers, whether they live through that or not, are older then. */
function startedBefore(
  units: readonly string[],
  prediction: Prediction,
): { readonly from: string } | Unknown | undefined {
  for (const unit of units) {
    if (isPath(unit)) {
      const pending = prediction.paths.get(unit)
      if (pending !== undefined) return pending
      const unsure = prediction.paths.doubtAbout(unit)
      if (unsure) return { unknown: `whether ${unit} changes before it depends on ${unsure.words}` }
      continue
    }
    const moved = prediction.units.get(unit)?.running === true ? prediction.units.startOrStop(unit) : undefined
    if (moved !== undefined) return moved
    const doubt = prediction.units.doubtAbout(unit)
    if (doubt) return { unknown: `whether ${unit} restarts before it depends on ${doubt.from}, which is unknown` }
    const bringer = prediction.packages.installed().find(({ name, kept }) => !kept && isBroughtBy(unit, name))
    if (bringer) return { unknown: `whether ${bringer.from} restarts ${unit} before it` }
  }
  return undefined
}

/**
 * What compose will say when it has come. Each container has compose's own digest of what it was made from; that still holds when all
 * files are older than it, and they name no service that has no container.
 */
function withCompose(have: Have): Have {
  const { containers, files } = have
  const names = new Set(containers.map(({ service }) => service))
  const isOlder = containers.every(
    ({ created }) => created !== undefined && created.seconds > (files?.written ?? Infinity),
  )
  if (
    files === undefined ||
    !isOlder ||
    files.services.length !== names.size ||
    !files.services.every((name) => names.has(name))
  )
    return have
  return { ...have, tool: 'v1', services: new Map(containers.map(({ service, hash }) => [service, hash])) }
}

/** Nothing of the project is there, and all that it takes to bring it up will be. */
function empty(have: Have): Have {
  const nothing = { services: undefined, objection: undefined, containers: [], networks: [] }
  return { ...have, ...nothing, engine: 'running', tool: have.tool === 'none' ? 'v1' : have.tool, directory: true }
}
