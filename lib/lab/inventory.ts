import type { Lab } from './model.ts'

/** What the tutorial's machines are for. */
const groups: Readonly<Record<string, readonly string[]>> = {
  dns: ['node-01'],
  ca: ['node-02'],
  docker: ['node-03', 'node-04', 'node-05'],
  registry: ['node-05'],
}

/**
 * An inventory of the lab, as YAML in Ansible's shape: its hosts in the tutorial's groups, and how to reach them.
 * Paths in it are absolute, so it can be put anywhere.
 *
 * @example await writeFile('hosts.yml', inventoryFor(await up({ project: process.cwd() })))
 */
export function inventoryFor(lab: Lab): string {
  const hosts = lab.nodes.map((node) => `    ${node.name}:\n      ansible_host: ${node.address}\n`)
  const children = Object.entries(groups).map(
    ([group, names]) => `    ${group}:\n      hosts:\n${names.map((name) => `        ${name}:\n`).join('')}`,
  )
  const vars = {
    ansible_user: lab.user,
    ansible_become: true,
    ansible_ssh_private_key_file: lab.privateKey,
    ansible_ssh_common_args: `-o ${shellWord(`UserKnownHostsFile=${lab.knownHosts}`)}`,
  }
  // A JSON string is a YAML string, whatever is in it.
  const lines = Object.entries(vars).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`)
  return ['all:\n', '  hosts:\n', ...hosts, '  vars:\n', ...lines, '  children:\n', ...children].join('')
}

/** Ansible splits the common arguments as a shell does. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
