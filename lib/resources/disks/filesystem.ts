import { sh } from '../../sh/quote.ts'
import { realPath } from '../../sh/real-path.ts'
import { absolute } from '../files/path/path.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { flag, list, oneOf, seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { growing, sizeQuestion } from './grow.ts'
import { BRINGS, mayBring, overwritten } from './disk-tools.ts'
import type { Disk, FilesystemWant } from './disk.ts'
import type { FilesystemOptions } from './disk.ts'

export type { FilesystemOptions } from './disk.ts'

export type { Disk, FilesystemWant } from './disk.ts'

/**
 * A file system on a device, or on a regular file for a loop device. One of this type that is there stays, whatever is on it; on anything else nothing is made
 * without `force`, and never on a device that is in use.
 *
 * @example
 * filesystem('/dev/vdb', { type: 'ext4', label: 'data' })
 * filesystem('/dev/vg0/data', { type: 'xfs', resize: true })
 * filesystem('/dev/vdc', { state: 'absent' })
 *
 * Refused: no such device; one in a directory that another account can change; another file system, a partition table or a volume on it, without `force`; one that is mounted, to be recreated or wiped; no such mkfs;
 * `resize` of a type that cannot grow here.
 *
 * Source: mkfs(8), blkid(8), wipefs(8), resize2fs(8), xfs_growfs(8).
 */
export function filesystem(device: string, options: FilesystemOptions): Resource {
  const { name, options: given } = read(device, options)
  const { type = '', label, options: words = [], resize = false, force = false, state = 'present', deadline } = given
  return make(name, { device: name, type, label, options: words, resize, force, state, deadline })
}

const read = resourceOptions<FilesystemOptions>()(
  'filesystem',
  (path) => absolute('filesystem', path),
  () => ({
    type: text('the type of a file system, such as "ext4"', /^[a-z][\w.]*$/).optional(),
    label: text('a label of at most 32 signs', /^[^\r\n\0]{1,32}$/).optional(),
    options: list('a list of words', text('one word', /^[^\r\n\0]+$/)).optional(),
    resize: flag().optional(),
    force: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? leftOut(['type', 'label', 'options', 'resize', 'force'], 'with state: absent', options)
      : [given.has('type') ? undefined : { what: 'type', expected: 'the type of a file system', got: 'nothing' }],
)

/** What a mount may name it by. Source: mke2fs(8), mkfs.btrfs(8) and mkfs.fat(8) `-U`; mkfs.xfs(8) `-m uuid=`. */
function tagsOf({ label, options }: FilesystemWant): string[] {
  const after = options.indexOf('-U')
  const uuid = after < 0 ? /\buuid=([\w-]+)/.exec(options.join(' '))?.[1] : options[after + 1]
  return [...(label === undefined ? [] : [`LABEL=${label}`]), ...(uuid === undefined ? [] : [`UUID=${uuid}`])]
}

const make = kind<FilesystemWant, Disk>({
  name: 'filesystem',
  probe: ({ device, type, resize }) => sh`d=${device}
command -v ${type === 'swap' ? 'mkswap' : `mkfs.${type}`} >/dev/null 2>&1 && echo tools
if [ -b "$d" ]; then echo is device; elif [ -f "$d" ]; then echo is file; elif [ -e "$d" ]; then echo is other; else exit 0; fi
b=$(blkid -p -o export -- "$d" 2>/dev/null); case $? in 0 | 2) ;; *) echo blind;; esac
printf '%s\\n' "$b" | sed -n 's/^\\(TYPE\\|LABEL\\|PTTYPE\\|USAGE\\)=/\\1 /p'
${realPath}r=$(real_path "$d")
while read -r s m _; do case $s in /*) ;; *) continue;; esac
[ "$s" != "$d" ] && [ "$s" != "$r" ] && [ "$(real_path "$s")" != "$r" ] || { echo "mounted $m"; break; }; done </proc/mounts
while read -r s _; do [ "$s" != "$r" ] || { echo swap; break; }; done </proc/swaps
${resize ? sizeQuestion : sh`:`}`,
  read(_, { lines }): Disk {
    const after = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const is = after('is')
    const [filesystem, device, block] = (after('sizes') ?? '').split(' ').map(Number)
    const usage = after('USAGE')
    return {
      is: is === 'device' || is === 'file' || is === 'other' ? is : 'absent',
      type: usage === 'filesystem' || usage === 'other' ? after('TYPE') : undefined,
      label: after('LABEL'),
      other: after('PTTYPE') ?? (usage === 'filesystem' || usage === 'other' ? undefined : after('TYPE')),
      mountedAt: after('mounted'),
      isSwap: lines.includes('swap'),
      hasTools: lines.includes('tools'),
      isBlind: lines.includes('blind'),
      sizes:
        filesystem === undefined || device === undefined || block === undefined || !(filesystem > 0)
          ? undefined
          : { filesystem, device, block },
    }
  },
  plan: planned,
  effects: (want, disk) => [
    { type: 'object', of: 'filesystem', name: want.device, exists: want.state === 'present' },
    ...(want.state === 'absent' || want.type === 'swap' || disk.type !== want.type
      ? [
          {
            type: 'object',
            of: 'swap area',
            name: want.device,
            exists: want.state === 'present' && want.type === 'swap',
          } as const,
        ]
      : []),
    ...(want.state === 'absent' ? [] : tagsOf(want)).map(
      (name) => ({ type: 'object', of: 'filesystem tag', name, exists: true }) as const,
    ),
    // What is only labelled or grows keeps its files.
    ...(want.state === 'present' && disk.type !== want.type
      ? [{ type: 'object', of: 'new filesystem', name: want.device, exists: true } as const]
      : []),
  ],
  // The tools go by the path: a link in the place of an image would lead them to another disk.
  advanced: { trusts: ({ device }) => [overwritten(device)] },
  predict({ device, type }, have, prediction) {
    if (prediction.empty) return have
    const tools = have.hasTools || prediction.packages.installed().some(({ name }) => mayBring(type, name))
    const made = prediction.objects.get('block device', device)
    const isFresh = have.is === 'absent' && made?.exists === true
    if (isFresh) return { ...FRESH, hasTools: tools }
    const command = have.is === 'absent' ? prediction.command() : undefined
    if (command !== undefined) return { unknown: `whether ${command.from} brings ${device}` }
    return tools === have.hasTools ? have : { ...have, hasTools: tools }
  },
})

const FRESH: Disk = {
  is: 'device',
  type: undefined,
  label: undefined,
  other: undefined,
  mountedAt: undefined,
  isSwap: false,
  hasTools: false,
  isBlind: false,
  sizes: undefined,
}

function planned(want: FilesystemWant, disk: Disk): Step[] | Refused {
  const { device, type, label, options, resize, force, state, deadline } = want
  const limit = deadline === undefined ? {} : { deadline }
  if (disk.is === 'absent')
    return state === 'absent' ? [] : { refused: `there is no device ${device}`, hint: 'lsblk on the host lists them' }
  if (disk.is === 'other') return { refused: `${device} is neither a device nor a file`, hint: `ls -l ${device}` }
  if (disk.isBlind)
    return {
      refused: `blkid of this host cannot say what is on ${device}, or finds several things`,
      hint: `put pkg('util-linux') before this resource; blkid -p ${device} on the host says more`,
    }
  const there = disk.type ?? disk.other
  const inUse = disk.mountedAt !== undefined || disk.isSwap
  const busy: Refused = {
    refused: `${device} is in use: ${disk.isSwap ? 'as swap' : `mounted at ${disk.mountedAt ?? ''}`}`,
    hint: disk.isSwap
      ? `put swap('${device}', { state: 'absent' }) before this resource`
      : 'unmount it before this resource',
  }
  if (state === 'absent') {
    if (there === undefined) return []
    if (inUse) return busy
    return [{ summary: `wipe ${there} from ${device}`, sh: sh`wipefs -a -- ${device}`, ...limit }]
  }
  if (disk.type === type) {
    const relabel = label === undefined || label === disk.label ? [] : labelStep(want, disk)
    if ('refused' in relabel) return relabel
    const grow = resize ? growing(want, disk) : []
    return 'refused' in grow ? grow : [...relabel, ...grow.map((step) => ({ ...step, ...limit }))]
  }
  if (there !== undefined && !force)
    return {
      refused: `${device} has ${disk.type === undefined ? `a ${there}` : `a file system ${there}`} on it, not ${type}`,
      hint: 'set force: true if everything on it may be deleted',
    }
  if (inUse) return busy
  if (!disk.hasTools)
    return {
      refused: `this host cannot make ${type}`,
      hint: `put pkg('${BRINGS[type] ?? `${type}-progs`}') before this resource`,
    }
  const was = there === undefined ? '' : ` (was ${there})`
  const wipe = there === undefined ? sh`:` : sh`wipefs -q -a -- ${device}`
  const program = type === 'swap' ? 'mkswap' : `mkfs.${type}`
  const words = [...labelWords(type, label), ...options]
  return [
    {
      summary: `make a file system ${type} on ${device}${was}`,
      sh: sh`${wipe} && ${program} ${words} ${device} >/dev/null`,
      ...limit,
    },
  ]
}

function labelWords(type: string, label: string | undefined): string[] {
  if (label === undefined) return []
  return [type === 'vfat' || type === 'fat' ? '-n' : type === 'f2fs' ? '-l' : '-L', label]
}

function labelStep({ device, type, label = '' }: FilesystemWant, disk: Disk): Step[] | Refused {
  const was = disk.label === undefined ? '' : ` (was ${disk.label})`
  const summary = `label ${device} ${label}${was}`
  if (/^ext[234]$/.test(type)) return [{ summary, sh: sh`e2label ${device} ${label}` }]
  if (type === 'swap' && !disk.isSwap) return [{ summary, sh: sh`swaplabel -L ${label} -- ${device}` }]
  if (type === 'xfs' && disk.mountedAt === undefined) return [{ summary, sh: sh`xfs_admin -L ${label} ${device}` }]
  if (type === 'vfat') return [{ summary, sh: sh`fatlabel ${device} ${label}` }]
  return {
    refused: `the label of ${device} cannot be changed to ${label} while it is in use, or with this type`,
    hint: 'leave the label out, or unmount it before',
  }
}
