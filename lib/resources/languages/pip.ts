import { z } from 'zod'
import type { Resource } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { account, list, oneOf, path, seconds, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { pipKind, plainName } from './pip-kind.ts'

export interface PipOptions {
  /** A virtual environment; made where it is not there. Without it the system's own pip is used, which Debian 12 refuses. */
  readonly venv?: string
  /** The interpreter of a new environment. Default `python3`. */
  readonly python?: string
  /** Only of a single name: `2.3.1`. Ranges belong in the name: `flask>=2,<3`. */
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
  return pipKind(`${name}${others.venv === undefined ? '' : ` in ${others.venv}`}`, {
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
  return pipKind(name, {
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
