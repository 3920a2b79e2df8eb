import type { Resource } from '../kit/kind.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from '../files/path/path.ts'
import { keysKind } from './structured.ts'
import { keysOptions, wrongKeys, type Format, type KeysOptions } from './key-options.ts'
import { dropYaml, putYaml } from './yaml-text.ts'
import { parseYaml } from './yaml-read.ts'

/**
 * Keys of a YAML file. What is not named stays to the byte: comments, order, quotes, blank lines, lines of any length.
 *
 * A new key goes to the end of its map. A value that is replaced keeps its kind of quotes and the comment after it; a list that is
 * set replaces the whole list. A key that is removed takes the lines below it along, and comments indented deeper than itself;
 * comments above it stay. An empty file counts as an empty map. A text that YAML 1.1 would read as something else (`yes`, `1:30`) is
 * written in quotes. A change is shown by its keys. With a Secret among the values nothing else of the file is shown, and
 * a new file has mode 0600.
 *
 * A key of an object means the key that is there, be it a text or not: `8080` is 8080 and `"8080"`, `null` is `~`. A new one is a text. A `Map` has
 * keys that are numbers, booleans and null, and nothing but these. What comes in by a merge key (`<<`) counts as there; a key that is set
 * is written beside the merge key, unless that would hide others.
 *
 * @example
 * yamlFile('/opt/harbor/harbor.yml', {
 *   set: { hostname: 'harbor.example', http: { port: 180 }, harbor_admin_password: password },   // a Secret
 *   remove: ['https', ['log', 'external_endpoint']],
 * })
 * yamlFile('/etc/app.yml', { set: { ports: new Map([[8080, 'web'], [8443, 'tls']]) } })   // 8080: web
 *
 * Defaults: `create` true, mode `'0644'` for a new file (with a Secret `'0600'`), otherwise what the file has.
 * Refused: broken YAML, with line and column; more than one document; no map at the top; a key inside of an alias, or an anchor that
 * others refer to; a symbolic link; no UTF-8 text; more than 1 MiB, 20,000 lines or 80,000 words and signs; a key that is both set and removed.
 * Unknown: the file comes with something earlier, and its content is not known.
 *
 * Source: YAML 1.2.2, core schema.
 */
export function yamlFile(path: string, options: KeysOptions): Resource {
  const { name, options: given } = read(path, options)
  return make(name, given)
}

export const yamlFormat: Format = {
  name: 'yamlFile',
  called: 'YAML',
  anyKeys: true,
  parse: parseYaml,
  put: putYaml,
  drop: dropYaml,
}

const make = keysKind(yamlFormat)

const read = resourceOptions<KeysOptions>()(
  'yamlFile',
  (path) => absolute('yamlFile', path),
  keysOptions,
  (options) => wrongKeys(yamlFormat, options),
)
