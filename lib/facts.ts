/** What kind of system a host is, as far as roles need to know. */
export type OsFamily = 'debian' | 'el' | 'other'
export type PackageManager = 'apt' | 'dnf' | 'yum' | 'none'

/** An address of a host's own, and the network that it is in. */
export interface HostNetwork {
  /** Its network device: eth0, docker0, ... */
  readonly device: string
  /** `10.10.50.40/24`; of a line from one point to another the own address, with /32 or /128. */
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
  /** As `uname -m` says it. */
  readonly arch: string
  readonly init: 'systemd' | 'other'
  readonly packageManager: PackageManager
  /** What contents of more than 1 MiB are compared with: `b2sum` (coreutils since 8.26) takes a third of the time. */
  readonly digest: 'b2sum' | 'sha256sum'
  /** Every global address, IPv4 first. */
  readonly addresses: readonly string[]
  /** The same with their networks, in the order of devices; none where the host has no ip(8). */
  readonly networks: readonly HostNetwork[]
  /** The user that scripts run as: 0 is root. */
  readonly uid: number
}
