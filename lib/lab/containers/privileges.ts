import { textOf } from '../machine/files.ts'
import type { Engine } from './engine.ts'

/** Capabilities, by bit, that a host needs beyond docker's defaults. Source: capabilities(7). */
const wanted: Readonly<Record<string, number>> = {
  DAC_READ_SEARCH: 2,
  LINUX_IMMUTABLE: 9,
  NET_ADMIN: 12,
  IPC_LOCK: 14,
  SYS_PTRACE: 19,
  SYS_ADMIN: 21,
  SYS_BOOT: 22,
  SYS_NICE: 23,
  SYS_RESOURCE: 24,
  SYS_TIME: 25,
  SYS_TTY_CONFIG: 26,
  LEASE: 28,
  AUDIT_CONTROL: 30,
}

/**
 * Privilege options of a container: all capabilities. docker refuses a privileged container on a machine that lacks a capability itself, so the existing
 * ones are listed by name. podman skips missing ones by itself.
 */
export async function privileges({ name }: Engine): Promise<readonly string[]> {
  const bounding = name === 'docker' ? await capabilities() : undefined
  return bounding === undefined ? ['--privileged'] : namedPrivileges(bounding)
}

/** The options that give the capabilities of a bounding set one by one. Pure. */
export function namedPrivileges(bounding: bigint): readonly string[] {
  const there = Object.entries(wanted).filter(([, bit]) => (bounding >> BigInt(bit)) & 1n)
  return [
    ...there.flatMap(([capability]) => ['--cap-add', capability]),
    ...['seccomp', 'apparmor'].flatMap((each) => ['--security-opt', `${each}=unconfined`]),
  ]
}

/** The capabilities that processes on this machine can have; undefined if they can have all. */
async function capabilities(): Promise<bigint | undefined> {
  const [status, last] = await Promise.all([textOf('/proc/self/status'), textOf('/proc/sys/kernel/cap_last_cap')])
  const bits = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status ?? '')?.[1]
  if (bits === undefined || last === undefined) return undefined
  const bounding = BigInt(`0x${bits}`)
  return bounding === (1n << BigInt(Number(last) + 1)) - 1n ? undefined : bounding
}
