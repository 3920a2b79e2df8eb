import { posix } from 'node:path'
import { raw, sh } from '../../sh/quote.ts'
import { realPath } from '../../sh/real-path.ts'
import { editDefinition, editWant } from '../files/edit.ts'
import { absolute } from '../files/path/path.ts'
import { withLiveState } from '../files/file-with-live-state.ts'
import { kind, type Resource, type Step } from '../kit/kind.ts'
import { flag, list, oneOf, path as pathOption, text, whole } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { allAfter } from '../kit/text.ts'
import { editFstab, unescaped } from './fstab.ts'
import { contentOf, isBind, isReadOnlyThen, optionsThen, planLive, predictLive, type LiveMount } from './live-mount.ts'
import { askMountPoint, readMountPoint } from './mount-point.ts'
import type { Effect } from '../prediction/effect.ts'
import type { MountOptions, MountWant } from './mount-want.ts'

export type { MountOptions } from './mount-want.ts'

/**
 * A file system that is mounted at a directory, now and at every boot (/etc/fstab). The directory is made when it is missing. With `state: 'absent'` the directory stays.
 *
 * Options are compared with those that hold now: the flags of mount(8), also those that hold and are wanted no longer (`noexec` where nothing is said of it; what
 * the system itself mounts in /dev, /proc, /sys, /run and at /tmp keeps its own, as do bind mounts), words with an opposite (`acl`, `noacl`), and what the kernel shows of `hidepid` of proc, `size` of tmpfs, `commit`,
 * `errors`, `discard` and quotas of ext4, `compress` of btrfs. Where one differs, it is mounted again with them (`remount`). Others are taken for granted.
 *
 * @example
 * mount('/srv/data', { source: 'UUID=0a3407de-014b-458b-b5c1-848e92a327a3', type: 'ext4', options: ['noatime'], passno: 2 })
 * mount('/mnt/share', { source: 'nas:/export', type: 'nfs4', options: ['_netdev', 'ro'] })
 * mount('/srv/www/shared', { source: '/srv/shared', type: 'none', options: ['bind'] })
 * mount('/mnt/old', { state: 'absent' })
 *
 * Refused: a symbolic link as the directory; a source that is not there, also one that `UUID=` or `LABEL=` names; something else that is mounted there, also another server or export; an option that differs and cannot be changed by a remount, such as `mode` of tmpfs, `subvol` of btrfs, `vers` and `soft` of NFS, `umask` of vfat; a directory inside one that another account can change; a file, or a link to no directory, in the place of the directory or above it. Failed: what mount(8) and umount(8) say, such as a busy one; fstab is left as it was then.
 *
 * Source: fstab(5), mount(8), proc(5) (`mountinfo`).
 */
export function mount(path: string, options: MountOptions): Resource {
  const { name, options: given } = read(path, options)
  const { source = '', type = 'auto', options: opts = ['defaults'], dump = 0, passno = 0, state = 'mounted' } = given
  const { fstab = '/etc/fstab', persistent = true, backup } = given
  const isThere = state === 'mounted' || state === 'present'
  const isKept = state === 'absent' || (isThere && persistent)
  const entry = isThere ? { source, path: name, type, options: opts.join(','), dump, passno } : undefined
  const absent = !(isThere && persistent)
  return make(name, {
    ...editWant(fstab, { create: !absent, ...(backup === undefined ? {} : { backup }) }, absent, false),
    at: name,
    state,
    entry,
    isKept,
  })
}

/** `/srv/` is the same as `/srv`, for mount(8) too. */
const bare = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, '')

const file = editDefinition<MountWant>({
  name: 'mount',
  edit: ({ at, entry, isKept }, live) => (isKept ? editFstab(live, entry, ({ path }) => bare(path) === at) : live),
  summary: ({ at, entry }) => (entry === undefined ? at : `${entry.source} at ${at}`),
  isSecret: () => false,
  declarations: ({ at, entry, state }) => [[`mount ${at}`, { entry, state }]],
})

const make = kind(
  withLiveState(file, {
    probe: ({ at, entry }) => sh`${realPath}${askMountPoint(at)}
w=${escapedPoint(at)}; d=$(cd -P -- ${posix.dirname(at)} 2>/dev/null && pwd -P) || d=
case $d in ''|${posix.dirname(at)}) ;; *) d=\${d%/}/${posix.basename(at)}; echo "real $d"
w=$(printf '%s\\n' "$d" | sed 's/\\\\/\\\\134/g; s/ /\\\\040/g; s/\t/\\\\011/g');; esac
k=; while read -r _ _ n _ m o r; do [ "$m" = "$w" ] && { echo "mounted $o $r"; k=$n; }; done </proc/self/mountinfo
[ -z "$k" ] || [ ! -e "/sys/dev/block/$k" ] || { r=; read -r r <"/sys/dev/block/$k/ro" || read -r r <"/sys/dev/block/$k/../ro"; [ "$r" != 1 ] || echo 'read-only device'; } 2>/dev/null
d=${entry?.source ?? ''}; case $d in [A-Z]*=*) if command -v findfs >/dev/null 2>&1; then d=$(findfs "$d" 2>/dev/null) || echo 'new source'; else d=; fi;; //*) d=;; /*) r=$(real_path "$d"); d=${raw('${r:-$d}')};; *) d=;; esac
${entry?.type === 'tmpfs' ? sh`echo "room $(stat -f -c '%b %S' -- ${at} 2>/dev/null)"; read -r _ n _ </proc/meminfo && echo "memory $n"` : raw(':')}
[ -z "$d" ] || { echo "device $d"; [ -e "$d" ] || echo 'new source'; [ ! "$d" -ef ${at} ] || echo 'source there'; }; :`,
    read(_, said): LiveMount {
      const all = said.filter((line) => line.startsWith('mounted '))
      const last = all.at(-1)
      const real = said.find((line) => line.startsWith('real '))?.slice(5)
      const [before = '', after = ''] = last?.split(' - ') ?? []
      const [type = '', source = '', more = ''] = after.split(' ')
      return {
        mounted:
          last === undefined
            ? undefined
            : {
                source: unescaped(source),
                type,
                options: [...(before.split(' ')[1] ?? '').split(','), ...more.split(',')],
              },
        count: all.length,
        ...(real === undefined ? {} : { real }),
        device: said.find((line) => line.startsWith('device '))?.slice(7),
        point: readMountPoint(said),
        ...roomIn(said),
        ...(said.includes('read-only device') ? { isReadOnlyDevice: true } : {}),
        isNewSource: said.includes('new source'),
        isSourceThere: said.includes('source there'),
      }
    },
    predict: predictLive,
    plan(want, live, { isWritten }, { init }) {
      const reload: Step[] =
        isWritten && init === 'systemd' && want.path === '/etc/fstab'
          ? [{ summary: 'reload systemd (fstab changed)', sh: sh`systemctl daemon-reload` }]
          : []
      const now = planLive(want, live)
      if ('refused' in now) return now
      // fstab must not have a mount that fails: the next boot would wait for it, or stop there. A remount merges what fstab says (mount(8)).
      const isAgain = live.mounted !== undefined && want.entry !== undefined
      return isAgain ? { after: [...reload, ...now] } : { before: now, after: reload }
    },
    trusts: ({ at, state, entry }) => {
      if (state === 'present' || state === 'absent') return []
      const danger = 'could lead the mount elsewhere'
      const image = entry?.source ?? ''
      const isFile = /^\/(?!dev\/)/.test(image) && !isBind(entry)
      return [
        { path: posix.dirname(at), danger },
        ...(isFile ? [{ path: image, danger: 'could put their own file system there' }] : []),
      ]
    },
    effects: (want, live) => [
      ...(want.state === 'mounted' && live.mounted === undefined
        ? [{ type: 'path', path: want.at, state: { type: 'dir', filled: true, confirm: true } } as const]
        : []),
      ...(want.state === 'present' ? [] : [mountEffect(want, live)]),
    ],
  }),
)

function mountEffect(want: MountWant, live: LiveMount): Effect {
  const { at, entry } = want
  const holds = contentOf(want, live)
  const state = entry === undefined ? 'unmounted' : isReadOnlyThen(entry, live) ? 'read-only' : 'read-write'
  const options = entry === undefined ? undefined : optionsThen(entry, live)
  return {
    type: 'mount',
    path: at,
    state,
    ...(holds === undefined ? {} : { holds }),
    ...(options === undefined ? {} : { options }),
  }
}

function roomIn(said: readonly string[]): Pick<LiveMount, 'room' | 'memory'> {
  const [, blocks, size] = said.map((line) => /^room (\d+) (\d+)$/.exec(line)).find((found) => found !== null) ?? []
  const memory = Number(allAfter(said, 'memory')[0])
  return blocks === undefined || size === undefined
    ? {}
    : {
        room: { bytes: Number(blocks) * Number(size), block: Number(size) },
        ...(memory > 0 ? { memory: memory * 1024 } : {}),
      }
}

/** As the kernel writes it in mountinfo. */
function escapedPoint(path: string): string {
  return path.replaceAll(/[ \t\n\\]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

const word = (expected: string) => text(expected, /^[^\s\0]+$/)

const read = resourceOptions<MountOptions>()(
  'mount',
  (path) => absolute('mount', path),
  () => ({
    source: text('a device, a directory or another source', /^[^\r\n\0]+$/).optional(),
    type: word('the type of a file system').optional(),
    options: list('a list of options', text('one option', /^[^\s,\0]+$/)).optional(),
    dump: whole('0, 1 or 2', 0, 2).optional(),
    passno: whole('0, 1 or 2', 0, 2).optional(),
    fstab: pathOption().optional(),
    persistent: flag().optional(),
    backup: flag().optional(),
    state: oneOf(['mounted', 'present', 'unmounted', 'absent'], {
      remounted: 'say "mounted": other options are set by a remount',
    }).optional(),
  }),
  (options, given) => {
    const isThere = options.state === undefined || options.state === 'mounted' || options.state === 'present'
    if (!isThere)
      return leftOut(
        ['source', 'type', 'options', 'dump', 'passno', 'persistent'],
        `with state: ${options.state ?? ''}`,
        options,
      )
    return [
      !given.has('source') ? { what: 'source', expected: 'what is mounted', got: 'nothing' } : undefined,
      !given.has('type')
        ? { what: 'type', expected: 'the type of the file system, such as "ext4"', got: 'nothing' }
        : undefined,
      options.state === 'present' && options.persistent === false
        ? { what: 'persistent', expected: 'left out with state: present', got: 'false' }
        : undefined,
      options.options?.length === 0 ? { what: 'options', expected: 'at least one option', got: 'none' } : undefined,
    ]
  },
)
