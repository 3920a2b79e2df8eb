export interface FilesystemWant extends Required<Pick<FilesystemOptions, 'options' | 'resize' | 'force' | 'state'>> {
  readonly device: string
  readonly type: string
  readonly label: string | undefined
  readonly deadline: number | undefined
}

export interface Disk {
  readonly is: 'absent' | 'device' | 'file' | 'other'
  readonly type: string | undefined
  readonly label: string | undefined
  /** A table of partitions, or a signature that is no file system. */
  readonly other: string | undefined
  readonly mountedAt: string | undefined
  readonly isSwap: boolean
  readonly hasTools: boolean
  /** Its blkid cannot look into a device, as that of busybox cannot. */
  readonly isBlind: boolean
  /** Bytes of the file system and of its device, where they are asked for. */
  readonly sizes: { readonly filesystem: number; readonly device: number; readonly block: number } | undefined
}

export interface FilesystemOptions {
  /** `ext4`, `xfs`, `vfat`, `btrfs`, `swap`: what mkfs of the host can make. */
  readonly type?: string
  readonly label?: string
  /** Further words for mkfs, such as `['-m', '1']`. They count only when it is made. */
  readonly options?: readonly string[]
  /** Let it grow to the size of its device: ext2 to ext4, and an xfs that is mounted. Default false. */
  readonly resize?: boolean
  /** Replace another partition table: all data on the disk is lost. Default false. */
  readonly force?: boolean
  /** Absent: the device has no signature of anything any more. What was on it is lost. */
  readonly state?: 'present' | 'absent'
  /** Seconds that each step may take. Default 600. */
  readonly deadline?: number
}
