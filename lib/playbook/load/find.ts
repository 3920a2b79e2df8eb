import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { nearest } from '../../text/nearest.ts'

/** The endings of a user's module; the first that exists wins. */
export const MODULE_ENDINGS = ['.ts', '.mts', '.js', '.mjs'] as const

const DIRECTORY = 'playbooks'

/**
 * The file of a playbook, by name or path: `site` is playbooks/site.ts, and so is `site.ts` if there is no such file here. A word with a slash is a
 * path.
 *
 * Throws a RolecallError that names near misses.
 */
export function findPlaybook(nameOrPath: string, cwd: string): string {
  const asPath = resolve(cwd, nameOrPath)
  const named = nameOrPath.includes('/') ? undefined : join(cwd, DIRECTORY, nameOrPath)
  const candidates = [
    ...(named === undefined ? [] : withEndings(named)),
    asPath,
    ...withEndings(asPath),
    ...(named !== undefined && MODULE_ENDINGS.some((ending) => named.endsWith(ending)) ? [named] : []),
  ]
  const found = candidates.find(isFile)
  if (found !== undefined && MODULE_ENDINGS.some((ending) => found.endsWith(ending))) return found
  if (found !== undefined)
    throw new RolecallError({
      code: 'playbook',
      message: `${nameOrPath} is not a playbook`,
      expected: `a file that ends with ${MODULE_ENDINGS.join(', ')}`,
      hint: 'docs/from-ansible.md translates playbooks of Ansible',
    })
  throw new RolecallError({
    code: 'playbook',
    message: `there is no playbook "${nameOrPath}"`,
    expected: 'the name of a file in playbooks/, or a path',
    ...hintFor(nameOrPath, cwd),
  })
}

/** The names of the playbooks in playbooks/, for completion and suggestions. */
export function playbookNames(cwd: string): string[] {
  return moduleNames(join(cwd, DIRECTORY))
}

/** The names of all roles in roles/, including those that a playbook does not use: their variables are not unknown. */
export function knownRoleNames(cwd: string): string[] {
  return moduleNames(join(cwd, 'roles'))
}

/** The file in roles/ of the role with this name, if there is one. */
export function roleFile(name: string, cwd: string): string | undefined {
  return [...withEndings(join(cwd, 'roles', name)), ...withEndings(join(cwd, 'roles', name, 'index'))].find(isFile)
}

/** A path as a user in `cwd` would write it. */
export function friendly(path: string, cwd = process.cwd()): string {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}

function hintFor(nameOrPath: string, cwd: string): { hint: string } {
  const isPath = nameOrPath.includes('/')
  const directory = isPath ? dirname(resolve(cwd, nameOrPath)) : join(cwd, DIRECTORY)
  const names = moduleNames(directory)
  const wanted = basename(nameOrPath, extname(nameOrPath))
  const near = names.includes(wanted) ? [wanted] : nearest(wanted, names)
  if (near.length > 0) return { hint: `did you mean ${near.join(' or ')}?` }
  if (names.length > 0) return { hint: `there is: ${names.join(', ')}` }
  if (!existsSync(directory)) {
    return {
      hint: `there is no directory ${friendly(directory, cwd)} here; run rolecall in the directory of your project, or begin one: rolecall init DIRECTORY creates a project`,
    }
  }
  return {
    hint: `write one: ${friendly(join(directory, `${wanted}.ts`), cwd)}`,
  }
}

function moduleNames(directory: string): string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return withEndings(join(directory, entry.name, 'index')).some(isFile) ? [entry.name] : []
    const ending = MODULE_ENDINGS.find((end) => entry.name.endsWith(end))
    return ending === undefined || /\.(d|test)$/.test(basename(entry.name, ending))
      ? []
      : [basename(entry.name, ending)]
  })
  return [...new Set(names)].sort()
}

function withEndings(path: string): string[] {
  return MODULE_ENDINGS.map((ending) => `${path}${ending}`)
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
