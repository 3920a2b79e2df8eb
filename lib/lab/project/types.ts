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
  /** The most memory that the host gets, such as `512M` or `2G`. Default all that the machine has. */
  readonly memory?: string
  /**
   * Whether a kubelet is to work in the host: it gets control groups of its own with every controller that the machine has, `/dev/kmsg`, and kernel
   * settings that kubelet can write. Takes effect when the host boots. Default no.
   */
  readonly kubelet?: boolean
}

/** What a host of the Red Hat family finds in its repositories beyond the base system. */
export interface ElPackages {
  /** Debian packages whose files the rpm packages are made of. What these depend on comes along. */
  readonly from: readonly string[]
  /** Packages that have another name or layout in the family. Every other Debian package becomes an rpm package under its own name. */
  readonly packages?: readonly PackageDefinition[]
  /** Repositories beside `baseos`. */
  readonly repositories?: readonly RepositoryDefinition[]
}

/** What `lab` takes. */
export interface LabDefinition {
  /** By name. Default `node-01` to `node-05`. */
  readonly hosts?: Readonly<Record<string, LabHost>>
  /** What is built once and served to the hosts at `http://GATEWAY:8081/`, by a name for each recipe. */
  readonly artifacts?: Readonly<Record<string, ArtifactRecipe>>
  readonly el?: ElPackages
}

/** The lab of a project, as `lab/lab.ts` exports it. */
export interface ProjectLab extends LabDefinition {
  readonly type: 'lab'
}
