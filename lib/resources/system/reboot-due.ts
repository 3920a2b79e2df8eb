import { mayBeLater, type HostTime } from '../kit/host-time.ts'
import type { Facts } from '../../facts.ts'

/** What a host says of its boot, and of what has changed since. */
export interface RebootHave {
  /** The boot that it is in: another one after a reboot, also of a container that shares its kernel. */
  readonly boot: string
  /** When it booted. */
  readonly since: HostTime | undefined
  /** What a package has left for a reboot: `/run/reboot-required`, or what needs-restarting(1) says. */
  readonly required: string | undefined
  /** The kernel that runs, and those that could be booted; none in a container, whose kernel is not its own. */
  readonly running: string
  readonly kernels: readonly string[]
  readonly container: string | undefined
  /** Paths and packages of `rebootedAfter`, with when each last changed. */
  readonly changed: readonly { readonly what: string; readonly at: HostTime }[]
  /** Prediction: the pending change after which it must be rebooted. */
  readonly after?: string
}

export type RebootCause = 'required' | 'kernel'

/** Why a reboot is due; undefined when none is. */
export function rebootReason(when: readonly RebootCause[], have: RebootHave): string | undefined {
  if (when.includes('required') && have.required !== undefined) return have.required
  const newer = when.includes('kernel') ? newerKernel(have) : undefined
  if (newer !== undefined) return `kernel ${newer} is installed, ${have.running} runs`
  const { since } = have
  const late = since === undefined ? undefined : have.changed.find(({ at }) => mayBeLater(at, since))
  if (late !== undefined) return `${late.what} changed since the boot`
  return have.after === undefined ? undefined : `after ${have.after}`
}

/** The newest kernel of the running one's flavour, when it is newer than that. */
function newerKernel({ running, kernels, container }: RebootHave): string | undefined {
  if (container !== undefined || running === '') return undefined
  const alike = kernels.filter((kernel) => flavourOf(kernel) === flavourOf(running))
  const newest = alike.toSorted(compareKernels).at(-1)
  return newest !== undefined && compareKernels(newest, running) > 0 ? newest : undefined
}

/** `6.1.0-18-amd64` and `6.1.0-21-amd64` are of one flavour, `6.1.0-21-cloud-amd64` is of another. */
function flavourOf(kernel: string): string {
  return kernel.replace(/[\d._-]+/g, '#')
}

/** Numbers count as numbers and are newer than text, as rpm has it; everything else counts as text. */
export function compareKernels(one: string, other: string): number {
  const parts = (text: string) => text.match(/\d+|[^\d._-]+/g) ?? []
  const [a, b] = [parts(one), parts(other)]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left = '', right = ''] = [a[at], b[at]]
    const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)]
    const byText = left === right ? 0 : left < right ? -1 : 1
    const order = isLeft && isRight ? Number(left) - Number(right) : isLeft === isRight ? byText : isLeft ? 1 : -1
    if (order !== 0) return order
  }
  return 0
}

/** The kernel that a package of this name brings; `any` when its name does not say which one; undefined: none. */
export function kernelOf(packageName: string, { os }: Pick<Facts, 'os'>): string | undefined {
  if (os.family === 'debian') {
    const [, version] = /^linux-image-(?:unsigned-)?(.+)$/s.exec(packageName) ?? []
    if (version === undefined) return undefined
    return /^\d/.test(version) ? version : 'any'
  }
  return /^kernel(-core|-uek|-ml|-lt|-default)?$/.test(packageName) ? 'any' : undefined
}
