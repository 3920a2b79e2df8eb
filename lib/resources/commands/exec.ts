import { posix } from 'node:path'
import { redact } from '../../gate/redact.ts'
import { Sh, lines, raw, sh } from '../../sh/quote.ts'
import { effectsOfBegin, nobodyToAsk, noDirectory, planToBegin } from './background/in-background.ts'
import { Work } from './background/work.ts'
import { predictExec } from './exec-prediction.ts'
import { execEffects, execPaths, probeExec, readExec } from './exec-probe.ts'
import { hasChanged, markOf } from './exec-result.ts'
import { script, shell } from './exec-script.ts'
import { reasonToRun } from './reason-to-run.ts'
import { kind, type Kind, type Plan, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { absolute } from '../files/path/path.ts'
import type { ExecHave, ExecWant } from './exec-want.ts'
import { type ExecOptions, read } from './exec-options.ts'

export type { Command } from './exec-want.ts'

export type { ExecHave, ExecWant } from './exec-want.ts'

/**
 * A command that runs only while its result is missing. It takes what no other resource says.
 *
 * - `run`: a string or `Sh` is a command line for `/bin/sh -c`, as it is; an array is one command whose words are quoted.
 * - `creates`: a path that is there afterwards (relative to `cwd`). `unless`: a command that exits with 0 afterwards, and changes
 *   nothing. With both, both must hold. One of them is needed, or `changedBy`.
 * - `changedBy`: what says that the command has changed something: exit codes (which are then no failure), or a pattern of its output. Anything else is
 *   reported as ok. `[]`: it never changes anything. With neither `creates` nor `unless` the command runs once in every run, and check mode
 *   cannot know what it will say: unknown.
 * - `allowFailure`: exit codes with which it may fail, or `true` for all. The run goes on, and the report says how it ended.
 * - `onlyIf`: a command that must exit with 0, or nothing is done.
 * - `cwd`: where all of them run, default `/`. `env`: more environment for all of them, at most 130,000 bytes in each variable; a Secret in it reaches `run` alone.
 * - `stdin`: what `run` reads. Secrets belong here or in `env`: these travel beside the command line, which others can see.
 * - `deadline`: seconds, default 600.
 * - `user`: who runs all of them instead of root, by su(1).
 * - `reconnect`: the command may end the connection, as `ip link` or a new sshd does: the run connects again, takes the host's lock again, and continues after the command.
 *   `deadline`: seconds until the host must be back, default 300. `until`: a command that ends with 0 over the new connection once the host is as it is meant to be; default: any
 *   connection will do.
 * - `background`: it is begun, and the role goes on. `waitFor('the index', { exec: index })` waits for its end where that is needed. It survives a lost connection and a killed
 *   run: the next one finds it running and does not start it again; a command that failed or was cut off is started again. `deadline` then limits the command itself, default none. What it
 *   prints is kept in `/var/lib/rolecall` until it has been waited for.
 * - `paths`: what it changes, for services that are `restartedAfter` it. `effects`: all that it does, for check mode;
 *   without them it may have done anything.
 *
 * A process that the command leaves behind may write to the output of the command for one more second, and then to nobody: give it a file, `./serve >>/var/log/serve.log 2>&1 &`.
 *
 * A command that is killed half-way may leave half of what it `creates`: write beside it and `mv`, or say more with `unless`.
 *
 * Prediction, in check mode: `creates` is as earlier changes will leave it; below `/var/lib/NAME` it is unknown while a package of that name is to come. `unless` that says yes stays so, unless it names a path that is about to
 * change, or packages are to be removed: unknown. `unless` that says no stays so where it looks at what `run` makes: every path in it is named there
 * as well, or, without paths, one of its words. Otherwise it is unknown while a package, a command or a change of a path that it names is still to come: packages
 * put nothing into /srv, /opt, /home and similar places. It says yes where an earlier command with the same `unless` runs, and nothing else comes between. `onlyIf` is taken as it is now, and unknown when it names a path that is about to change, or says no
 * while a package or a command is still to come.
 *
 * Refused: a `cwd` that is not there, and that nothing pending can bring; an `onlyIf` that nobody can ask, because `user` is not there or only root can become it.
 *
 * @example
 * exec('root key', { run: 'openssl genrsa -out ca-key.pem 4096', cwd: '/opt/certs', creates: 'ca-key.pem' })
 * exec('docker network', { run: ['docker', 'network', 'create', name], unless: sh`docker network inspect ${name}` })
 *
 * exec('schema', { run: './migrate up', cwd: '/srv/app', user: 'app', env: { DATABASE_URL: url }, changedBy: /^applied /m })
 * exec('warm the cache', { run: 'curl -fsS http://127.0.0.1/warm', changedBy: [], allowFailure: true })
 *
 * const index = exec('index', { run: './reindex --all', cwd: '/srv/app', creates: '/srv/app/index.done', background: true, deadline: 7200 })
 * exec('new address', { run: 'netplan apply', unless: 'ip -o addr | grep -qF 192.0.2.7', reconnect: { deadline: 120 } })
 *
 * Source: POSIX.1-2017, sh(1) and 2.8.2 (127: command not found).
 */
export function exec(name: string, options: ExecOptions): Resource {
  const { options: given } = read(name, options)
  const {
    run,
    creates,
    unless,
    onlyIf,
    paths = [],
    env = {},
    cwd: directory,
    effects,
    user,
    background = false,
    ...others
  } = given
  const { changedBy, allowFailure = false, ...rest } = others
  const cwd = directory === undefined ? undefined : absolute('cwd', directory)
  const argv = typeof run === 'string' || run instanceof Sh ? undefined : run
  const command = run instanceof Sh ? run : argv === undefined ? raw(String(run)) : sh`${argv}`
  const allowed = allowFailure === true ? ('all' as const) : allowFailure === false ? [] : allowFailure
  const hasResults = changedBy !== undefined || allowFailure !== false
  const work = background ? new Work(name, [cwd, user, creates], command.text) : undefined
  return (hasResults ? makeWithResults : make)(name, {
    ...rest,
    ...(hasResults ? { results: { mark: markOf(name, command.text, cwd, user), changedBy, allowed } } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(effects === undefined ? {} : { effects }),
    ...(user === undefined ? {} : { user }),
    ...(work === undefined ? {} : { work }),
    env,
    run: argv === undefined || user !== undefined ? shell(command, user) : command,
    shown: run instanceof Sh ? name : command.shown,
    creates: creates === undefined ? undefined : posix.resolve(cwd ?? '/', creates),
    unless: unless === undefined ? undefined : asSh(unless),
    onlyIf: onlyIf === undefined ? undefined : asSh(onlyIf),
    paths: paths.map((path) => absolute('paths', path)),
  })
}

const definition: Kind<ExecWant, ExecHave> = {
  name: 'exec',
  probe: (want) => probeExec(want),
  read: (_, reply) => readExec(reply),
  plan(want, have): Plan | Step[] | Refused {
    const { results, work } = want
    if (work !== undefined) return planToBegin(want, work, have, brief(want.shown))
    const reason = reasonToRun(want, have)
    if (reason === undefined) return []
    if (
      results !== undefined &&
      have.result !== undefined &&
      !hasChanged(results, have.result.code, have.result.printed)
    )
      return []
    if (!have.cwd) return noDirectory(want)
    if (have.unasked !== undefined) return nobodyToAsk(want, have.unasked)
    const step = {
      summary: `run ${brief(want.shown)} (${reason})${endOf(have)}`,
      ...script(want),
      ...(want.deadline === undefined ? {} : { deadline: want.deadline }),
      ...reconnecting(want),
    }
    return { steps: [step], ...(have.ran?.failed === true ? { changes: [{ hidden: 'it failed in this run' }] } : {}) }
  },
  paths: execPaths,
  effects: (want) => (want.work === undefined ? execEffects(want) : effectsOfBegin(want, want.work)),
  predict: predictExec,
  advanced: { batchable: true, pathsChange: 'byCommand' },
}

const make = kind(definition)

/** In check mode it is asked otherwise than in apply mode: there it is known that nobody will run it. */
const makeWithResults = kind<ExecWant, ExecHave>({
  ...definition,
  probe: (want, facts) => lines(definition.probe(want, facts), sh`echo looks 1`),
  advanced: {
    ...definition.advanced,
    quickProbe: {
      probe: (want, facts) => definition.probe(want, facts),
      parseOutput: (_, have, said, __, after) => ({ ...have, result: { code: after?.ran?.code ?? 0, printed: said } }),
      isComplete: true,
    },
  },
})

/** Seconds until a host must be back whose connection a command has ended. */
const BACK_SECONDS = 300

function reconnecting({ reconnect }: ExecWant): Pick<Step, 'reconnect'> {
  if (reconnect === undefined) return {}
  const { deadline = BACK_SECONDS, until } = reconnect
  return { reconnect: { deadline, until: until === undefined ? sh`:` : asSh(until) } }
}

/** An exit code that is no success, and may be. */
function endOf({ result }: ExecHave): string {
  return result === undefined || result.code === 0 ? '' : `, which ended with ${result.code}`
}

function asSh(command: string | Sh): Sh {
  return command instanceof Sh ? command : raw(command)
}

/** A piece of a secret would be found by nobody: they are masked before anything is cut. */
function brief(command: string): string {
  const text = redact(command)
  const [first = ''] = text.trim().split('\n')
  return first.length > 80 || first !== text.trim() ? `${first.slice(0, 79)}…` : first
}
