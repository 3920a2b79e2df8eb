import type { ArtifactRecipe } from '../artifacts/recipe.ts'
import type { PackageDefinition, RepositoryDefinition } from '../bases/el/package.ts'
import type { FamilyName } from '../family.ts'

/** One throwaway host of a project's lab. */
export interface LabHost {
  /** Default `debian`. */
  readonly family?: FamilyName
  /** The groups that the lab's inventory puts the host in. Default none. */
  readonly groups?: readonly string[]
  /** The last number of the host's address, 1 to 253: 50 is 10.10.50.50 in the default lab. Default the lowest free one from 11 on. */
  readonly address?: number
  /** The host's limit of memory, such as `512M` or `2G`. Default no limit. */
  readonly memory?: string
  /**
   * Whether a kubelet can run in the host. Such a host gets its own control groups with all controllers of the machine, `/dev/kmsg`, and kernel
   * settings that kubelet can write. Takes effect at the next boot. Default no.
   */
  readonly kubelet?: boolean
}

/** The packages in the repositories of Red Hat family hosts, besides the base system. */
export interface ElPackages {
  /** Debian packages to make rpm packages from. Their dependencies are included. */
  readonly from: readonly string[]
  /** Packages that have another name or layout in the family. Every other Debian package becomes an rpm package under its own name. */
  readonly packages?: readonly PackageDefinition[]
  /** Further repositories besides `baseos`. */
  readonly repositories?: readonly RepositoryDefinition[]
}

/** The argument of `lab`. */
export interface LabDefinition {
  /** The hosts by name. Default `node-01` to `node-05`. */
  readonly hosts?: Readonly<Record<string, LabHost>>
  /** Recipes by name. Each is built once, and its files are served to the hosts at `http://GATEWAY:8081/`. */
  readonly artifacts?: Readonly<Record<string, ArtifactRecipe>>
  readonly el?: ElPackages
}

/** The lab of a project, exported by `lab/lab.ts`. */
export interface ProjectLab extends LabDefinition {
  readonly type: 'lab'
}
