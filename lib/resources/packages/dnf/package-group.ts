import type { Facts } from '../../../facts.ts'
import { sh, type Sh } from '../../../sh/quote.ts'
import { kind, type Plan, type Refused, type Reply, type Resource, type Unknown } from '../../kit/kind.ts'
import { invalidOption } from '../../kit/options/invalid-option.ts'
import { describeValue } from '../../kit/options/describe-value.ts'
import { flag, oneOf, seconds } from '../../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../../kit/options/options.ts'
import type { Prediction } from '../../prediction/prediction.ts'
import { rereadUnits } from '../transaction-summary.ts'
import { patience } from './dnf.ts'
import { ownCache } from './dnf-probe.ts'

export interface PackageGroupOptions {
  /** Optional packages of the group, too. Default false. */
  readonly optional?: boolean
  /** Packages that these recommend come along. Default false. */
  readonly recommends?: boolean
  /** Default `present`. With `absent` what came with the group goes, but what another group or somebody asked for. */
  readonly state?: 'present' | 'absent'
  /** Seconds, default 3600. */
  readonly deadline?: number
}

export interface PackageGroupWant {
  readonly group: string
  readonly optional: boolean
  readonly recommends: boolean
  readonly state: 'present' | 'absent'
  readonly deadline: number
}

interface GroupHave {
  readonly lists: 'fresh' | 'stale' | 'none'
  /** What dnf would install, or remove. */
  readonly packages: readonly string[]
  /** dnf would do something, if only to write down that the group is installed. */
  readonly isOpen: boolean
  /** No repository has such a group. */
  readonly isUnheard: boolean
  /** Why dnf would not do it. */
  readonly objection?: string | undefined
}

/**
 * A group of packages, or an environment, as repositories of the Red Hat family have them: its mandatory and default packages are installed, in one transaction. The name is the id
 * that `dnf group list --ids` shows. Where all of them are there it is as wanted, whether dnf has written down the group or not.
 *
 * Check mode says which packages would come, from the package lists that the host has; without any that is known only when they are fetched.
 *
 * Refused: a host without dnf; a group that no repository has, unless a repository is to come; dependencies that cannot be met, in dnf's words.
 *
 * @example
 * packageGroup('development')
 * packageGroup('server-product-environment', { optional: true })
 *
 * Source: dnf(8), Group Command.
 */
export function packageGroup(id: string, options: PackageGroupOptions = {}): Resource {
  const { name: group, options: given } = read(id, options)
  const { optional = false, recommends = false, state = 'present', deadline = 3600 } = given
  return make(group, { group, optional, recommends, state, deadline })
}

const read = resourceOptions<PackageGroupOptions>()(
  'packageGroup',
  (given) => {
    if (typeof given === 'string' && /^[\w][\w.+-]*$/.test(given)) return given
    const hint = typeof given === 'string' && given.startsWith('@') ? `write '${given.slice(1)}'` : undefined
    throw invalidOption(
      'packageGroup',
      'the id of a group, as dnf group list --ids shows it',
      describeValue(given),
      hint,
    )
  },
  () => ({
    optional: flag().optional(),
    recommends: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  (options) => (options.state === 'absent' ? leftOut(['optional', 'recommends'], 'with state: absent', options) : []),
)

function action({ group, optional, recommends, state }: PackageGroupWant): Sh {
  if (state === 'absent') return sh`group remove ${group}`
  const weak = `--setopt=install_weak_deps=${recommends ? 'True' : 'False'}`
  return sh`${weak} group install ${optional ? ['--with-optional'] : []} ${group}`
}

const make = kind<PackageGroupWant, GroupHave>({
  name: 'packageGroup',
  probe: (want, { packageManager }) =>
    packageManager === 'dnf'
      ? sh`${ownCache}
ask --assumeno ${action(want)}`
      : sh`:`,
  read: (want, reply) => readGroup(want, reply),
  plan: planned,
  predict,
  effects: ({ state }, { packages }) => [
    ...packages.map((name) => ({ type: 'package', name, installed: state === 'present' }) as const),
    { type: 'units', reloaded: true },
  ],
  advanced: {
    declarations: ({ group, ...want }) => [[`group of packages ${group}`, want]],
    parallelProbe: true,
  },
})

/**
 * The table of a transaction: titles such as `Installing group/module packages:` and rows ` name  arch  version  repository  size`; a long name has a line of its own. Below
 * `Installing Groups:` come names of groups.
 */
function readGroup({ group }: PackageGroupWant, { lines: said }: Reply): GroupHave {
  const lists = (['fresh', 'stale', 'none'] as const).find((word) => said.includes(`# lists ${word}`)) ?? 'none'
  const table = said.slice(said.indexOf('Dependencies resolved.') + 1, said.indexOf('Transaction Summary'))
  const packages: string[] = []
  let isPackages = false
  for (const line of table) {
    const [, title] = /^(\S.*):$/.exec(line) ?? []
    if (title !== undefined) isPackages = /^(Installing|Removing)/.test(title) && !title.endsWith('Groups')
    const [, name = ''] = /^ (\S+)(?:$|\s)/.exec(line) ?? []
    if (isPackages && title === undefined && name !== '') packages.push(name)
  }
  const objection = said.filter((line) => /^(Error:|Problem|\s+(Problem|- ))/.test(line)).join('\n')
  const isNothing = said.includes('Nothing to do.') || said.includes('Error: Nothing to do.')
  return {
    lists,
    packages,
    isOpen: !isNothing && said.includes('Transaction Summary'),
    isUnheard: said.includes(`Module or Group '${group}' is not available.`),
    ...(objection === '' || isNothing ? {} : { objection }),
  }
}

function planned(want: PackageGroupWant, have: GroupHave, { packageManager, os }: Facts): Plan | Refused {
  const { group, state, deadline } = want
  const { lists, packages, isOpen, isUnheard, objection } = have
  if (packageManager !== 'dnf')
    return {
      refused: `${os.name} has no groups of packages: it has no dnf`,
      hint: "name the packages: pkg(['gcc', 'make'])",
    }
  const isKnown = lists === 'fresh' || isOpen
  if (state === 'present' && isUnheard && lists === 'fresh')
    return {
      refused: `no package source of this host has the group ${group}`,
      hint: 'dnf group list --ids shows those that there are',
    }
  if (objection !== undefined && lists === 'fresh')
    return { refused: `the group ${group} cannot be installed`, hint: objection }
  const isDone = state === 'absent' ? !isOpen && lists !== 'none' : isKnown && packages.length === 0 && !isUnheard
  if (isDone) return { steps: [] }
  const what = packages.length === 0 ? '' : `: ${named(packages)}`
  const verb = state === 'absent' ? 'remove' : 'install'
  return {
    steps: [{ summary: `${verb} the group ${group}${what}`, sh: script(want), deadline }],
    changes: packages.map((name) => ({
      label: name,
      before: state === 'absent' ? `${name}\n` : '',
      after: state === 'absent' ? '' : `${name}\n`,
    })),
  }
}

const MOST_NAMES = 8

function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function script(want: PackageGroupWant): Sh {
  const change = sh`dnf -y ${action(want)}`
  return sh`export LC_ALL=C
${patience}
${change}${want.state === 'absent' ? sh` || exit` : sh` || dnf -y --refresh ${action(want)} || exit`}
${rereadUnits}`
}

/** Earlier packages may be those of the group, and a repository that is to come may have it. */
function predict({ group, state }: PackageGroupWant, have: GroupHave, prediction: Prediction): GroupHave | Unknown {
  const source = prediction.paths.below('/etc/yum.repos.d')[0] ?? prediction.command()
  if (source !== undefined && (have.isUnheard || have.lists === 'none'))
    return { unknown: `what is in the group ${group} is known only after ${source.from}` }
  const removal = prediction.packages.peekRemoved().size === 0 ? undefined : prediction.opaque()
  if (removal !== undefined)
    return { unknown: `what of the group ${group} is there is known only after ${removal.from}` }
  if (state === 'absent') return have
  const brought = new Set(prediction.packages.installed().map(({ name }) => name))
  const packages = have.packages.filter((name) => !brought.has(name))
  return packages.length === have.packages.length ? have : { ...have, packages }
}
