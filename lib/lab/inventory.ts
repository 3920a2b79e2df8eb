import type { Lab } from './model.ts'

/**
 * An inventory of the lab in Ansible's YAML: its hosts in their groups, and how to reach them.
 * Paths are absolute, so the file can be stored anywhere.
 *
 * @example await writeFile('hosts.yml', inventoryFor(await up({ project: process.cwd() })))
 */
export function inventoryFor(lab: Lab): string {
  const hosts = lab.nodes.map((node) =>
    [
      `    ${key(node.name)}:`,
      `      ansible_host: ${node.ssh.address}`,
      ...(node.ssh.port === 22 ? [] : [`      ansible_port: ${node.ssh.port}`]),
      '',
    ].join('\n'),
  )
  const groups = [...new Set(lab.nodes.flatMap((node) => node.groups))]
  const children = groups.map((group) => {
    const names = lab.nodes.filter((node) => node.groups.includes(group)).map(({ name }) => `        ${key(name)}:\n`)
    return `    ${key(group)}:\n      hosts:\n${names.join('')}`
  })
  const vars = {
    ansible_user: lab.user,
    ansible_become: true,
    ansible_ssh_private_key_file: lab.privateKey,
    ansible_ssh_common_args: `-o ${shellWord(`UserKnownHostsFile=${lab.knownHosts}`)}`,
  }
  // A JSON string is a YAML string, whatever is in it.
  const lines = Object.entries(vars).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`)
  return [
    'all:\n',
    '  hosts:\n',
    ...hosts,
    '  vars:\n',
    ...lines,
    ...(children.length === 0 ? [] : ['  children:\n', ...children]),
  ].join('')
}

/** Puts a name in quotes that YAML would read as another type, such as `no` or `12`. */
function key(name: string): string {
  return /^[A-Za-z][\w.-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null|nan)$/i.test(name)
    ? name
    : JSON.stringify(name)
}

/** Ansible splits the common arguments as a shell does. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
