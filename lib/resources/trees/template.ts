import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { FileOptions } from '../files/file.ts'
import { file } from '../files/file.ts'
import { localPath, localSource, refuseVault } from '../files/local-file.ts'
import { ofFileOptions } from '../files/edit.ts'
import { absolute } from '../files/path/path.ts'
import type { Resource } from '../kit/kind.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import { text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { render, type TemplateVariables } from './render.ts'

export interface TemplateOptions extends Omit<FileOptions, 'content' | 'source' | 'state' | 'create'> {
  /** The template, a file of the controller; a relative path is beside the file that this is written in. */
  readonly source: string
  /** What the template names as `it.NAME`: all of that, and nothing else. */
  readonly variables: TemplateVariables
}

/**
 * A file whose content a template makes, on the controller: `<%= it.port %>` is a value, `<% for (const host of it.hosts) { %>` is JavaScript, `<%# ... %>` a comment.
 * A line with nothing but a `<% %>` leaves no line. Nothing is escaped. With a Secret among the values the content is one.
 *
 * The names in the file are held against the variables when the resource is made, before anything is done about it: a name that is not given, a variable that the file never
 * names, and a value that is no text, number or boolean are refused with the template's line. The resource is a file in all else.
 *
 * @example
 * template('/etc/app.conf', { source: '../templates/app.conf.eta', variables: { port: 8080, hosts: ['a', 'b'] }, mode: '0640', validate: 'app --check {}' })
 *
 * Refused: what `file` refuses; a template that cannot be read, compiled or made.
 *
 * Source: the syntax is that of Eta (eta.js.org), without partials and layouts: these are functions of TypeScript.
 */
export function template(path: string, options: TemplateOptions): Resource {
  const { name, options: given } = read(path, options)
  const { source, variables, ...more } = given
  const at = localPath(source)
  localSource(`template:${name}`, at)
  refuseVault(`template:${name}`, at)
  const content = render(readFileSync(at, 'utf8'), variables, relative(process.cwd(), at))
  return file(name, { ...more, content })
}

const read = resourceOptions<TemplateOptions>()(
  'template',
  (path) => absolute('template', path),
  () => ({
    source: text('a path of the controller', /^[^\0]+$/),
    variables: value<TemplateVariables>('names and values', isPlain),
    ...ofFileOptions(),
  }),
)
