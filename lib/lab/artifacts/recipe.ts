/** What the build of an artifact works with. */
export interface BuildContext {
  /** An empty directory. Scripts run by `debian` see it as `/build`. */
  readonly directory: string
  /** The architecture of the hosts by Debian's name: `amd64`, `arm64`. */
  readonly architecture: string
  /**
   * Runs a shell script as root in a throwaway Debian root with these packages installed, in the directory `/build`. Its lines of output are
   * shown as progress. Files that it leaves in `/build` are kept.
   *
   * @throws {RolecallError} with the last lines of output when the script fails.
   */
  readonly debian: (script: string, packages?: readonly string[]) => Promise<void>
  /** Runs a program of this machine in the directory, and returns its output. */
  readonly run: (program: string, args?: readonly string[]) => Promise<string>
  /** Moves a file of the directory to where the mirror serves it, with its checksum beside it: FILE`.sha256`, as sha256sum(1) writes it. */
  readonly serve: (file: string, path: string) => Promise<void>
  /** One line of progress. */
  readonly say: (detail: string) => void
}

/** How to build an artifact that the lab serves to its hosts. It is built once, and again when its sources change. */
export interface ArtifactRecipe {
  /** The files and directories that the artifact is made of. Relative paths start at the project. Default none. */
  readonly source?: string | readonly string[]
  /** A new version is built again. So is a changed `build` function. */
  readonly version?: number | string
  /** Whether to build only on request: `rolecall lab up --with NAME`. Once built, the artifact is always served. Default no. */
  readonly optional?: boolean
  readonly build: (context: BuildContext) => Promise<void>
}
