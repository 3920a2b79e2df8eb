import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../inventory/inventory.ts'
import { knownRoleNames, roleFile } from '../../playbook/load/find.ts'
import type { Candidate } from './candidates.ts'

/** The variables that `explain` can be asked for: of roles, by their source text since completion runs no code of the project, and of the inventory. */
export function variables(cwd: string, hosts: readonly Host[]): Candidate[] {
  const layers = new Set(hosts.flatMap((host) => host.layers))
  const roles = knownRoleNames(cwd)
  const isOfRole = (name: string) => roles.includes(name.split('.', 1)[0] ?? '')
  const given = [...layers].flatMap(({ levels }) => [...levels.keys()]).filter(isOfRole)
  const flat = [...layers].flatMap(({ variables }) => [...variables.keys()]).filter((name) => !isOfRole(name))
  const declared = roles.flatMap((role) => declaredIn(roleText(role, cwd)).map((name) => `${role}.${name}`))
  const ofRoles = new Set([...declared, ...given])
  const bare = roles.filter((role) => ![...ofRoles].some((name) => name.startsWith(`${role}.`)))
  return [
    ...[...ofRoles].map((value) => ({ value, about: 'a variable of a role' })),
    ...bare.map((role) => ({ value: `${role}.`, about: 'a variable of this role' })),
    ...[...new Set(flat)].map((value) => ({ value, about: 'a variable of the inventory' })),
  ]
}

function roleText(role: string, cwd: string): string {
  const file = roleFile(role, cwd) ?? join(cwd, 'roles', role)
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The names in `vars: z.object({ ... })`, which may also be a constant that is called otherwise. */
export function declaredIn(source: string): string[] {
  const [, word = 'vars'] = /\bvars:\s*([\w$.]+)/.exec(source) ?? []
  const opening = word.startsWith('z.') ? /\bvars:\s*z\s*\.\w+\(\{/ : constantNamed(word)
  const found = opening.exec(source)
  return found === null ? [] : keysOf(source.slice(found.index + found[0].length))
}

function constantNamed(name: string): RegExp {
  return new RegExp(`\\bconst ${name.replaceAll(/[$.]/g, String.raw`\$&`)}\\b[^=\\n]*=\\s*z\\s*\\.\\w+\\(\\{`)
}

/** Strings, comments and regular expressions may contain brackets. */
const TOKENS =
  /\/\/.*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|[\w$]+|[^\s\w$]/g

/** The keys of an object in source text, from after its opening bracket. */
function keysOf(source: string): string[] {
  const keys: string[] = []
  let depth = 1
  let before = ','
  for (const [token] of source.matchAll(TOKENS)) {
    if (token.startsWith('//') || token.startsWith('/*')) continue
    if (depth === 1 && (before === ',' || before === '{') && /^['"]?[A-Za-z_$]/.test(token))
      keys.push(token.replaceAll(/['"]/g, ''))
    if ('([{'.includes(token)) depth++
    if (')]}'.includes(token)) depth--
    if (depth === 0) break
    before = token
  }
  return keys
}
