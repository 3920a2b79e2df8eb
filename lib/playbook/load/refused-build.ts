import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import type { BuildFailure, Message } from 'esbuild'
import { RolecallError, type Place, type Problem } from '../../errors.ts'
import type { Weakness } from '../../machine/trusted.ts'
import { didYouMean, nearest } from '../../text/nearest.ts'
import { friendly, isFile, MODULE_ENDINGS } from './find.ts'

/** A file that an account other than the playbook's owner can change, as the bundler reports it. */
export interface Changeable extends Weakness {
  readonly kind: 'changeable'
}

/** The bundler's errors as problems of the user's files. Any other error is rethrown as it is. */
export function refusalOf(error: unknown, cwd: string): Error {
  if (isBuildFailure(error)) return new RolecallError(error.errors.map((message) => problemOf(message, cwd)))
  return error instanceof Error ? error : new Error(String(error))
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function problemOf(message: Message, cwd: string): Problem {
  const file = message.location === null ? undefined : resolve('/', message.location.file)
  const place = placeOf(message, cwd)
  const wanted = /^Could not resolve "(.+)"$/.exec(message.text)?.[1] ?? unreadable(message)
  if (wanted !== undefined && file !== undefined) return missing(wanted, file, place)
  const unexported = /^No matching export in "([^"]+)" for \w+ "([^"]+)"$/.exec(message.text)
  if (unexported?.[1] !== undefined && unexported[2] !== undefined)
    return notExported(resolve('/', unexported[1]), unexported[2], place, cwd)
  const ending = /^No loader is configured for "(\.[^"]+)" files/.exec(message.text)?.[1]
  if (ending !== undefined)
    return {
      code: 'playbook',
      message: `a file that ends in ${ending} cannot be imported`,
      ...place,
      expected: `${MODULE_ENDINGS.join(', ')} or .json`,
      hint: "read it: readFileSync(join(import.meta.dirname, '...'), 'utf8')",
    }
  if (isChangeable(message.detail))
    return {
      code: 'playbook',
      message: `${sentence(message.text)}: another user can change ${message.detail.path}`,
      ...place,
      expected: 'that only root, you and the owner of the playbook can write there',
      got: `${message.detail.path} ${message.detail.why}`,
      hint: `remove it, or remove the write access of others: chown or chmod go-w ${message.detail.path}`,
    }
  return {
    code: 'playbook',
    message: sentence(message.text),
    ...place,
    ...(message.location?.lineText === undefined ? {} : { got: message.location.lineText.trim().slice(0, 120) }),
  }
}

/** The quoted path in an import of a file that the bundler found under another case, and cannot read. */
function unreadable({ text, location }: Message): string | undefined {
  if (location === null || !text.startsWith('Cannot read file:')) return undefined
  const { lineText, column, length } = location
  return Buffer.from(lineText)
    .subarray(column + 1, column + length - 1)
    .toString('utf8')
}

function isChangeable(detail: unknown): detail is Changeable {
  return typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind === 'changeable'
}

function notExported(file: string, name: string, place: { place?: Place }, cwd: string): Problem {
  const names = exportsIn(file)
  const [first] = names
  const isDefault = name === 'default'
  const wanted = isDefault ? 'export default' : `an export that is called ${name}`
  const hint = isDefault
    ? `write export default in ${friendly(file, cwd)}${first === undefined ? '' : `, or import { ${first} }, which it exports`}`
    : (didYouMean(name, names) ??
      (hasDefault(file)
        ? `it has a default export, which is imported without braces: import ${name} from ...`
        : names.length === 0
          ? undefined
          : `it exports ${names.slice(0, 8).join(', ')}`))
  return {
    code: 'playbook',
    message: isDefault ? `${friendly(file, cwd)} has no default export` : `${friendly(file, cwd)} exports no "${name}"`,
    ...place,
    expected: wanted,
    got: names.length === 0 ? 'no export with a name' : `exports of ${names.slice(0, 8).join(', ')}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

function hasDefault(file: string): boolean {
  return existsSync(file) && /^export\s+default\b/m.test(readFileSync(file, 'utf8'))
}

/** The names that a module exports by declarations. */
function exportsIn(file: string): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return Array.from(
    text.matchAll(/^export\s+(?:async\s+)?(?:const|let|var|function\*?|class)\s+([\w$]+)/gm),
    ([, name = '']) => name,
  )
}

/** The scheme of a URL, such as `https` or `node`; the name of a package has none. */
export function schemeOf(wanted: string): string | undefined {
  return /^([a-z][a-z\d+.-]+):/i.exec(wanted)?.[1]?.toLowerCase()
}

function missing(wanted: string, importer: string, place: { place?: Place }): Problem {
  const scheme = schemeOf(wanted)
  if (scheme === 'node') {
    const near = didYouMean(
      wanted,
      builtinModules.map((name) => `node:${name}`),
    )
    return {
      code: 'playbook',
      message: `Node ${process.versions.node} has no module ${wanted}`,
      ...place,
      expected: 'a module that Node has',
      ...(near === undefined ? {} : { hint: near }),
    }
  }
  if (scheme !== undefined) {
    return {
      code: 'playbook',
      message: `modules are not imported by an address: ${wanted}`,
      ...place,
      expected: 'the path of a file, or the name of a package that is installed',
      hint:
        scheme === 'file'
          ? `write the path from ${basename(importer)} to it`
          : 'install the package with npm, and import it by its name',
    }
  }
  const isOwn = wanted.startsWith('.') || wanted.startsWith('/')
  const path = resolve(dirname(importer), wanted)
  if (isOwn && existsSync(path)) {
    const found = modulesIn(path).map((name) => `${wanted.replace(/\/$/, '')}/${name}`)
    return {
      code: 'playbook',
      message: `${wanted} is a directory`,
      ...place,
      expected: 'the path of a file',
      hint:
        found.length === 0
          ? `there is no module in ${friendly(path)}`
          : `name the file: ${found.slice(0, 8).join(', ')}`,
    }
  }
  return {
    code: 'playbook',
    message: isOwn ? `there is no file ${wanted}` : `there is no package "${wanted}"`,
    ...place,
    expected: isOwn ? `a file beside ${basename(importer)}` : 'a package that is installed',
    hint: isOwn ? nearFile(wanted, importer) : nearPackage(wanted, importer),
  }
}

function nearFile(wanted: string, importer: string): string {
  const directory = dirname(resolve(dirname(importer), wanted))
  if (!existsSync(directory)) return `there is no directory ${friendly(directory)} either`
  const files = modulesIn(directory)
  const byName = nearest(
    basename(wanted, extname(wanted)),
    files.map((name) => basename(name, extname(name))),
  )
  const sameName = files.filter((name) => basename(name, extname(name)) === basename(wanted, extname(wanted)))
  const near = [...sameName, ...files.filter((name) => byName.includes(basename(name, extname(name))))]
  const prefix = wanted.slice(0, wanted.lastIndexOf('/') + 1)
  if (near.length > 0) return `did you mean ${near.map((name) => `${prefix}${name}`).join(' or ')}?`
  return files.length === 0
    ? `there is no module in ${friendly(directory)}`
    : `there is: ${files.slice(0, 8).join(', ')}`
}

function modulesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => MODULE_ENDINGS.some((ending) => name.endsWith(ending)))
}

function nearPackage(wanted: string, importer: string): string {
  if (/^(?:[~@]\/|#)/.test(wanted))
    return `a name that begins with ${wanted.charAt(0)} needs \`paths\` in tsconfig.json or \`imports\` in package.json`
  const name = wanted
    .split('/')
    .slice(0, wanted.startsWith('@') ? 2 : 1)
    .join('/')
  const path = ownFile(wanted, dirname(importer))
  if (path !== undefined) return `a file of the project is named by its path: ${path}`
  const near = nearest(name, ['rolecall', 'zod', ...dependencies(dirname(importer))])
  return near.length > 0 ? `did you mean "${near.join('" or "')}"?` : `install it: npm install ${name}`
}

/** `roles/web.ts` without `./` before it: the file with that name here or in a directory above, as it must be written. */
function ownFile(wanted: string, directory: string, from = directory): string | undefined {
  const path = ['', ...MODULE_ENDINGS].map((ending) => join(directory, `${wanted}${ending}`)).find(isFile)
  if (path !== undefined) return relative(from, path).replace(/^(?!\.)/, './')
  // The top of a project has its package.json.
  const isTop = existsSync(join(directory, 'package.json')) || dirname(directory) === directory
  return isTop ? undefined : ownFile(wanted, dirname(directory), from)
}

function dependencies(directory: string): string[] {
  const file = join(directory, 'package.json')
  if (!existsSync(file)) return dirname(directory) === directory ? [] : dependencies(dirname(directory))
  try {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>
    return [...Object.keys(dependencies), ...Object.keys(devDependencies)]
  } catch {
    return []
  }
}

function placeOf({ location }: Message, cwd: string): { place?: Place } {
  if (location === null) return {}
  const { line, column, lineText } = location
  // Columns are counted in bytes from 0, and the first line begins with the declaration of `import.meta`.
  const before = Buffer.from(lineText).subarray(0, column).toString('utf8')
  const shift = /^const __own_url = .*?; /.exec(lineText)?.[0].length ?? 0
  return {
    place: { file: friendly(resolve('/', location.file), cwd), line, column: Math.max(0, before.length - shift) + 1 },
  }
}

function sentence(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
