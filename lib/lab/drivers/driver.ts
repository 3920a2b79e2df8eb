import type { Base } from '../bases/base.ts'
import type { LabDirectories } from '../disks/directories.ts'
import type { FamilyName } from '../family.ts'
import type { DriverName, Lab, LabNode, LabOptions, Say } from '../model.ts'
import type { Keys } from '../ownership/keys.ts'
import type { ProjectLab } from '../project/types.ts'

/** A lab that is ours now, and where its disks are. */
export interface Ownership {
  readonly lab: Lab
  readonly dirs: LabDirectories
}

/** What makes hosts themselves, and reach the network. */
export interface HostIdentity {
  readonly keys: Keys
  readonly resolvers: string
}

/** `broken`: something of the host runs, but it cannot be reached; `up` repairs it. `stopping`: it shuts down, or is about to boot again. */
export type NodeState = 'running' | 'booting' | 'stopping' | 'stopped' | 'broken'

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly family: FamilyName
  readonly state: NodeState
  /** Of what runs the host, on this machine. */
  readonly pid?: number
  readonly uptimeSeconds?: number
}

export interface MirrorStatus {
  readonly url: string
  readonly state: 'running' | 'stopped' | 'broken'
  readonly pid?: number
}

/** Disks that were saved under one label. */
export interface Saved {
  readonly label: string
  /** The hosts whose disks there are. */
  readonly nodes: readonly string[]
  /** When the last of them was saved. */
  readonly at: Date
}

/**
 * What runs the hosts of a lab: systemd-nspawn, podman or docker. Everything else of a lab (who it belongs to, names, addresses, keys,
 * inventory, which hosts are meant) is the same for all of them.
 */
export interface LabDriver {
  readonly name: DriverName
  /** How hosts are reached here. */
  readonly options: () => Promise<Pick<LabOptions, 'byPorts'>>
  /** What hosts cannot do with this driver, a line each, for whoever boots them. */
  readonly limits: readonly string[]
  /**
   * Makes sure that the driver can work on this machine, before anything of a lab is touched.
   *
   * @throws {RolecallError} in one sentence, with the command that helps as its hint.
   */
  readonly requireMachine: (say: Say) => Promise<void>
  /** Whether a lab may ever have been up here with this driver. */
  readonly wasEverUsed: () => Promise<boolean>
  /** The third octets of all `10.10.x.0/24` that something other than this lab uses. */
  readonly subnetsInUse: (lab: string) => Promise<ReadonlySet<number>>
  /** Whether anything of a lab runs. */
  readonly isRunning: (lab: string) => Promise<boolean>
  /** Ends everything of a lab that runs, and removes its network. Disks stay where they can. */
  readonly removeRunning: (lab: string) => Promise<void>
  /** Makes everything be there that hosts share: the network, and what the lab serves. */
  readonly prepare: (owned: Ownership, project: ProjectLab, say: Say) => Promise<void>
  /** Gives the base of each of these hosts; what is missing is made, one after the other. */
  readonly bases: (
    owned: Ownership,
    nodes: readonly LabNode[],
    project: ProjectLab,
    say: Say,
  ) => Promise<(node: LabNode) => Base>
  /** Whether a host has a complete disk. */
  readonly hasDisk: (owned: Ownership, node: string) => Promise<boolean>
  /** The family of what is on a host's disk; undefined when it has none. */
  readonly familyOnDisk: (owned: Ownership, node: string) => Promise<FamilyName | undefined>
  /** Gives a host a factory-fresh disk. The host must not run. */
  readonly makeDisk: (owned: Ownership, node: LabNode, base: Base, identity: HostIdentity) => Promise<void>
  readonly discardDisk: (owned: Ownership, node: string) => Promise<void>
  /** Starts a host that has a disk and does not run, and waits until it is ready. */
  readonly boot: (owned: Ownership, node: LabNode, say: Say) => Promise<void>
  /** Waits until a host that was started answers. */
  readonly waitUntilReady: (owned: Ownership, node: LabNode, say: Say) => Promise<void>
  /** Whether any process of a host is left. */
  readonly hasProcesses: (owned: Ownership, node: LabNode) => Promise<boolean>
  /** Shuts a host down as its power button would. */
  readonly shutDown: (owned: Ownership, node: LabNode) => Promise<void>
  /** Takes a host's power away, at once. Its disk stays as it is. */
  readonly cutPower: (owned: Ownership, node: LabNode) => Promise<void>
  /** How a host is. Changes nothing. */
  readonly status: (lab: Lab, node: LabNode) => Promise<NodeStatus>
  readonly mirrorStatus: (lab: Lab) => Promise<MirrorStatus | undefined>
  /** @throws {RolecallError} naming hosts whose disks cannot be saved now. */
  readonly requireSavable: (owned: Ownership, nodes: readonly LabNode[]) => Promise<void>
  /** Saves the disk of a host that does not run; what was saved of this host under the same label is replaced. */
  readonly saveDisk: (owned: Ownership, label: string, node: string) => Promise<void>
  /** What is saved in a lab, by label. */
  readonly saved: (owned: Ownership) => Promise<readonly Saved[]>
  /** Gives a host that does not run the disk that was saved. */
  readonly restoreDisk: (owned: Ownership, label: string, node: LabNode) => Promise<void>
  /** Removes what no disk is made of any more. */
  readonly tidy: (owned: Ownership) => Promise<void>
  /** Removes all disks of a lab, and all that was saved. Nothing of the lab runs. */
  readonly discardAll: (lab: string, dirs: LabDirectories) => Promise<void>
}
