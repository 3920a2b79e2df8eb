import type { Refused } from '../kit/kind.ts'

/** Digits, as the kernel prints one number or several. */
const NUMBERS = /^-?\d+( -?\d+)*$/
/** Texts that may look like a number. */
const TEXTS =
  /^kernel\/(hostname|domainname|core_pattern|modprobe|poweroff_cmd|hotplug)$|_ports$|cpumask|bitmap|fastopen_key/

/**
 * Where a value cannot be tried, because all of the host has one. The same in all kernels since 5.8.
 *
 * Source: Linux, Documentation/admin-guide/sysctl, kernel/sysctl.c and fs/namei.c.
 */
const RANGES: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['fs/protected_fifos', [0, 2]],
  ['fs/protected_hardlinks', [0, 1]],
  ['fs/protected_regular', [0, 2]],
  ['fs/protected_symlinks', [0, 1]],
  ['fs/suid_dumpable', [0, 2]],
  ['kernel/dmesg_restrict', [0, 1]],
  ['kernel/kptr_restrict', [0, 2]],
  ['kernel/yama/ptrace_scope', [0, 3]],
  ['vm/dirty_background_ratio', [0, 100]],
  ['vm/dirty_ratio', [0, 100]],
  ['vm/overcommit_memory', [0, 2]],
  ['vm/panic_on_oom', [0, 2]],
  ['vm/swappiness', [0, 200]],
])

interface Wanted {
  readonly key: string
  readonly path: string
  readonly value: string
}

/** What a host has said of a parameter. */
interface Told {
  readonly writeOnly: boolean
  readonly fixed: boolean
  readonly notTaken: boolean
}

/** Why a value cannot be given, as far as it is known without trying; undefined when nothing is known against it. */
export function refusedValue(want: Wanted, live: string, have: Told): Refused | undefined {
  const { key, path, value } = want
  if (have.writeOnly)
    return {
      refused: `${key} can only be written, not read: its value cannot be checked`,
      hint: `use exec('${key}', { run: 'sysctl -w ${key}=${value}', ... }), and say when it is needed`,
    }
  if (live === value) return undefined
  if (have.fixed) return { refused: `${key} is ${live} and cannot be changed: the kernel allows only reading` }
  if (NUMBERS.test(live) && !TEXTS.test(path)) {
    if (!/\d/.test(value))
      return { refused: `${key} is a number (${live} now), and ${value} is none`, hint: 'write 1 for on, 0 for off' }
    if (/(^|\s)[+-]?(0\d|0x|\+)/i.test(value))
      return {
        refused: `${key} would not be read back as ${value}`,
        hint: 'write the number in decimal, without leading zeros',
      }
    const [has, wants] = [live.split(' ').length, value.split(' ').length]
    if (NUMBERS.test(value) && has !== wants)
      return { refused: `${key} has ${has} numbers (${live} now), and ${value} has ${wants}` }
  }
  const range = RANGES.get(path)
  if (range !== undefined && /^-?\d+$/.test(value) && (Number(value) < range[0] || Number(value) > range[1]))
    return { refused: `the kernel does not accept ${value} for ${key}`, hint: `it takes ${range[0]} to ${range[1]}` }
  return have.notTaken
    ? { refused: `the kernel does not accept ${value} for ${key}`, hint: `its value is ${live}` }
    : undefined
}
