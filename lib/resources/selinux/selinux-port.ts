import { sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { oneOf, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { semanage, TYPE } from './selinux-tools.ts'

export interface SelinuxPortOptions {
  /** The type that the port has: `http_port_t`. */
  readonly type?: string
  readonly state?: 'present' | 'absent'
}

export interface SelinuxPortWant {
  readonly ports: string
  readonly protocol: string
  readonly type: string | undefined
}

interface Entry {
  readonly type: string
  readonly protocol: string
  readonly ports: readonly string[]
}

interface State {
  /** What holds: what the host adds, before what the policy says. */
  readonly all: readonly Entry[]
  readonly own: readonly Entry[]
  /** semanage looks the numbers of protocols up in /etc/protocols. */
  readonly knowsProtocols: boolean
}

/**
 * Which type a port has for SELinux, so that a service may listen there. Absent: what this host has added of it is gone; what the policy itself says stays.
 *
 * @example
 * selinuxPort('8081/tcp', { type: 'http_port_t' })
 * selinuxPort('8000-8010/tcp', { state: 'absent' })
 *
 * Refused: a host without semanage; one without a policy; one without /etc/protocols, which semanage needs (Debian has it in `netbase`); a type that the policy does not have, with semanage's words.
 *
 * Source: semanage-port(8).
 */
export function selinuxPort(port: string, options: SelinuxPortOptions): Resource {
  const { name, options: given } = read(port, options)
  const [ports = '', protocol = ''] = name.split('/')
  return make(name, { ports, protocol, type: given.state === 'absent' ? undefined : given.type })
}

const read = resourceOptions<SelinuxPortOptions>()(
  'selinuxPort',
  (given) => {
    if (typeof given === 'string' && /^\d{1,5}(-\d{1,5})?\/(tcp|udp|sctp|dccp)$/.test(given)) return given
    throw invalidOption('selinuxPort', 'a port such as "8080/tcp" or "8000-8010/udp"', describeValue(given))
  },
  () => ({
    type: text('a type such as "http_port_t"', TYPE).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? leftOut(['type'], 'with state: absent', options)
      : [given.has('type') ? undefined : { what: 'type', expected: 'a type such as "http_port_t"', got: 'nothing' }],
)

const PROTOCOLS = '/etc/protocols'

const make = toolKind<SelinuxPortWant, State>({
  name: 'selinuxPort',
  tool: () => semanage,
  probe: () => sh`said=$(semanage port -l -n 2>&1) || { echo "# silent $said"; exit 0; }
printf '%s\\n' "$said" | sed 's/^/all /'; semanage port -l -n -C 2>/dev/null | sed 's/^/own /'
[ ! -e ${PROTOCOLS} ] || echo protocols`,
  read: (_, { lines }) => ({
    all: entries('all', lines),
    own: entries('own', lines),
    knowsProtocols: lines.includes('protocols'),
  }),
  fresh: () => ({ all: [], own: [], knowsProtocols: true }),
  isAbsence: ({ type }) => type === undefined,
  predict: (_, state, prediction) =>
    state.knowsProtocols || prediction.paths.get(PROTOCOLS) === undefined
      ? withPackage(state, prediction)
      : { ...state, knowsProtocols: true },
  plan(want, state, { os }): Step[] | Refused {
    const steps = planned(want, state)
    if (steps.length === 0 || state.knowsProtocols) return steps
    return {
      refused: `semanage needs ${PROTOCOLS}, which this host does not have`,
      hint: `put pkg('${os.family === 'el' ? 'setup' : 'netbase'}') before this resource`,
    }
  },
  advanced: { parallelProbe: true },
})

/** The package of the protocols, or a command, may be pending. */
function withPackage(state: State, prediction: Prediction): State | Unknown {
  if (state.knowsProtocols) return state
  if (prediction.packages.installed().some(({ name }) => /^(netbase|setup)$/.test(name)))
    return { ...state, knowsProtocols: true }
  const other = prediction.bringer()
  return other === undefined ? state : { unknown: `whether ${other.from} brings ${PROTOCOLS}` }
}

function planned({ ports, protocol, type }: SelinuxPortWant, { all, own }: State): Step[] {
  const isIt = (entry: Entry) => entry.protocol === protocol && entry.ports.includes(ports)
  const [mine, known] = [own.find(isIt), own.find(isIt) ?? all.find(isIt)]
  const port = `${ports}/${protocol}`
  if (type === undefined)
    return mine === undefined
      ? []
      : [
          {
            summary: `take ${mine.type} from port ${port}`,
            sh: sh`semanage port -d -t ${mine.type} -p ${protocol} ${ports}`,
          },
        ]
  if (known?.type === type) return []
  const how = known === undefined ? '-a' : '-m'
  const was = known === undefined ? '' : ` (was ${known.type})`
  return [
    {
      summary: `give port ${port} the type ${type}${was}`,
      sh: sh`semanage port ${how} -t ${type} -p ${protocol} ${ports}`,
    },
  ]
}

/** `http_port_t                    tcp      81, 80, 443` */
function entries(word: string, lines: readonly string[]): Entry[] {
  return lines.flatMap((line) => {
    const [, type = '', protocol = '', ports = ''] = new RegExp(`^${word} (\\S+)\\s+(\\w+)\\s+(.*)$`).exec(line) ?? []
    return type === '' ? [] : [{ type, protocol, ports: ports.split(/,\s*/).map((port) => port.trim()) }]
  })
}
