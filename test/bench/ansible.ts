import { spawnSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFor } from '../../lib/lab/lab.ts'
import type { Contender } from './contest.ts'
import { projectWith, type Ground } from './ground.ts'
import { sample, type Command, type Ran } from './sample.ts'

const PACKAGES = ['ansible', 'ansible-mitogen']

/** How Ansible is set up, by the name in the tables: a file of test/bench/ansible. */
const SETUPS = { 'Ansible, tuned': 'tuned.cfg', 'Ansible + Mitogen': 'mitogen.cfg' } as const

/** Ansible for some hosts: its inventory and playbooks in a directory of their own. */
export interface AnsibleProject {
  readonly directory: string
  /** Everybody who runs this playbook, each in so many rounds. */
  contenders(rounds: number, playbook: string, ...args: readonly string[]): Contender[]
}

/** Whether Ansible and Mitogen can be measured; says so where they cannot. They are installed, unless it is only a smoke. */
export function hasAnsible({ isSmoke }: { readonly isSmoke: boolean }): boolean {
  const reason = whyNoAnsible({ install: !isSmoke })
  if (reason !== undefined) process.stdout.write(`Ansible and Mitogen are not measured: ${reason}\n\n`)
  return reason === undefined
}

/**
 * Installs Ansible and Mitogen when they are missing.
 *
 * @returns why they cannot be measured; undefined when they are there
 */
export function whyNoAnsible({ install }: { readonly install: boolean }): string | undefined {
  if (isThere()) return undefined
  const words = ['--yes', '--no-install-recommends', 'install', ...PACKAGES]
  const byHand = `apt-get ${words.join(' ')}`
  if (!install) return `they are not installed (${byHand})`
  process.stderr.write(`installing ${PACKAGES.join(' and ')}: ${byHand}\n`)
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0', ...words]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const aptGet = (...args: string[]) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status
  if (aptGet(...quiet) !== 0) {
    aptGet('-qq', 'update')
    aptGet(...quiet)
  }
  return isThere() ? undefined : `they cannot be installed: ${byHand}`
}

/** @param vars what the playbooks are told of the lab */
export function ansibleProject(inventory: string, vars: Readonly<Record<string, unknown>> = {}): AnsibleProject {
  const directory = projectWith({ 'hosts.yml': inventory })
  cpSync(join(import.meta.dirname, 'ansible'), directory, { recursive: true })
  // A JSON document is a YAML document.
  writeFileSync(join(directory, 'lab.yml'), JSON.stringify(vars))
  return {
    directory,
    contenders: (rounds, playbook, ...args) =>
      Object.entries(SETUPS).map(([name, config]) => ({
        name,
        command: playbookCommand(directory, config, playbook, args),
        rounds,
      })),
  }
}

/** The site for Ansible. */
export function ansibleSite(
  { lab, mirror }: Ground,
  inventory = inventoryFor(lab),
  serials: Readonly<Record<string, string>> = {},
): AnsibleProject {
  return ansibleProject(inventory, { mirror, dns_server_serials: serials })
}

/** Puts on the hosts what Ansible needs there and a host of the lab does not have. Nobody's time. */
export async function pythonOnHosts({ directory }: AnsibleProject, ...args: readonly string[]): Promise<void> {
  await sample(playbookCommand(directory, 'tuned.cfg', 'prepare.yml', args), () => 0)
}

/** Throws when Ansible has changed something where nothing was to be done. */
export function ansibleIsIdle({ said }: Ran): void {
  const recap = said.slice(said.lastIndexOf('PLAY RECAP'))
  if (/changed=[1-9]/.test(recap)) throw new Error(`Ansible had something to do:\n${said}`)
}

function playbookCommand(directory: string, config: string, playbook: string, args: readonly string[]): Command {
  return {
    argv: ['ansible-playbook', '-i', 'hosts.yml', '-e', '@lab.yml', ...args, playbook],
    cwd: directory,
    env: {
      ANSIBLE_CONFIG: join(directory, config),
      ANSIBLE_SSH_CONTROL_PATH_DIR: join(directory, 'control'),
      ANSIBLE_NOCOLOR: '1',
    },
  }
}

function isThere(): boolean {
  return (
    spawnSync('ansible-playbook', ['--version']).status === 0 &&
    spawnSync('dpkg-query', ['-W', ...PACKAGES]).status === 0
  )
}
