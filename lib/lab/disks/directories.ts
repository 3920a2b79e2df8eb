import path from 'node:path'

/** Where the disks of a lab's hosts are. */
export interface LabDirectories {
  /** `~/.cache/rolecall`. Overlay options are relative to it, so that no character of the path needs escaping. */
  readonly cache: string
  /** The lab's own directory in it, such as `labs/default-1f0c3a2b`. */
  readonly lab: string
}

export function diskOf(dirs: LabDirectories, node: string): string {
  return path.join(dirs.cache, dirs.lab, 'hosts', node)
}
