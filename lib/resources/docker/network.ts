import { sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, oneOf, record, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { engineRefusal, predictEngine, readEngine, linesOf, whenRunning, type Engine } from './engine.ts'

export interface DockerNetworkOptions {
  /** Default `bridge`. */
  readonly driver?: string
  /** `172.30.0.0/16`. Default: what Docker chooses. */
  readonly subnet?: string
  readonly gateway?: string
  /** No way out of it. Default false. */
  readonly internal?: boolean
  /** Options of the driver: `{ 'com.docker.network.bridge.name': 'br-app' }`. Others that it has stay. */
  readonly driverOptions?: Readonly<Record<string, string | undefined>>
  readonly labels?: Readonly<Record<string, string | undefined>>
  readonly state?: 'present' | 'absent'
}

export interface DockerNetworkWant extends Omit<DockerNetworkOptions, 'labels' | 'driverOptions'> {
  readonly name: string
  readonly driver: string
  readonly internal: boolean
  readonly driverOptions: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'present' | 'absent'
}

interface Have {
  readonly engine: Engine
  readonly network:
    | {
        readonly driver: string
        readonly internal: boolean
        readonly subnet: string
        readonly gateway: string
        readonly driverOptions: ReadonlyMap<string, string>
      }
    | undefined
}

/** A name of something of Docker's. */
export function dockerName(of: string) {
  return (given: unknown): string => {
    if (typeof given === 'string' && /^[a-zA-Z\d][\w.-]*$/.test(given)) return given
    throw invalidOption(of, 'a name of letters, digits, _, . and -', describeValue(given))
  }
}

/**
 * A network of Docker. One that differs is recreated; Docker refuses that while containers are in it, and the error says which. Labels are for a new one.
 *
 * Prediction: a host without Docker has no network. Refused: an engine that does not answer.
 *
 * @example
 * dockerNetwork('app', { subnet: '172.30.0.0/24', internal: true })
 *
 * Source: docker-network-create(1), docker-network-inspect(1).
 */
export function dockerNetwork(name: string, options: DockerNetworkOptions = {}): Resource {
  const { name: network, options: given } = read(name, options)
  const { driver = 'bridge', internal = false, driverOptions = {}, labels = {}, state = 'present' } = given
  return make(network, { ...given, name: network, driver, internal, driverOptions, labels, state })
}

const address = (expected: string, form: RegExp) => text(expected, form).optional()

const read = resourceOptions<DockerNetworkOptions>()('dockerNetwork', dockerName('dockerNetwork'), () => ({
  driver: text('a word', /^[\w./:-]+$/).optional(),
  subnet: address('a subnet such as 172.30.0.0/16', /^[\da-f.:]+\/\d{1,3}$/),
  gateway: address('an address', /^[\da-f.:]+$/),
  internal: flag().optional(),
  driverOptions: record('names and values of options', text('one line', /^[^\r\n\0]*$/)).optional(),
  labels: record('names and values of labels', text()).optional(),
  state: oneOf(['present', 'absent']).optional(),
}))

const make = kind<DockerNetworkWant, Have>({
  name: 'dockerNetwork',
  probe: ({ name }) =>
    whenRunning(
      sh`docker network inspect -f 'network {{.Driver}} {{.Internal}} {{range .IPAM.Config}}{{.Subnet}},{{.Gateway}} {{end}}{{range $k, $v := .Options}}
option {{$k}}={{$v}}{{end}}' -- ${name} 2>/dev/null; :`,
    ),
  read(_, reply) {
    const [line] = linesOf(reply, 'network')
    const [driver = '', internal, addresses = ''] = line?.split(' ') ?? []
    const [subnet = '', gateway = ''] = addresses.split(',')
    return {
      engine: readEngine(reply),
      network:
        line === undefined
          ? undefined
          : {
              driver,
              internal: internal === 'true',
              subnet,
              gateway,
              driverOptions: pairsOf(linesOf(reply, 'option')),
            },
    }
  },
  plan(want, { engine, network }): Step[] | Refused {
    const { name, driver, internal, subnet, gateway, driverOptions, labels, state } = want
    if (state === 'absent' && engine === 'none') return []
    const refused = engineRefusal(engine, 'a network')
    if (refused !== undefined) return refused
    const remove = sh`docker network rm -- ${name} >/dev/null`
    if (state === 'absent') return network === undefined ? [] : [{ summary: `remove network ${name}`, sh: remove }]
    const wrong =
      network === undefined
        ? undefined
        : [
            ['driver', driver, network.driver],
            ['internal', String(internal), String(network.internal)],
            ['subnet', subnet ?? network.subnet, network.subnet],
            ['gateway', gateway ?? network.gateway, network.gateway],
            ...Object.entries(driverOptions).map(
              ([key, value]) => [`option ${key}`, value, network.driverOptions.get(key) ?? 'none'] as const,
            ),
          ].find(([, wanted, there]) => wanted !== there)
    if (network !== undefined && wrong === undefined) return []
    const flags = [
      ...['--driver', driver],
      ...(internal ? ['--internal'] : []),
      ...(subnet === undefined ? [] : ['--subnet', subnet]),
      ...(gateway === undefined ? [] : ['--gateway', gateway]),
      ...Object.entries(driverOptions).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ]
    const create = sh`docker network create ${flags} -- ${name} >/dev/null`
    return wrong === undefined
      ? [{ summary: `create network ${name}`, sh: create }]
      : [
          {
            summary: `recreate network ${name} (its ${wrong[0]} was ${wrong[2]})`,
            sh: sh`${remove} && ${create}`,
          },
        ]
  },
  effects: ({ name, state }) => [{ type: 'object', of: 'docker network', name, exists: state === 'present' }],
  predict({ name, state }, have, prediction) {
    if (prediction.empty || (have.engine === 'none' && state === 'absent')) return have
    const engine = predictEngine(have.engine, prediction)
    if (engine === 'empty') return { engine: 'running', network: undefined }
    return engine === undefined
      ? have
      : { unknown: `whether network ${name} is there is known only after ${engine.from}` }
  },
})

function pairsOf(said: readonly string[]): ReadonlyMap<string, string> {
  return new Map(said.map((each) => [each.replace(/=.*$/, ''), each.slice(each.indexOf('=') + 1)]))
}
