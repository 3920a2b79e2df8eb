/** What is mounted, as far as its options matter. */
export interface Mounted {
  readonly type: string
  /** Those of the mount and those of its file system. */
  readonly options: readonly string[]
}

/** Options that differ from those wanted, in the words of mount(8). */
export interface OptionDifferences {
  /** What a remount sets. */
  readonly remount: readonly string[]
  /** What only a new mount sets, with what holds now. */
  readonly fixed: readonly { readonly wanted: string; readonly live: string }[]
}

export interface Circumstances {
  readonly at: string
  readonly isBind: boolean
  /** The device can only be read. */
  readonly isReadOnly?: boolean
}

/** Each flag with the words that clear and set it. Source: mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS. */
const FLAGS: readonly (readonly [set: string, clear: string, clearedByDefault: boolean])[] = [
  ['ro', 'rw', true],
  ['noexec', 'exec', true],
  ['nosuid', 'suid', true],
  ['nodev', 'dev', true],
  ['nosymfollow', 'symfollow', true],
  ['nodiratime', 'diratime', true],
  ['sync', 'async', true],
  ['dirsync', 'nodirsync', false],
  ['lazytime', 'nolazytime', false],
]

/** These imply `nosuid`, `nodev` and more, and not in every mount(8). */
const IMPLIES_FLAGS = /^(user|users|owner|group)$/

/** For mount(8) and systemd, not for the kernel. */
const NOT_OF_THE_KERNEL =
  /^(defaults|auto|noauto|(no)?(user|users|owner|group)|nofail|_netdev|(x-|X-|comment=|helper=).*)$/

/** The options in fstab that the kernel gets. */
export function kernelOptions(options: string): string[] {
  return options.split(',').filter((each) => !NOT_OF_THE_KERNEL.test(each))
}

/** File systems whose mount has no flags that nobody has asked for. */
const PLAIN = /^(ext[234]|xfs|btrfs|vfat|f2fs|jfs|tmpfs|nfs4?)$/
/** systemd and the kernel mount what is here, with flags of their own. */
const OF_THE_SYSTEM = /^\/(tmp$|(dev|proc|sys|run)(\/|$))/

/** How the options that hold differ from those wanted. What the kernel does not show is taken for granted. */
export function compareOptions(wanted: string, live: Mounted, there: Circumstances): OptionDifferences {
  // What is not mounted yet, but will be when it is looked at: its options come with that.
  if (live.type === 'autofs') return { remount: [], fixed: [] }
  const all = wanted.split(',')
  const isComplete = !there.isBind && PLAIN.test(live.type) && !OF_THE_SYSTEM.test(there.at)
  const implied = all.some((each) => IMPLIES_FLAGS.test(each))
  const flags = FLAGS.flatMap(([set, clear, isDefault]) => {
    const said = all.findLast((each) => each === set || each === clear)
    if (said === undefined && (implied || !isDefault || !isComplete)) return []
    if (said === undefined && set === 'ro' && there.isReadOnly === true) return []
    const isSet = live.options.includes(set)
    return isSet === (said === set) ? [] : [isSet ? clear : set]
  })
  const times = accessTimes(all, live.options, isComplete)
  const others = kernelOptions(wanted)
    .filter((each) => !isFlag(each))
    .flatMap((each) => ofFileSystem(each, live))
  return {
    remount: [...flags, ...times, ...others.flatMap((each) => (each.isFixed ? [] : [each.wanted]))],
    fixed: others.flatMap(({ isFixed, wanted: option, live: holds }) =>
      isFixed ? [{ wanted: option, live: holds }] : [],
    ),
  }
}

/** The options that hold once these are set: what a remount changes, and for a new mount the kernel's own beside those that are said. */
export function optionsAfter(wanted: string, live: Mounted | undefined, there: Circumstances): readonly string[] {
  if (live === undefined) {
    const said = kernelOptions(wanted)
    return [...said, ...(said.some((each) => TIMES.test(each) || each === 'norelatime') ? [] : ['relatime'])]
  }
  const { remount } = compareOptions(wanted, live, there)
  const isReplaced = (option: string) =>
    remount.some((each) => {
      if (TIMES.test(each)) return TIMES.test(option)
      if (each.includes('=')) return option.startsWith(each.slice(0, each.indexOf('=') + 1))
      return FLAGS.some(([set, clear]) => (each === clear && option === set) || (each === 'ro' && option === 'rw'))
    })
  return [...live.options.filter((option) => !isReplaced(option)), ...remount]
}

const TIMES = /^(no|rel|strict)atime$/

function isFlag(option: string): boolean {
  return (
    TIMES.test(option) || /^(atime|norelatime)$/.test(option) || FLAGS.some(([a, b]) => option === a || option === b)
  )
}

/** One of three holds; the kernel shows `noatime` and `relatime`. */
function accessTimes(all: readonly string[], live: readonly string[], isComplete: boolean): string[] {
  const said = all.findLast((each) => TIMES.test(each))
  const now = live.find((each) => TIMES.test(each)) ?? 'strictatime'
  if (said !== undefined) return said === now ? [] : [said]
  return isComplete && now === 'noatime' ? ['relatime'] : []
}

interface Difference {
  readonly wanted: string
  readonly live: string
  readonly isFixed: boolean
}

interface Known {
  readonly types: RegExp
  readonly key: RegExp
  /** What holds where the kernel does not show the option. */
  readonly byDefault?: string
  /** A remount does not change it. */
  readonly isFixed?: boolean
  /** One spelling for all that mean the same. */
  readonly normal?: (value: string, wanted: string) => string
}

const octal = (value: string) => (/^[0-7]+$/.test(value) ? String(Number.parseInt(value, 8)) : value)
const HIDE = ['off', 'noaccess', 'invisible', '', 'ptraceable']

/**
 * Options with a value that the kernel shows in a form that can be compared. Others, such as those that a server of NFS may lower, are not.
 *
 * Source: proc(5), tmpfs(5), ext4(5), btrfs(5), nfs(5), mount(8).
 */
const KNOWN: readonly Known[] = [
  { types: /^proc$/, key: /^hidepid$/, byDefault: 'off', normal: (value) => HIDE[Number(value)] ?? value },
  { types: /^proc$/, key: /^gid$/, byDefault: '0' },
  { types: /^tmpfs$/, key: /^mode$/, byDefault: '1777', isFixed: true, normal: octal },
  { types: /^tmpfs$/, key: /^[ug]id$/, byDefault: '0', isFixed: true },
  { types: /^ext[34]$/, key: /^commit$/, byDefault: '5' },
  { types: /^ext[34]$/, key: /^errors$/ },
  { types: /^ext[34]$/, key: /^data$/, isFixed: true },
  { types: /^btrfs$/, key: /^commit$/, byDefault: '30' },
  { types: /^btrfs$/, key: /^subvol$/, isFixed: true, normal: (value) => value.replace(/^\/*/, '/') },
  {
    types: /^btrfs$/,
    key: /^compress(-force)?$/,
    normal: (value, wanted) => (wanted.includes(':') ? value : value.replace(/:.*$/, '')),
  },
  { types: /^vfat$/, key: /^[fd]mask$/, isFixed: true, normal: octal },
  { types: /^vfat$/, key: /^[ug]id$/, byDefault: '0', isFixed: true },
  {
    types: /^nfs4?$/,
    key: /^vers$/,
    isFixed: true,
    normal: (value, wanted) => (wanted.includes('.') ? value : value.replace(/\..*$/, '')),
  },
]

/** Words of their own that ext4 shows only where they are set. */
const SHOWN_BY_EXT = new Set(['discard', 'usrquota', 'grpquota', 'prjquota'])
const FIXED_FLAGS = /^(soft|hard)$/

function ofFileSystem(option: string, live: Mounted): Difference[] {
  const [, name = option, value] = /^([^=]+)=(.*)$/s.exec(option) ?? []
  if (value === undefined) return ofWord(option, live)
  const key = name === 'nfsvers' ? 'vers' : name
  // One word for two that are shown.
  if (live.type === 'vfat' && key === 'umask')
    return ofFileSystem(`fmask=${value}`, live).length + ofFileSystem(`dmask=${value}`, live).length === 0
      ? []
      : [{ wanted: option, live: shown(/^[fd]mask$/, live), isFixed: true }]
  const known = KNOWN.find((each) => each.types.test(live.type) && each.key.test(key))
  if (known === undefined || (/^[ug]id$/.test(key) && !/^\d+$/.test(value))) return []
  const now = live.options.find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1) ?? known.byDefault
  if (now === undefined) return []
  const normal = known.normal ?? ((given: string) => given.replace(/^0+(?=\d)/, ''))
  if (normal(now, value) === normal(value, value)) return []
  return [{ wanted: option, live: `${key}=${now}`, isFixed: known.isFixed === true }]
}

function ofWord(option: string, { type, options }: Mounted): Difference[] {
  const opposite = option.startsWith('no') ? option.slice(2) : `no${option}`
  const isFixed = type.startsWith('nfs')
  if (!options.includes(option) && options.includes(opposite)) return [{ wanted: option, live: opposite, isFixed }]
  if (isFixed && FIXED_FLAGS.test(option)) {
    const other = option === 'soft' ? 'hard' : 'soft'
    if (options.includes(other)) return [{ wanted: option, live: other, isFixed }]
  }
  if (/^ext[34]$/.test(type) && SHOWN_BY_EXT.has(option) && !options.includes(option))
    return [{ wanted: option, live: `no ${option}`, isFixed: false }]
  return []
}

function shown(key: RegExp, { options }: Mounted): string {
  return options.filter((each) => key.test(each.replace(/=.*$/, ''))).join(',')
}

const MEMORY = /^(tmpfs|ramfs)$/
const NETWORK = /^(nfs4?|cifs|smb3)$/

/** Something else is mounted than what is wanted, as far as the types and the names of servers say. */
export function isOtherSource(
  wanted: { readonly source: string; readonly type: string },
  live: { readonly source: string; readonly type: string },
): boolean {
  if (live.type === 'autofs' || wanted.type === 'auto') return false
  if (MEMORY.test(wanted.type) !== MEMORY.test(live.type)) return true
  if (NETWORK.test(wanted.type) !== NETWORK.test(live.type)) return true
  return NETWORK.test(live.type) && serverPath(wanted) !== serverPath(live)
}

/** A server and what it exports, in one spelling. */
function serverPath({ source, type }: { readonly source: string; readonly type: string }): string {
  const bare = source.replaceAll('\\', '/').replace(/(?<=[^/:])\/+$/, '')
  if (/^(cifs|smb3)$/.test(type)) return bare.toLowerCase()
  const [, server = '', path = bare] = /^(\[[^\]]*\]|[^:/]*):(.*)$/s.exec(bare) ?? []
  return `${server.toLowerCase()}:${path}`
}
