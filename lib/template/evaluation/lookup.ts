import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { isSecret, secret, type Secret } from '../../secret.ts'
import type { Run } from './run.ts'
import { refuseLookup } from './unknown.ts'
import { expressionOf } from '../values/regex.ts'
import {
  isDict,
  isList,
  Lazy,
  TemplateError,
  typeName,
  Undefined,
  UndefinedError,
  type Arguments,
  type Key,
  type Value,
} from '../values/value.ts'

/** `lookup('env', 'HOME')`: values from the controller. The result is text, never a template. */
export function lookup(run: Run, { positional, named }: Arguments, wantsList: boolean): Value {
  const [name, ...terms] = positional.flatMap((each, at) => (at > 0 && isList(each) ? each : [each]))
  if (name === undefined) throw new TemplateError('lookup() needs the name of a lookup')
  const isFailureIgnored = ['ignore', 'warn'].includes(run.text(named.get('errors') ?? 'strict'))
  if (isFailureIgnored) {
    try {
      return lookup(run, { positional, named: new Map([...named].filter(([key]) => key !== 'errors')) }, wantsList)
    } catch (error) {
      // As in Ansible, an undefined variable is an error even here.
      if (!(error instanceof TemplateError) || error instanceof UndefinedError) throw error
      return wantsList ? [] : ''
    }
  }
  const found = look(run, run.text(name).replace(/^ansible\.builtin\./, ''), terms, named)
  if (wantsList || found.length === 0 || run.isTrue(named.get('wantlist') ?? false)) return found
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
        const strip = (whole: string) => {
          const end = isStripped('rstrip', true) ? whole.trimEnd() : whole
          return isStripped('lstrip', false) ? end.trimStart() : end
        }
        return isSecret(text) ? secret(strip(text.reveal())) : strip(text)
      })
    case 'vars':
      return terms.map((term) => {
        const value = run.scope.variable(run.text(term)) ?? named.get('default')
        if (value === undefined) throw new UndefinedError(new Undefined(`'${run.text(term)}' is not defined`))
        return value
      })
    case 'items':
      return [...terms]
    case 'dict':
      return terms.flatMap((term) => pairs(run, term))
    case 'varnames':
      return terms.flatMap((term) => namesLike(run, run.text(term)))
    case 'first_found':
      return firstFound(run, terms, named)
    case 'password':
      return terms.map((term) => passwordIn(run, run.text(term), named))
    default:
      throw refuseLookup(name, KNOWN)
  }
}

const KNOWN = ['env', 'file', 'vars', 'varnames', 'items', 'dict', 'first_found']

/** The pairs of a dict, as from dict2items. */
function pairs(run: Run, term: Value): Value[] {
  const dict = run.plain(term)
  if (!isDict(dict)) throw new TemplateError(`lookup('dict') needs a dict, and gets a '${typeName(term)}'`)
  return Array.from(
    dict,
    ([key, value]) =>
      new Map<Key, Value>([
        ['key', key],
        ['value', value],
      ]),
  )
}

/** The names of variables that match a regular expression. */
function namesLike(run: Run, pattern: string): Value[] {
  const all = run.scope.variable('vars')
  const expression = expressionOf(pattern, {})
  return all instanceof Lazy ? all.keys().filter((name) => expression.test(name)) : []
}

/** The first of several files that exists: given as paths, or as a dict of `files` and `paths`. */
function firstFound(run: Run, terms: readonly Value[], named: ReadonlyMap<string, Value>): Value[] {
  const wanted = [...terms, ...(named.has('files') ? [new Map<Key, Value>(named)] : [])]
  const names = wanted.flatMap((term): string[] => {
    const plain = run.plain(term)
    if (!isDict(plain)) return [run.text(plain)]
    const files = textsOf(run, plain.get('files'))
    const paths = textsOf(run, plain.get('paths'))
    return paths.length === 0 ? files : files.flatMap((file) => paths.map((path) => join(path, file)))
  })
  const skips = wanted.some((term) => isDict(term) && run.isTrue(term.get('skip') ?? false))
  const isSkipped = skips || run.isTrue(named.get('skip') ?? false)
  const found = names.flatMap((name) => placesOf(run, name)).find((place) => existsSync(place))
  if (found !== undefined) return [found]
  if (isSkipped) return []
  throw new TemplateError(
    `lookup('first_found') finds none of ${names.join(', ')}`,
    'give it skip=true where none is fine',
  )
}

function textsOf(run: Run, value: Value | undefined): string[] {
  if (value === undefined) return []
  const plain = run.plain(value)
  return typeof plain === 'string' ? plain.split(/[,;]/) : run.items(plain).map((each) => run.text(each))
}

function placesOf(run: Run, path: string): string[] {
  const expanded = fromHome(path)
  return run.scope.directories.flatMap((directory) => [
    resolve(directory, 'files', expanded),
    resolve(directory, expanded),
  ])
}

function fileText(run: Run, path: string): string | Secret {
  const places = placesOf(run, path)
  for (const place of places) {
    const text = textAt(place)
    if (text !== undefined) return run.scope.textOf(text, place)
  }
  throw new TemplateError(`lookup('file') finds no file ${path}`, `looked for ${places.slice(0, 4).join(', ')}`)
}

/**
 * The password in a file that Ansible has made. Nothing makes one here, and nothing hashes it.
 *
 * Source: lib/ansible/plugins/lookup/password.py of ansible-core 2.14.
 */
function passwordIn(run: Run, text: string, named: ReadonlyMap<string, Value>): Secret {
  const [path = '', ...options] = text.split(' ')
  const isHashed = named.has('encrypt') || options.some((option) => option.startsWith('encrypt='))
  const places = run.scope.directories.map((directory) => resolve(directory, fromHome(path)))
  const content = isHashed || path === '/dev/null' ? undefined : places.map(textAt).find((each) => each !== undefined)
  if (content === undefined) throw refuseLookup('password', KNOWN)
  return secret(content.trimEnd().replace(/ salt=(?!.* salt=).*$/s, ''))
}

function fromHome(path: string): string {
  return path.startsWith('~/') ? join(homeDirectory(), path.slice(2)) : path
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
