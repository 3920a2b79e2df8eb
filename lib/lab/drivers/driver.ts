import type { Base } from '../bases/base.ts'
import type { LabDirectories } from '../disks/directories.ts'
import type { FamilyName } from '../family.ts'
import type { DriverName, Lab, LabNode, LabOptions, Say } from '../model.ts'
import type { Keys } from '../ownership/keys.ts'
import type { ProjectLab } from '../project/types.ts'

/** A lab that this process has claimed, and the directories of its disks. */
export interface Ownership {
  readonly lab: Lab
  readonly dirs: LabDirectories
}

/** The keys and name servers that go into the files of hosts. */
export interface HostIdentity {
  readonly keys: Keys
  readonly resolvers: string
}

/** `broken`: processes of the host run, but it does not answer; `up` repairs it. `stopping`: it shuts down or reboots. */
export type NodeState = 'running' | 'booting' | 'stopping' | 'stopped' | 'broken'

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly family: FamilyName
  readonly state: NodeState
  /** The process on this machine that runs the host. */
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
  /** The hosts with a saved disk. */
  readonly nodes: readonly string[]
  /** When the latest of these disks was saved. */
  readonly at: Date
}

/**
 * Runs the hosts of a lab by systemd-nspawn, podman or docker. Everything else about a lab (owner, names, addresses, keys, inventory) is the
 * same for all drivers.
 */
export interface LabDriver {
  readonly name: DriverName
  /** How this machine reaches the hosts. */
  readonly options: () => Promise<Pick<LabOptions, 'byPorts'>>
  /** Limits of hosts with this driver, a line each, shown at `up`. */
  readonly limits: readonly string[]
  /**
   * Checks that the driver can work on this machine, before anything is changed.
   *
   * @throws {RolecallError} in one sentence, with the helpful command as its hint.
   */
  readonly requireMachine: (say: Say) => Promise<void>
  /** Whether a lab may have been up on this machine with this driver. */
  readonly wasEverUsed: () => Promise<boolean>
  /** The third octets of all `10.10.x.0/24` that something other than this lab uses. */
  readonly subnetsInUse: (lab: string) => Promise<ReadonlySet<number>>
  /** Whether any part of a lab runs. */
  readonly isRunning: (lab: string) => Promise<boolean>
  /** Stops every part of a lab that runs, and removes its network. Keeps the disks where the driver can. */
  readonly removeRunning: (lab: string) => Promise<void>
  /** Sets up what hosts share: the network and the artifact mirror. */
  readonly prepare: (owned: Ownership, project: ProjectLab, say: Say) => Promise<void>
  /** The base of each of these hosts. Missing bases are made, one after the other. */
  readonly bases: (
    owned: Ownership,
    nodes: readonly LabNode[],
    project: ProjectLab,
    say: Say,
  ) => Promise<(node: LabNode) => Base>
  /** Whether a host has a complete disk. */
  readonly hasDisk: (owned: Ownership, node: string) => Promise<boolean>
  /** The family of a host's disk; undefined without a disk. */
  readonly familyOnDisk: (owned: Ownership, node: string) => Promise<FamilyName | undefined>
  /** Gives a host a factory-fresh disk. The host must not run. */
  readonly makeDisk: (owned: Ownership, node: LabNode, base: Base, identity: HostIdentity) => Promise<void>
  readonly discardDisk: (owned: Ownership, node: string) => Promise<void>
  /** Starts a host that has a disk and does not run, and waits until it is ready. */
  readonly boot: (owned: Ownership, node: LabNode, say: Say) => Promise<void>
  /** Waits until a host that was started answers. */
  readonly waitUntilReady: (owned: Ownership, node: LabNode, say: Say) => Promise<void>
  /** Whether any process of a host still runs. */
  readonly hasProcesses: (owned: Ownership, node: LabNode) => Promise<boolean>
  /** Shuts a host down as its power button would. */
  readonly shutDown: (owned: Ownership, node: LabNode) => Promise<void>
  /** Kills a host at once, as a power cut would. Its disk stays as it is. */
  readonly cutPower: (owned: Ownership, node: LabNode) => Promise<void>
  /** The state of a host. Changes nothing. */
  readonly status: (lab: Lab, node: LabNode) => Promise<NodeStatus>
  readonly mirrorStatus: (lab: Lab) => Promise<MirrorStatus | undefined>
  /** @throws {RolecallError} that names the hosts whose disks cannot be saved now. */
  readonly requireSavable: (owned: Ownership, nodes: readonly LabNode[]) => Promise<void>
  /** Saves the disk of a host that does not run, in place of an earlier one under the same label. */
  readonly saveDisk: (owned: Ownership, label: string, node: string) => Promise<void>
  /** The saved disks of a lab, by label. */
  readonly saved: (owned: Ownership) => Promise<readonly Saved[]>
  /** Puts a saved disk in place of the present disk of a host that does not run. */
  readonly restoreDisk: (owned: Ownership, label: string, node: LabNode) => Promise<void>
  /** Removes bases and layers that no disk uses any more. */
  readonly tidy: (owned: Ownership) => Promise<void>
  /** Removes all disks of a lab, saved ones as well. No part of the lab may run. */
  readonly discardAll: (lab: string, dirs: LabDirectories) => Promise<void>
}
