import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf, isPopulated } from './nspawn/cgroup.ts'
import { ownershipOf } from './ownership/ownership.ts'
import type { FamilyName } from './family.ts'
import { mirrorStatus, type MirrorStatus } from './artifacts/mirror.ts'
import type { Lab, LabNode, LabRequest } from './model.ts'
import { requester, isRecord } from './ownership/requester.ts'
import { sshAnswers } from './machine/probe.ts'
import { ageOf, leaderOf, supervisorOf } from './nspawn/process.ts'
import { readRecord } from './ownership/registry.ts'

/** `broken`: something of the host runs, but it cannot be reached; `up` repairs it. */
export type NodeState = 'running' | 'booting' | 'stopped' | 'broken'

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly family: FamilyName
  readonly state: NodeState
  /** Of its systemd-nspawn. */
  readonly pid?: number
  readonly uptimeSeconds?: number
}

export interface LabStatus {
  readonly name: string
  readonly isUp: boolean
  /** The project directory whose lab it is; the rest is only there while it is up. */
  readonly project?: string
  readonly subnet?: string
  readonly bridge?: string
  readonly nodes: readonly NodeStatus[]
  readonly mirror?: MirrorStatus
}

/** How long a host may be without an answer before it counts as broken, in seconds. */
const bootSeconds = 30

/** How a lab is, whoever's it is. Needs no root, and changes nothing. */
export async function status(request: LabRequest): Promise<LabStatus> {
  const { name } = await requester(request)
  const record = await readRecord(name)
  if (!isRecord(record)) return { name, isUp: false, nodes: [] }
  const { lab } = ownershipOf(record)
  const [mirror, ...nodes] = await Promise.all([mirrorStatus(lab), ...lab.nodes.map((node) => nodeStatus(lab, node))])
  return { name, isUp: true, project: lab.project, subnet: lab.subnet, bridge: lab.bridge, nodes, mirror }
}

/** Whether a host needs no repair. One that is just booting is given the time to. */
export async function isFineFor(lab: Lab, node: LabNode): Promise<boolean> {
  for (;;) {
    const { state } = await nodeStatus(lab, node)
    if (state !== 'booting') return state === 'running'
    await sleep(100)
  }
}

async function nodeStatus(lab: Lab, node: LabNode): Promise<NodeStatus> {
  const group = await groupOf(lab.name, node.name)
  const pid = await supervisorOf(group)
  if (pid === undefined) return { ...node, state: (await isPopulated(group)) ? 'broken' : 'stopped' }
  const [leader, answers] = await Promise.all([leaderOf(group), sshAnswers(node.address)])
  const age = (await ageOf(leader ?? pid)) ?? 0
  const state = answers ? 'running' : age < bootSeconds ? 'booting' : 'broken'
  return { ...node, state, pid, uptimeSeconds: Math.round(age) }
}
