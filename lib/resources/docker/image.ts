import { invalidOption } from '../kit/options/invalid-option.ts'
import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { engineRefusal, predictEngine, readEngine, whenRunning, type Engine } from './engine.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { mayMake } from '../files/path/path-prediction.ts'
import { imageIdentity } from './image-name.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import { flag, nested, oneOf, path, record, seconds, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { describeValue } from '../kit/options/describe-value.ts'

export interface DockerImageOptions {
  /** An archive of `docker save` on the host, as an absolute path. Default: the registry that the name says. */
  readonly source?: string
  /** A directory of the host that it is built from, in place of a registry or an archive. */
  readonly build?: {
    /** The directory, as an absolute path. */
    readonly context: string
    /** Default `Dockerfile` of that directory. An absolute path, or relative to it. */
    readonly dockerfile?: string
    /** Values of its `ARG`. They stay readable in the image: no secrets. */
    readonly args?: Readonly<Record<string, string | number | undefined>>
    /** The stage that is built. Default the last one. */
    readonly target?: string
    /** Ask the registry for newer base images. Default false. */
    readonly pull?: boolean
    /** `host`, or the name of a network, for what `RUN` needs. */
    readonly network?: string
  }
  /** Push what was pulled, loaded or built to the registry of its name, in the same step. Default false. */
  readonly push?: boolean
  readonly state?: 'present' | 'absent'
  readonly deadline?: number
}

export interface ImageWant {
  readonly image: string
  /** The archive to load; undefined: pull. */
  readonly load?: string | undefined
  readonly build?: DockerImageOptions['build'] | undefined
  readonly push: boolean
  readonly state: 'present' | 'absent'
  readonly deadline: number
}

interface Have {
  readonly engine: Engine
  readonly there: boolean
  /** The archive, or the directory to build from, is on the host; it is looked for only where the image is missing. */
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
 * - `build`: a directory of the host that it is built from: `context`, `dockerfile`, `args`, `target`, `pull`, `network`. It is built once: what changes there
 *   afterwards needs another tag.
 * - `push`: what was pulled, loaded or built goes to the registry of its name as well; put `dockerLogin` before it.
 * - `state`: `present` (default) or `absent`. An image that a container uses cannot go: the error has Docker's words.
 * - `deadline`: seconds that pulling, loading, building, pushing or removing may take, default 600.
 *
 * Prediction: a host without Docker has no image. Unknown: the engine is stopped and a pending change starts it.
 * Refused: a host without Docker; an engine that does not answer; an archive, or a directory to build from, that is not there and that nothing pending brings.
 *
 * @example
 * dockerImage('harbor.thtf.com/public/app:v1')
 * dockerImage('goharbor/redis-photon:v2.11.0', { source: '/opt/harbor/harbor.v2.11.0.tar.gz', deadline: 1800 })
 * dockerImage('registry.example.com/app:v2', { build: { context: '/srv/app', args: { VERSION: '2' } }, push: true })
 * dockerImage('app:old', { state: 'absent' })
 *
 * Source: docker-image-inspect(1), docker-pull(1), docker-load(1), docker-build(1), docker-push(1), docker-rmi(1).
 */
export function dockerImage(image: string, options: DockerImageOptions = {}): Resource {
  const { options: given } = read(image, options)
  const { source: load, build, push = false, state = 'present', deadline = DEFAULT_DEADLINE_SECONDS } = given
  return make(image, { image, load, build, push, state, deadline })
}

/** Registry, path, tag or digest. Source: reference grammar of the distribution project. */
const IMAGE = /^[a-z0-9][\w.-]*(:\d+)?(\/[a-z0-9][\w.-]*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/
const IMAGE_WORDS = 'a name such as registry.example/path/app:v1'

/** The name of an image as an option. */
export const imageOption = () => text(IMAGE_WORDS, IMAGE)

const read = resourceOptions<DockerImageOptions>()(
  'dockerImage',
  imageName,
  () => ({
    source: path('the absolute path of an archive on the host').optional(),
    build: nested('{ context, dockerfile, args, target, pull, network }', {
      context: path('the absolute path of a directory on the host'),
      dockerfile: text('a path', /^[^\s\0-][^\0\r\n]*$/).optional(),
      args: record(
        'names and values',
        value<string | number>('a text of one line or a number', (given) =>
          typeof given === 'string' ? !/[\r\n\0]/.test(given) : Number.isFinite(given),
        ),
      ).optional(),
      target: text('the name of a stage', /^[\w.-]+$/).optional(),
      pull: flag().optional(),
      network: text('host, or the name of a network', /^[\w.-]+$/).optional(),
    }).optional(),
    push: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  ({ state, build }, given) => [
    given.has('source') && given.has('build')
      ? { what: 'source', expected: 'left out beside build', got: 'both' }
      : undefined,
    ...Object.keys(build?.args ?? {})
      .filter((name) => !/^[A-Za-z_]\w*$/.test(name))
      .map((name) => ({ what: 'build.args', expected: 'names of variables', got: JSON.stringify(name) })),
    ...(state === 'absent'
      ? ['source', 'build', 'push']
          .filter((name) => given.has(name))
          .map((what) => ({ what, expected: `left out with state: 'absent'`, got: 'given' }))
      : []),
  ],
)

function imageName(given: unknown): string {
  if (typeof given === 'string' && IMAGE.test(given)) return given
  throw invalidOption('image of dockerImage', IMAGE_WORDS, describeValue(given))
}

const make = kind<ImageWant, Have>({
  name: 'dockerImage',
  probe: ({ image, load, build }) =>
    whenRunning(sh`if docker image inspect -- ${image} >/dev/null 2>&1; then echo there
${load === undefined ? raw('') : sh`elif [ -f ${load} ]; then echo archive`}
${build === undefined ? raw('') : sh`elif [ -d ${build.context} ]; then echo archive`}
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
    declarations: ({ image, ...want }) => [[`image ${imageIdentity(image)}`, want]],
    // An archive may bring further images, also under names that are there already.
    trusts: ({ load }) =>
      load === undefined ? [] : [{ path: load, peers: 'docker', danger: 'could have any image replaced' }],
  },
})

function planned({ image, load, build, push, state, deadline }: ImageWant, have: Have): Step[] | Refused {
  if (state === 'absent' && have.engine === 'none') return []
  const refused = engineRefusal(have.engine, 'an image')
  if (refused !== undefined) return refused
  if (have.there === (state === 'present')) return []
  if (state === 'absent')
    return [{ summary: `remove image ${image}`, sh: sh`docker image rm -- ${image} >/dev/null`, deadline }]
  const then = push ? ', and push it' : ''
  const also = push ? sh`docker push -q -- ${image} </dev/null >/dev/null || exit 1` : raw(':')
  const step = (summary: string, script: Sh): Step => ({ summary: summary + then, sh: lines(script, also), deadline })
  if (build !== undefined) {
    if (!have.archive)
      return {
        refused: `there is no directory ${build.context} to build ${image} from`,
        hint: `put git('${build.context}', ...) or tree('${build.context}', ...) before this resource`,
      }
    return [step(`build ${image} from ${build.context}`, buildFrom(build, image))]
  }
  if (load === undefined) return [step(`pull ${image}`, pull(image))]
  if (!have.archive)
    return {
      refused: `there is no archive ${load} to load ${image} from`,
      hint: `put download('${load}') before this resource`,
    }
  return [step(`load ${image} from ${posix.basename(load)}`, loadFrom(load, image))]
}

/** What the build says is told when it fails. */
function buildFrom(build: NonNullable<DockerImageOptions['build']>, image: string): Sh {
  const { context, dockerfile, args = {}, target, pull: isPulled = false, network } = build
  const file = dockerfile === undefined || dockerfile.startsWith('/') ? dockerfile : `${context}/${dockerfile}`
  const flags = [
    ...(file === undefined ? [] : ['--file', file]),
    ...Object.entries(args).flatMap(([key, each]) => (each === undefined ? [] : ['--build-arg', `${key}=${each}`])),
    ...(target === undefined ? [] : ['--target', target]),
    ...(isPulled ? ['--pull'] : []),
    ...(network === undefined ? [] : ['--network', network]),
  ]
  return sh`said=$(docker build --tag ${image} ${flags} -- ${context} 2>&1 </dev/null) || { printf '%s\n' "$said" | tail -n 15 >&2; exit 1; }`
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

function predict({ image, load, build, state }: ImageWant, have: Have, prediction: Prediction): Have | Unknown {
  // What there is no Docker for need not be taken away.
  if (prediction.empty || (have.engine === 'none' && state === 'absent')) return have
  const made = prediction.objects.image(image)
  const engine = predictEngine(have.engine, prediction)
  if (engine !== undefined && engine !== 'empty')
    return { unknown: `whether ${image} is there is known only after ${engine.from}` }
  const there = made?.exists ?? have.there
  const next: Have = { ...have, there, ...(engine === 'empty' ? { engine: 'running' } : {}) }
  if (build !== undefined) return predictBuild(build.context, have, next, prediction)
  if (load === undefined || state === 'absent' || there) return same(have, next)
  const pending = prediction.paths.get(load)
  const bringer = pending === undefined && !have.archive && engine !== 'empty' ? mayMake(load, prediction) : undefined
  if (bringer !== undefined) return { unknown: `there is no archive ${load}, unless it comes with ${bringer}` }
  const archive = pending === undefined ? have.archive || engine === 'empty' : pending.state.type !== 'absent'
  return same(have, { ...next, archive })
}

function predictBuild(context: string, have: Have, next: Have, prediction: Prediction): Have | Unknown {
  if (next.there) return same(have, next)
  const pending = prediction.paths.get(context) ?? prediction.paths.filledAbove(context)
  const bringer =
    pending === undefined && !have.archive && have.engine !== 'none' ? mayMake(context, prediction) : undefined
  if (bringer !== undefined) return { unknown: `there is no directory ${context}, unless it comes with ${bringer}` }
  const isGone = prediction.paths.get(context)?.state.type === 'absent'
  return same(have, { ...next, archive: !isGone && (have.archive || pending !== undefined || have.engine === 'none') })
}

/** The very same object where nothing is different, so that the plan rests on nothing. */
function same(have: Have, next: Have): Have {
  return have.engine === next.engine && have.there === next.there && have.archive === next.archive ? have : next
}
