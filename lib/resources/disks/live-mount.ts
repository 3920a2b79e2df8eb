import { posix } from 'node:path'
import { lines, raw, sh } from '../../sh/quote.ts'
import { bytesOf } from '../../text/byte-size.ts'
import type { Refused, Step, Unknown } from '../kit/kind.ts'
import type { MountContent } from '../prediction/effect.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { FstabEntry } from './fstab.ts'
import {
  compareOptions,
  isOtherSource,
  kernelOptions,
  optionsAfter,
  type Mounted,
  type OptionDifferences,
} from './mount-options.ts'
import { blockedMountPoint, predictMountPoint, type MountPoint } from './mount-point.ts'
import type { MountWant } from './mount-want.ts'

export interface LiveMount {
  /** The last that is mounted there: its source, type and options. */
  readonly mounted: { readonly source: string; readonly type: string; readonly options: readonly string[] } | undefined
  /** How many are mounted there, one upon the other. Default 1, where any is. */
  readonly count?: number
  /** The path without the links above it, where there are any. */
  readonly real?: string
  /** The device that `UUID=` or `LABEL=` leads to, or the source without links. */
  readonly device: string | undefined
  /** Of a tmpfs: how much it takes, in blocks of so many bytes. */
  readonly room?: { readonly bytes: number; readonly block: number }
  /** Bytes of memory that the host has, where a share of them matters. */
  readonly memory?: number
  /** The device that is mounted there can only be read. */
  readonly isReadOnlyDevice?: boolean
  readonly point: MountPoint
  /** The device, file or directory that is to be mounted is not there. */
  readonly isNewSource?: boolean
  /** Of a directory or file that is to be mounted: what is there. */
  readonly isSourceThere?: boolean
  /** Prediction: it comes before. */
  readonly sourceComes?: boolean
  /** Prediction: the file system on it is made before. */
  readonly isEmpty?: boolean
}

export function planLive({ at, state, entry }: MountWant, live: LiveMount): readonly Step[] | Refused {
  const { mounted, point, device, isNewSource, sourceComes, count = 1 } = live
  if (state === 'present') return []
  if (entry === undefined)
    return mounted === undefined
      ? []
      : [{ summary: `unmount ${at}`, sh: lines(...Array.from({ length: count }, () => sh`umount -- ${at} || exit`)) }]
  const blocked = blockedMountPoint(at, point)
  if (blocked !== undefined) return blocked
  const { source, type, options } = entry
  const opts = kernelOptions(options)
  const withOptions = raw(opts.length === 0 ? '' : sh`-o ${opts.join(',')}`.text)
  if (mounted === undefined) {
    if (isNewSource === true && sourceComes !== true)
      return {
        refused: `there is no ${source} to mount at ${at}`,
        hint: isTag(source)
          ? 'put what makes it before this resource; `blkid` on the host lists those that are there'
          : 'put what makes it before this resource',
      }
    const kindOf = raw(type === 'auto' ? '' : sh`-t ${type}`.text)
    return [
      ...(point.is === 'directory' ? [] : [{ summary: `make directory ${at}`, sh: sh`mkdir -p -- ${at}` }]),
      { summary: `mount ${source} at ${at}`, sh: sh`mount ${kindOf} ${withOptions} -- ${source} ${at}` },
    ]
  }
  // A volume of device mapper has several names.
  const isDevice = [mounted.source, device ?? ''].every((each) => /^\/dev\/(?!mapper\/|dm-)/.test(each))
  if (isDevice && mounted.source !== device)
    return {
      refused: `${mounted.source} is mounted at ${at}, not ${source}`,
      hint: `put mount('${at}', { state: 'unmounted' }) before this resource`,
    }
  const isOther = isBind(entry) ? live.isSourceThere === false : isOtherSource(entry, mounted)
  if (isOther)
    return {
      refused: `something else is mounted at ${at}, not ${source}: ${mounted.source} (${mounted.type})`,
      hint: `put mount('${at}', { state: 'unmounted' }) before this resource`,
    }
  const { remount, fixed } = differences(entry, mounted, live)
  const [first] = fixed
  if (first !== undefined)
    return {
      refused: `${at} is mounted with ${first.live}, not ${first.wanted}, and a mount keeps that as long as it is there`,
      hint: `unmount it (\`umount ${at}\`), or set state: 'present' until the next boot`,
    }
  const lacking = [...remount, ...opts.filter((option) => isOtherSize(option, mounted.type, live))]
  if (lacking.length === 0) return []
  const again = sh`-o ${['remount', ...opts, ...lacking.filter((option) => !opts.includes(option))].join(',')}`
  return [{ summary: `remount ${at} with ${lacking.join(', ')}`, sh: sh`mount ${again} -- ${at}` }]
}

/** The options that hold once it is mounted as wanted. */
export function optionsThen(entry: FstabEntry, live: LiveMount): readonly string[] {
  return optionsAfter(entry.options, live.mounted, {
    at: entry.path,
    isBind: isBind(entry),
    ...(live.isReadOnlyDevice === undefined ? {} : { isReadOnly: live.isReadOnlyDevice }),
  })
}

function differences({ path, options }: FstabEntry, mounted: Mounted, live: LiveMount): OptionDifferences {
  return compareOptions(options, mounted, {
    at: path,
    isBind: isBind({ options }),
    ...(live.isReadOnlyDevice === undefined ? {} : { isReadOnly: live.isReadOnlyDevice }),
  })
}

/** Whether nothing can be written there once it is mounted as wanted. */
export function isReadOnlyThen(entry: FstabEntry, live: LiveMount): boolean {
  const said = entry.options.split(',').findLast((option) => option === 'ro' || option === 'rw')
  if (said !== undefined) return said === 'ro'
  return live.mounted?.options.includes('ro') === true && !differences(entry, live.mounted, live).remount.includes('rw')
}

/**
 * The kernel rounds a size up to whole pages, and does not show one that is its default. A share is one of the memory, of which the kernel's own part may have changed since.
 * Source: tmpfs(5).
 */
function isOtherSize(option: string, type: string, { room, memory }: LiveMount): boolean {
  const [, count, unit = ''] = /^size=([1-9]\d*)([kmgt%]?)$/i.exec(option) ?? []
  if (type !== 'tmpfs' || room === undefined || count === undefined) return false
  if (unit === '%') {
    const share = ((memory ?? 0) * Number(count)) / 100
    return memory !== undefined && Math.abs(share - room.bytes) > share / 50
  }
  const bytes = bytesOf(`${count}${unit.toUpperCase()}`)
  return Math.ceil(bytes / room.block) * room.block !== room.bytes
}

/** Applies pending changes: to the directory, to what is mounted there, and to the content of the mount. */
export function predictLive(want: MountWant, live: LiveMount, prediction: Prediction): LiveMount | Unknown {
  const { at, state } = want
  if (live.real !== undefined) prediction.paths.addLink(posix.dirname(at), posix.dirname(live.real))
  const mounted = state === 'present' ? live.mounted : mountedLater(want, live, prediction)
  if (mounted !== undefined && 'unknown' in mounted) return mounted
  const { room: _, ...rest } = live
  return predictPlace(want, mounted === live.mounted ? live : { ...rest, ...arrived(mounted), mounted }, prediction)
}

/** A pending mount of an earlier resource replaces whatever is at the path. */
function arrived(mounted: LiveMount['mounted']): Partial<LiveMount> {
  return mounted === undefined ? {} : { isSourceThere: true, point: { is: 'directory' } }
}

function mountedLater(
  want: MountWant,
  { mounted, device }: LiveMount,
  prediction: Prediction,
): LiveMount['mounted'] | Unknown {
  const { at, entry } = want
  const pending = prediction.paths.mount(at)
  if (pending === undefined) return mounted
  if (pending.state === 'unmounted') return undefined
  if (entry !== undefined && prediction.repeats.has(`mount:${at}`, want))
    return { source: device ?? entry.source, type: entry.type, options: entry.options.split(',') }
  const is = pending.state === 'read-only' ? 'ro' : 'rw'
  const others = (pending.options ?? mounted?.options ?? []).filter((option) => option !== 'ro' && option !== 'rw')
  if (mounted !== undefined) return { ...mounted, options: [is, ...others] }
  if (entry === undefined) return { source: '', type: '', options: [is] }
  return { unknown: `what is mounted at ${at} is known only after ${pending.from}` }
}

function predictPlace(want: MountWant, live: LiveMount, prediction: Prediction): LiveMount | Unknown {
  const { at, entry, state } = want
  const source = entry?.source ?? ''
  if (state === 'mounted' && live.mounted !== undefined && isBind(entry))
    prediction.paths.addLink(at, live.device ?? source)
  const point = state === 'mounted' ? predictMountPoint(at, live.point, prediction) : live.point
  if ('unknown' in point) return point
  const isEmpty = entry !== undefined && prediction.objects.get('new filesystem', source)?.exists === true
  const made =
    live.isNewSource === true && state === 'mounted' && live.mounted === undefined
      ? sourceOf(source, prediction)
      : false
  if (typeof made === 'object') return made
  if (point === live.point && !isEmpty && !made) return live
  return { ...live, point, isEmpty, sourceComes: made }
}

/** `UUID=...`, `LABEL=...` and similar. */
const isTag = (source: string) => /^[A-Z]+=/.test(source)

function sourceOf(source: string, prediction: Prediction): boolean | Unknown {
  const pending = prediction.paths.get(source)
  if (pending !== undefined) return pending.state.type !== 'absent'
  if (prediction.objects.get(isTag(source) ? 'filesystem tag' : 'block device', source)?.exists === true) return true
  const bringer = prediction.bringer()
  return bringer === undefined ? false : { unknown: `there is no ${source} to mount, unless ${bringer.from} makes it` }
}

/** What is below the directory once it is mounted there, as far as anybody can know. */
export function contentOf(
  { entry }: MountWant,
  { mounted, device, isNewSource, isEmpty }: LiveMount,
): MountContent | undefined {
  if (entry === undefined) return mounted === undefined ? 'same' : undefined
  if (mounted !== undefined) return 'same'
  const { type, source } = entry
  if (/^(tmpfs|ramfs)$/.test(type) || isEmpty === true) return 'nothing'
  if (!isBind(entry)) return undefined
  return { of: device ?? source, ...(isNewSource === true ? { isNew: true } : {}) }
}

/** A directory or a file that is mounted at a second place. */
export function isBind(entry: Pick<FstabEntry, 'options'> | undefined): boolean {
  return /(^|,)r?bind(,|$)/.test(entry?.options ?? '')
}
