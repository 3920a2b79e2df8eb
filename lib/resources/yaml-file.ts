import type { Resource } from './kind.ts'
import { resourceOptions } from './options.ts'
import { absolute } from './path.ts'
import { keysKind, keysOptions, wrongKeys, type Format, type KeysOptions, type KeysWant } from './structured.ts'
import { dropYaml, parseYaml, putYaml } from './yaml-text.ts'

/**
 * Keys of a YAML file. What is not named stays to the byte: comments, order, quotes, blank lines, lines of any length.
 *
 * A new key goes to the end of its map. A value that is replaced keeps its kind of quotes and the comment behind it; a list that is
 * set replaces the whole list. A key that is removed takes the lines below it along, and comments indented deeper than itself;
 * comments above it stay. An empty file counts as an empty map. A text that YAML 1.1 would read as something else (`yes`, `1:30`) is
 * written in quotes. A change is shown by its keys. With a Secret among the values nothing else of the file is shown, and
 * a new file has mode 0600.
 *
 * @example
 * yamlFile('/opt/harbor/harbor.yml', {
 *   set: { hostname: 'harbor.example', http: { port: 180 }, harbor_admin_password: password },   // a Secret
 *   remove: ['https', ['log', 'external_endpoint']],
 * })
 *
 * Defaults: `create` true, mode `'0644'` for a new file (with a Secret `'0600'`), otherwise what the file has.
 * Refused: broken YAML, with line and column; more than one document; no map at the top; a key inside of an alias, or an anchor that
 * others refer to; a symbolic link; no UTF-8 text; more than 1 MiB; a key that is both set and removed.
 * Unknown: the file comes with something earlier, and its content is not known.
 *
 * Source: YAML 1.2.2, core schema.
 */
export function yamlFile(path: string, options: KeysOptions): Resource<KeysWant> {
  const { name, options: given } = read(path, options)
  return make(name, given)
}

export const yamlFormat: Format = { name: 'yamlFile', called: 'YAML', parse: parseYaml, put: putYaml, drop: dropYaml }

const make = keysKind(yamlFormat)

const read = resourceOptions<KeysOptions>()(
  'yamlFile',
  (path) => absolute('yamlFile', path),
  keysOptions,
  (options) => wrongKeys(yamlFormat, options),
)
