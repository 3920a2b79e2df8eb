import { dropJson, parseJson, putJson } from './json-text.ts'
import type { Resource } from '../kit/kind.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from '../files/path/path.ts'
import { keysKind } from './structured.ts'
import { keysOptions, wrongKeys, type Format, type KeysOptions } from './key-options.ts'

/**
 * Keys of a JSON file. Other keys, the order of all of them, and the form of the file (indentation, one line or many, comments) stay.
 *
 * A new key goes to the end of its map. A list that is set replaces the whole list. An empty file counts as `{}`; a new one is
 * indented by two blanks. A byte order mark stays. A change is shown by its keys. With a Secret among the values nothing else of the file is shown,
 * and a new file has mode 0600.
 *
 * @example
 * jsonFile('/etc/docker/daemon.json', {
 *   set: { bip: '172.7.21.1/24', 'log-opts': { 'max-size': '10m' }, 'insecure-registries': ['harbor.example'] },
 *   remove: ['graph', ['log-opts', 'labels']],
 *   validate: 'dockerd --validate --config-file {}',
 * })
 *
 * Defaults: `create` true, mode `'0644'` for a new file (with a Secret `'0600'`), otherwise what the file has.
 * Refused: broken JSON, with line and column; no map at the top; a symbolic link; no UTF-8 text; more than 1 MiB; a key that is both
 * set and removed.
 * Unknown: the file comes with something earlier, and its content is not known.
 *
 * Source: RFC 8259; comments as in JSON with Comments (JSONC).
 */
export function jsonFile(path: string, options: KeysOptions): Resource {
  const { name, options: given } = read(path, options)
  return make(name, given)
}

export const jsonFormat: Format = { name: 'jsonFile', called: 'JSON', parse: parseJson, put: putJson, drop: dropJson }

const make = keysKind(jsonFormat)

const read = resourceOptions<KeysOptions>()(
  'jsonFile',
  (path) => absolute('jsonFile', path),
  keysOptions,
  (options) => wrongKeys(jsonFormat, options),
)
