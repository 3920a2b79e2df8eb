import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeDirectory } from './account.ts'

/** One line of an ansible.cfg. */
export interface AnsibleSetting {
  readonly section: string
  /** In lower case. */
  readonly key: string
  readonly value: string
  readonly line: number
}

export interface AnsibleConfig {
  readonly file: string
  /** The directory for its relative paths. */
  readonly directory: string
  readonly settings: readonly AnsibleSetting[]
}

/**
 * The configuration that Ansible would read: the first file that exists of `ANSIBLE_CONFIG`, `ansible.cfg` of the project, `~/.ansible.cfg`,
 * `/etc/ansible/ansible.cfg`.
 *
 * Source: docs.ansible.com, "Ansible Configuration Settings".
 */
export function ansibleConfig(env: NodeJS.ProcessEnv, directory: string): AnsibleConfig | undefined {
  const named = env['ANSIBLE_CONFIG']
  const files = [
    ...(named === undefined || named === '' ? [] : [isDirectory(named) ? join(named, 'ansible.cfg') : named]),
    ...(isWritableByAll(directory) ? [] : [join(directory, 'ansible.cfg')]),
    join(homeDirectory(), '.ansible.cfg'),
    '/etc/ansible/ansible.cfg',
  ]
  for (const file of files) {
    const text = textOf(file)
    if (text !== undefined) return { file, directory: dirname(file), settings: settingsIn(text) }
  }
  return undefined
}

/**
 * The settings of a text, as Python's configparser reads them: names in any case, values that go on in indented lines, comments after ` ;`.
 *
 * @example
 * settingsIn('[defaults]\nremote_user = ops')   // [{ section: 'defaults', key: 'remote_user', value: 'ops', line: 2 }]
 */
export function settingsIn(text: string): readonly AnsibleSetting[] {
  const found: AnsibleSetting[] = []
  let section = ''
  for (const [at, written] of text.split(/\r?\n/).entries()) {
    if (/^\s*[#;]/.test(written)) continue
    const line = written.replace(/\s;.*$/, '').trimEnd()
    const last = found.at(-1)
    if (/^\s+\S/.test(line) && last?.section === section) {
      found[found.length - 1] = { ...last, value: `${last.value} ${line.trim()}`.trim() }
      continue
    }
    const heading = /^\s*\[(.*)\]/.exec(line)?.[1]
    if (heading !== undefined) section = heading
    const [, key, value = ''] = /^\s*([^\s[=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (heading === undefined && key !== undefined) found.push({ section, key: key.toLowerCase(), value, line: at + 1 })
  }
  return found
}

/** Ansible ignores an ansible.cfg in a directory that everybody can write to. */
function isWritableByAll(directory: string): boolean {
  return ((statSync(directory, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
