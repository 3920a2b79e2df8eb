import { sh } from '../../sh/quote.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, list, oneOf, path, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'
import { overwritten } from './disk-tools.ts'

export interface VolumeGroupOptions {
  /** The devices that it consists of. Others that it has stay. */
  readonly devices?: readonly string[]
  /** Size of an extent, such as `4M`. It counts only when the group is made. */
  readonly extentSize?: string
  /** Take devices that have something else on them, which is lost. Absent: take its volumes with it. Default false. */
  readonly force?: boolean
  readonly state?: 'present' | 'absent'
}

export interface VolumeGroupWant {
  readonly group: string
  readonly devices: readonly string[]
  readonly extentSize: string | undefined
  readonly force: boolean
  readonly state: 'present' | 'absent'
}

/** A device: the group that it is in, or what else is on it. */
interface Found {
  readonly group?: string
  readonly other?: string
  readonly isMissing?: true
}

interface State {
  readonly isThere: boolean
  readonly volumes: number
  /** The wanted devices of which there is something to say. */
  readonly devices: ReadonlyMap<string, Found>
}

export const lvm: Tool = { program: 'vgs', broughtBy: /^lvm2$/, hint: 'lvm2' }

/**
 * A volume group of LVM: made of these devices, or extended by those that it lacks.
 *
 * @example
 * volumeGroup('vg0', { devices: ['/dev/vdb', '/dev/vdc'] })
 * volumeGroup('old', { state: 'absent' })
 *
 * Refused: a device that is not there, that is in a directory that another account can change, that is in another group, or that has something else on it, without `force`; a group with volumes, to be absent, without
 * `force`; a host without LVM.
 *
 * Source: lvm(8), vgcreate(8), vgextend(8), vgremove(8).
 */
export function volumeGroup(name: string, options: VolumeGroupOptions): Resource {
  const { name: group, options: given } = read(name, options)
  const { devices = [], extentSize, force = false, state = 'present' } = given
  return make(group, { group, devices, extentSize, force, state })
}

/** Names of groups and volumes, as LVM takes them. */
export const LVM_NAME = /^[A-Za-z0-9_+.][\w+.-]{0,126}$/

const read = resourceOptions<VolumeGroupOptions>()(
  'volumeGroup',
  (given) => {
    if (typeof given === 'string' && LVM_NAME.test(given)) return given
    throw invalidOption('volumeGroup', 'the name of a volume group', describeValue(given))
  },
  () => ({
    devices: list('a list of devices', path('the path of a device')).optional(),
    extentSize: text('a size such as "4M"', /^\d+[KM]$/).optional(),
    force: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options) =>
    options.state === 'absent'
      ? leftOut(['devices', 'extentSize'], 'with state: absent', options)
      : [
          (options.devices?.length ?? 0) > 0
            ? undefined
            : { what: 'devices', expected: 'at least one device', got: 'none' },
        ],
)

const make = toolKind<VolumeGroupWant, State>({
  name: 'volumeGroup',
  tool: () => lvm,
  probe: ({ group, devices }) => sh`n=$(vgs --noheadings -o lv_count -- ${group} 2>/dev/null) && echo there $n
for d in ${devices}; do
if [ ! -b "$d" ]; then echo "missing $d"
elif g=$(pvs --noheadings -o vg_name -- "$d" 2>/dev/null); then echo "in $d $g"
else t=$(blkid -p -o export -- "$d" 2>/dev/null); case $? in 0 | 2) ;; *) t=TYPE=something;; esac
t=$(printf '%s\\n' "$t" | sed -n 's/^\\(TYPE\\|PTTYPE\\)=//p'); [ -z "$t" ] || echo "other $d" $t; fi
done; :`,
  read(_, { lines }) {
    const count = lines.find((line) => line.startsWith('there '))?.slice(6)
    return {
      isThere: count !== undefined,
      volumes: Number(count ?? 0),
      devices: new Map(
        lines.flatMap((line): [string, Found][] => {
          const [word, device = '', ...rest] = line.split(/\s+/)
          const what = rest.join(' ').trim()
          if (word === 'missing') return [[device, { isMissing: true }]]
          if (word === 'other') return [[device, { other: what }]]
          return word === 'in' ? [[device, what === '' ? {} : { group: what }]] : []
        }),
      ),
    }
  },
  fresh: () => ({ isThere: false, volumes: 0, devices: new Map() }),
  isAbsence: ({ state }) => state === 'absent',
  plan: planned,
  predict({ devices, state: wanted }, state, prediction) {
    const missing = wanted === 'absent' ? [] : devices.filter((device) => state.devices.get(device)?.isMissing === true)
    if (missing.length === 0) return state
    const isMade = (device: string) => prediction.objects.get('block device', device)?.exists === true
    const left = missing.filter((device) => !isMade(device))
    const command = left.length === 0 ? undefined : prediction.command()
    if (command !== undefined) return { unknown: `${left.join(', ')} may come with ${command.from}` }
    const made = missing.filter((device) => !left.includes(device))
    return made.length === 0
      ? state
      : { ...state, devices: new Map([...state.devices, ...made.map((each) => [each, {}] as const)]) }
  },
  advanced: { trusts: ({ devices }) => devices.map(overwritten) },
  effects: ({ group, state }) => [{ type: 'object', of: 'volume group', name: group, exists: state === 'present' }],
})

function planned({ group, devices, extentSize, force, state }: VolumeGroupWant, have: State): Step[] | Refused {
  if (state === 'absent') {
    if (!have.isThere) return []
    if (have.volumes > 0 && !force)
      return {
        refused: `the volume group ${group} has ${have.volumes} volumes`,
        hint: 'remove them before this resource, or set force: true',
      }
    return [
      {
        summary: `remove the volume group ${group}`,
        sh: sh`vgremove -q -y ${force ? ['-f'] : []} -- ${group} >/dev/null`,
      },
    ]
  }
  for (const device of devices) {
    const found = have.devices.get(device)
    if (found?.isMissing === true)
      return { refused: `there is no device ${device}`, hint: 'lsblk on the host lists them' }
    if (found?.group !== undefined && found.group !== group)
      return {
        refused: `${device} is in the volume group ${found.group}, not ${group}`,
        hint: 'remove it from that group first',
      }
    if (found?.other !== undefined && !force)
      return {
        refused: `${device} has ${found.other} on it`,
        hint: 'set force: true if everything on it may be deleted',
      }
  }
  const lacking = devices.filter((device) => have.devices.get(device)?.group !== group)
  if (have.isThere && lacking.length === 0) return []
  const words = [...(force ? ['-y'] : []), ...(have.isThere || extentSize === undefined ? [] : ['-s', extentSize])]
  const wipe = lacking.filter((device) => have.devices.get(device)?.other !== undefined)
  const first = wipe.length === 0 ? sh`:` : sh`wipefs -q -a -- ${wipe}`
  return have.isThere
    ? [
        {
          summary: `extend the volume group ${group} by ${lacking.join(', ')}`,
          sh: sh`${first} && vgextend -q ${words} -- ${group} ${lacking} >/dev/null`,
        },
      ]
    : [
        {
          summary: `make the volume group ${group} of ${devices.join(', ')}`,
          sh: sh`${first} && vgcreate -q ${words} -- ${group} ${devices} >/dev/null`,
        },
      ]
}
