import { sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { oneOf, record, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { engineRefusal, predictEngine, readEngine, linesOf, whenRunning, type Engine } from './engine.ts'
import { dockerName } from './network.ts'

export interface DockerVolumeOptions {
  /** Default `local`. */
  readonly driver?: string
  /** `{ type: 'nfs', device: ':/srv/data', o: 'addr=10.0.0.5' }`: for a new one. */
  readonly driverOptions?: Readonly<Record<string, string | undefined>>
  readonly labels?: Readonly<Record<string, string | undefined>>
  readonly state?: 'present' | 'absent'
}

export interface DockerVolumeWant {
  readonly name: string
  readonly driver: string
  readonly driverOptions: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'present' | 'absent'
}

interface Have {
  readonly engine: Engine
  /** Undefined: there is no such volume. */
  readonly driver: string | undefined
}

/**
 * A volume of Docker. `driverOptions` and `labels` are for a new one. With `state: 'absent'` it goes with all that is in it; Docker refuses that while a
 * container uses it.
 *
 * Prediction: a host without Docker has no volume. Refused: a volume of another driver, because data is in it; an engine that does not answer.
 *
 * @example
 * dockerVolume('data')
 *
 * Source: docker-volume-create(1), docker-volume-inspect(1).
 */
export function dockerVolume(name: string, options: DockerVolumeOptions = {}): Resource {
  const { name: volume, options: given } = read(name, options)
  const { driver = 'local', driverOptions = {}, labels = {}, state = 'present' } = given
  return make(volume, { name: volume, driver, driverOptions, labels, state })
}

const read = resourceOptions<DockerVolumeOptions>()('dockerVolume', dockerName('dockerVolume'), () => ({
  driver: text('a word', /^[\w./:-]+$/).optional(),
  driverOptions: record('names and values of options', text()).optional(),
  labels: record('names and values of labels', text()).optional(),
  state: oneOf(['present', 'absent']).optional(),
}))

const make = kind<DockerVolumeWant, Have>({
  name: 'dockerVolume',
  probe: ({ name }) => whenRunning(sh`docker volume inspect -f 'volume {{.Driver}}' -- ${name} 2>/dev/null; :`),
  read: (_, reply) => ({ engine: readEngine(reply), driver: linesOf(reply, 'volume')[0] }),
  plan({ name, driver, driverOptions, labels, state }, have): Step[] | Refused {
    if (state === 'absent' && have.engine === 'none') return []
    const refused = engineRefusal(have.engine, 'a volume')
    if (refused !== undefined) return refused
    if (state === 'absent')
      return have.driver === undefined
        ? []
        : [{ summary: `remove volume ${name}`, sh: sh`docker volume rm -- ${name} >/dev/null` }]
    if (have.driver === driver) return []
    if (have.driver !== undefined)
      return {
        refused: `volume ${name} has the driver ${have.driver}, not ${driver}`,
        hint: 'its data would be lost: remove it first if that is acceptable',
      }
    const flags = [
      ...['--driver', driver],
      ...Object.entries(driverOptions).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ]
    return [{ summary: `create volume ${name}`, sh: sh`docker volume create ${flags} -- ${name} >/dev/null` }]
  },
  predict({ name, state }, have, prediction) {
    if (prediction.empty || (have.engine === 'none' && state === 'absent')) return have
    const engine = predictEngine(have.engine, prediction)
    if (engine === 'empty') return { engine: 'running', driver: undefined }
    return engine === undefined
      ? have
      : { unknown: `whether volume ${name} is there is known only after ${engine.from}` }
  },
})
