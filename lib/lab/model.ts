import path from 'node:path'
import { Refusal, type Problem } from '../errors.ts'
import { defaultFamily, type Families, type FamilyName } from './family.ts'

/** The five hosts every lab has, and the last octet of each one's address: the tutorial's own numbers. */
const octets = { 'node-01': 50, 'node-02': 20, 'node-03': 233, 'node-04': 99, 'node-05': 40 } as const

/** The last octet of the machine's own address on the lab's bridge: the hosts' gateway. */
const gatewayOctet = 254

/** The port of the artifact mirror, on the gateway. */
export const mirrorPort = 8081

/** The lab a person gets without asking for another, and the third octet that is reserved for it. */
export const defaultLab = { name: 'default', subnet: 50 } as const

/** Which lab is meant: its name, and the project (an absolute directory) whose lab it is. */
export interface LabRequest {
  readonly project: string
  readonly name?: string
}

/** What hosts are to be booted: which of them (default all), and of which family (default as they are). */
export interface BootRequest extends LabRequest {
  readonly nodes?: readonly string[]
  /** `debian`, `el`, `mixed`, or a family and its hosts, as in `el:node-02,node-04`. */
  readonly family?: string
}

export interface LabNode {
  readonly name: string
  readonly address: string
  readonly family: FamilyName
}

/** A lab as plain data: where its hosts are and which files reach them. All paths are absolute. */
export interface Lab {
  readonly name: string
  readonly project: string
  /** Such as `10.10.50.0/24`. */
  readonly subnet: string
  readonly gateway: string
  readonly bridge: string
  readonly nodes: readonly LabNode[]
  /** In the project: what people and inventories refer to. */
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

/**
 * The lab of that name in subnet `10.10.<third>.0/24`, as plain data. Touches nothing.
 *
 * @example describeLab('default', '/home/me/site', 50).nodes[0] // { name: 'node-01', address: '10.10.50.50' }
 */
export function describeLab(name: string, project: string, third: number, families: Families = {}): Lab {
  const directory = path.join(project, '.rolecall', 'lab', name)
  return {
    name,
    project,
    subnet: `10.10.${third}.0/24`,
    gateway: `10.10.${third}.${gatewayOctet}`,
    bridge: `rolecall${third}`,
    nodes: Object.entries(octets).map(([node, octet]) => ({
      name: node,
      address: `10.10.${third}.${octet}`,
      family: families[node] ?? defaultFamily,
    })),
    directory,
    privateKey: path.join(directory, 'id_ed25519'),
    knownHosts: path.join(directory, 'known_hosts'),
    sshConfig: path.join(directory, 'ssh_config'),
    user: 'ops',
  }
}

/** The hosts that every lab has. */
export const nodeNames: readonly string[] = Object.keys(octets)

/**
 * The nodes of `lab` that were asked for by name, all of them when none were named.
 *
 * @throws {Refusal} naming every name that no host of the lab has.
 */
export function chosenNodes(lab: Lab, names: readonly string[] = []): readonly LabNode[] {
  const strangers = names.filter((name) => !lab.nodes.some((node) => node.name === name))
  if (strangers.length > 0) {
    throw new Refusal(
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
 * A request made whole: the name checked, the default filled in.
 *
 * @throws {Refusal} when the name cannot be part of a file, cgroup and comment name.
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

/** A `Refusal` about the lab. */
export function labError(message: string, more: Omit<Problem, 'code' | 'message'> = {}): Refusal {
  return new Refusal({ code: 'lab', message, ...more })
}
