import { basename, join, resolve } from 'node:path'
import { ansibleConfig, type AnsibleConfig } from '../../machine/ansible-config.ts'
import type { Remark } from '../graph/notes.ts'
import { ANSWERED, FOLLOWED, isOff, isOn, VARIABLES, type Followed } from './ansible-config-names.ts'

/**
 * The inventories that a project's ansible.cfg names.
 *
 * @example
 * inventoriesOfConfig('.')   // ['environments/prod/hosts']
 */
export function inventoriesOfConfig(directory: string): readonly string[] {
  const config = ansibleConfig({}, directory)
  return config?.directory === directory ? inventoriesIn(config) : []
}

function inventoriesIn({ settings }: AnsibleConfig): readonly string[] {
  const setting = settings.findLast(({ section, key }) => section === 'defaults' && key === 'inventory')
  return (setting?.value ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
}

/** What was read in place of Ansible's settings. */
export interface ReadInstead {
  /** The inventories that are read. */
  readonly paths: readonly string[]
  /** Whether every host has one of these variables, or has none to connect with. */
  readonly isSet: (names: readonly string[]) => boolean
}

/** A setting that is there and not followed. */
interface Unread {
  readonly name: string
  readonly variables: readonly string[]
  readonly line?: number
}

/**
 * Notes about what Ansible's configuration and its environment variables say and Rolecall does not follow, so that no host is reached in another way, or
 * has other variables, without a word.
 *
 * @example
 * unreadConfig('.', {}, { paths: ['inventory'], isSet: () => false })[0]?.message   // 'remote_user of ansible.cfg is not read'
 */
export function unreadConfig(directory: string, env: NodeJS.ProcessEnv, read: ReadInstead): readonly Remark[] {
  const config = ansibleConfig(env, directory)
  return [
    ...(config === undefined
      ? []
      : [...unreadVariables(config, read), ...unfollowed(config), ...otherInventory(config, read)]),
    ...unreadEnvironment(env, read),
  ]
}

function unreadVariables({ file, settings }: AnsibleConfig, { isSet }: ReadInstead): readonly Remark[] {
  const found = settings.flatMap(({ section, key, value, line }): Unread[] => {
    const variables = VARIABLES.get(`${section}.${key}`)
    if (variables === undefined || saysNothing(key, value) || isSet(variables)) return []
    return [{ name: key, variables, line }]
  })
  return notRead(found, `of ${basename(file)}`, file)
}

function unreadEnvironment(env: NodeJS.ProcessEnv, { isSet }: ReadInstead): readonly Remark[] {
  const found = Object.entries(ENVIRONMENT).flatMap(([name, key]): Unread[] => {
    const [value, variables] = [env[name] ?? '', VARIABLES.get(key)]
    if (variables === undefined || saysNothing(key.replace(/^.*\./, ''), value) || isSet(variables)) return []
    return [{ name, variables }]
  })
  return notRead(found, 'of the environment', undefined)
}

/** Source: docs.ansible.com, "Ansible Configuration Settings", and the connection plugin `ssh`. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ANSIBLE_REMOTE_USER: 'defaults.remote_user',
  ANSIBLE_REMOTE_PORT: 'defaults.remote_port',
  ANSIBLE_PRIVATE_KEY_FILE: 'defaults.private_key_file',
  ANSIBLE_HOST_KEY_CHECKING: 'defaults.host_key_checking',
  ANSIBLE_TIMEOUT: 'defaults.timeout',
  ANSIBLE_TRANSPORT: 'defaults.transport',
  ANSIBLE_BECOME: 'privilege_escalation.become',
  ANSIBLE_BECOME_METHOD: 'privilege_escalation.become_method',
  ANSIBLE_BECOME_USER: 'privilege_escalation.become_user',
  ANSIBLE_BECOME_EXE: 'privilege_escalation.become_exe',
  ANSIBLE_BECOME_FLAGS: 'privilege_escalation.become_flags',
  ANSIBLE_SSH_ARGS: 'ssh_connection.ssh_args',
  ANSIBLE_SSH_COMMON_ARGS: 'ssh_connection.ssh_common_args',
  ANSIBLE_SSH_EXTRA_ARGS: 'ssh_connection.ssh_extra_args',
}

/** Whether a setting is what is done here anyway. */
function saysNothing(key: string, value: string): boolean {
  if (value === '') return true
  if (key === 'become') return isOff(value)
  if (key === 'host_key_checking') return isOn(value)
  return key === 'transport' && /^(?:smart|ssh|paramiko)$/.test(value)
}

function notRead(found: readonly Unread[], where: string, file: string | undefined): readonly Remark[] {
  const [first] = found
  if (first === undefined) return []
  const place = file === undefined ? {} : { place: { file, line: first.line ?? 1, column: 1 } }
  const names = [...new Set(found.map(({ name }) => name))]
  return [
    {
      message: `${names.join(', ')} ${where} ${names.length === 1 ? 'is' : 'are'} not read`,
      ...place,
      hint: `write the same into group_vars/all.yml: ${[...new Set(found.map(({ variables }) => variables[0] ?? ''))].join(', ')}`,
    },
  ]
}

/** Settings by which hosts, groups or values are other ones. */
function unfollowed({ file, settings }: AnsibleConfig): readonly Remark[] {
  return settings.flatMap(({ section, key, value, line }): Remark[] => {
    const followed: Followed | undefined = FOLLOWED.get(`${section}.${key}`)
    const option = ANSWERED.get(`${section}.${key}`)
    const place = { file, line, column: 1 }
    if (option !== undefined && !isOff(value) && value !== '')
      return [
        { message: `${key} of ${basename(file)} is not read`, place, hint: `say it on the command line: ${option}` },
      ]
    if (followed === undefined || value === '' || followed.isUsual(value)) return []
    return [
      {
        message: `${key} = ${value} of ${basename(file)} is not followed: ${followed.here}`,
        place,
        hint: followed.hint,
      },
    ]
  })
}

function otherInventory(config: AnsibleConfig, { paths }: ReadInstead): readonly Remark[] {
  const named = inventoriesIn(config)
  const isRead = (path: string) => paths.some((each) => resolve(each) === resolve(config.directory, path))
  const isUsual = paths.length === 1 && paths[0] === 'inventory'
  if (!isUsual || named.length === 0 || named.every(isRead)) return []
  return [
    {
      message: `${basename(config.file)} names another inventory than the one that is read: ${named.join(', ')}`,
      place: { file: config.file, line: 1, column: 1 },
      hint: `name it: ${named.map((path) => `-i ${path.includes(',') ? path : join(path)}`).join(' ')}`,
    },
  ]
}
