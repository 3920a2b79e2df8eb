/** A file that is in no Debian package. */
export interface PackageFile {
  readonly path: string
  readonly text: string
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

/** Files of a Debian package: those that match `only` (default all), except `without`. */
export interface PackagePart {
  readonly deb: string
  readonly only?: RegExp
  readonly without?: RegExp
}

/** A repository of packages on the hosts' own disks. */
export interface RepositoryDefinition {
  /** For example `epel`. */
  readonly id: string
  readonly name: string
  /** The package that installs the repository's file. Default: every host has this file from the start. */
  readonly package?: string
}

/** An rpm package of the lab: files of Debian packages under the Red Hat family's name and layout. Plain data. */
export interface PackageDefinition {
  readonly name: string
  readonly of: readonly PackagePart[]
  /** Default `baseos`. */
  readonly repository?: string
  /** Only for a package that is not made from a Debian package. */
  readonly version?: string
  readonly summary?: string
  readonly files?: readonly PackageFile[]
  /** Path to the file that it is a copy of. */
  readonly copies?: Readonly<Record<string, string>>
  /** Path to the target of the symbolic link. */
  readonly links?: Readonly<Record<string, string>>
  readonly dirs?: readonly Omit<PackageFile, 'text'>[]
  /** Units that get their preset state at installation and are stopped before removal. */
  readonly units?: readonly string[]
  /** Script that runs before the files are installed: makes users and groups. */
  readonly pre?: string
  readonly requires?: readonly string[]
  readonly provides?: readonly string[]
  /** Script that runs after a transaction which installed files below one of these directories. */
  readonly trigger?: { readonly below: readonly string[]; readonly run: string }
}
