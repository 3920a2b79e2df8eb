import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { processState } from '../../process-state.ts'
import { Secret, secret } from '../../secret.ts'
import { nearest } from '../../text/nearest.ts'
import { encryptedProblem, isTemplate } from '../variables/doubts.ts'
import type { Report } from '../parse.ts'
import { CONNECTIONS } from './connection-words.ts'
import { isInertSetting, isSecretSetting } from './setting-names.ts'
import type { Settings } from './setting-names.ts'
import { readSshArgs, splitWords } from './ssh-options.ts'
import type { Complaint } from './ssh-options.ts'
import { describe, describeType, isEmpty, standsAt } from '../graph/tree.ts'
import type { Entry, YamlNode } from '../graph/tree.ts'

export { isSecretSetting, isSettingName } from './setting-names.ts'

type Read<T> = { readonly value: T } | Complaint
type Reader<T> = (node: YamlNode) => Read<T>

const address: Reader<string> = (node) => matching(node, /^[^\s@/]+$/, 'a host name or an address')
const user: Reader<string> = (node) => matching(node, /^[^\s:]+$/, 'a user name')
const text: Reader<string> = (node) => matching(node, /^/, 'a text')

const readers: { readonly [K in keyof Settings]: Reader<Settings[K]> } = {
  ansible_host: address,
  ansible_ssh_host: address,
  ansible_port: readPort,
  ansible_ssh_port: readPort,
  ansible_user: user,
  ansible_ssh_user: user,
  ansible_connection: (node) => {
    const given = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : ''
    const value = Object.hasOwn(CONNECTIONS, given) ? CONNECTIONS[given] : undefined
    return value === undefined ? { expected: 'ssh, openssh, local, docker, podman, machinectl or nspawn' } : { value }
  },
  ansible_docker_host: address,
  ansible_docker_user: user,
  ansible_docker_docker_host: text,
  ansible_docker_extra_args: readWords,
  ansible_podman_host: address,
  ansible_podman_executable: text,
  ansible_podman_extra_args: readWords,
  ansible_password: readSecret,
  ansible_ssh_pass: readSecret,
  ansible_ssh_password: readSecret,
  ansible_private_key_file: readKeyFile,
  ansible_ssh_private_key_file: readKeyFile,
  ansible_private_key_passphrase: readSecret,
  ansible_ssh_private_key_passphrase: readSecret,
  ansible_timeout: readSeconds,
  ansible_ssh_timeout: readSeconds,
  ansible_host_key_checking: readBoolean,
  ansible_ssh_host_key_checking: readBoolean,
  ansible_ssh_args: readArguments,
  ansible_ssh_common_args: readArguments,
  ansible_ssh_extra_args: readArguments,
  ansible_become: readBoolean,
  ansible_become_method: (node) => matching(node, /^\S+$/, 'a word such as sudo, su or doas'),
  ansible_become_user: user,
  ansible_sudo_user: user,
  ansible_su_user: user,
  ansible_doas_user: user,
  ansible_become_exe: text,
  ansible_sudo_exe: text,
  ansible_su_exe: text,
  ansible_doas_exe: text,
  ansible_become_flags: text,
  ansible_sudo_flags: text,
  ansible_su_flags: text,
  ansible_doas_flags: text,
  ansible_become_password: readSecret,
  ansible_become_pass: readSecret,
  ansible_sudo_pass: readSecret,
  ansible_su_pass: readSecret,
  ansible_doas_pass: readSecret,
}

const PREFIX = 'ansible_'

/**
 * Reads one `ansible_*` entry into the settings. Errors are reported and leave the settings unchanged. A template goes to
 * `templates` for later. A name without meaning here is noted.
 */
export function readSetting(
  entry: Entry,
  settings: Partial<Settings>,
  templates: Map<keyof Settings, Entry>,
  report: Report,
): void {
  if (isKnown(entry.key)) {
    if (isTemplate(entry.node) || isForeignConnection(entry)) templates.set(entry.key, entry)
    // As in Ansible, a variable without a value counts as unset.
    else if (!isEmpty(entry.node)) assign(entry.key, entry, settings, report)
    return
  }
  // The text after = in an INI file may be a password.
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
  remark(entry, report)
}

/** An Ansible connection that is not supported here makes its hosts unreachable, but no others. */
function isForeignConnection({ key, node }: Entry): boolean {
  if (key !== 'ansible_connection' || node.kind !== 'scalar' || typeof node.value !== 'string') return false
  return !Object.hasOwn(CONNECTIONS, node.value)
}

function remark(entry: Entry, report: Report): void {
  if (isInertSetting(entry.key)) {
    return report.note({
      topic: 'inert',
      name: entry.key,
      message: 'nothing here reads this; it may stay for Ansible',
      place: standsAt(entry),
    })
  }
  const near = nearest(
    entry.key.slice(PREFIX.length),
    Object.keys(readers).map((name) => name.slice(PREFIX.length)),
  )
  if (near.length === 0) return
  report.note({
    topic: `unknown ${entry.key}`,
    name: entry.key,
    message: 'this is not a connection variable, so it changes nothing',
    place: standsAt(entry),
    hint: `did you mean ${near.map((name) => `"${PREFIX}${name}"`).join(' or ')}?`,
  })
}

function assign(name: keyof Settings, { node }: Entry, settings: Partial<Settings>, report: Report): void {
  const encrypted =
    node.kind === 'scalar' && typeof node.value === 'string' ? encryptedProblem(node.value, node) : undefined
  if (encrypted !== undefined) return report(encrypted)
  const read = readers[name](node)
  if (!('expected' in read)) {
    Object.assign(settings, { [name]: read.value })
    return
  }
  report({
    code: 'vars',
    message: `${name} has a wrong value`,
    place: standsAt(node),
    expected: read.expected,
    got: isSecretSetting(name) ? describeType(node) : describe(node),
    hint: read.hint ?? `write ${read.expected}, or remove ${name}`,
  })
}

/**
 * The settings, with the values that their templates evaluate to.
 *
 * Throws nothing: errors are reported.
 */
export function readEvaluated(entry: Entry, settings: Partial<Settings>, report: Report): void {
  if (isKnown(entry.key) && !isEmpty(entry.node)) assign(entry.key, entry, settings, report)
}

function isKnown(key: string): key is keyof Settings {
  return Object.hasOwn(readers, key)
}

/** The text of a scalar. Numbers count as text, since INI has no other way to write the text 1234. */
function textOf(node: YamlNode): string | undefined {
  if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') return undefined
  if (node.value instanceof Secret) return node.value.reveal()
  return typeof node.value === 'number' ? (node.spelled ?? String(node.value)) : node.value
}

function matching(node: YamlNode, shape: RegExp, expected: string): Read<string> {
  const value = textOf(node)
  if (value !== undefined) return shape.test(value) ? { value } : { expected }
  return { expected, ...(node.kind === 'scalar' ? { hint: 'put the value in quotes to make it a text' } : {}) }
}

function readPort(node: YamlNode): Read<number> {
  const written = textOf(node)
  const port = written !== undefined && /^\d{1,5}$/.test(written) ? Number(written) : 0
  return port >= 1 && port <= 65_535 ? { value: port } : { expected: 'a whole number from 1 to 65535' }
}

function readSeconds(node: YamlNode): Read<number> {
  const written = textOf(node)
  if (written !== undefined && /^[1-9]\d{0,5}$/.test(written)) return { value: Number(written) }
  return { expected: 'a whole number of seconds, 1 or more' }
}

const TRUE: ReadonlySet<string> = new Set(['y', 'yes', 'on', '1', 'true', 't', '1.0'])
const FALSE: ReadonlySet<string> = new Set(['n', 'no', 'off', '0', 'false', 'f', '0.0'])

/** Ansible's spellings of true and false, with and without quotes. */
function readBoolean(node: YamlNode): Read<boolean> {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return { value: node.value }
  const word = textOf(node)?.trim().toLowerCase()
  if (word !== undefined && TRUE.has(word)) return { value: true }
  return word !== undefined && FALSE.has(word) ? { value: false } : { expected: 'true or false' }
}

function readKeyFile(node: YamlNode): Read<string> {
  const path = matching(node, /\S/, 'the path of a private key')
  return 'expected' in path ? path : absolute(path.value, node)
}

function readArguments(node: YamlNode): Read<readonly string[]> {
  const read = matching(node, /^/, 'a text with options of ssh, such as -o ConnectTimeout=5')
  if ('expected' in read) return read
  const words = readSshArgs(read.value, (path) => found(node.source.directory, path))
  return 'expected' in words ? words : { value: words }
}

function readWords(node: YamlNode): Read<readonly string[]> {
  const read = matching(node, /^/, 'a text with options')
  if ('expected' in read) return read
  const words = splitWords(read.value)
  return 'expected' in words ? words : { value: words }
}

function readSecret(node: YamlNode): Read<Secret> {
  const read = matching(node, /[^]/, 'a text')
  return 'expected' in read ? read : { value: secret(read.value) }
}

/** Makes a path absolute: `~/` is the home directory, other relative paths start beside the file that has the setting. */
function absolute(path: string, node: YamlNode): Read<string> {
  if (path.startsWith('~/')) return { value: join(homeDirectory(), path.slice('~/'.length)) }
  if (path.startsWith('~'))
    return { expected: 'a path that begins with /, with ~/ or with neither', hint: 'only ~/ is understood, not ~NAME/' }
  return { value: found(node.source.directory, path) }
}

const meantBy = processState(() => new Map<string, string>())

/** Ansible resolves such a path in its working directory, so a file that exists only there is used. Looked up once for each path. */
function found(directory: string, path: string): string {
  const beside = resolve(directory, path)
  const known = meantBy()
  let meant = known.get(beside)
  if (meant === undefined) {
    const here = resolve(path)
    meant = here !== beside && !existsSync(beside) && existsSync(here) ? here : beside
    known.set(beside, meant)
  }
  return meant
}
