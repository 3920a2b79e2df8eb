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

const UNITS: Readonly<Record<string, number>> = { K: 10, M: 20, G: 30, T: 40, P: 50 }

/** Bytes of a size such as `10G`. */
export function bytesOf(size: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([KMGTP])$/.exec(size) ?? []
  return Math.round(Number(number) * 2 ** (UNITS[unit] ?? 0))
}
