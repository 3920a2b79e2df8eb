import { statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { weaknessOf } from '../machine/trusted.ts'

/** Commands that work on a project. Paths given to other commands, such as `vault`, are relative to the working directory. */
const OF_A_PROJECT: readonly string[] = [
  'check',
  'apply',
  'verify',
  'resume',
  'run',
  'copy',
  'ssh',
  'facts',
  'ping',
  'plan',
  'doctor',
  'drift',
  'test',
  'schema',
  'list',
  'explain',
  'runs',
  'history',
  'report',
  'mcp',
  'serve',
  'lab',
  'complete',
]

/**
 * The project that contains a directory: the directory itself, or the nearest parent with playbooks. A parent counts only if no other account can have
 * made it, since its code is going to run. Undefined when there is none.
 */
export function projectAbove(from: string): string | undefined {
  if (isDirectory(join(from, 'playbooks')) || isDirectory(join(from, 'inventory'))) return from
  for (let at = dirname(from); ; at = dirname(at)) {
    const playbooks = join(at, 'playbooks')
    // Paths that do not exist yet, such as an inventory beside the playbooks, must not be creatable by others, as they are in /tmp.
    const isOurs = () =>
      [playbooks, join(at, 'inventory'), join(at, '.rolecall/none')].every((path) => weaknessOf(path) === undefined)
    if (isDirectory(playbooks)) return isOurs() ? at : undefined
    if (at === dirname(at)) return undefined
  }
}

/** Options whose value is a path on this machine, which need not exist. */
const OF_A_FILE: readonly string[] = [
  '-o',
  '--out',
  '--output',
  '--junit',
  '--html',
  '--vault-password-file',
  '--key-passphrase-file',
]
/** Options whose value is a path if it exists, and otherwise a list of hosts with commas. */
const OF_AN_INVENTORY: readonly string[] = ['-i', '--inventory', '--like']
/** Options whose value has a path after an `@`: `@FILE`, or `LABEL@FILE`. */
const BEHIND_AN_AT: readonly string[] = ['-e', '--extra', '-l', '--limit', '--vault-id']
const OF_PATHS: readonly string[] = [...OF_A_FILE, ...OF_AN_INVENTORY, ...BEHIND_AN_AT]
/** Other options of `copy`, whose values are not paths. */
const OF_WORDS: readonly string[] = ['--mode', '--owner', '--group', '--concurrency', '--wait']

/** The arguments with every local path made relative to the project instead of the working directory. Paths on hosts stay as they are. */
export function argumentsInProject(args: readonly string[], from: string, project: string): string[] {
  const there = (path: string) => (isAbsolute(path) ? path : relative(project, resolve(from, path)) || '.')
  const isThere = (path: string) => statSync(resolve(from, path), { throwIfNoEntry: false }) !== undefined
  const valueThere = (option: string, value: string): string => {
    if (OF_A_FILE.includes(option))
      return value === '' || value.startsWith('-') || value.startsWith('~/') ? value : there(value)
    if (OF_AN_INVENTORY.includes(option)) return isThere(value) ? there(value) : value
    const at = value.indexOf('@')
    const label = value.slice(0, at)
    if (option !== '--vault-id') return at === 0 ? `@${there(value.slice(1))}` : value
    return isThere(value.slice(at + 1)) ? `${at < 0 ? '' : `${label}@`}${there(value.slice(at + 1))}` : value
  }
  const [command = ''] = args
  const end = args.findIndex((word, at) => word === '--' || (command === 'ssh' && at > 0 && isPositional(args, at)))
  return args.map((word, at) => {
    if (end !== -1 && at >= end) return word
    const before = args[at - 1] ?? ''
    if (OF_PATHS.includes(before)) return valueThere(before, word)
    const [, option = '', value = ''] = /^(--[a-z-]+=|-[a-z](?=[^-]))(.*)$/s.exec(word) ?? []
    const name = option.replace(/=$/, '')
    if (OF_PATHS.includes(name)) return `${option}${valueThere(name, value)}`
    if (at === 0 || word.startsWith('-') || command === 'run') return word
    if (word.startsWith('@')) return `@${there(word.slice(1))}`
    // The source of a copy may have any name; the target need not exist.
    if (command === 'copy')
      return OF_WORDS.includes(before) || /^[^/]+:\//.test(word)
        ? word
        : `${there(word)}${word.endsWith('/') ? '/' : ''}`
    return /\/|\.[mc]?[jt]s$|\.plan$/.test(word) && isThere(word) ? there(word) : word
  })
}

function isPositional(args: readonly string[], at: number): boolean {
  return !(args[at] ?? '').startsWith('-') && !OF_PATHS.includes(args[at - 1] ?? '')
}

/** Changes to the project's directory, for commands that work on a project, and returns the arguments with their paths adjusted. */
export function inProject(args: readonly string[]): readonly string[] {
  const [command = '', part = ''] = args
  // `init` makes a new project in the working directory, but adds a role, a kind or a lab to the project.
  const isPart = command === 'init' && ['role', 'kind', 'lab'].includes(part)
  if (!isPart && !OF_A_PROJECT.includes(command)) return args
  const from = process.cwd()
  const project = projectAbove(from)
  if (project === undefined || project === from) return args
  process.chdir(project)
  return argumentsInProject(args, from, project)
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
