import { raw, sh, type Sh } from '../../sh/quote.ts'
import { sizeText } from '../../text/byte-size.ts'
import type { Refused, Step } from '../kit/kind.ts'
import type { Disk, FilesystemWant } from './disk.ts'

/** Prints `sizes FILESYSTEM DEVICE BLOCK` in bytes of the device `$d`, whose mount point is `$m` where it is mounted. */
export const sizeQuestion: Sh =
  raw(`if [ -b "$d" ]; then z=$(blockdev --getsize64 "$d" 2>/dev/null); else z=$(stat -c %s -- "$d"); fi
if e=$(dumpe2fs -h "$d" 2>/dev/null); then
c=$(printf '%s\\n' "$e" | sed -n 's/^Block count: *//p'); b=$(printf '%s\\n' "$e" | sed -n 's/^Block size: *//p')
[ -z "$c" ] || echo "sizes $((c * b)) $z $b"
elif x=$(xfs_db -r -c 'sb 0' -c 'p dblocks blocksize' "$d" 2>/dev/null); then
c=$(printf '%s\\n' "$x" | sed -n 's/^dblocks = //p'); b=$(printf '%s\\n' "$x" | sed -n 's/^blocksize = //p')
[ -z "$c" ] || echo "sizes $((c * b)) $z $b"; fi`)

/** A tail that no file system of this type uses: ext works in groups, and xfs in allocation groups. */
const SLACK = 1024 * 1024

/** What lets a file system grow to the end of its device. */
export function growing({ device, type }: FilesystemWant, { sizes, mountedAt }: Disk): Step[] | Refused {
  const isExt = /^ext[234]$/.test(type)
  if (!isExt && type !== 'xfs')
    return { refused: `a file system ${type} cannot be resized here`, hint: 'leave resize out' }
  if (sizes === undefined || sizes.device - sizes.filesystem < Math.max(sizes.block, SLACK)) return []
  const summary = `let ${type} on ${device} grow to ${sizeText(sizes.device)} (was ${sizeText(sizes.filesystem)})`
  if (type === 'xfs')
    return mountedAt === undefined
      ? { refused: `xfs on ${device} can grow only where it is mounted`, hint: 'put its mount before this resource' }
      : [{ summary, sh: sh`xfs_growfs ${mountedAt} >/dev/null` }]
  // Where it is not mounted, resize2fs wants it checked.
  const check = mountedAt === undefined ? sh`{ e2fsck -f -p ${device} >/dev/null; [ $? -le 1 ]; } && ` : sh``
  return [{ summary, sh: sh`${check}resize2fs ${device} >/dev/null` }]
}
