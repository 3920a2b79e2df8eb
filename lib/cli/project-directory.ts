import { statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { weaknessOf } from '../trusted.ts'

/** Commands that are about a project. The paths of others, such as of `vault`, are about the directory that a person is in. */
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
 * The project that a directory is in: the directory itself, or the nearest one above it that has playbooks. One above counts only when nobody else
 * can have put it there: what it holds is going to be run. Undefined when there is none.
 */
export function projectAbove(from: string): string | undefined {
  if (isDirectory(join(from, 'playbooks')) || isDirectory(join(from, 'inventory'))) return from
  for (let at = dirname(from); ; at = dirname(at)) {
    const playbooks = join(at, 'playbooks')
    // What is not there yet, such as an inventory beside the playbooks, must not come from others either, as it may in /tmp.
    const isOurs = () =>
      [playbooks, join(at, 'inventory'), join(at, '.rolecall/none')].every((path) => weaknessOf(path) === undefined)
    if (isDirectory(playbooks)) return isOurs() ? at : undefined
    if (at === dirname(at)) return undefined
  }
}

/** The same arguments for a command that runs in the project: paths that a person wrote from where the person is. */
export function argumentsInProject(args: readonly string[], from: string, project: string): string[] {
  const there = (path: string) => relative(project, resolve(from, path)) || '.'
  const end = args.indexOf('--')
  return args.map((word, at) => {
    if (end !== -1 && at > end) return word
    if (word.startsWith('@')) return `@${there(word.slice(1))}`
    if (['--out', '--output', '-o'].includes(args[at - 1] ?? '')) return there(word)
    const isInventory = args[at - 1] === '-i' || args[at - 1] === '--inventory'
    // What is copied may have any name; where it goes to need not be there.
    if (args[0] === 'copy' && at > 0 && !word.startsWith('-') && !(args[at - 1] ?? '').startsWith('-'))
      return /^[^/]+:\//.test(word) ? word : `${there(word)}${word.endsWith('/') ? '/' : ''}`
    const isPath = !word.startsWith('-') && (isInventory || /\/|\.[mc]?[jt]s$|\.plan$/.test(word))
    return isPath && statSync(resolve(from, word), { throwIfNoEntry: false }) !== undefined ? there(word) : word
  })
}

/** Goes to the project that the working directory is in, where the command is about one, and gives its arguments there. */
export function inProject(args: readonly string[]): readonly string[] {
  const [command = '', part = ''] = args
  // A new project is made where a person is; one more part of a project, in the project.
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
