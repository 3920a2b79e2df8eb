import { posix } from 'node:path'
import { redact } from '../../gate/redact.ts'
import { isSecret, Secret } from '../../secret.ts'
import { Sh, shellFunction, lines, raw, sh } from '../../sh/quote.ts'
import type { Effect } from '../prediction/prediction.ts'
import { effectOption } from '../kit/options/effect-options.ts'
import { predictExec } from './exec-prediction.ts'
import { reasonToRun } from './reason-to-run.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import {
  command,
  isCommand,
  isMask,
  list,
  path,
  record,
  seconds,
  secretText,
  text,
  value,
} from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute, wrong } from '../files/path/path.ts'
import { describeValue } from '../kit/options/describe-value.ts'

interface Command {
  readonly run: string | Sh | readonly (string | number)[]
  readonly onlyIf?: string | Sh
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  readonly stdin?: string | Uint8Array | Secret
  readonly deadline?: number
  readonly user?: string
  readonly effects?: readonly Effect[]
  readonly paths?: readonly string[]
}

/** A command, and what shows that it is done: without `creates` or `unless` it does not compile. */
export type ExecOptions = Command &
  (
    | { readonly creates: string; readonly unless?: string | Sh }
    | { readonly creates?: string; readonly unless: string | Sh }
  )

export interface ExecWant extends Omit<Command, 'run' | 'onlyIf' | 'paths' | 'env'> {
  readonly env?: Readonly<Record<string, string | Secret>>
  readonly run: Sh
  /** How the command is shown; the text of an `Sh` may hold a secret. */
  readonly shown: string
  readonly creates?: string | undefined
  readonly unless?: Sh | undefined
  readonly onlyIf?: Sh | undefined
  readonly paths: readonly string[]
}

export interface ExecHave {
  /** The directory to run in is there. */
  readonly cwd: boolean
  readonly creates?: boolean | undefined
  /** Exit status; undefined when it was not asked for, or could not be asked. */
  readonly unless?: number | undefined
  readonly onlyIf?: number | undefined
}

/**
 * A command that runs only while its result is missing. It takes what no other resource says.
 *
 * - `run`: a string or `Sh` is a command line for `/bin/sh -c`, as it is; an array is one command whose words are quoted.
 * - `creates`: a path that is there afterwards (relative to `cwd`). `unless`: a command that exits with 0 afterwards, and changes
 *   nothing. At least one is needed; with both, both must hold.
 * - `onlyIf`: a command that must exit with 0, or nothing is done.
 * - `cwd`: where all of them run, default `/`. `env`: more environment for all of them; a Secret in it reaches `run` alone.
 * - `stdin`: what `run` reads. Secrets belong here or in `env`: these travel beside the command line, which others can see.
 * - `deadline`: seconds, default 600.
 * - `user`: who runs all of them instead of root, by su(1).
 * - `paths`: what it changes, for services that are `restartedAfter` it. `effects`: all that it does, for check mode;
 *   without them it may have done anything.
 *
 * A command that is killed half-way may leave half of what it `creates`: write beside it and `mv`, or say more with `unless`.
 *
 * Prediction, in check mode: `creates` is as earlier changes will leave it. `unless` that says yes stays so, unless it names a path that is about to
 * change, or packages are to be removed: unknown. `unless` that says no stays so where it looks at what `run` makes: every path in it is named there
 * as well, or, without paths, one of its words. Otherwise it is unknown while a package or a command is still to come that may change the answer: packages
 * put nothing into /srv, /opt, /home and the like. `onlyIf` is taken as it is now, and unknown when it names a path that is about to change, or says no
 * while a package or a command is still to come.
 *
 * Refused: a `cwd` that is not there, and that nothing pending can bring.
 *
 * @example
 * exec('root key', { run: 'openssl genrsa -out ca-key.pem 4096', cwd: '/opt/certs', creates: 'ca-key.pem' })
 * exec('docker network', { run: ['docker', 'network', 'create', name], unless: sh`docker network inspect ${name}` })
 *
 * Source: POSIX.1-2017, sh(1) and 2.8.2 (127: command not found).
 */
export function exec(name: string, options: ExecOptions): Resource<ExecWant> {
  const { options: given } = read(name, options)
  const { run, creates, unless, onlyIf, paths = [], env = {}, cwd: directory, effects, user, ...rest } = given
  const cwd = directory === undefined ? undefined : absolute('cwd', directory)
  const argv = typeof run === 'string' || run instanceof Sh ? undefined : run
  const command = run instanceof Sh ? run : argv === undefined ? raw(String(run)) : sh`${argv}`
  return make(name, {
    ...rest,
    ...(cwd === undefined ? {} : { cwd }),
    ...(effects === undefined ? {} : { effects }),
    ...(user === undefined ? {} : { user }),
    env,
    run: argv === undefined || user !== undefined ? shell(command, user) : command,
    shown: run instanceof Sh ? name : command.shown,
    creates: creates === undefined ? undefined : posix.resolve(cwd ?? '/', creates),
    unless: unless === undefined ? undefined : asSh(unless),
    onlyIf: onlyIf === undefined ? undefined : asSh(onlyIf),
    paths: paths.map((path) => absolute('paths', path)),
  })
}

const read = resourceOptions<ExecOptions>()(
  'exec',
  execName,
  () => ({
    run: value<ExecOptions['run']>('a command: a text, sh`...`, or a list of words', isRun, {
      got: (given) => {
        if (Array.isArray(given)) return given.some(isSecret) ? 'a Secret among its words' : describeValue(given)
        return typeof given === 'string' ? 'an empty one' : undefined
      },
      hint: (given) =>
        given instanceof Secret || (Array.isArray(given) && given.some(isSecret))
          ? 'others would see it in the list of processes: use env or stdin'
          : undefined,
    }),
    creates: text('a path without ".."', isPath).optional(),
    unless: command().optional(),
    onlyIf: command().optional(),
    cwd: path().optional(),
    env: record('names and values of variables', secretText('a text without NUL bytes, or a Secret', noNul)).optional(),
    stdin: value<string | Uint8Array | Secret>(
      'a text, bytes or a Secret',
      (given) =>
        (typeof given === 'string' && !isMask(given)) || given instanceof Uint8Array || given instanceof Secret,
    ).optional(),
    deadline: seconds().optional(),
    user: text('the name of a user', /^[^\s:-][^\s:]*$/).optional(),
    effects: list('a list of effects', effectOption()).optional(),
    paths: list('a list of absolute paths', path()).optional(),
  }),
  ({ env = {} }, given) => [
    given.has('creates') || given.has('unless') ? undefined : { expected: 'given creates or unless', got: 'neither' },
    ...Object.keys(env)
      .filter((key) => !/^[A-Za-z_]\w*$/.test(key))
      .map((key) => ({ what: 'env', expected: 'names of variables', got: JSON.stringify(key) })),
  ],
)

/** A command of `$` is its own name, however many lines it has. */
function execName(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '') return given
  throw wrong('name of exec', 'a text', typeof given === 'string' ? 'none' : describeValue(given))
}

function isRun(given: unknown): boolean {
  if (!Array.isArray(given)) return isCommand(given)
  const isWord = (word: unknown) =>
    (typeof word === 'string' && noNul(word)) || (typeof word === 'number' && Number.isFinite(word))
  return given.length > 0 && given[0] !== '' && given.every(isWord)
}

function isPath(given: string): boolean {
  return given !== '' && noNul(given) && !given.split('/').includes('..')
}

function noNul(given: string): boolean {
  return !given.includes('\0')
}

const make = kind<ExecWant, ExecHave>({
  name: 'exec',
  probe: ({ cwd = '/', creates, unless, onlyIf, user, env = {} }) => {
    const ask = (word: string, command: Sh | undefined) =>
      command === undefined ? [] : [sh`${shell(command, user)} >/dev/null 2>&1; echo "${raw(word)} $?"`]
    const isThere =
      creates === undefined
        ? []
        : [sh`if [ -e ${creates} ] || [ -L ${creates} ]; then echo creates 1; else echo creates 0; fi`]
    if (cwd === '/' && unless === undefined && onlyIf === undefined) return shellFunction([], lines(...isThere, sh`:`))
    return lines(
      ...isThere,
      sh`cd ${cwd} 2>/dev/null || { echo cwd 0; exit 0; }`,
      ...Object.entries(env).flatMap(([key, value]) => (typeof value === 'string' ? [setting(key, value)] : [])),
      ...ask('onlyIf', onlyIf),
      ...ask('unless', unless),
    )
  },
  read(_, reply) {
    const said = new Map(reply.lines.map((line) => line.split(' ')).map(([word = '', value]) => [word, Number(value)]))
    const creates = said.get('creates')
    return {
      cwd: !said.has('cwd'),
      creates: creates === undefined ? undefined : creates === 1,
      unless: said.get('unless'),
      onlyIf: said.get('onlyIf'),
    }
  },
  plan(want, have): Step[] | Refused {
    const reason = reasonToRun(want, have)
    if (reason === undefined) return []
    if (!have.cwd)
      return {
        refused: `there is no directory ${want.cwd ?? '/'} to run in`,
        hint: `put dir('${want.cwd ?? '/'}') before it`,
      }
    return [
      {
        summary: `run ${brief(want.shown)} (${reason})`,
        ...script(want),
        ...(want.deadline === undefined ? {} : { deadline: want.deadline }),
      },
    ]
  },
  paths: ({ creates, paths }) => (creates === undefined ? paths : [creates, ...paths]),
  effects({ creates, paths, effects }) {
    const made = creates === undefined ? paths : [creates, ...paths]
    return [
      ...made.map((path) => ({ type: 'path', path, state: { type: 'file' } }) as const),
      ...(effects ?? [{ type: 'anything' } as const]),
    ]
  },
  predict: predictExec,
  advanced: { batchable: true },
})

/** The settings that are secret come first on standard input, read byte by byte so that the command gets the rest whole. */
function script({ cwd = '/', env = {}, run, creates, stdin }: ExecWant): Pick<Step, 'sh' | 'stdin'> {
  const settings = Object.entries(env)
  const open = settings.flatMap(([key, value]) => (typeof value === 'string' ? [setting(key, value)] : []))
  const hidden = settings.flatMap(([key, value]) => (typeof value === 'string' ? [] : [setting(key, value.reveal())]))
  const header = Buffer.from(hidden.length === 0 ? '' : `${lines(...hidden).text}\n`)
  const body =
    stdin === undefined ? '' : typeof stdin === 'string' || stdin instanceof Uint8Array ? stdin : stdin.reveal()
  const input = Buffer.concat([header, Buffer.from(body)])
  return {
    sh: lines(
      sh`cd ${cwd} || exit 1`,
      ...open,
      ...(hidden.length === 0 ? [] : [sh`eval "$(dd bs=1 count=${header.length} 2>/dev/null)"`]),
      sh`${run} || exit $?`,
      ...(creates === undefined
        ? []
        : [
            sh`[ -e ${creates} ] || [ -L ${creates} ] || { echo ${`it ended well, but did not create ${creates}`} >&2; exit 1; }`,
          ]),
    ),
    ...(stdin === undefined && hidden.length === 0 ? {} : { stdin: input }),
  }
}

/**
 * A shell of its own, so that its `exit`, its variables and its syntax errors stay its own. A command line is for all to see in ps(1): one that
 * holds a secret goes by the environment, which only its own user may read.
 */
function shell(command: Sh, user?: string): Sh {
  const program = user === undefined ? sh`/bin/sh` : sh`su -s /bin/sh ${user}`
  if (!command.isSecret) return asRoot(user, sh`${program} -c ${command.text}`)
  const hidden = new Secret(command.text, { byLine: false })
  return asRoot(user, sh`STEP=${hidden} ${program} -c ${'step=$STEP; unset STEP; eval "$step"'}`)
}

/** su asks anybody but root for a password, and would take the input of the command for it. */
function asRoot(user: string | undefined, command: Sh): Sh {
  if (user === undefined) return command
  return sh`if [ "$(id -u)" = 0 ]; then ${command}; else echo ${`only root can become ${user}: set ansible_become: true`} >&2; false; fi`
}

function asSh(command: string | Sh): Sh {
  return command instanceof Sh ? command : raw(command)
}

function setting(key: string, value: string): Sh {
  return sh`export ${raw(key)}=${value}`
}

/** A piece of a secret would be found by nobody: they are masked before anything is cut. */
function brief(command: string): string {
  const text = redact(command)
  const [first = ''] = text.trim().split('\n')
  return first.length > 80 || first !== text.trim() ? `${first.slice(0, 79)}…` : first
}
