import { isAbsolute, described, freeText, list, oneOf, seconds, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { isResource } from '../kit/resource.ts'
import { kind, type Plan, type Refused, type Resource, type Unknown } from '../kit/kind.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Facts } from '../../facts.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { compareKernels, kernelOf, rebootReason, type RebootCause, type RebootHave } from './reboot-due.ts'
import { bootMark, probeReboot, readReboot } from './reboot-probe.ts'

export interface RebootOptions {
  readonly when?: readonly RebootCause[]
  readonly rebootedAfter?: readonly (Resource | string)[]
  readonly message?: string
  readonly deadline?: number
}

export interface RebootWant {
  readonly when: readonly RebootCause[]
  readonly paths: readonly string[]
  readonly packages: readonly string[]
  readonly message: string | undefined
  readonly deadline: number
}

/** Seconds that a host may take to be back. */
const DEADLINE = 600

/**
 * A reboot, when one is due. The host goes down, the run waits until it is back, takes the connection and its lock of the host up again, and the role
 * continues after it. Whether a reboot is due is read from the host, so it cannot be lost, and a second apply does nothing.
 *
 * - `when`: what asks for a reboot by itself, by default both: `'required'`, that a package has left `/run/reboot-required` or needs-restarting(1) says so;
 *   `'kernel'`, that a newer kernel than the running one is installed, of the same flavour. `[]`: neither.
 * - `rebootedAfter`: resources, absolute paths, and names of packages. A reboot is due when one of them changed (its ctime, or when the package was installed)
 *   after the host booted. A path that is not there does not count. Do not name what the boot itself writes.
 * - `message`: what those who are logged in are told.
 * - `deadline`: seconds until the host must be back, default 600. It is back when it has booted, answers, and systemd has finished starting.
 *
 * Prediction: a pending change to something in `rebootedAfter` is a pending reboot, and so is a package that names a newer kernel. Whether any other package
 * or command that is still to come leads to a reboot is unknown, unless `when` is `[]`. After a pending reboot enabled services run, with their settings of then;
 * the content of /run and /tmp is not predicted.
 *
 * Refused: an account other than root; this machine itself, which runs Rolecall; a container that its engine would have to start again.
 *
 * @example
 * reboot('for a new kernel')
 * reboot('for the command line', { when: [], rebootedAfter: [grub, 'linux-image-amd64'], message: 'back in five minutes', deadline: 900 })
 *
 * Source: reboot(8), shutdown(8), systemctl(1) is-system-running, proc(5).
 */
export function reboot(name: string, options: RebootOptions = {}): Resource {
  const { name: given, options: read } = readOptions(name, options)
  const { when = ['required', 'kernel'], rebootedAfter = [], message, deadline = DEADLINE } = read
  const inputs = rebootedAfter.map(inputsOf)
  return make(given, {
    when,
    paths: [...new Set(inputs.flatMap(({ paths }) => paths))],
    packages: [...new Set(inputs.flatMap(({ packages }) => packages))],
    message,
    deadline,
  })
}

/** What is looked at for an entry of `rebootedAfter`. */
function inputsOf(given: Resource | string): Pick<RebootWant, 'paths' | 'packages'> {
  if (typeof given === 'string')
    return isAbsolute(given) ? { paths: [given], packages: [] } : { paths: [], packages: [given] }
  if (given.kind === 'pkg') return { paths: [], packages: given.name.split(',').map((name) => name.trim()) }
  return { paths: given.paths, packages: [] }
}

const PACKAGE = /^[A-Za-z0-9][\w.+:-]*$/

const readOptions = resourceOptions<RebootOptions>()(
  'reboot',
  (name) => described('reboot', name),
  () => ({
    when: list("a list of 'required' and 'kernel'", oneOf(['required', 'kernel'])).optional(),
    rebootedAfter: list(
      'a list of resources, absolute paths and names of packages',
      value<Resource | string>('a resource, an absolute path or the name of a package', (given) =>
        typeof given === 'string' ? isAbsolute(given) || PACKAGE.test(given) : isResource(given),
      ),
    ).optional(),
    message: freeText('a text of one line').optional(),
    deadline: seconds().optional(),
  }),
  ({ when = ['required'], rebootedAfter = [] }) => [
    when.length === 0 && rebootedAfter.length === 0
      ? { expected: 'given something in when or rebootedAfter', got: 'neither of them' }
      : undefined,
  ],
)

const make = kind<RebootWant, RebootHave>({
  name: 'reboot',
  probe: ({ paths, packages }) => probeReboot(paths, packages),
  read: (_, reply) => readReboot(reply),
  plan: planReboot,
  effects: () => [{ type: 'boot' }],
  predict,
  advanced: {
    parallelProbe: true,
    // There may be one at the beginning of a role and one at its end.
    declarations: () => [],
  },
})

function planReboot({ when, message, deadline }: RebootWant, have: RebootHave, { uid }: Facts): Plan | Refused {
  const reason = rebootReason(when, have)
  if (reason === undefined) return { steps: [] }
  if (uid !== 0) return { refused: 'only root can reboot a host', hint: 'set ansible_become: true for the host' }
  const { container } = have
  if (container === 'docker' || container === 'podman')
    return {
      refused: `a container of ${container} is started again by its engine alone`,
      hint: 'recreate it from an up-to-date image',
    }
  return {
    steps: [
      {
        summary: `reboot (${reason})`,
        sh: goDown(message),
        deadline: 120,
        reconnect: { deadline, until: isBack(have.boot) },
      },
    ],
  }
}

/** What it says to those who are logged in is one word. */
function goDown(message: string | undefined): Sh {
  const words = message === undefined ? [] : [message]
  return sh`if command -v shutdown >/dev/null 2>&1; then shutdown -r now ${words}; elif [ -d /run/systemd/system ]; then systemctl reboot; else reboot; fi`
}

/** Over a connection to the host: it is in another boot, and whatever starts its services is done with that. */
function isBack(boot: string): Sh {
  return lines(
    bootMark,
    sh`[ "$b" != ${boot} ] || { echo 'it has not gone down yet'; exit 1; }`,
    raw(`[ -d /run/systemd/system ] || exit 0
s=$(systemctl is-system-running 2>/dev/null)
case $s in initializing | starting | '') echo "systemd is still starting: $(systemctl list-jobs --no-legend 2>/dev/null | sed -n 's/^ *[0-9]* *//; 1,3p' | tr '\n' ';')"; exit 1;; esac
exit 0`),
  )
}

function predict(
  { when, paths, packages }: RebootWant,
  have: RebootHave,
  prediction: Prediction,
  facts: Facts,
): RebootHave | Unknown {
  if (prediction.empty) return have
  const last = prediction.reboot()?.turn ?? -1
  // What asked for a reboot before it asks no more.
  const now: RebootHave = last < 0 ? have : { ...have, required: undefined, kernels: [], changed: [] }
  if (rebootReason(when, now) !== undefined) return now
  const change =
    paths
      .map((path) => prediction.paths.get(path))
      .find((pending) => pending !== undefined && pending.turn > last && pending.state.type !== 'absent') ??
    prediction.packages.installed().find(({ name, turn, kept }) => turn > last && !kept && packages.includes(name))
  if (change !== undefined) return { ...now, after: change.from }
  const doubt = paths.map((path) => prediction.paths.doubtAbout(path)).find(Boolean)
  if (doubt !== undefined) return { unknown: `whether it must reboot depends on ${doubt.words}` }
  if (when.length === 0) return now
  const kernel =
    when.includes('kernel') && now.container === undefined
      ? prediction.packages.installed().find(({ name, turn, kept }) => {
          const brings = kernelOf(name, facts)
          return (
            turn > last && !kept && brings !== undefined && brings !== 'any' && compareKernels(brings, now.running) > 0
          )
        })
      : undefined
  if (kernel !== undefined) return { ...now, after: kernel.from }
  const opaque = prediction.opaqueSince(last + 1)
  return opaque === undefined ? now : { unknown: `whether ${opaque.from} leads to a reboot is known only after it` }
}
