import { z } from 'zod'
import { namedValues } from '../../named-values.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { account, flag, oneOf, path, seconds, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { runsPrograms } from '../kit/trusted-place.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface NpmOptions {
  /** The project that it is a dependency of. Without it the package is global. */
  readonly path?: string
  /** Exactly this one: `10.2.0`. */
  readonly version?: string
  readonly state?: 'present' | 'absent'
  readonly registry?: string
  readonly user?: string
  /** Seconds, default 600. */
  readonly deadline?: number
}

export interface NpmProjectOptions {
  /** Just what package-lock.json says, by `npm ci`. Default: true where there is one. */
  readonly ci?: boolean
  /** Without dependencies for development. Default false. */
  readonly production?: boolean
  readonly registry?: string
  readonly user?: string
  readonly deadline?: number
}

export interface NpmWant {
  /** Undefined: all that the project asks for. */
  readonly name: string | undefined
  readonly path: string | undefined
  readonly version?: string
  readonly state: 'present' | 'absent'
  readonly ci?: boolean
  readonly production: boolean
  readonly registry?: string
  readonly user?: string
  readonly deadline: number
}

interface State {
  readonly isMet: boolean
  readonly version: string | undefined
  /** The project has a package.json. */
  readonly project: boolean
  /** The project has a lock file. */
  readonly isLocked?: boolean
  /** A package that is there in another version than the lock file has it. */
  readonly stale?: string | undefined
  /** What package.json asks for, and the lock file does not have so. */
  readonly unlocked?: readonly string[]
}

/**
 * A package of npm, global or in a project. Which version is there does not matter, unless `version` is given.
 *
 * Refused: a host without npm; a project without package.json, or one that another account can change: say its `user`.
 *
 * @example
 * npm('pm2', { version: '5.4.2' })
 *
 * Source: npm-install(1), npm-ls(1).
 */
export function npm(name: string, options: NpmOptions = {}): Resource {
  const { name: text, options: given } = read(name, options)
  const { path: project, state = 'present', deadline = 600, ...others } = given
  return make(project === undefined ? text : `${text} in ${project}`, {
    ...others,
    name: text,
    path: project,
    state,
    production: false,
    deadline,
  })
}

/**
 * What a project asks for in package.json and package-lock.json is installed in its node_modules: `npm ls` says whether it is, and each package has the
 * version of the lock file.
 *
 * Refused: a host without npm; a project without package.json, or one that another account can change: say its `user`; a lock file that does not fit
 * package.json, or `ci: true` without one.
 * Unknown: what npm will find where a command or package to come may change the project.
 *
 * @example
 * npmProject('/srv/app', { production: true, user: 'app' })
 *
 * Source: npm-ci(1), npm-ls(1).
 */
export function npmProject(directory: string, options: NpmProjectOptions = {}): Resource {
  const { name, options: given } = readProject(directory, options)
  const { production = false, deadline = 600, ...others } = given
  return make(name, { ...others, name: undefined, path: name, state: 'present', production, deadline })
}

const shape = () => ({
  registry: text('a URL', /^https?:\/\/\S+$/).optional(),
  user: account().optional(),
  deadline: seconds().optional(),
})

const read = resourceOptions<NpmOptions>()(
  'npm',
  (given) => {
    if (typeof given === 'string' && /^(@[\w.-]+\/)?[\w][\w.-]*$/.test(given)) return given
    throw invalidOption('name of npm', 'the name of a package, without its version', describeValue(given))
  },
  () => ({
    path: path().optional(),
    version: text('a version', /^\d[\w.+-]*$/).optional(),
    state: oneOf(['present', 'absent']).optional(),
    ...shape(),
  }),
)

const readProject = resourceOptions<NpmProjectOptions>()(
  'npmProject',
  (given) => {
    if (typeof given === 'string' && /^\/[^\0]+$/.test(given)) return given
    throw invalidOption('npmProject', 'an absolute path', describeValue(given))
  },
  () => ({ ci: flag().optional(), production: flag().optional(), ...shape() }),
)

/** What npm reads in a project. */
const READ = ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc', 'binding.gyp', 'node_modules']

const quietly = raw(
  'export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false npm_config_logs_max=0 npm_config_logs_dir=/dev/null/npm; cd /',
)

/**
 * Prints the first package that is there otherwise than in the lock file: both are read, since npm compares what is there with package.json alone.
 *
 * Source: package-lock.json(5), hidden lockfiles.
 */
const compareLock = `const fs = require('fs')
const read = (f) => { try { return JSON.parse(fs.readFileSync(process.argv[1] + '/' + f)).packages } catch {} }
const lock = read('npm-shrinkwrap.json') || read('package-lock.json'), there = read('node_modules/.package-lock.json')
const of = (k) => Object.hasOwn(lock, k) && lock[k].version !== there[k].version
if (lock && there) for (const k in there) if (of(k)) { console.log('stale ' + k.replace(/^.*node_modules\\//, '') + ' ' + there[k].version + ', locked ' + lock[k].version); break }`

/** A question makes no directory in the home of who asks. */
const withoutCache = raw('export npm_config_cache=/dev/null/npm')

function place({ path: project, production }: NpmWant): Sh {
  const where = project === undefined ? raw('--global') : sh`--prefix ${project}`
  return sh`${where} ${raw(production ? '--omit=dev' : '')}`
}

const make = toolKind<NpmWant, State>({
  name: 'npm',
  tool: () => ({ program: 'npm', broughtBy: /^(npm|nodejs)$/, hint: 'npm' }),
  probe: (want) => {
    const { name, path: project } = want
    const ask =
      name === undefined
        ? sh`l=; for f in package-lock.json npm-shrinkwrap.json; do [ ! -f ${`${project ?? ''}/`}"$f" ] || l=1; done; [ -z "$l" ] || echo locked
if npm ls ${place(want)} --all >/dev/null 2>&1; then echo met; [ -z "$l" ] || node -e ${compareLock} -- ${project ?? ''} 2>/dev/null
elif [ -n "$l" ]; then case $(npm --version) in [1-6].*) exit 0;; esac; printf 'lock '; npm ls --prefix ${project ?? ''} --package-lock-only --depth=0 --json 2>/dev/null | tr -d '\n'; echo; fi`
        : sh`npm ls ${place(want)} --depth=0 --parseable --long 2>/dev/null | sed -n ${`s|^[^:]*/node_modules/${name}:.*@\\([^:@]*\\).*|version \\1|p`} | head -n 1`
    const there =
      project === undefined ? raw('echo project') : sh`[ ! -f ${`${project}/package.json`} ] || echo project`
    return asUser(want.user, lines(quietly, withoutCache, there, ask, raw(':')))
  },
  read: (_, { lines: said }) => ({
    isMet: said.includes('met'),
    version: said.find((line) => line.startsWith('version '))?.slice('version '.length),
    project: said.includes('project'),
    isLocked: said.includes('locked'),
    stale: said.find((line) => line.startsWith('stale '))?.slice('stale '.length),
    unlocked: unlockedIn(said.find((line) => line.startsWith('lock '))?.slice('lock '.length) ?? ''),
  }),
  fresh: ({ path: project }) => ({ isMet: false, version: undefined, project: project === undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  predict(want, state, prediction) {
    const { path: project } = want
    if (project === undefined) return state
    const [manifest, lock] = ['package.json', 'package-lock.json'].map((file) => {
      const path = `${project}/${file}`
      return prediction.paths.get(path) ?? prediction.paths.filledAbove(path)
    })
    const pending = manifest ?? lock
    if (pending === undefined) {
      const other = 'refused' in planned(want, state) ? prediction.opaque() : undefined
      return other === undefined ? state : { unknown: `what ${project} asks for is known only after ${other.from}` }
    }
    return state.isMet || state.version !== undefined
      ? { unknown: `whether it is as ${pending.from} asks for` }
      : { ...state, project: true, isLocked: true, unlocked: [] }
  },
  advanced: {
    parallelProbe: true,
    // Settings name programs, and so do the scripts of a project and of its packages.
    trusts: ({ path: project, user }) =>
      project === undefined ? [] : [{ path: project, inside: READ, ...runsPrograms('npm', user) }],
  },
})

const LOCK_ANSWER = z.object({
  dependencies: namedValues(z.object({ missing: z.boolean().optional(), invalid: z.string().optional() })),
})

/** What package.json asks for itself: what its packages ask for among themselves npm ci takes as it is locked. */
function unlockedIn(answer: string): readonly string[] {
  const parsed = LOCK_ANSWER.safeParse(jsonOf(answer))
  if (!parsed.success) return []
  return Object.entries(parsed.data.dependencies).flatMap(([name, { missing = false, invalid }]) =>
    missing || invalid !== undefined ? [name] : [],
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function planned(
  want: NpmWant,
  { isMet, version: there, project, isLocked, stale, unlocked = [] }: State,
): Step[] | Refused {
  const { name, path: directory, version, state, ci, registry, user, deadline } = want
  const step = (summary: string, script: Sh): Step => ({ summary, sh: asUser(user, lines(quietly, script)), deadline })
  const where = directory === undefined ? '' : ` in ${directory}`
  const from = registry === undefined ? [] : [`--registry=${registry}`]
  if (state === 'absent')
    return there === undefined || name === undefined
      ? []
      : [step(`uninstall ${name}${where}`, sh`npm uninstall ${place(want)} -- ${name}`)]
  if (!project)
    return { refused: `there is no ${directory ?? ''}/package.json`, hint: 'put what brings it before this resource' }
  if (name === undefined) {
    if (isMet && stale === undefined) return []
    if (ci === true && isLocked === false)
      return {
        refused: `there is no ${directory ?? ''}/package-lock.json for npm ci`,
        hint: 'put what brings it before this resource',
      }
    if (ci !== false && unlocked.length > 0)
      return {
        refused: `package-lock.json of ${directory ?? ''} does not fit package.json: ${unlocked.join(', ')}`,
        hint: 'run npm install where the project is developed, or set ci: false to run it on the host',
      }
    const how =
      ci === undefined
        ? sh`for f in package-lock.json npm-shrinkwrap.json; do [ ! -f ${`${directory ?? ''}/`}"$f" ] || verb=ci; done`
        : raw(ci ? 'verb=ci' : ':')
    return [
      step(
        `install dependencies${where}${stale === undefined ? '' : ` (${stale})`}`,
        sh`verb=install; ${how}
npm "$verb" ${place(want)} ${from}`,
      ),
    ]
  }
  if (there !== undefined && (version === undefined || version === there)) return []
  const target = version === undefined ? name : `${name}@${version}`
  const was = there === undefined ? '' : ` (was ${there})`
  return [step(`install ${target}${where}${was}`, sh`npm install ${place(want)} ${from} -- ${target}`)]
}
