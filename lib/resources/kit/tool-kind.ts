import type { Facts } from '../../facts.ts'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import { kind, type Kind, type Plan, type Refused, type Reply, type Resource, type Step, type Unknown } from './kind.ts'

/** A program on the host that manages things, such as a database server. */
export interface Tool {
  readonly program: string
  /** An alternative program, used if the first one is missing. */
  readonly also?: string
  /** Names of packages that contain the program. */
  readonly broughtBy: RegExp
  /** The package to name in a hint. */
  readonly hint: string
  /** The unit that must run for the program to answer. */
  readonly unit?: string
}

/** The program did not answer; its own message. */
interface Silent {
  readonly silent: string
}

/** A kind of things that a program on the host manages. */
interface ToolKind<Want, State extends object> {
  readonly name: string
  tool(want: Want, facts: Facts): Tool
  /** Asks the program about the thing. Output that begins with `# silent` says why the program did not answer. */
  probe(want: Want, facts: Facts): Sh
  read(want: Want, reply: Reply, facts: Facts): State
  /** The state just after the program was installed. */
  fresh(want: Want): State
  /** The thing should be absent, which is so without its program. */
  isAbsence?(want: Want): boolean
  /** The program's package may bring the thing, which is known only after it is installed. */
  mayComeAlong?(want: Want): boolean
  plan(want: Want, state: State, facts: Facts): readonly Step[] | Plan | Refused
  effects?(want: Want, state: State, facts: Facts): readonly Effect[]
  predict?(want: Want, state: State, prediction: Prediction, facts: Facts): State | Unknown
  readonly paths?: (want: Want) => readonly string[]
  readonly advanced?: Kind<Want, Have<State>>['advanced']
}

type Have<State> = { readonly state: State } | { readonly lacks: 'program' } | Silent

/**
 * Makes a kind of a `ToolKind`. A host without the program is refused, unless a package that contains it is pending; then the thing does not exist
 * yet. A program that does not answer is refused with its message, unless its unit is about to start.
 */
export function toolKind<Want, State extends object>(
  definition: ToolKind<Want, State>,
): (name: string, want: Want) => Resource<Want> {
  const { paths, advanced } = definition
  return kind<Want, Have<State>>({
    name: definition.name,
    probe: (want, facts) => sh`${isThere(definition.tool(want, facts))} || { echo '# none'; exit 0; }
${definition.probe(want, facts)}`,
    read(want, reply, facts) {
      const [first = ''] = reply.lines
      if (first === '# none') return { lacks: 'program' }
      const silent = reply.lines.findIndex((line) => line.startsWith('# silent'))
      if (silent >= 0)
        return {
          silent: reply.lines
            .slice(silent)
            .join('\n')
            .replace(/^# silent ?/, '')
            .trim(),
        }
      return { state: definition.read(want, reply, facts) }
    },
    plan(want, have, facts) {
      if ('state' in have) return definition.plan(want, have.state, facts)
      const tool = definition.tool(want, facts)
      const { program, unit } = tool
      if ('silent' in have)
        return {
          refused: `${program} does not answer${have.silent === '' ? '' : `: ${have.silent.split('\n')[0] ?? ''}`}`,
          hint: unit === undefined ? have.silent : `put service('${unit}', { running: true }) before this resource`,
        }
      if (definition.isAbsence?.(want) === true) return []
      return {
        refused: `this host has no ${program}`,
        hint: `put pkg('${packageOf(tool, facts)}') before this resource`,
      }
    },
    effects: (want, have, facts) => ('state' in have ? (definition.effects?.(want, have.state, facts) ?? []) : []),
    predict(want, have, prediction, facts) {
      if (prediction.empty) return have
      const here = 'state' in have ? have : arrival(definition, want, have, prediction, facts)
      if ('unknown' in here || !('state' in here)) return here
      const state = definition.predict?.(want, here.state, prediction, facts) ?? here.state
      if ('unknown' in state) return state
      return 'state' in have && state === have.state ? have : { state: state }
    },
    ...(paths === undefined ? {} : { paths }),
    ...(advanced === undefined ? {} : { advanced }),
  })
}

/** Debian's package names that differ on the Red Hat family. */
const EL_NAMES: Readonly<Record<string, string>> = {
  'netplan.io': 'netplan',
  'network-manager': 'NetworkManager',
  'openssh-client': 'openssh-clients',
  postgresql: 'postgresql-server',
  'python3-venv': 'python3',
  ruby: 'rubygems',
  systemd: 'systemd-networkd',
}

function packageOf({ hint }: Tool, { os }: Facts): string {
  return os.family === 'el' ? (EL_NAMES[hint] ?? hint) : hint
}

function isThere({ program, also }: Tool): Sh {
  return sh`{ command -v ${program} || ${also === undefined ? sh`false` : sh`command -v ${also}`}; } >/dev/null 2>&1`
}

/** Whether a pending change brings the program, or makes it answer. */
function arrival<Want, State extends object>(
  definition: ToolKind<Want, State>,
  want: Want,
  have: { readonly lacks: 'program' } | Silent,
  prediction: Prediction,
  facts: Facts,
): Have<State> | Unknown {
  const { program, broughtBy, unit } = definition.tool(want, facts)
  const bringer = prediction.packages.installed().find(({ name }) => broughtBy.test(name))
  if (bringer !== undefined && definition.mayComeAlong?.(want) === true)
    return { unknown: `whether ${program} has it already is known only after ${bringer.from}` }
  if ('lacks' in have && definition.isAbsence?.(want) === true) return have
  if (bringer !== undefined) return { state: definition.fresh(want) }
  const started = unit === undefined ? undefined : prediction.units.get(`${unit}.service`)
  if ('silent' in have && started?.running === true) return { unknown: `${program} answers only after ${started.from}` }
  const other = prediction.bringer()
  return other === undefined ? have : { unknown: `whether ${other.from} brings ${program}` }
}
