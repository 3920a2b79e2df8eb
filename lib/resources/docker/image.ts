import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { engineRefusal, predictEngine, readEngine, whenRunning, type Engine } from './engine.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { mayMake } from '../files/path/path-prediction.ts'
import { imageIdentity } from './image-name.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import { oneOf, path, seconds, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { wrong } from '../files/path/path.ts'
import { describeValue } from '../kit/options/describe-value.ts'

export interface DockerImageOptions {
  /** An archive of `docker save` on the host, as an absolute path. Default: the registry that the name says. */
  readonly source?: string
  readonly state?: 'present' | 'absent'
  readonly deadline?: number
}

export interface ImageWant {
  readonly image: string
  /** The archive to load; undefined: pull. */
  readonly load?: string | undefined
  readonly state: 'present' | 'absent'
  readonly deadline: number
}

interface Have {
  readonly engine: Engine
  readonly there: boolean
  /** The archive is on the host; it is looked for only where the image is missing. */
  readonly archive: boolean
}

const PULL_ATTEMPTS = 3
const DEFAULT_DEADLINE_SECONDS = 600

/**
 * An image that is on the host under a name, or is not. An image that has the name is as wanted, whatever a registry or an
 * archive holds by now: give each version a tag of its own.
 *
 * - `source`: an absolute path of an archive of `docker save` on the host, plain or compressed, which must hold an image of this name.
 *   Default: the registry that the name says is asked, three times with pauses.
 * - `state`: `present` (default) or `absent`. An image that a container uses cannot go: the error has Docker's words.
 * - `deadline`: seconds that pulling, loading or removing may take, default 600.
 *
 * Prediction: a host without Docker has no image. Unknown: the engine is stopped and a pending change starts it.
 * Refused: a host without Docker; an engine that does not answer; an archive that is not there and that nothing pending brings.
 *
 * @example
 * dockerImage('harbor.thtf.com/public/app:v1')
 * dockerImage('goharbor/redis-photon:v2.11.0', { source: '/opt/harbor/harbor.v2.11.0.tar.gz', deadline: 1800 })
 * dockerImage('app:old', { state: 'absent' })
 *
 * Source: docker-image-inspect(1), docker-pull(1), docker-load(1), docker-rmi(1).
 */
export function dockerImage(image: string, options: DockerImageOptions = {}): Resource {
  const { options: given } = read(image, options)
  const { source: load, state = 'present', deadline = DEFAULT_DEADLINE_SECONDS } = given
  return make(image, { image, load, state, deadline })
}

/** Registry, path, tag or digest. Source: reference grammar of the distribution project. */
const IMAGE = /^[a-z0-9][\w.-]*(:\d+)?(\/[a-z0-9][\w.-]*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/
const IMAGE_WORDS = 'a name such as registry.example/path/app:v1'

/** The name of an image as an option. */
export const imageOption = () => text(IMAGE_WORDS, IMAGE)

const read = resourceOptions<DockerImageOptions>()('dockerImage', imageName, () => ({
  source: path('the absolute path of an archive on the host').optional(),
  state: oneOf(['present', 'absent']).optional(),
  deadline: seconds().optional(),
}))

function imageName(given: unknown): string {
  if (typeof given === 'string' && IMAGE.test(given)) return given
  throw wrong('image of dockerImage', IMAGE_WORDS, describeValue(given))
}

const make = kind<ImageWant, Have>({
  name: 'dockerImage',
  probe: ({ image, load }) =>
    whenRunning(sh`if docker image inspect -- ${image} >/dev/null 2>&1; then echo there
${load === undefined ? raw('') : sh`elif [ -f ${load} ]; then echo archive`}
fi`),
  read: (_, reply) => ({
    engine: readEngine(reply),
    there: reply.lines.includes('there'),
    archive: reply.lines.includes('archive'),
  }),
  plan: planned,
  effects: ({ image, state }) => [{ type: 'image', name: image, exists: state === 'present' }],
  predict: predict,
  advanced: {
    claims: ({ image, load, state, deadline }) => [[`image ${imageIdentity(image)}`, { load, state, deadline }]],
  },
})

function planned({ image, load, state, deadline }: ImageWant, have: Have): Step[] | Refused {
  if (state === 'absent' && have.engine === 'none') return []
  const refused = engineRefusal(have.engine, 'an image')
  if (refused !== undefined) return refused
  if (have.there === (state === 'present')) return []
  if (state === 'absent')
    return [{ summary: `remove image ${image}`, sh: sh`docker image rm -- ${image} >/dev/null`, deadline }]
  if (load === undefined) return [{ summary: `pull ${image}`, sh: pull(image), deadline }]
  if (!have.archive)
    return { refused: `there is no archive ${load} to load ${image} from`, hint: `put download('${load}') before it` }
  return [{ summary: `load ${image} from ${posix.basename(load)}`, sh: loadFrom(load, image), deadline }]
}

function pull(image: string): Sh {
  return sh`n=1; while ! said=$(docker pull -- ${image} 2>&1 </dev/null); do
[ $n -lt ${PULL_ATTEMPTS} ] || { printf '%s\n' "$said" | tail -n 8 >&2; echo ${`tried ${PULL_ATTEMPTS} times`} >&2; exit 1; }
sleep $((n * 2)); n=$((n + 1)); done`
}

function loadFrom(load: string, image: string): Sh {
  return lines(
    sh`said=$(docker load -i ${load} 2>&1 </dev/null) || { printf '%s\n' "$said" | tail -n 8 >&2; exit 1; }`,
    sh`docker image inspect -- ${image} >/dev/null 2>&1 || { echo ${`${load} has no image ${image}; it has:`} >&2; printf '%s\n' "$said" | sed -n 's/^Loaded image[^:]*: //p' | head -n 12 >&2; exit 1; }`,
  )
}

function predict({ image, load, state }: ImageWant, have: Have, later: Prediction): Have | Unknown {
  // What there is no Docker for need not be taken away.
  if (later.empty || (have.engine === 'none' && state === 'absent')) return have
  const made = later.docker('image', image)
  const engine = predictEngine(have.engine, later)
  if (engine !== undefined && engine !== 'empty')
    return { unknown: `whether ${image} is there is known only after ${engine.from}` }
  const there = made?.exists ?? have.there
  const next: Have = { ...have, there, ...(engine === 'empty' ? { engine: 'running' } : {}) }
  if (load === undefined || state === 'absent' || there) return same(have, next)
  const pending = later.path(load)
  const bringer = pending === undefined && !have.archive && engine !== 'empty' ? mayMake(load, later) : undefined
  if (bringer !== undefined) return { unknown: `there is no archive ${load}, unless it comes with ${bringer}` }
  const archive = pending === undefined ? have.archive || engine === 'empty' : pending.state.type !== 'absent'
  return same(have, { ...next, archive })
}

/** The very same object where nothing is different, so that the plan rests on nothing. */
function same(have: Have, next: Have): Have {
  return have.engine === next.engine && have.there === next.there && have.archive === next.archive ? have : next
}
