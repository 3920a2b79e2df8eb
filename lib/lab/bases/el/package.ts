/** A file that no Debian package has. */
export interface PackageFile {
  readonly path: string
  readonly text: string
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

/** Files of a Debian package: all of them but for `without`, or those that match `only`. */
export interface PackagePart {
  readonly deb: string
  readonly only?: RegExp
  readonly without?: RegExp
}

/** A repository of packages on the hosts' own disks. */
export interface RepositoryDefinition {
  /** Such as `epel`. */
  readonly id: string
  readonly name: string
  /** The package that brings the repository's file. Default: every host has it from the beginning. */
  readonly package?: string
}

/** An rpm package of the lab: the Red Hat family's name and layout for what Debian's packages bring. Plain data. */
export interface PackageDefinition {
  readonly name: string
  readonly of: readonly PackagePart[]
  /** Default `baseos`. */
  readonly repository?: string
  /** Only where it has no Debian package to take them from. */
  readonly version?: string
  readonly summary?: string
  readonly files?: readonly PackageFile[]
  /** Path to what it is a copy of. */
  readonly copies?: Readonly<Record<string, string>>
  /** Path to what the symbolic link says. */
  readonly links?: Readonly<Record<string, string>>
  readonly dirs?: readonly Omit<PackageFile, 'text'>[]
  /** Units that follow the presets when the package comes, and are stopped before it goes. */
  readonly units?: readonly string[]
  /** What runs before the files come: users and groups. */
  readonly pre?: string
  readonly requires?: readonly string[]
  readonly provides?: readonly string[]
  /** What runs after a transaction that put files below one of these directories. */
  readonly trigger?: { readonly below: readonly string[]; readonly run: string }
}
