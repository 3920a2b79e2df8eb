import { posix } from 'node:path'
import { raw, sh } from '../../sh/quote.ts'
import { realPath } from '../../sh/real-path.ts'
import { bytesOf } from '../../text/byte-size.ts'
import { candidatePrefix } from '../files/path/candidate-names.ts'
import { mayMake } from '../files/path/path-prediction.ts'
import { editDefinition, editWant, type EditWant } from '../files/edit.ts'
import { stateOption } from '../files/absent-state.ts'
import { absolute } from '../files/path/path.ts'
import { withLiveState } from '../files/file-with-live-state.ts'
import { kind, type Resource, type Step } from '../kit/kind.ts'
import { flag, text, whole } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { editFstab, type FstabEntry } from './fstab.ts'

export interface SwapOptions {
  /** Of a file that is made: `2G`, `512M`. Left out for a device, or a file that is there. */
  readonly size?: string
  /** From 0 to 32767; a higher one is used first. Default: the kernel's. */
  readonly priority?: number
  /** It is in fstab. Default true. */
  readonly persistent?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type SwapWant = EditWant & {
  readonly at: string
  readonly size?: number | undefined
  readonly priority?: number | undefined
  readonly entry: FstabEntry | undefined
  readonly isGone: boolean
  readonly isDevice: boolean
}

interface LiveSwap {
  readonly isUsed: boolean
  readonly priority: number | undefined
  /** Of the file in bytes; undefined: none. */
  readonly size: number | undefined
  /** A swap area was made in it. */
  readonly isArea: boolean
  /** The file system of its directory, where that has no files for swap. */
  readonly unfit: string | undefined
  /** The kernel has no swap, or lets none be used from here. */
  readonly isBarred: boolean
}

/** File systems whose files the kernel does not accept for swap, by the number that stat(1) says. */
const UNFIT = new Map(
  Object.entries({
    '794c7630': 'overlay',
    '61756673': 'aufs',
    '1021994': 'tmpfs',
    '858458f6': 'ramfs',
    '1021997': '9p',
    '2fc12fc1': 'zfs',
    c36400: 'ceph',
  }),
)

/**
 * Swap space in a file or on a device, used now and after every boot. A file of another size is recreated, after `swapoff`. With `state: 'absent'` it is not used, and
 * a file is removed.
 *
 * @example
 * swap('/swapfile', { size: '2G' })
 * swap('/dev/sdb2', { priority: 10 })
 * swap('/swapfile', { state: 'absent' })
 *
 * Refused: a file that is not there, without `size`, or in a directory that another account can change; a device that is not there; a file on a file system that
 * has none for swap, such as overlay, tmpfs or zfs; a host that may use no swap, such as a container. Failed: what mkswap and swapon say.
 *
 * Source: swapon(8), mkswap(8), fstab(5), proc(5) (`swaps`).
 */
export function swap(path: string, options: SwapOptions): Resource {
  const { name, options: given } = read(path, options)
  const { size, priority, persistent = true, state } = given
  const isGone = state === 'absent'
  const opts = priority === undefined ? 'sw' : `sw,pri=${priority}`
  const entry =
    isGone || !persistent ? undefined : { source: name, path: 'none', type: 'swap', options: opts, dump: 0, passno: 0 }
  return make(name, {
    ...editWant('/etc/fstab', { create: entry !== undefined }, entry === undefined, false),
    at: name,
    size: size === undefined ? undefined : bytesOf(size),
    priority,
    entry,
    isGone,
    isDevice: name.startsWith('/dev/'),
  })
}

const file = editDefinition<SwapWant>({
  name: 'swap',
  edit: ({ at, entry }, live) => editFstab(live, entry, ({ type, source }) => type === 'swap' && source === at),
  summary: ({ at }) => `swap ${at}`,
  isSecret: () => false,
  declarations: ({ at, entry, size, isGone }) => [[`swap ${at}`, { entry, size, isGone }]],
})

const make = kind(
  withLiveState(file, {
    probe: ({
      at,
    }) => sh`${realPath}r=$(real_path ${at}); while read -r f _ _ _ p; do [ "$f" = "$r" ] && echo "used $p"; done </proc/swaps
if [ -f ${at} ]; then echo "size $(stat -c %s -- ${at})"; elif [ -b "$r" ]; then echo 'size 0'; fi
[ ! -r ${at} ] || for n in 4096 16384 65536; do [ "$(dd if=${at} bs=1 skip=$((n-10)) count=10 2>/dev/null)" != SWAPSPACE2 ] || echo area; done
d=${posix.dirname(at)}; while [ ! -e "$d" ]; do d=\${d%/*}; d=\${d:-/}; done; echo "on $(stat -f -c %t -- "$d")"
c=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status 2>/dev/null)
if [ ! -e /proc/swaps ] || { [ -n "$c" ] && [ "$(( (0x$c >> 21) & 1 ))" = 0 ]; }; then echo barred; fi`,
    read(_, said): LiveSwap {
      const used = said.find((line) => line.startsWith('used '))
      const size = said.find((line) => line.startsWith('size '))
      return {
        isUsed: used !== undefined,
        priority: used === undefined ? undefined : Number(used.slice(5)),
        size: size === undefined ? undefined : Number(size.slice(5)),
        isArea: said.includes('area'),
        unfit: UNFIT.get(said.find((line) => line.startsWith('on '))?.slice(3) ?? ''),
        isBarred: said.includes('barred'),
      }
    },
    predict({ at, isGone, isDevice, size }, now, prediction) {
      const area = prediction.objects.get('swap area', at)?.exists
      const found = now.unfit !== undefined && isMountedOver(at, prediction) ? { ...now, unfit: undefined } : now
      const live = area === undefined ? found : { ...found, isArea: area }
      const pending = prediction.paths.get(at)
      if (pending === undefined) {
        if (isGone || live.size !== undefined || (!isDevice && size !== undefined)) return live
        // A new device has nothing on it.
        if (prediction.objects.get('block device', at)?.exists === true)
          return { ...live, size: 0, isArea: area === true }
        const maker = isDevice ? prediction.command()?.from : mayMake(at, prediction)
        return maker === undefined ? live : { unknown: `${at} may come with ${maker}` }
      }
      return pending.state.type === 'absent'
        ? { ...live, size: undefined, isArea: false }
        : { unknown: `whether ${at} can be used is known only after ${pending.from}` }
    },
    plan(want, live, { isWritten }, { init }) {
      const { at, isGone, isDevice, size, priority } = want
      const off: Step = { summary: `take ${at} out of use`, sh: sh`swapoff -- ${at}` }
      const reload: Step[] =
        isWritten && init === 'systemd'
          ? [{ summary: 'reload systemd (fstab changed)', sh: sh`systemctl daemon-reload` }]
          : []
      if (isGone) {
        const gone = !isDevice && live.size !== undefined ? [{ summary: `remove ${at}`, sh: sh`rm -f -- ${at}` }] : []
        return { before: live.isUsed ? [off] : [], after: [...reload, ...gone] }
      }
      if (live.size === undefined && (isDevice || size === undefined))
        return {
          refused: `${at} is not there`,
          hint: isDevice ? 'make the device before this resource' : `give its size: '2G'`,
        }
      if (!live.isUsed && live.isBarred)
        return {
          refused: 'this host cannot use swap',
          hint: 'a container uses the swap of its machine: set it up there',
        }
      if (!live.isUsed && !isDevice && live.unfit !== undefined)
        return {
          refused: `${at} is on a file system (${live.unfit}) whose files the kernel does not accept for swap`,
          hint: 'put the file on a disk of the host, or name a device',
        }
      const isNew = !isDevice && size !== undefined && live.size !== size
      const make: Step[] = isNew
        ? [{ summary: `make a swap file of ${size / 1024 ** 2} MiB: ${at}`, sh: makeFile(at, size), deadline: 3600 }]
        : []
      const area: Step[] =
        isNew || !live.isArea ? [{ summary: `make a swap area in ${at}`, sh: sh`mkswap -- ${at} >/dev/null` }] : []
      const isOther = live.isUsed && priority !== undefined && priority !== live.priority
      const before = live.isUsed && (isNew || isOther || area.length > 0) ? [off] : []
      const how = raw(priority === undefined ? '' : `-p ${priority}`)
      const on: Step[] =
        !live.isUsed || before.length > 0 ? [{ summary: `use ${at} for swap`, sh: sh`swapon ${how} -- ${at}` }] : []
      // As with mounts: fstab gets no swap that cannot be used.
      return { before: [...before, ...make, ...area, ...on], after: reload }
    },
    trusts: ({ at, isDevice }) => (isDevice ? [] : [{ path: at, danger: 'could have another file used for swap' }]),
    effects: ({ at, isGone, isDevice }) =>
      isDevice
        ? []
        : [
            {
              type: 'path',
              path: at,
              state: isGone ? { type: 'absent' } : { type: 'file', mode: '0600', confirm: true },
            },
          ],
  }),
)

/** A pending mount brings another file system to the place of the file. */
function isMountedOver(at: string, prediction: Prediction): boolean {
  for (let dir = posix.dirname(at); ; dir = posix.dirname(dir)) {
    if (prediction.paths.mount(dir) !== undefined) return true
    if (dir === '/') return false
  }
}

/** Blocks that are really there, on btrfs without copies on write: others cannot be used. */
function makeFile(at: string, size: number) {
  return sh`umask 077
t=${candidatePrefix(at)}$$
trap 'rm -f -- "$t"' EXIT
: >"$t" || exit 1
chattr +C -- "$t" 2>/dev/null
fallocate -l ${size} -- "$t" 2>/dev/null || dd if=/dev/zero of="$t" bs=1048576 count=${Math.ceil(size / 1024 ** 2)} 2>/dev/null || exit 1
chmod 0600 -- "$t" && mv -f -- "$t" ${at}`
}

const read = resourceOptions<SwapOptions>()(
  'swap',
  (path) => absolute('swap', path),
  () => ({
    size: text('a size such as "2G" or "512M"', /^[1-9]\d{0,6}[MGT]$/).optional(),
    priority: whole('a whole number from 0 to 32767', 0, 32767).optional(),
    persistent: flag().optional(),
    state: stateOption().optional(),
  }),
  (options) =>
    options.state === 'absent' ? leftOut(['size', 'priority', 'persistent'], 'with state: absent', options) : [],
)
