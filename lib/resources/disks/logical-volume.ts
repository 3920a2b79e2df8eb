import { sh } from '../../sh/quote.ts'
import { bytesOf, sizeText } from '../../text/byte-size.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, list, oneOf, path, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { overwritten } from './disk-tools.ts'
import { LVM_NAME, lvm } from './volume-group.ts'

export interface LogicalVolumeOptions {
  /** `10G`, `512M`; `50%VG`, a share of the group; `100%FREE`, what is left in it. */
  readonly size?: string
  /** It may become smaller. What is on it must have been made smaller before. Default false: a larger one stays. */
  readonly shrink?: boolean
  /** Its file system grows with it, by `lvextend --resizefs`. Default false. */
  readonly resizeFilesystem?: boolean
  /** The devices of the group on which it is made. */
  readonly devices?: readonly string[]
  /** Further words for lvcreate, such as `['--type', 'raid1']`. They count only when it is made. */
  readonly options?: readonly string[]
  /** Absent: what is on it is lost, so `force` must be said, too. */
  readonly force?: boolean
  readonly state?: 'present' | 'absent'
}

export interface LogicalVolumeWant {
  readonly group: string
  readonly volume: string
  readonly size: string
  readonly shrink: boolean
  readonly resizeFilesystem: boolean
  readonly devices: readonly string[]
  readonly options: readonly string[]
  readonly force: boolean
  readonly state: 'present' | 'absent'
}

interface State {
  readonly group: { readonly extent: number; readonly size: number; readonly free: number } | undefined
  /** Bytes; undefined: there is no such volume. */
  readonly size: number | undefined
  readonly isFresh?: true
}

/**
 * A logical volume of LVM, of at least this size: a smaller one grows. Sizes are rounded up to whole extents, and shares down. With `100%FREE` it grows whenever the group
 * has got something left.
 *
 * @example
 * logicalVolume('vg0/data', { size: '10G', resizeFilesystem: true })
 * logicalVolume('vg0/rest', { size: '100%FREE' })
 * logicalVolume('vg0/old', { state: 'absent', force: true })
 *
 * Refused: no such group; too little room in it; a larger volume with `shrink` left out is no mistake and stays; one to be absent without `force`.
 *
 * Source: lvm(8), lvcreate(8), lvextend(8), lvreduce(8), lvremove(8).
 */
export function logicalVolume(name: string, options: LogicalVolumeOptions): Resource {
  const { name: own, options: given } = read(name, options)
  const [group = '', volume = ''] = own.split('/')
  const { size = '', shrink = false, resizeFilesystem = false, devices = [], options: words = [] } = given
  const { force = false, state = 'present' } = given
  return make(own, { group, volume, size, shrink, resizeFilesystem, devices, options: words, force, state })
}

const read = resourceOptions<LogicalVolumeOptions>()(
  'logicalVolume',
  (given) => {
    if (typeof given === 'string') {
      const [group = '', volume = '', more] = given.split('/')
      if (more === undefined && LVM_NAME.test(group) && LVM_NAME.test(volume)) return given
    }
    throw invalidOption('logicalVolume', 'a group and a volume, such as "vg0/data"', describeValue(given))
  },
  () => ({
    size: text(
      'a size such as "10G", "50%VG" or "100%FREE"',
      /^(\d+(\.\d+)?[KMGTP]|([1-9]\d?|100)%(VG|FREE))$/,
    ).optional(),
    shrink: flag().optional(),
    resizeFilesystem: flag().optional(),
    devices: list('a list of devices', path('the path of a device')).optional(),
    options: list('a list of words', text('one word', /^[^\r\n\0]+$/)).optional(),
    force: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? [
          ...leftOut(['size', 'shrink', 'resizeFilesystem', 'devices', 'options'], 'with state: absent', options),
          options.force === true
            ? undefined
            : { what: 'force', expected: 'true with state: absent, because what is on it is lost', got: 'nothing' },
        ]
      : [given.has('size') ? undefined : { what: 'size', expected: 'a size', got: 'nothing' }],
)

const make = toolKind<LogicalVolumeWant, State>({
  name: 'logicalVolume',
  tool: () => lvm,
  probe: ({
    group,
    volume,
  }) => sh`g=$(vgs --noheadings --nosuffix --units b -o vg_extent_size,vg_size,vg_free -- ${group} 2>/dev/null) && echo group $g
v=$(lvs --noheadings --nosuffix --units b -o lv_size -- ${`${group}/${volume}`} 2>/dev/null) && echo volume $v; :`,
  read(_, { lines }) {
    const numbers = (word: string) =>
      lines
        .find((line) => line.startsWith(`${word} `))
        ?.split(' ')
        .slice(1)
        .map(Number)
    const [extent, all, free] = numbers('group') ?? []
    return {
      group: extent === undefined || all === undefined || free === undefined ? undefined : { extent, size: all, free },
      size: numbers('volume')?.[0],
    }
  },
  fresh: () => ({ group: undefined, size: undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  advanced: { trusts: ({ devices }) => devices.map(overwritten) },
  effects: ({ group, volume, state }) =>
    [
      `/dev/${group}/${volume}`,
      `/dev/mapper/${[group, volume].map((each) => each.replaceAll('-', '--')).join('-')}`,
    ].map((name) => ({ type: 'object', of: 'block device', name, exists: state === 'present' })),
  predict({ group, state: wanted }, state, prediction) {
    const made = prediction.objects.get('volume group', group)
    const command =
      made === undefined && state.group === undefined && wanted !== 'absent' ? prediction.command() : undefined
    if (command !== undefined) return { unknown: `the volume group ${group} may come with ${command.from}` }
    return made?.exists === true && state.group === undefined ? { ...state, isFresh: true } : state
  },
})

function planned(want: LogicalVolumeWant, { group: room, size: now, isFresh }: State): Step[] | Refused {
  const { group, volume, size, shrink, resizeFilesystem, devices, options, state } = want
  const name = `${group}/${volume}`
  if (state === 'absent')
    return now === undefined
      ? []
      : [{ summary: `remove the volume ${name}`, sh: sh`lvremove -q -y -f -- ${name} >/dev/null` }]
  if (room === undefined && isFresh !== true)
    return { refused: `there is no volume group ${group}`, hint: `put volumeGroup('${group}') before this resource` }
  const [flagOf, words] = size.includes('%') ? ['-l', size] : ['-L', size]
  if (now === undefined) {
    const wanted = room === undefined ? 0 : bytesIn(size, room, 0)
    if (room !== undefined && (wanted > room.free || wanted === 0)) return tooLittle(name, wanted, room.free)
    return [
      {
        summary: `make the volume ${name} of ${size}`,
        sh: sh`lvcreate -q -y ${wiping(options)} ${flagOf} ${words} -n ${volume} ${options} ${group} ${devices} >/dev/null`,
      },
    ]
  }
  const wanted = room === undefined ? now : bytesIn(size, room, now)
  if (wanted > now) {
    const free = room?.free ?? 0
    if (wanted - now > free) return tooLittle(name, wanted - now, free)
    return [
      {
        summary: `let the volume ${name} grow to ${sizeText(wanted)} (was ${sizeText(now)})`,
        sh: sh`lvextend -q ${resizeFilesystem ? ['-r'] : []} -L ${`${wanted}b`} ${name} ${devices} >/dev/null`,
      },
    ]
  }
  if (wanted === now || !shrink) return []
  return [
    {
      summary: `make the volume ${name} smaller: ${sizeText(wanted)} (was ${sizeText(now)})`,
      sh: sh`lvreduce -q -f ${resizeFilesystem ? ['-r'] : []} -L ${`${wanted}b`} -- ${name} >/dev/null`,
    },
  ]
}

/** Old signatures are wiped, unless the options say how, or the volume is not active and cannot be wiped. */
function wiping(options: readonly string[]): string[] {
  const said = /(?:^| )(?:-W|--wipesignatures|-a ?n|--activate[= ]n)/.test(options.join(' '))
  return said ? [] : ['-W', 'y']
}

/** Bytes of whole extents. A share of what is left counts upon what the volume has. */
function bytesIn(size: string, { extent, size: all, free }: NonNullable<State['group']>, now: number): number {
  const [, share, of] = /^(\d+)%(VG|FREE)$/.exec(size) ?? []
  if (share === undefined) return Math.ceil(bytesOf(size) / extent) * extent
  const part = (Number(share) / 100) * (of === 'VG' ? all : free)
  const whole = Math.floor(part / extent) * extent
  if (of === 'VG') return whole
  // Less than all of what is left is a size at the beginning: it does not grow with each run.
  return now === 0 || share === '100' ? now + whole : now
}

function tooLittle(name: string, wanted: number, free: number): Refused {
  return {
    refused: `the volume ${name} needs ${sizeText(wanted)}, and its group has ${sizeText(free)} left`,
    hint: 'give the group another device',
  }
}
