/** A source of apt, as sources.list(5) describes it in deb822 style. */
export interface AptRepository {
  readonly uris: string | readonly string[]
  /** Such as `bookworm`; a path that ends in `/` has no components. */
  readonly suites: string | readonly string[]
  readonly components?: string | readonly string[]
  /** Such as `amd64`. Default: those of the host. */
  readonly architectures?: string | readonly string[]
  /** Who must have signed it. Without a key say `trusted: true`: then anybody in between can install anything. */
  readonly key?: RepositoryKey
  readonly trusted?: true
}

/** A repository of dnf and yum. */
export interface YumRepository {
  /** `$releasever` and `$basearch` are dnf's own variables. */
  readonly baseurl: string
  /** Default: the repository's name. */
  readonly description?: string
  /**
   * Who must have signed the packages. Without a key say `gpgcheck: false`: then anybody in between can install anything.
   * A `source` (a URL) without `sha256` is left to dnf, which fetches it before the first package; https then is all that vouches for it.
   */
  readonly gpgkey?: string | Uint8Array | { readonly source: string; readonly sha256?: string }
  readonly gpgcheck?: boolean
}

export interface RepositoryOptions {
  /** For hosts with apt. */
  readonly apt?: AptRepository
  /** For hosts with dnf or yum. */
  readonly yum?: YumRepository
  /** `present` (default) or `absent`: then source and key are removed. */
  readonly state?: 'present' | 'absent'
  /** Seconds that fetching the key may take. Default 3600. */
  readonly deadline?: number
}

/** A key that packages or their lists are signed with: its ASCII armour as text, its bytes, or where the host fetches it from, armoured or not. */
export type RepositoryKey = string | Uint8Array | { readonly source: string; readonly sha256: string }
