import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Remark } from '../graph/notes.ts'

/** Settings of ansible.cfg about connections, and the variables that mean the same. */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['defaults.remote_user', 'ansible_user'],
  ['defaults.remote_port', 'ansible_port'],
  ['defaults.private_key_file', 'ansible_ssh_private_key_file'],
  ['defaults.timeout', 'ansible_timeout'],
  ['privilege_escalation.become', 'ansible_become'],
  ['privilege_escalation.become_method', 'ansible_become_method'],
  ['privilege_escalation.become_user', 'ansible_become_user'],
  ['privilege_escalation.become_exe', 'ansible_become_exe'],
  ['privilege_escalation.become_flags', 'ansible_become_flags'],
  ['ssh_connection.ssh_args', 'ansible_ssh_args'],
  ['ssh_connection.ssh_common_args', 'ansible_ssh_common_args'],
  ['ssh_connection.ssh_extra_args', 'ansible_ssh_extra_args'],
])

/**
 * The inventories that a project's ansible.cfg names.
 *
 * @example
 * inventoriesOfConfig('.')   // ['environments/prod/hosts']
 */
export function inventoriesOfConfig(directory: string): readonly string[] {
  const setting = settingsIn(join(directory, 'ansible.cfg')).find(({ name }) => name === 'defaults.inventory')
  return (setting?.value ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
}

interface Setting {
  /** With its section: `defaults.inventory`. */
  readonly name: string
  readonly key: string
  readonly value: string
  readonly line: number
}

/** The settings of an ansible.cfg; none where it cannot be read. */
function settingsIn(file: string): readonly Setting[] {
  let section = ''
  return textOf(file)
    .split(/\r?\n/)
    .flatMap((line, at): Setting[] => {
      section = /^\[(.*)\]\s*$/.exec(line)?.[1] ?? section
      const [, key, value = ''] = /^([\w-]+)\s*[=:]\s*(.*?)\s*(?:\s;.*)?$/.exec(line) ?? []
      return key === undefined ? [] : [{ name: `${section}.${key}`, key, value, line: at + 1 }]
    })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * The note about settings of a project's ansible.cfg that connections here do not follow, unless the inventory sets the variable. Undefined when there
 * are none.
 *
 * @example
 * unreadConfig('.', () => new Set(['ansible_become']))?.message   // 'remote_user of ansible.cfg is not read'
 */
export function unreadConfig(directory: string, setNames: () => ReadonlySet<string>): Remark | undefined {
  const file = join(directory, 'ansible.cfg')
  const set = setNames()
  const found = settingsIn(file).flatMap(({ name, key, value, line }) => {
    const variable = VARIABLES.get(name)
    const isOff = value === '' || (key === 'become' && /^(?:false|no|off|0)$/i.test(value))
    return variable === undefined || isOff || set.has(variable) ? [] : [{ key, variable, line }]
  })
  const [first] = found
  if (first === undefined) return undefined
  return {
    message: `${found.map(({ key }) => key).join(', ')} of ansible.cfg ${found.length === 1 ? 'is' : 'are'} not read`,
    place: { file, line: first.line, column: 1 },
    hint: `write the same into group_vars/all.yml: ${found.map(({ variable }) => variable).join(', ')}`,
  }
}
