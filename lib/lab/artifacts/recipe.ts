/** What the build of an artifact works with. */
export interface BuildContext {
  /** An empty directory. `debian` has it as `/build`. */
  readonly directory: string
  /** Of the hosts, as Debian calls it: `amd64`, `arm64`. */
  readonly architecture: string
  /**
   * Runs a shell script as root in a throwaway Debian root with these packages installed, in the directory `/build`. Its lines of output are
   * shown as progress. What it leaves in `/build` is kept.
   *
   * @throws {RolecallError} with the last lines of output when the script fails.
   */
  readonly debian: (script: string, packages?: readonly string[]) => Promise<void>
  /** Runs a program of this machine in the directory, and gives what it printed. */
  readonly run: (program: string, args?: readonly string[]) => Promise<string>
  /** Moves a file of the directory to where the mirror serves it, with its checksum beside it: FILE`.sha256`, as sha256sum(1) writes it. */
  readonly serve: (file: string, path: string) => Promise<void>
  /** One line of progress. */
  readonly say: (detail: string) => void
}

/** How an artifact is built that the lab serves to its hosts. Built once; kept in the cache until what it is made of changes. */
export interface ArtifactRecipe {
  /** The files and directories that it is made of. Relative paths start at the project. Default none. */
  readonly source?: string | readonly string[]
  /** Another version is built anew. So is another text of `build`. */
  readonly version?: number | string
  /** Whether it is built only when somebody asks for it by name: `rolecall lab up --with NAME`. Once built it is served always. Default no. */
  readonly optional?: boolean
  readonly build: (context: BuildContext) => Promise<void>
}
