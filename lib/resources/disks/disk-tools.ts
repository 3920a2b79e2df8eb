import type { TrustedPlace } from '../kit/trusted-place.ts'

/** A device, or a file in the place of one, that a tool overwrites by its name. */
export function overwritten(path: string): TrustedPlace {
  return { path, danger: 'could have another disk or file overwritten' }
}

/** Packages that bring a mkfs, by the type. */
export const BRINGS: Readonly<Record<string, string>> = {
  ext2: 'e2fsprogs',
  ext3: 'e2fsprogs',
  ext4: 'e2fsprogs',
  xfs: 'xfsprogs',
  btrfs: 'btrfs-progs',
  vfat: 'dosfstools',
  f2fs: 'f2fs-tools',
  ntfs: 'ntfs-3g',
  swap: 'util-linux',
}

export function mayBring(type: string, name: string): boolean {
  return BRINGS[type] === name || name.startsWith(`${type}-`) || name === `${type}progs`
}
