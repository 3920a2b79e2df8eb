import { sh, type Sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { described, oneOf, text } from '../kit/options/option-types.ts'
import { flag, value } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'

const ufwTool: Tool = { program: 'ufw', broughtBy: /^ufw$/, hint: 'ufw' }

export interface UfwRuleOptions {
  readonly rule: 'allow' | 'deny' | 'reject' | 'limit'
  /** `443`, `6000:6007` (with `protocol`), or the name of a service. */
  readonly port?: string | number
  readonly protocol?: 'tcp' | 'udp'
  /** In place of `port` and `protocol`: the name of an application profile, as `ufw app list` has it. */
  readonly app?: string
  /** Addresses or networks. Default: any. */
  readonly from?: string
  readonly to?: string
  /** Default `in`. */
  readonly direction?: 'in' | 'out'
  readonly interface?: string
  readonly comment?: string
  readonly state?: 'present' | 'absent'
}

export interface UfwRuleWant {
  readonly words: readonly string[]
  readonly app: string | undefined
  readonly comment: string | undefined
  readonly state: 'present' | 'absent'
}

/**
 * A rule of ufw. ufw itself says, by a dry run, whether it has the rule. What it says when it is not active, it keeps for the time when it is. Other rules stay.
 *
 * Refused: a host without ufw; an application profile that ufw does not know.
 *
 * @example
 * ufwRule('https', { rule: 'allow', port: 443, protocol: 'tcp' })
 * ufwRule('web', { rule: 'allow', app: 'Nginx Full' })
 * ufwRule('database', { rule: 'allow', from: '10.0.0.0/24', port: 5432, protocol: 'tcp', comment: 'app servers' })
 *
 * Source: ufw(8).
 */
export function ufwRule(name: string, options: UfwRuleOptions): Resource {
  const { name: id, options: given } = read(name, options)
  const { rule, port, protocol, app, from = 'any', to = 'any', direction = 'in', interface: device, comment } = given
  const words = [
    rule,
    direction,
    ...(device === undefined ? [] : ['on', device]),
    ...['from', from, 'to', to],
    ...(port === undefined ? [] : ['port', String(port)]),
    ...(app === undefined ? [] : ['app', app]),
    ...(protocol === undefined ? [] : ['proto', protocol]),
  ]
  return make(id, { words, app, comment, state: given.state ?? 'present' })
}

const network = () => text('any, an address or a network', /^(any|[\da-fA-F.:]+(\/\d{1,3})?)$/).optional()

const read = resourceOptions<UfwRuleOptions>()(
  'ufwRule',
  (name) => described('ufwRule', name),
  () => ({
    rule: oneOf(['allow', 'deny', 'reject', 'limit']),
    port: portOption().optional(),
    protocol: oneOf(['tcp', 'udp']).optional(),
    app: text('the name of an application profile', /^[A-Za-z][\w .+&()-]*$/).optional(),
    from: network(),
    to: network(),
    direction: oneOf(['in', 'out']).optional(),
    interface: text('the name of an interface', /^[\w.@-]+$/).optional(),
    comment: text('a text of one line without quotes', /^[^'"\r\n\0]+$/).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options, given) =>
    given.has('app')
      ? leftOut(
          ['port', 'protocol'].filter((name) => given.has(name)),
          'with app, which says both',
          options,
        )
      : [],
)

/** A port, a range or a name. */
function portOption() {
  return value<string | number>('a port, a range such as 6000:6007, or a name', (given) =>
    typeof given === 'number'
      ? Number.isInteger(given) && given > 0 && given < 65_536
      : typeof given === 'string' && /^[\w][\w:,-]*$/.test(given),
  )
}

interface RuleState {
  readonly isThere: boolean
  readonly lacksProfile?: boolean
}

const make = toolKind<UfwRuleWant, RuleState>({
  name: 'ufwRule',
  tool: () => ufwTool,
  // A dry run prints the rules as they would be: what is there already brings none that is new, whatever its comment.
  probe: ({
    words,
    comment,
    state,
  }) => sh`said=$(LC_ALL=C ufw --dry-run ${words} ${comment === undefined || state === 'absent' ? [] : ['comment', comment]} 2>&1) || case $said in *'not find a profile'*) echo 'no profile'; exit 0;; *) echo "# silent $said"; exit 0;; esac
rules() { sed -n 's/ comment=.*//; /^### tuple ###/p'; }
case $said in *'Skipping adding existing rule'*) echo there;; *)
${
  comment === undefined || state === 'absent'
    ? sh`old=$(cat /etc/ufw/user.rules /etc/ufw/user6.rules 2>/dev/null | rules)
[ -n "$old" ] && [ -z "$(printf '%s\n' "$said" | rules | grep -vxF -e "$old")" ] && echo there`
    : sh`:`
};; esac
:`,
  read: (_, { lines }) => ({ isThere: lines.includes('there'), lacksProfile: lines.includes('no profile') }),
  fresh: () => ({ isThere: false }),
  isAbsence: ({ state }) => state === 'absent',
  predict: ({ app = '' }, state, prediction) =>
    state.lacksProfile === true ? profileLater(app, state, prediction) : state,
  plan({ words, app = '', comment, state }, { isThere, lacksProfile }): Step[] | Refused {
    if (isThere === (state === 'present')) return []
    if (lacksProfile === true)
      return {
        refused: `ufw has no application profile ${app}`,
        hint: '"ufw app list" on the host names those that it has',
      }
    const rule = words.join(' ').replace(' from any to any', '')
    const run: Sh =
      state === 'present'
        ? sh`ufw ${words} ${comment === undefined ? [] : ['comment', comment]}`
        : sh`ufw --force delete ${words}`
    return [
      { summary: `${state === 'present' ? 'add' : 'delete'} the rule ${rule}`, sh: sh`LC_ALL=C ${run} >/dev/null` },
    ]
  },
  advanced: {
    parallelProbe: true,
    declarations: ({ words, state }) => [[`ufw ${words.slice(1).join(' ')}`, [words[0], state]]],
  },
})

/** A package brings the profiles of its own name: nginx has `Nginx Full`, openssh-server `OpenSSH`. */
function profileLater(app: string, state: RuleState, prediction: Prediction): RuleState | Unknown {
  const [first = ''] = app.toLowerCase().split(' ')
  const brings = prediction.packages.installed().some(({ name }) => name.startsWith(first))
  if (brings || prediction.paths.below('/etc/ufw/applications.d').length > 0) return { isThere: false }
  const bringer = prediction.bringer()
  return bringer === undefined ? state : { unknown: `whether ${bringer.from} brings the application profile ${app}` }
}

export interface UfwOptions {
  /** Default true. */
  readonly enabled?: boolean
  /** What is done with what no rule is about. */
  readonly incoming?: 'allow' | 'deny' | 'reject'
  readonly outgoing?: 'allow' | 'deny' | 'reject'
  readonly routed?: 'allow' | 'deny' | 'reject'
}

type UfwWant = Required<Pick<UfwOptions, 'enabled'>> & UfwOptions

interface UfwState {
  readonly isActive: boolean
  readonly policies: Readonly<Record<string, string>>
}

/**
 * Whether ufw is active, now and after a boot, and its default policies. Put the rule that lets ssh in before it: ufw keeps what is established, and
 * nothing more.
 *
 * @example
 * await ensure(pkg('ufw'), ufwRule('ssh', { rule: 'limit', port: 22, protocol: 'tcp' }), ufw({ incoming: 'deny' }))
 *
 * Source: ufw(8), /etc/default/ufw.
 */
export function ufw(options: UfwOptions = {}): Resource {
  const { options: given } = readUfw('firewall', options)
  return makeUfw('firewall', { ...given, enabled: given.enabled ?? true })
}

const policy = () => oneOf(['allow', 'deny', 'reject']).optional()

const readUfw = resourceOptions<UfwOptions>()('ufw', String, () => ({
  enabled: flag().optional(),
  incoming: policy(),
  outgoing: policy(),
  routed: policy(),
}))

const POLICIES = [
  ['incoming', 'DEFAULT_INPUT_POLICY'],
  ['outgoing', 'DEFAULT_OUTPUT_POLICY'],
  ['routed', 'DEFAULT_FORWARD_POLICY'],
] as const
const WORDS: Readonly<Record<string, string>> = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' }

const makeUfw = toolKind<UfwWant, UfwState>({
  name: 'ufw',
  tool: () => ufwTool,
  probe: () => sh`LC_ALL=C ufw status 2>&1 | head -n 1
grep -E '^DEFAULT_(INPUT|OUTPUT|FORWARD)_POLICY=' /etc/default/ufw 2>/dev/null; :`,
  read(_, { lines }) {
    const set = lines.flatMap((line) => {
      const [, key, word] = /^(DEFAULT_\w+)="?(\w+)"?$/.exec(line) ?? []
      return key === undefined || word === undefined ? [] : [[key, word] as const]
    })
    return { isActive: lines[0] === 'Status: active', policies: Object.fromEntries(set) }
  },
  // As Debian's package brings it.
  fresh: () => ({
    isActive: false,
    policies: { DEFAULT_INPUT_POLICY: 'DROP', DEFAULT_OUTPUT_POLICY: 'ACCEPT', DEFAULT_FORWARD_POLICY: 'DROP' },
  }),
  isAbsence: ({ enabled }) => !enabled,
  plan(want, { isActive, policies }): Step[] {
    const wrong = POLICIES.flatMap(([name, key]) => {
      const wanted = want[name]
      return wanted === undefined || WORDS[policies[key] ?? ''] === wanted ? [] : [{ name, wanted }]
    })
    return [
      ...wrong.map(({ name, wanted }) => ({
        summary: `${wanted} ${name} by default`,
        sh: sh`LC_ALL=C ufw default ${wanted} ${name} >/dev/null`,
      })),
      ...(isActive === want.enabled
        ? []
        : [
            want.enabled
              ? { summary: 'enable ufw', sh: sh`LC_ALL=C ufw --force enable >/dev/null` }
              : { summary: 'disable ufw', sh: sh`LC_ALL=C ufw disable >/dev/null` },
          ]),
    ]
  },
})
