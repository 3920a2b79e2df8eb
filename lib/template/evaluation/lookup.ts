import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Run } from './run.ts'
import { isList, TemplateError, Undefined, UndefinedError, type Arguments, type Value } from '../values/value.ts'

/** `lookup('env', 'HOME')`: what the controller itself knows. What is looked up is text, and never a template. */
export function lookup(run: Run, { positional, named }: Arguments, wantsList: boolean): Value {
  const [name, ...terms] = positional.flatMap((each, at) => (at > 0 && isList(each) ? each : [each]))
  if (name === undefined) throw new TemplateError('lookup() needs the name of a lookup')
  const found = look(run, run.text(name).replace(/^ansible\.builtin\./, ''), terms, named)
  if (wantsList || run.isTrue(named.get('wantlist') ?? false)) return found
  const [only = ''] = found
  return found.length === 1 ? only : found.every((each) => typeof each === 'string') ? found.join(',') : found
}

function look(run: Run, name: string, terms: readonly Value[], named: ReadonlyMap<string, Value>): Value[] {
  switch (name) {
    case 'env':
      return terms.map((term) => process.env[run.text(term)] ?? named.get('default') ?? '')
    case 'file':
      return terms.map((term) => {
        const text = fileText(run, run.text(term))
        const isStripped = (key: string, otherwise: boolean) => run.isTrue(named.get(key) ?? otherwise)
        const end = isStripped('rstrip', true) ? text.trimEnd() : text
        return isStripped('lstrip', false) ? end.trimStart() : end
      })
    case 'vars':
      return terms.map((term) => {
        const value = run.scope.variable(run.text(term)) ?? named.get('default')
        if (value === undefined) throw new UndefinedError(new Undefined(`'${run.text(term)}' is not defined`))
        return value
      })
    case 'items':
      return [...terms]
    default:
      throw new TemplateError(
        `lookup('${name}') is not known`,
        'known are env, file, vars and items; compute the rest in TypeScript, in the role or the playbook',
      )
  }
}

function fileText(run: Run, path: string): string {
  const expanded = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
  const places = run.scope.directories.flatMap((directory) => [
    resolve(directory, 'files', expanded),
    resolve(directory, expanded),
  ])
  for (const place of places) {
    try {
      return readFileSync(place, 'utf8')
    } catch {
      continue
    }
  }
  throw new TemplateError(`lookup('file') finds no file ${path}`, `looked for ${places.slice(0, 4).join(', ')}`)
}
