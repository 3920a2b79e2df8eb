import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeHostFiles } from '../disks/host-files.ts'
import type { HostIdentity, NodeStatus, Ownership } from '../drivers/driver.ts'
import { sshAnswers } from '../machine/probe.ts'
import { lastLines, run } from '../machine/run.ts'
import { hostnameOf, labError, type Lab, type LabNode, type Say } from '../model.ts'
import { canLimitMemory, cgroupControllers, hasOnlyCgroup2, startOptions, type Engine } from './engine.ts'
import { initPath } from './image.ts'
import { privileges } from './privileges.ts'
import { containerName, labLabel, networkName } from './names.ts'

/** How long a host may take to boot. */
const bootLimitMs = 90_000

/** How long a host may take to shut down, in seconds. After that it is killed. */
const haltSeconds = 30

/** How long a host may be without an answer before it counts as broken, in seconds. */
const bootSeconds = 30

/** Makes the container of a host from an image, without starting it. */
export async function createContainer(engine: Engine, lab: Lab, node: LabNode, image: string): Promise<void> {
  const name = containerName(lab.name, node.name)
  await removeContainer(engine, name)
  const isPublished = node.ssh.address !== node.address
  await engine.run([
    'create',
    ...['--name', name, '--hostname', hostnameOf(node), '--label', `${labLabel}=${lab.name}`],
    ...['--network', networkName(lab.name), '--ip', node.address],
    ...(isPublished ? ['--publish', `${node.ssh.address}:${node.ssh.port}:22`] : []),
    ...(node.memoryMiB !== undefined && (await canLimitMemory(engine)) ? ['--memory', `${node.memoryMiB}m`] : []),
    // So that a host can reboot.
    ...['--restart', 'always', '--stop-signal', 'SIGRTMIN+3'],
    ...(await privileges(engine)),
    ...startOptions(engine),
    ...(await systemdOptions(engine)),
    image,
    ...['sh', initPath],
  ])
}

/** Options that systemd needs to run as the first process. */
async function systemdOptions({ name }: Engine): Promise<readonly string[]> {
  if (name === 'podman') return ['--systemd', 'always']
  const groups = (await hasOnlyCgroup2())
    ? ['--cgroupns', 'private']
    : // systemd remounts the directory of the controllers read-only. That must not happen to the machine's own.
      ['--cgroupns', 'host', '--tmpfs', '/sys/fs/cgroup:mode=755', ...(await controllerVolumes())]
  return ['--env', 'container=docker', '--tmpfs', '/run', '--tmpfs', '/run/lock', ...groups]
}

/** Mounts the machine's version 1 controllers at the same paths. */
async function controllerVolumes(): Promise<readonly string[]> {
  return (await cgroupControllers()).flatMap((directory) => ['--volume', `${directory}:${directory}:rw`])
}

/** Copies a host's own files (name, address, keys) into a container that never ran. */
export async function giveIdentity(
  engine: Engine,
  { lab, dirs }: Ownership,
  node: LabNode,
  identity: HostIdentity,
): Promise<void> {
  const parent = path.join(dirs.cache, dirs.lab)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(path.join(parent, 'identity-'))
  try {
    const files = path.join(directory, 'files')
    await mkdir(files)
    await writeHostFiles(files, lab, node, identity)
    const tar = path.join(directory, 'identity.tar')
    await run('tar', ['-c', '-f', tar, '-C', files, '.'])
    await engine.run(['cp', tar, `${containerName(lab.name, node.name)}:/identity.tar`])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export async function removeContainer(engine: Engine, name: string): Promise<void> {
  if (await engine.succeeds(['container', 'inspect', name])) await engine.run(['rm', '--force', '--volumes', name])
}

/** Starts the container of a host, and waits until the host is ready. */
export async function boot(engine: Engine, lab: Lab, node: LabNode, say: Say): Promise<void> {
  await engine.run(['start', containerName(lab.name, node.name)])
  await waitUntilReady(engine, lab, node, say)
}

/**
 * Waits until sshd of a host answers and systemd has finished booting.
 *
 * @throws {RolecallError} with the last lines of the host's console when it does not start within 90 s.
 */
export async function waitUntilReady(engine: Engine, lab: Lab, node: LabNode, say: Say): Promise<void> {
  const name = containerName(lab.name, node.name)
  const giveUp = Date.now() + bootLimitMs
  while (!(await sshAnswers(node.ssh))) {
    const state = await stateOf(engine, name)
    if (Date.now() < giveUp && state !== undefined && state.status !== 'exited') {
      await sleep(200)
      continue
    }
    throw labError(`${node.name} does not start`, {
      host: node.name,
      expected: `an SSH server at ${node.ssh.address}:${node.ssh.port} within ${bootLimitMs / 1000} s`,
      got: state === undefined ? 'no container' : state.status === 'exited' ? 'its container has ended' : 'no answer',
      output: lastLines(await engine.run(['logs', name]).catch(() => '')),
      hint: `rolecall lab reset ${node.name} --name ${lab.name}`,
    })
  }
  const inHost = ['exec', name, 'systemctl']
  // The command exits with 1 for every state but `running`.
  const wait = ['exec', name, 'sh', '-c', 'systemctl is-system-running --wait || :']
  const system = (await engine.run(wait).catch(() => '')).trim()
  if (system === 'running') return say({ step: 'host', node: node.name, detail: 'ready', fraction: 1 })
  const failed = await engine.run([...inHost, 'list-units', '--failed', '--plain', '--no-legend']).catch(() => '')
  const units = failed.split('\n').flatMap((line) => line.split(' ')[0] ?? '')
  const reason = units.filter((unit) => unit !== '').join(', ')
  const detail = `ready, but ${system === '' ? 'still booting' : system}: ${reason}`
  say({ step: 'host', node: node.name, detail, fraction: 1 })
}

/** Shuts a host down as its power button would, and kills it if that takes too long. */
export async function shutDown(engine: Engine, lab: string, node: string): Promise<void> {
  const name = containerName(lab, node)
  if ((await stateOf(engine, name))?.status === 'running')
    await engine.run(['stop', '--time', String(haltSeconds), name])
}

/** Kills a host at once, as a power cut would. */
export async function cutPower(engine: Engine, lab: string, node: string): Promise<void> {
  const name = containerName(lab, node)
  if ((await stateOf(engine, name))?.status === 'running') await engine.run(['stop', '--time', '0', name])
}

interface ContainerState {
  /** The engine's word: `created`, `running`, `exited`. */
  readonly status: string
  readonly pid: number
  readonly startedAt: Date
}

/** The state of a container; undefined when there is none of that name. */
export async function stateOf(engine: Engine, name: string): Promise<ContainerState | undefined> {
  const format = '{{.State.Status}}\t{{.State.Pid}}\t{{.State.StartedAt}}'
  const text = await engine.run(['container', 'inspect', '--format', format, name]).catch(() => undefined)
  if (text === undefined) return undefined
  const [status = '', pid = '', startedAt = ''] = text.trim().split('\t')
  // podman writes `2026-01-02 03:04:05.678 +0000 UTC`, docker ISO 8601.
  const at = /^(\S+)[ T](\d\d:\d\d:\d\d)\S*(?: ([+-]\d{4}))?/.exec(startedAt)
  return { status, pid: Number(pid), startedAt: new Date(at ? `${at[1] ?? ''}T${at[2] ?? ''}${at[3] ?? 'Z'}` : 0) }
}

export async function nodeStatus(
  engine: Engine,
  lab: Lab,
  { name, address, family, ssh }: LabNode,
): Promise<NodeStatus> {
  const shown = { name, address, family }
  const [state, answers] = await Promise.all([stateOf(engine, containerName(lab.name, name)), sshAnswers(ssh)])
  if (state?.status !== 'running') return { ...shown, state: 'stopped' }
  const age = Math.max(0, Math.round((Date.now() - state.startedAt.getTime()) / 1000))
  const word = answers ? 'running' : age < bootSeconds ? 'booting' : 'broken'
  return { ...shown, state: word, pid: state.pid, uptimeSeconds: age }
}
