import type { z } from 'zod'

/** Bytes of memory. */
export interface HostMemory {
  readonly total: number
  /** What programs can still have without swapping. */
  readonly available: number
  readonly swap: number
}

/** The processors of a host. */
export interface HostProcessors {
  /** As many as work at the same time: threads of cores. */
  readonly count: number
  /** Cores of all sockets; the same as `count` where the kernel does not tell. */
  readonly cores: number
  readonly sockets: number
  /** `model name` of /proc/cpuinfo; an empty text where the kernel does not tell. */
  readonly model: string
}

/** A disk of a host. */
export interface HostDisk {
  /** `vda`, `nvme0n1`: the device is `/dev/NAME`. */
  readonly name: string
  readonly bytes: number
  readonly rotational: boolean
  readonly removable: boolean
  /** An empty text where the kernel does not tell. */
  readonly model: string
}

/** A mounted file system of a disk or of another host. */
export interface HostMount {
  readonly path: string
  readonly device: string
  readonly type: string
  readonly options: readonly string[]
  /** Undefined where the file system does not answer. */
  readonly bytes: number | undefined
  /** What users other than root can still write. */
  readonly available: number | undefined
}

/** A network device of a host. */
export interface HostLink {
  readonly device: string
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
}

/** The way to other networks. */
export interface HostGateway {
  readonly device: string
  readonly gateway: string
  /** The host's own address on that device. */
  readonly address: string
}

/**
 * What is known of a host when somebody asks: hardware, file systems, network, system. What is missing is an empty text or an empty list.
 *
 * Source: proc(5), sysfs(5), os-release(5), systemd-detect-virt(1), resolv.conf(5).
 */
export interface HostDetails {
  /** `VERSION_CODENAME` of os-release: bookworm, noble. The Red Hat family has none. */
  readonly codename: string
  /** `uname -r`. */
  readonly kernel: string
  /** `hostname -f`: the name with its domain, where the host knows one. */
  readonly fqdn: string
  /** The name of its time zone: Europe/Berlin. */
  readonly timezone: string
  /** Seconds since the boot. */
  readonly uptime: number
  /** `none` on hardware; else as systemd-detect-virt(1) says: kvm, vmware, microsoft, xen, amazon, lxc, docker, podman, systemd-nspawn, ... */
  readonly virtualisation: string
  /** The maker and the product of the machine, from its firmware. */
  readonly vendor: string
  readonly product: string
  readonly selinux: 'enforcing' | 'permissive' | 'disabled'
  readonly memory: HostMemory
  readonly processors: HostProcessors
  readonly disks: readonly HostDisk[]
  readonly mounts: readonly HostMount[]
  readonly links: readonly HostLink[]
  readonly gateway: { readonly ipv4: HostGateway | undefined; readonly ipv6: HostGateway | undefined }
  readonly nameservers: readonly string[]
  readonly searchDomains: readonly string[]
}

/** What else `details` is asked for. */
export interface DetailsOptions<Custom extends z.ZodObject> {
  /** Facts of the site's own, each by the name of its file: `app` is `/etc/ansible/facts.d/app.fact`. */
  readonly custom?: Custom
}

/** Asks a host for its details. */
export type Details = <Custom extends z.ZodObject = z.ZodObject<Readonly<Record<string, never>>>>(
  options?: DetailsOptions<Custom>,
) => Promise<HostDetails & { readonly custom: z.output<Custom> }>
