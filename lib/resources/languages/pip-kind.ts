import { isDeepStrictEqual } from 'node:util'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Plan, Refused, Step } from '../kit/kind.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'
import { runsPrograms, type TrustedPlace } from '../kit/trusted-place.ts'
import { allAfter } from '../kit/text.ts'

export interface PipWant {
  /** The arguments of pip: requirements, or `-r FILE`. */
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
  /** The environment exists and has pip. */
  readonly venv: boolean
  readonly isMet: boolean
  /** The packages that `latest` would install, such as `flask-3.0.1`. */
  readonly newer: readonly string[]
  readonly installed: readonly string[]
  /** The file of requirements exists, or none is wanted. */
  readonly file: boolean
}

/** The name of a requirement in pip's normal form, without extras and versions. */
export function plainName(requirement: string): string {
  return (/^[\w.-]+/.exec(requirement)?.[0] ?? requirement).toLowerCase().replaceAll(/[-_.]+/g, '-')
}

function toolOf({ venv, python }: PipWant): Tool {
  return venv === undefined
    ? { program: 'pip3', broughtBy: /^python3-pip$/, hint: 'python3-pip' }
    : { program: python, broughtBy: /^python3(\.\d+|-venv|-minimal)?$/, hint: 'python3-venv' }
}

/** As a module: bin/pip may be gone, or name the Python of another place after the environment was moved, and `python -m venv` makes it no second time. */
const pipOf = ({ venv }: PipWant): Sh => (venv === undefined ? sh`pip3` : sh`${`${venv}/bin/python`} -m pip`)
const quietly = sh`export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8; cd /`

/** The kind of `pip` and `pipRequirements`. */
export const pipKind = toolKind<PipWant, State>({
  name: 'pip',
  tool: toolOf,
  probe: (want) => asUser(want.user, lines(quietly, question(want))),
  read(_, { lines: said }) {
    const all = (word: string) => allAfter(said, word)
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
  predict(want, state, prediction) {
    const { file, venv } = want
    const made = venv === undefined ? undefined : prediction.paths.get(venv)
    if (made?.from.startsWith('pip:') === true) {
      const isSame = (id: string, other: unknown) => id.startsWith('pip:') && isDeepStrictEqual(other, want)
      if (prediction.repeats.lastSuch(isSame) !== undefined)
        return { venv: true, isMet: true, newer: [], installed: [], file: true }
      if (!state.venv) return { ...state, venv: true }
    }
    const pending = file === undefined ? undefined : (prediction.paths.get(file) ?? prediction.paths.filledAbove(file))
    const gone = venv !== undefined && prediction.paths.get(venv)?.state.type === 'absent'
    if (pending === undefined) return gone ? { ...state, venv: false, isMet: false } : state
    return state.isMet && !gone
      ? { unknown: `whether its requirements are met once ${pending.from} has written them` }
      : { ...state, file: true, ...(gone ? { venv: false } : {}) }
  },
  paths: ({ venv }) => (venv === undefined ? [] : [venv]),
  advanced: { parallelProbe: true, trusts: trusted },
})

/** Programs of the environment run, and installing a package runs its code. */
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
${state === 'latest' ? sh`${run} install --dry-run --upgrade ${extraArgs} ${requirements} 2>/dev/null | sed -n 's/^Would install /newer /p'` : sh`:`}`
  return sh`${file === undefined ? sh`echo file` : sh`[ ! -f ${file} ] || echo file`}
${want.venv === undefined ? sh`echo venv` : sh`${isWhole(want.venv)} && ${`${want.venv}/bin/python`} -c 'import pip' 2>/dev/null || exit 0; echo venv`}
${ask}; :`
}

/**
 * Python writes pyvenv.cfg first and the scripts to activate it last: an environment that was killed while it was made lacks some. Made once more it is
 * whole. One that has no pyvenv.cfg comes from another program.
 */
function isWhole(venv: string): Sh {
  const scripts = ['activate', 'activate.csh', 'activate.fish'].map((name) => `${venv}/bin/${name}`)
  return sh`{ [ ! -e ${`${venv}/pyvenv.cfg`} ] || ls -- ${scripts} >/dev/null 2>&1; }`
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
  if (!state.file) return { refused: `there is no file ${file ?? ''}`, hint: 'put what brings it before this resource' }
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
