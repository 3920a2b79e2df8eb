/** A source of apt, as sources.list(5) describes it in deb822 style. */
export interface AptRepository {
  readonly uris: string | readonly string[]
  /** Such as `bookworm`; a path that ends in `/` has no components. */
  readonly suites: string | readonly string[]
  readonly components?: string | readonly string[]
  /** Such as `amd64`. Default: those of the host. */
  readonly architectures?: string | readonly string[]
  /** `deb` (default), `deb-src` for sources, or both. */
  readonly types?: 'deb' | 'deb-src' | readonly ('deb' | 'deb-src')[]
  /** `false`: it is written down, and apt takes nothing from it. Default true. */
  readonly enabled?: boolean
  /** More fields of sources.list(5): `{ 'Check-Valid-Until': 'no' }`. */
  readonly fields?: Readonly<Record<string, string | undefined>>
  /** Who must have signed it. Without a key say `trusted: true`: then anybody in between can install anything. */
  readonly key?: RepositoryKey
  readonly trusted?: true
}

/** A repository of dnf and yum. */
export interface YumRepository {
  /** One of `baseurl`, `metalink` and `mirrorlist`. `$releasever` and `$basearch` are dnf's own variables. */
  readonly baseurl?: string | readonly string[]
  readonly metalink?: string
  readonly mirrorlist?: string
  /** Default: the repository's name. */
  readonly description?: string
  /**
   * Who must have signed the packages. Without a key say `gpgcheck: false`: then anybody in between can install anything.
   * A `source` (a URL) without `sha256` is left to dnf, which fetches it before the first package; https then is all that vouches for it.
   */
  readonly gpgkey?: string | Uint8Array | { readonly source: string; readonly sha256?: string }
  readonly gpgcheck?: boolean
  /** Whether the lists of packages must be signed, too. Default: as dnf.conf says. */
  readonly repoGpgcheck?: boolean
  /** `false`: only what names it (`enableRepositories` of `pkg`) takes packages from it. Default true. */
  readonly enabled?: boolean
  /** Packages that are never taken from it: names and globs. */
  readonly exclude?: readonly string[]
  /** The only packages that are taken from it. */
  readonly includepkgs?: readonly string[]
  /** 1 to 99: of two repositories the one with the lower number counts. Default: as dnf.conf says. */
  readonly priority?: number
  /** More options of dnf.conf(5): `{ module_hotfixes: '1', sslverify: '0' }`. */
  readonly settings?: Readonly<Record<string, string | undefined>>
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
