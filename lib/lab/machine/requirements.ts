import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { textOf } from './files.ts'
import { labError, type Say } from '../model.ts'
import { environment, run, succeeds } from './run.ts'

/** The programs that the lab calls, and their Debian packages. */
const programs: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  iptables: 'iptables',
  ip: 'iproute2',
  'ssh-keygen': 'openssh-client',
  flock: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
}

/** What the lab needs to know about the machine. Plain data, so that tests need no such machine. */
export interface Machine {
  readonly platform: string
  readonly root: boolean
  /** `ID` and `ID_LIKE` of os-release. */
  readonly families: readonly string[]
  readonly missing: readonly string[]
  readonly cgroup2: boolean
}

/** What the lab still needs: packages to install, or the reason why it cannot work here. */
type MachineCheck = { readonly install: readonly string[] } | { readonly refuse: string; readonly hint: string }

/** Decides what a machine lacks for a lab. Pure. */
export function checkMachine(machine: Machine): MachineCheck {
  const needs = 'the lab boots its hosts with systemd-nspawn'
  if (machine.platform !== 'linux')
    return { refuse: `${needs}, which needs Linux`, hint: 'run this on Debian or Ubuntu, for instance in a VM' }
  if (!machine.families.some((family) => family === 'debian' || family === 'ubuntu'))
    return {
      refuse: `${needs} from packages of this machine, which needs Debian or Ubuntu`,
      hint: 'run this on Debian or Ubuntu, for instance in a VM',
    }
  const packages = [...new Set(machine.missing.flatMap((program) => programs[program] ?? []))].sort()
  if (!machine.root) {
    const install = packages.length > 0 ? `sudo apt-get install ${packages.join(' ')}, then ` : ''
    return { refuse: `${needs}, which needs root`, hint: `${install}run the same command with sudo` }
  }
  if (!machine.cgroup2)
    return {
      refuse: `${needs}, which needs control groups version 2`,
      hint: 'mount -t cgroup2 none /sys/fs/cgroup/unified',
    }
  return { install: packages }
}

/**
 * Checks that the lab can work here, before anything of a lab is changed. Missing packages are announced and
 * installed.
 *
 * @throws {RolecallError} in one sentence, with the helpful command as its hint.
 */
export async function requireMachine(say: Say): Promise<void> {
  const verdict = checkMachine(await readMachine())
  if ('refuse' in verdict) throw labError(verdict.refuse, { hint: verdict.hint })
  if (verdict.install.length === 0) return
  const install = ['install', '--yes', '--no-install-recommends', ...verdict.install]
  say({ step: 'requirements', detail: `installing ${verdict.install.join(', ')} with apt-get` })
  if (await succeeds('apt-get', install)) return
  say({ step: 'requirements', detail: 'reading the package lists again' })
  await run('apt-get', ['update'])
  await run('apt-get', install)
}

/** Whether every program that the lab calls is installed. If not, no lab was ever up on this machine. */
export async function hasAllPrograms(): Promise<boolean> {
  return (await readMachine()).missing.length === 0
}

/** Whether systemd-nspawn can boot hosts here, once packages are installed; otherwise why not. */
export async function whyNotNspawn(): Promise<string | undefined> {
  const check = checkMachine(await readMachine())
  return 'refuse' in check ? check.refuse : undefined
}

/** Whether this machine's packages are Debian's, so that its archive can build a host. */
export async function isDebian(): Promise<boolean> {
  return (await readMachine()).families.some((family) => family === 'debian' || family === 'ubuntu')
}

async function readMachine(): Promise<Machine> {
  const release = (await textOf('/etc/os-release')) ?? ''
  const families = [...release.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value = '']) =>
    value.replaceAll('"', '').split(' '),
  )
  const found = await Promise.all(Object.keys(programs).map(hasProgram))
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    families,
    missing: Object.keys(programs).filter((_, index) => !found[index]),
    cgroup2: / - cgroup2 /.test((await textOf('/proc/self/mountinfo')) ?? ''),
  }
}

/** Whether a program is installed: in the PATH or in root's sbin directories. */
export async function hasProgram(program: string): Promise<boolean> {
  const directories = (environment['PATH'] ?? '').split(':').filter((directory) => path.isAbsolute(directory))
  const tries = directories.map((directory) => access(path.join(directory, program), constants.X_OK))
  return (await Promise.allSettled(tries)).some((outcome) => outcome.status === 'fulfilled')
}
