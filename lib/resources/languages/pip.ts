import { z } from 'zod'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Plan, Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { account, list, oneOf, path, seconds, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { runsPrograms, type TrustedPlace } from '../kit/trusted-place.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'

export interface PipOptions {
  /** A virtual environment; made where it is not there. Without it the system's own pip is used, which Debian 12 refuses. */
  readonly venv?: string
  /** The interpreter of a new environment. Default `python3`. */
  readonly python?: string
  /** Only of a single name: `2.3.1`. Ranges stand in the name: `flask>=2,<3`. */
  readonly version?: string
  readonly state?: 'present' | 'latest' | 'absent'
  /** For pip install: `['--index-url', 'https://pypi.example.com/simple']`. */
  readonly extraArgs?: readonly string[]
  /** What new files keep from others, in octal digits. Default: that of who installs; `'0022'` lets everybody read them. */
  readonly umask?: string
  readonly user?: string
  /** Seconds, default 600. */
  readonly deadline?: number
}

export interface PipRequirementsOptions extends Omit<PipOptions, 'version' | 'state'> {
  readonly state?: 'present' | 'latest'
}

export interface PipWant {
  /** Requirements as pip has them; `-r FILE` for a file. */
  readonly requirements: readonly string[]
  readonly names: readonly string[]
  readonly file: string | undefined
  readonly state: 'present' | 'latest' | 'absent'
  readonly venv?: string
  readonly python: string
  readonly extraArgs: readonly string[]
  readonly umask?: string
  readonly user?: string
  readonly deadline: number
}

interface State {
  /** The environment is there, with pip in it. */
  readonly venv: boolean
  readonly isMet: boolean
  /** What `latest` would bring, such as `flask-3.0.1`. */
  readonly newer: readonly string[]
  readonly installed: readonly string[]
  /** The file of requirements is there. */
  readonly file: boolean
}

/**
 * Python packages in a virtual environment, which is made first where there is none (Debian: `pkg('python3-venv')`).
 *
 * Whether requirements are met pip says itself, from what is installed, without a network. `latest` asks the index, in check mode too.
 *
 * Refused: a host without python3 or, outside of an environment, pip3; an environment, or a file of requirements, that another account can change: say its `user`. With a pending package of python they are installed.
 *
 * @example
 * pip(['flask>=3,<4', 'gunicorn'], { venv: '/srv/app/venv', user: 'app' })
 * pip('ansible-core', { venv: '/opt/ansible', version: '2.17.1' })
 *
 * Source: pip install, pip list (pip.pypa.io), venv of Python.
 */
export function pip(names: string | readonly string[], options: PipOptions = {}): Resource {
  const { name, options: given } = read(names, options)
  const all = name.split(', ')
  const { version, state = 'present', python = 'python3', extraArgs = [], deadline = 600, ...others } = given
  if (version !== undefined && all.length > 1)
    throw invalidOption(`version of pip:${name}`, 'given with one name', name)
  return make(`${name}${others.venv === undefined ? '' : ` in ${others.venv}`}`, {
    ...others,
    requirements: all.map((each) => (version === undefined ? each : `${each}==${version}`)),
    names: all.map(plainName),
    file: undefined,
    state,
    python,
    extraArgs,
    deadline,
  })
}

/**
 * What a file of requirements on the host asks for is installed. Put the `file` or `git` that brings it before it.
 *
 * @example
 * pipRequirements('/srv/app/requirements.txt', { venv: '/srv/app/venv' })
 *
 * Source: pip install -r (pip.pypa.io).
 */
export function pipRequirements(file: string, options: PipRequirementsOptions = {}): Resource {
  const { name, options: given } = readRequirements(file, options)
  const { state = 'present', python = 'python3', extraArgs = [], deadline = 600, ...others } = given
  return make(name, {
    ...others,
    requirements: ['-r', name],
    names: [],
    file: name,
    state,
    python,
    extraArgs,
    deadline,
  })
}

const REQUIREMENT = /^[A-Za-z\d][\w.-]*(\[[\w,.-]+\])?([=<>!~]=?[\w.*+!<>=~,-]+)?$|^[\w+]+:\/\/\S+$|^\/\S+$/

function plainName(requirement: string): string {
  return (/^[\w.-]+/.exec(requirement)?.[0] ?? requirement).toLowerCase().replaceAll(/[-_.]+/g, '-')
}

const shape = () => ({
  venv: path().optional(),
  python: text('a program such as python3.11', /^[\w./-]+$/).optional(),
  extraArgs: list('a list of words', text()).optional(),
  umask: text('octal digits in quotes, such as "0022"', /^[0-7]{3,4}$/).optional(),
  user: account().optional(),
  deadline: seconds().optional(),
})

const read = resourceOptions<PipOptions>()(
  'pip',
  (given) => {
    const names: readonly unknown[] = Array.isArray(given) ? given : [given]
    if (names.length === 0) throw invalidOption('pip', 'at least one name', 'none')
    for (const each of names)
      if (typeof each !== 'string' || !REQUIREMENT.test(each))
        throw invalidOption('name of pip', 'a name or a requirement such as flask>=3', describeValue(each))
    return names.join(', ')
  },
  () => ({
    ...shape(),
    version: text('a version', /^[\w.+!*-]+$/).optional(),
    state: oneOf(['present', 'latest', 'absent']).optional(),
  }),
  ({ state, version }) => [
    version !== undefined && state !== undefined && state !== 'present'
      ? { what: 'version', expected: `left out with ${state}`, got: version }
      : undefined,
  ],
)

const readRequirements = resourceOptions<PipRequirementsOptions>()(
  'pipRequirements',
  (given) => {
    const parsed = z
      .string()
      .regex(/^\/[^\0]+$/)
      .safeParse(given)
    if (parsed.success) return parsed.data
    throw invalidOption('pipRequirements', 'an absolute path', describeValue(given))
  },
  () => ({ ...shape(), state: oneOf(['present', 'latest']).optional() }),
)

function toolOf({ venv, python }: PipWant): Tool {
  return venv === undefined
    ? { program: 'pip3', broughtBy: /^python3-pip$/, hint: 'python3-pip' }
    : { program: python, broughtBy: /^python3(\.\d+|-venv|-minimal)?$/, hint: 'python3-venv' }
}

const pipOf = ({ venv }: PipWant): Sh => (venv === undefined ? sh`pip3` : sh`${`${venv}/bin/pip`}`)
const quietly = sh`export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8; cd /`

const make = toolKind<PipWant, State>({
  name: 'pip',
  tool: toolOf,
  probe: (want) => asUser(want.user, lines(quietly, question(want))),
  read(_, { lines: said }) {
    const all = (word: string) =>
      said.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
    return {
      venv: said.includes('venv'),
      isMet: said.includes('met'),
      newer: all('newer').flatMap((line) => line.split(' ')),
      installed: all('installed').map(plainName),
      file: said.includes('file'),
    }
  },
  fresh: ({ file }) => ({ venv: false, isMet: false, newer: [], installed: [], file: file === undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  effects: ({ venv }) => [
    ...(venv === undefined ? [] : [{ type: 'path', path: venv, state: { type: 'dir', filled: true } } as const]),
  ],
  predict({ file, venv }, state, later) {
    const pending = file === undefined ? undefined : (later.paths.get(file) ?? later.paths.filledAbove(file))
    const gone = venv !== undefined && later.paths.get(venv)?.state.type === 'absent'
    if (pending === undefined) return gone ? { ...state, venv: false, isMet: false } : state
    return state.isMet && !gone
      ? { unknown: `whether its requirements are met once ${pending.from} has written them` }
      : { ...state, file: true, ...(gone ? { venv: false } : {}) }
  },
  paths: ({ venv }) => (venv === undefined ? [] : [venv]),
  advanced: { parallelProbe: true, trusts: trusted },
})

/** Programs of the environment run, and installing a package runs what is in it. */
function trusted({ venv, user, file, requirements }: PipWant): TrustedPlace[] {
  const runs = runsPrograms('pip', user)
  const local = requirements.filter((each) => each.startsWith('/'))
  return [
    ...(venv === undefined ? [] : [{ path: venv, whole: true, ...runs }]),
    ...(file === undefined ? [] : [{ path: file, ...runs }]),
    ...local.map((path) => ({ path, whole: true, ...runs })),
  ]
}

function question(want: PipWant): Sh {
  const { requirements, state, file, extraArgs } = want
  const run = pipOf(want)
  const ask =
    state === 'absent'
      ? sh`${run} list --format=freeze 2>/dev/null | sed 's/^\\([^=@ ]*\\).*/installed \\1/'`
      : sh`${run} install -q --no-index --no-deps --dry-run ${requirements} >/dev/null 2>&1 && echo met
${state === 'latest' ? sh`${run} install -q --dry-run --upgrade ${extraArgs} ${requirements} 2>/dev/null | sed -n 's/^Would install /newer /p'` : sh`:`}`
  return sh`${file === undefined ? sh`echo file` : sh`[ ! -f ${file} ] || echo file`}
${want.venv === undefined ? sh`echo venv` : sh`[ -x ${`${want.venv}/bin/pip`} ] || exit 0; echo venv`}
${ask}; :`
}

function planned(want: PipWant, state: State): Plan | Step[] | Refused {
  const { requirements, names, venv, python, file, extraArgs, umask, user, deadline } = want
  const step = (summary: string, script: Sh): Step => ({
    summary,
    sh: asUser(user, lines(...(umask === undefined ? [] : [sh`umask ${umask}`]), quietly, script)),
    deadline,
  })
  const where = venv === undefined ? '' : ` in ${venv}`
  if (want.state === 'absent') {
    const there = names.filter((name) => state.installed.includes(name))
    return there.length === 0
      ? []
      : [step(`uninstall ${there.join(', ')}${where}`, sh`${pipOf(want)} uninstall -q -y ${there}`)]
  }
  if (!state.file) return { refused: `there is no file ${file ?? ''}`, hint: 'put what brings it before it' }
  const isLatest = want.state !== 'latest' || state.newer.length === 0
  if (state.venv && state.isMet && isLatest) return []
  const what = file ?? requirements.join(', ')
  const upgrade = want.state === 'latest' ? ['--upgrade'] : []
  const install = step(
    state.isMet && state.newer.length > 0 ? `upgrade ${state.newer.join(', ')}${where}` : `install ${what}${where}`,
    sh`${pipOf(want)} install -q ${upgrade} ${extraArgs} ${requirements}`,
  )
  if (state.venv || venv === undefined) return [install]
  return [step(`make the environment ${venv}`, sh`${python} -m venv ${venv}`), install]
}
