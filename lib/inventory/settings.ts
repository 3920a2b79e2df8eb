import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { secret } from '../secret.ts'
import type { Settings } from './connection.ts'
import { didYouMean } from '../text/nearest.ts'
import type { Report } from './parse.ts'
import { readSshOptions } from './ssh-options.ts'
import type { Complaint } from './ssh-options.ts'
import { describe, describeType, standsAt } from './tree.ts'
import type { Entry, YamlNode } from './tree.ts'

type Read<T> = { readonly value: T } | Complaint
type Reader<T> = (node: YamlNode) => Read<T>

const readers: { readonly [K in keyof Settings]: Reader<Settings[K]> } = {
  ansible_host: (node) => matching(node, /^[^\s@/]+$/, 'a host name or an address'),
  ansible_port: (node) => {
    const value = node.kind === 'scalar' ? node.value : null
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535) return { value }
    const quoted = typeof value === 'string' && /^\d+$/.test(value)
    return { expected: 'a whole number from 1 to 65535', ...(quoted ? { hint: 'remove the quotes' } : {}) }
  },
  ansible_user: (node) => matching(node, /^[^\s:]+$/, 'a user name'),
  ansible_connection: (node) => {
    const value = node.kind === 'scalar' ? node.value : null
    return value === 'ssh' || value === 'local' ? { value } : { expected: 'ssh or local' }
  },
  ansible_password: readSecret,
  ansible_ssh_private_key_file: (node) => {
    const path = matching(node, /\S/, 'the path of a private key')
    return 'expected' in path ? path : absolute(path.value, node)
  },
  ansible_ssh_common_args: (node) => {
    const text = matching(node, /^/, 'a text with options of ssh, such as -o ConnectTimeout=5')
    if ('expected' in text) return text
    const options = readSshOptions(text.value)
    if ('expected' in options) return options
    if (options.knownHostsFile === undefined) return { value: options }
    const file = absolute(options.knownHostsFile, node)
    return 'expected' in file ? file : { value: { ...options, knownHostsFile: file.value } }
  },
  ansible_become: (node) =>
    node.kind === 'scalar' && typeof node.value === 'boolean' ? { value: node.value } : { expected: 'true or false' },
  ansible_become_user: (node) => matching(node, /^[^\s:]+$/, 'a user name'),
  ansible_become_password: readSecret,
}

const SECRET: ReadonlySet<string> = new Set(['ansible_password', 'ansible_become_password'])

/** Names that a person who comes from Ansible may write, and what to do about each. */
const FOREIGN: Readonly<Record<string, string>> = {
  ansible_become_method: 'remove it: Rolecall becomes another user through sudo',
  ansible_become_pass: 'write ansible_become_password',
  ansible_group_priority: 'remove it: groups of the same depth come in alphabetical order, the last one wins',
  ansible_pass: 'write ansible_password',
  ansible_private_key_file: 'write ansible_ssh_private_key_file',
  ansible_python_interpreter: 'remove it: Rolecall needs no Python on the hosts',
  ansible_ssh_args: 'write ansible_ssh_common_args',
  ansible_ssh_extra_args: 'write ansible_ssh_common_args',
  ansible_ssh_host: 'write ansible_host',
  ansible_ssh_pass: 'write ansible_password',
  ansible_ssh_port: 'write ansible_port',
  ansible_ssh_user: 'write ansible_user',
  ansible_sudo_pass: 'write ansible_become_password',
}

export function isSettingName(key: string): boolean {
  return key.startsWith('ansible_')
}

export function isSecretSetting(key: string): key is 'ansible_password' | 'ansible_become_password' {
  return SECRET.has(key)
}

/** Understands one `ansible_*` entry; what it cannot understand it reports, and leaves the settings as they are. */
export function readSetting(entry: Entry, settings: Partial<Settings>, report: Report): void {
  if (isKnown(entry.key)) return assign(entry.key, entry, settings, report)
  // What follows the = of an INI file may be a password.
  const [name = '', assigned] = entry.key.split('=')
  if (assigned !== undefined) {
    return report({
      code: 'vars',
      message: `the connection variable ${name} is given its value with =`,
      place: standsAt(entry),
      expected: 'a colon and a space between name and value',
      hint: `write "${name}: VALUE"`,
    })
  }
  report({
    code: 'vars',
    message: `the connection variable ${entry.key} is unknown`,
    place: standsAt(entry),
    expected: `one of ${Object.keys(readers).join(', ')}`,
    hint:
      FOREIGN[entry.key] ??
      didYouMean(entry.key, Object.keys(readers)) ??
      'remove it; other variables stand under the name of their role',
  })
}

function assign(name: keyof Settings, { node, ...entry }: Entry, settings: Partial<Settings>, report: Report): void {
  const read = readers[name](node)
  if (!('expected' in read)) {
    Object.assign(settings, { [name]: read.value })
    return
  }
  const empty = node.kind === 'scalar' && node.value === null
  report({
    code: 'vars',
    message: empty ? `${name} has no value` : `${name} has a wrong value`,
    place: empty ? entry.source.place(entry.offset) : standsAt(node),
    expected: read.expected,
    got: isSecretSetting(name) ? describeType(node) : describe(node),
    ...(read.hint === undefined ? {} : { hint: read.hint }),
  })
}

function isKnown(key: string): key is keyof Settings {
  return Object.hasOwn(readers, key)
}

function matching(node: YamlNode, shape: RegExp, expected: string): Read<string> {
  const value = node.kind === 'scalar' ? node.value : null
  if (typeof value === 'string') return shape.test(value) ? { value } : { expected }
  return { expected, ...(value === null ? {} : { hint: 'put the value in quotes to make it a text' }) }
}

function readSecret(node: YamlNode): Read<Settings['ansible_password']> {
  const text = matching(node, /[^]/, 'a text')
  return 'expected' in text ? text : { value: secret(text.value) }
}

/** A path as ssh's own configuration has it: `~/` is the home directory; the rest is relative to the file that says it. */
function absolute(path: string, node: YamlNode): Read<string> {
  if (path.startsWith('~/')) return { value: join(homedir(), path.slice('~/'.length)) }
  if (path.startsWith('~'))
    return { expected: 'a path that begins with /, with ~/ or with neither', hint: 'only ~/ is understood, not ~NAME/' }
  return { value: resolve(node.source.directory, path) }
}
