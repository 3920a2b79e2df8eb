import path from 'node:path'
import { RolecallError, type Problem } from '../errors.ts'
import { defaultFamily, type Families, type FamilyName } from './family.ts'

/** A host in a lab's record: everything about it that does not depend on the machine. */
export interface HostPlan {
  readonly name: string
  /** The last number of its address. */
  readonly octet: number
  readonly groups: readonly string[]
  /** The family that the project chose. A host that has a disk keeps the family of its disk. */
  readonly family?: FamilyName
  readonly memoryMiB?: number
  /** Whether a kubelet can run in the host. */
  readonly kubelet?: boolean
}

/** The hosts of a project without `lab/lab.ts`: those of the tutorial, with its addresses and groups. */
export const defaultHosts: readonly HostPlan[] = [
  { name: 'node-01', octet: 50, groups: ['dns'] },
  { name: 'node-02', octet: 20, groups: ['ca'] },
  { name: 'node-03', octet: 233, groups: ['docker'] },
  { name: 'node-04', octet: 99, groups: ['docker'] },
  { name: 'node-05', octet: 40, groups: ['docker', 'registry'] },
]

/** The last octet of the machine's own address on the lab's bridge: the hosts' gateway. */
const gatewayOctet = 254

/** The port of the artifact mirror, on the gateway. */
export const mirrorPort = 8081

/** The name of the default lab, and the third octet that is reserved for it. */
export const defaultLab = { name: 'default', subnet: 50 } as const

/** Names a lab: its project (an absolute directory) and its name in the project. */
export interface LabRequest {
  readonly project: string
  readonly name?: string
}

/** The programs that can run the hosts of a lab. */
export const driverNames: readonly DriverName[] = ['nspawn', 'podman', 'docker']
export type DriverName = 'nspawn' | 'podman' | 'docker'

/** Which hosts to boot (default all), and of which family (default unchanged). */
export interface BootRequest extends LabRequest {
  readonly nodes?: readonly string[]
  /** `debian`, `el`, `mixed`, or a family and its hosts, as in `el:node-02,node-04`. */
  readonly family?: string
  /** The path of an inventory: the lab gets its hosts instead of those of `lab/lab.ts`. */
  readonly like?: string
  /** Optional artifacts of `lab/lab.ts` to build and serve. */
  readonly artifacts?: readonly string[]
  /** Default: the lab's present driver, then `ROLECALL_LAB_DRIVER`, then the best one for this machine. */
  readonly driver?: string
}

export interface LabNode {
  readonly name: string
  /** The address in the lab's network, by which hosts reach each other. */
  readonly address: string
  /** The last number of the address. */
  readonly octet: number
  /** How this machine reaches the host's SSH server: usually `address` and port 22. */
  readonly ssh: { readonly address: string; readonly port: number }
  readonly family: FamilyName
  readonly groups: readonly string[]
  readonly memoryMiB?: number
  readonly kubelet?: boolean
}

/** A lab as plain data: its hosts, and the files needed to reach them. All paths are absolute. */
export interface Lab {
  readonly name: string
  readonly project: string
  readonly driver: DriverName
  /** Such as `10.10.50.0/24`. */
  readonly subnet: string
  readonly gateway: string
  readonly bridge: string
  readonly nodes: readonly LabNode[]
  /** Files in the project, for people and inventories to refer to. */
  readonly directory: string
  readonly privateKey: string
  readonly knownHosts: string
  readonly sshConfig: string
  /** The user with passwordless sudo that the key opens. */
  readonly user: 'ops'
}

export type LabStep = 'requirements' | 'waiting' | 'base' | 'mirror' | 'network' | 'host' | 'clean-up'

/** One line of progress. `fraction` runs from 0 to 1 within the step; `node` is set when it is about one host. */
export interface LabProgress {
  readonly step: LabStep
  readonly detail: string
  readonly node?: string
  readonly fraction?: number
}

export type Say = (progress: LabProgress) => void

/** Everything that describes a lab besides name, project and subnet. */
export interface LabOptions {
  readonly families?: Families
  readonly hosts?: readonly HostPlan[]
  readonly driver?: DriverName
  /** Whether this machine reaches the hosts only through ports of 127.0.0.1. Default no. */
  readonly byPorts?: boolean
}

/**
 * Describes the lab of this name in subnet `10.10.<third>.0/24`. Changes nothing.
 *
 * @example describeLab('default', '/home/me/site', 50).nodes[0]?.address // '10.10.50.50'
 */
export function describeLab(name: string, project: string, third: number, options: LabOptions = {}): Lab {
  const { families = {}, hosts = defaultHosts, driver = 'nspawn', byPorts = false } = options
  const directory = path.join(project, '.rolecall', 'lab', name)
  return {
    name,
    project,
    driver,
    subnet: `10.10.${third}.0/24`,
    gateway: `10.10.${third}.${gatewayOctet}`,
    bridge: `rolecall${third}`,
    nodes: hosts.map(({ family, ...host }) => {
      const address = `10.10.${third}.${host.octet}`
      const ssh = byPorts ? { address: '127.0.0.1', port: publishedPort(third, host.octet) } : { address, port: 22 }
      return { ...host, address, ssh, family: families[host.name] ?? family ?? defaultFamily }
    }),
    directory,
    privateKey: path.join(directory, 'id_ed25519'),
    knownHosts: path.join(directory, 'known_hosts'),
    sshConfig: path.join(directory, 'ssh_config'),
    user: 'ops',
  }
}

/** The port of this machine that leads to a host's SSH server. Different for each host and each subnet from 50 on. */
function publishedPort(third: number, octet: number): number {
  return 13_000 + (third - defaultLab.subnet) * 254 + octet
}

/** The hostname. Inventories may have underscores in names, hostnames may not. */
export function hostnameOf({ name }: Pick<LabNode, 'name'>): string {
  return name.replaceAll('_', '-')
}

/** The hosts of a project without `lab/lab.ts`. */
export const nodeNames: readonly string[] = defaultHosts.map(({ name }) => name)

/**
 * The named nodes of `lab`, or all when no name is given.
 *
 * @throws {RolecallError} that lists every unknown name.
 */
export function chosenNodes(lab: Lab, names: readonly string[] = []): readonly LabNode[] {
  const strangers = names.filter((name) => !lab.nodes.some((node) => node.name === name))
  if (strangers.length > 0) {
    throw new RolecallError(
      strangers.map((name) => ({
        code: 'lab' as const,
        message: `lab ${lab.name} has no host "${name}"`,
        expected: lab.nodes.map((node) => node.name).join(', '),
        got: name,
      })),
    )
  }
  return names.length === 0 ? lab.nodes : lab.nodes.filter((node) => names.includes(node.name))
}

/**
 * Checks the name of a request and fills in the default.
 *
 * @throws {RolecallError} when the name cannot be part of a file, cgroup and comment name.
 */
export function checkedName(request: LabRequest): string {
  const name = request.name ?? defaultLab.name
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw labError(`"${name}" cannot be the name of a lab`, {
      expected: 'a small letter, then up to 19 small letters, digits and dashes',
      got: name,
    })
  }
  return name
}

/** Makes a `RolecallError` about the lab. */
export function labError(message: string, more: Omit<Problem, 'code' | 'message'> = {}): RolecallError {
  return new RolecallError({ code: 'lab', message, ...more })
}
