/** The family of a host's system, as far as roles need to know. */
export type OsFamily = 'debian' | 'el' | 'other'
export type PackageManager = 'apt' | 'dnf' | 'yum' | 'none'

/** An address of a host, and its network. */
export interface HostNetwork {
  /** Its network device: eth0, docker0, ... */
  readonly device: string
  /** `10.10.50.40/24`; of a point-to-point link the own address, with /32 or /128. */
  readonly cidr: string
}

/** What is known of a host from the first round trip on. */
export interface Facts {
  readonly hostname: string
  readonly os: {
    readonly family: OsFamily
    /** `ID` of os-release: debian, ubuntu, rocky, ... */
    readonly id: string
    /** `VERSION_ID` of os-release: 12, 24.04, 9.4, ... */
    readonly version: string
    /** `PRETTY_NAME` of os-release. */
    readonly name: string
  }
  /** The output of `uname -m`. */
  readonly arch: string
  readonly init: 'systemd' | 'other'
  readonly packageManager: PackageManager
  /** The program that compares contents of more than 1 MiB: `b2sum` (coreutils since 8.26) takes a third of the time. */
  readonly digest: 'b2sum' | 'sha256sum'
  /** Every global address, IPv4 first. */
  readonly addresses: readonly string[]
  /** The same with their networks, in the order of devices; none where the host has no ip(8). */
  readonly networks: readonly HostNetwork[]
  /** The user that scripts run as: 0 is root. */
  readonly uid: number
}
