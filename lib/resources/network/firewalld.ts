import { sh } from '../../sh/quote.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { described, flag, oneOf, text } from '../kit/options/option-types.ts'
import { exactlyOne, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface FirewalldOptions {
  /** One of these: what is let in, or belongs to the zone. */
  readonly service?: string
  /** `8080/tcp`, `6000-6007/udp`. */
  readonly port?: string
  readonly richRule?: string
  readonly source?: string
  readonly interface?: string
  readonly masquerade?: boolean
  /** Default: the default zone. */
  readonly zone?: string
  readonly state?: 'present' | 'absent'
}

export interface FirewalldWant {
  readonly what: string
  /** Undefined: it has none, as masquerade. */
  readonly value: string | undefined
  readonly zone: string | undefined
  readonly state: 'present' | 'absent'
}

interface State {
  readonly now: boolean
  readonly lasting: boolean
}

/**
 * Something of a zone of firewalld, at once and after the next boot. firewalld is asked whether it has it, for both.
 *
 * Refused: a host without firewall-cmd; a firewalld that does not run.
 * Unknown: what zones of a firewalld that is to come may have already, such as the service ssh.
 *
 * @example
 * firewalld('https', { service: 'https' })
 * firewalld('app', { zone: 'internal', port: '8080/tcp' })
 *
 * Source: firewall-cmd(1).
 */
export function firewalld(name: string, options: FirewalldOptions): Resource {
  const { name: id, options: given } = read(name, options)
  const { service, port, richRule, source, interface: device, zone, state = 'present' } = given
  const found = (
    [
      ['service', service],
      ['port', port],
      ['rich-rule', richRule],
      ['source', source],
      ['interface', device],
    ] as const
  ).find(([, value]) => value !== undefined)
  return make(id, { what: found?.[0] ?? 'masquerade', value: found?.[1], zone, state })
}

const word = () => text('one word', /^[\w][\w./:-]*$/)

const read = resourceOptions<FirewalldOptions>()(
  'firewalld',
  (name) => described('firewalld', name),
  () => ({
    service: word().optional(),
    port: text('such as 8080/tcp', /^\d+(-\d+)?\/(tcp|udp|sctp|dccp)$/).optional(),
    richRule: text('a rule', /^rule [^\r\n\0]+$/).optional(),
    source: word().optional(),
    interface: text('the name of an interface', /^[\w.@-]+$/).optional(),
    masquerade: flag().optional(),
    zone: word().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ masquerade }, given) => [
    exactlyOne(['service', 'port', 'richRule', 'source', 'interface', 'masquerade'], given),
    masquerade === false
      ? { what: 'masquerade', expected: `true; with state: 'absent' there is none`, got: 'false' }
      : undefined,
  ],
)

/** Services that some zone of a new firewalld lets in. Source: config/zones of firewalld, and what distributions add. */
const IN_STOCK = ['ssh', 'dhcpv6-client', 'mdns', 'samba-client', 'ipp-client', 'cockpit']

const argument = (verb: string, { what, value }: FirewalldWant) =>
  value === undefined ? `--${verb}-${what}` : `--${verb}-${what}=${value}`

const make = toolKind<FirewalldWant, State>({
  name: 'firewalld',
  tool: () => ({ program: 'firewall-cmd', broughtBy: /^firewalld$/, hint: 'firewalld', unit: 'firewalld' }),
  probe: (want) => {
    const zone = want.zone === undefined ? [] : [`--zone=${want.zone}`]
    const query = argument('query', want)
    return sh`said=$(firewall-cmd --state 2>&1) || { echo "# silent $said"; exit 0; }
firewall-cmd -q ${zone} ${query} 2>/dev/null && echo now
firewall-cmd -q --permanent ${zone} ${query} 2>/dev/null && echo lasting
:`
  },
  read: (_, { lines }) => ({ now: lines.includes('now'), lasting: lines.includes('lasting') }),
  fresh: () => ({ now: false, lasting: false }),
  isAbsence: ({ state }) => state === 'absent',
  mayComeAlong: ({ what, value = '' }) => what === 'masquerade' || (what === 'service' && IN_STOCK.includes(value)),
  plan(want, { now, lasting }): Step[] {
    const { what, value, state } = want
    const isPresent = state === 'present'
    const [here, kept] = [now === isPresent, lasting === isPresent]
    if (here && kept) return []
    const zone = want.zone === undefined ? [] : [`--zone=${want.zone}`]
    // An interface or a source is in one zone: NetworkManager puts each interface into one. It leaves that for the wanted one (firewall-cmd(1)).
    const add = what === 'interface' || what === 'source' ? 'change' : 'add'
    const change = argument(isPresent ? add : 'remove', want)
    const where = want.zone === undefined ? '' : ` in zone ${want.zone}`
    const when = here ? ' for the next boot' : kept ? ' now' : ''
    return [
      {
        summary: `${isPresent ? 'add' : 'remove'} ${what}${value === undefined ? '' : ` ${value}`}${where}${when}`,
        // What is refused now is not kept for the next boot.
        sh: sh`${here ? sh`:` : sh`firewall-cmd ${zone} ${change} >/dev/null`} && ${kept ? sh`:` : sh`firewall-cmd --permanent ${zone} ${change} >/dev/null`}`,
      },
    ]
  },
  advanced: { parallelProbe: true },
})
