import type { EditWant } from '../files/edit.ts'
import type { FstabEntry } from './fstab.ts'

export interface MountOptions {
  /** A device, `UUID=...`, `LABEL=...`, `host:/export`, `tmpfs`, or a directory with the option `bind`. */
  readonly source?: string
  /** `ext4`, `xfs`, `nfs4`, `tmpfs`, `none` for a bind mount, ... */
  readonly type?: string
  /** Default `['defaults']`. */
  readonly options?: readonly string[]
  /** Default 0. */
  readonly dump?: number
  /** In which turn it is checked at boot; 0 means never, the default. */
  readonly passno?: number
  /** Default `/etc/fstab`. */
  readonly fstab?: string
  /** It is in fstab. Default true. */
  readonly persistent?: boolean
  /** Keep the old fstab as `NAME.20260131T120107~`. Default false. */
  readonly backup?: boolean
  /**
   * `mounted`: in fstab and mounted with these options. `present`: in fstab only. `unmounted`: not mounted, and fstab is left as it is. `absent`: neither.
   * Default `mounted`.
   */
  readonly state?: 'mounted' | 'present' | 'unmounted' | 'absent'
}

export type MountWant = EditWant & {
  readonly at: string
  readonly state: NonNullable<MountOptions['state']>
  readonly entry: FstabEntry | undefined
  /** fstab is seen to. */
  readonly isKept: boolean
}
