import { raw, sh } from '../../sh/quote.ts'
import type { Refused, Step } from '../kit/kind.ts'
import type { MountWant } from './mount-want.ts'

export interface LiveMount {
  /** The last that is mounted there: its source, type and options. */
  readonly mounted: { readonly source: string; readonly type: string; readonly options: readonly string[] } | undefined
  /** The device that `UUID=` or `LABEL=` leads to, or the source without links. */
  readonly device: string | undefined
  readonly isDirectory: boolean
}

export function planLive(
  { at, state, entry }: MountWant,
  live: LiveMount & { readonly isBlocked: boolean },
): readonly Step[] | Refused {
  const { mounted, isDirectory, isBlocked, device } = live
  if (state === 'present') return []
  if (entry === undefined) return mounted === undefined ? [] : [{ summary: `unmount ${at}`, sh: sh`umount -- ${at}` }]
  if (isBlocked)
    return {
      refused: `${at} is not a directory, so nothing can be mounted there`,
      hint: `put absent('${at}') before it if it may go`,
    }
  const { source, type, options } = entry
  const opts = options.split(',').filter((each) => !/^(defaults|auto|noauto|nofail|_netdev|x-.*)$/.test(each))
  const withOptions = raw(opts.length === 0 ? '' : sh`-o ${opts.join(',')}`.text)
  if (mounted === undefined) {
    const kindOf = raw(type === 'auto' ? '' : sh`-t ${type}`.text)
    return [
      ...(isDirectory ? [] : [{ summary: `make directory ${at}`, sh: sh`mkdir -p -- ${at}` }]),
      { summary: `mount ${source} at ${at}`, sh: sh`mount ${kindOf} ${withOptions} -- ${source} ${at}` },
    ]
  }
  // A volume of device mapper has several names.
  const isDevice = [mounted.source, device ?? ''].every((each) => /^\/dev\/(?!mapper\/|dm-)/.test(each))
  if (isDevice && mounted.source !== device)
    return {
      refused: `${mounted.source} is mounted at ${at}, not ${source}`,
      hint: `put mount('${at}', { state: 'unmounted' }) before it`,
    }
  const lacking = opts.filter((option) => !holds(option, mounted.options))
  if (lacking.length === 0) return []
  const again = sh`-o ${['remount', ...opts].join(',')}`
  return [{ summary: `remount ${at} with ${lacking.join(', ')}`, sh: sh`mount ${again} -- ${at}` }]
}

/** What the options leave open stays as it is. */
export function isReadOnly(options: string, live: readonly string[] = []): boolean {
  const wanted = options.split(',').findLast((option) => option === 'ro' || option === 'rw')
  return wanted === undefined ? live.includes('ro') : wanted === 'ro'
}

const OPPOSITES: Readonly<Record<string, string>> = { rw: 'ro', exec: 'noexec', suid: 'nosuid', dev: 'nodev' }
const SHOWN = new Set(['ro', 'noexec', 'nosuid', 'nodev', 'noatime', 'nodiratime', 'relatime'])

/** Options of which the kernel says whether they hold; of the others it is taken for granted. */
function holds(option: string, live: readonly string[]): boolean {
  const opposite = OPPOSITES[option]
  if (opposite !== undefined) return !live.includes(opposite)
  return !SHOWN.has(option) || live.includes(option)
}
