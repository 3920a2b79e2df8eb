import type { NodeStatus } from '../drivers/driver.ts'
import { textOf } from '../machine/files.ts'
import { sshAnswers } from '../machine/probe.ts'
import type { Lab, LabNode } from '../model.ts'
import { groupOf, isPopulated } from './cgroup.ts'
import { ageOf, inHost, leaderOf, supervisorOf } from './process.ts'

/** How long a host may be without an answer before it counts as broken, in seconds. */
const bootSeconds = 30

/** The state of a host, from its processes and its SSH server. */
export async function nodeStatus(lab: Lab, node: LabNode): Promise<NodeStatus> {
  const { name, address, family } = node
  const shown = { name, address, family }
  const group = await groupOf(lab.name, node.name)
  const pid = await supervisorOf(group)
  if (pid === undefined) return { ...shown, state: (await isPopulated(group)) ? 'broken' : 'stopped' }
  const [leader, answers] = await Promise.all([leaderOf(group), sshAnswers(node.ssh)])
  const age = (await ageOf(leader ?? pid)) ?? 0
  const state = answers ? 'running' : age < bootSeconds ? 'booting' : (await isStopping(group)) ? 'stopping' : 'broken'
  return { ...shown, state, pid, uptimeSeconds: Math.round(age) }
}

/** Whether a host is shutting down. After all units stopped, its first process has another name. Before that only systemd knows, which only root can ask. */
async function isStopping(group: string): Promise<boolean> {
  const leader = await leaderOf(group)
  if (leader === undefined) return false
  if ((await textOf(`/proc/${leader}/comm`))?.startsWith('systemd-shutdow') === true) return true
  return (await inHost(group, ['systemctl', 'is-system-running'], 2000)).trim() === 'stopping'
}
