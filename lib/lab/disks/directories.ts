import path from 'node:path'

/** The directories of the disks of a lab's hosts. */
export interface LabDirectories {
  /** `~/.cache/rolecall`. Paths in overlay options are relative to this directory, so that they need no escaping. */
  readonly cache: string
  /** The lab's own directory in the cache, such as `labs/default-1f0c3a2b`. */
  readonly lab: string
}

export function diskOf(dirs: LabDirectories, node: string): string {
  return path.join(dirs.cache, dirs.lab, 'hosts', node)
}
