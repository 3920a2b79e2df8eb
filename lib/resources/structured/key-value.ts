import type { Secret } from '../../secret.ts'
import type { Resource } from '../kit/kind.ts'
import { either, list, oneOf, record, secretText, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import type { Settings } from '../kit/tree.ts'
import { ofFileOptions } from '../files/edit.ts'
import { absolute } from '../files/path/path.ts'
import { flag } from '../kit/options/option-types.ts'
import { dropKeyValue, meaning, parseKeyValue, putKeyValue } from './key-value-text.ts'
import { keysKind } from './structured.ts'
import type { Format, KeysOptions } from './key-options.ts'
import { z } from 'zod'

export interface KeyValueOptions extends Omit<KeysOptions, 'set' | 'remove'> {
  /** Keys and their values. A value may be a Secret. A key that is `undefined` is left as it is. */
  readonly set?: Readonly<Record<string, string | number | boolean | Secret | undefined>>
  /** Keys that may not be there. */
  readonly remove?: readonly string[]
  /**
   * `auto`: quotes where they are needed, and the value stays as it is, whatever is in it. `double`: between double quotes, where the shell puts in `$NAME`. `none`: as it
   * is given, quotes and all. Default `auto`.
   */
  readonly quotes?: 'auto' | 'double' | 'none'
}

/**
 * Keys of a file of `KEY=value` lines, as a shell and systemd's EnvironmentFile read them: /etc/default/*, /etc/sysconfig/*, /etc/os-release, `.env`. Comments,
 * order and `export` stay; a value keeps the quotes that it has. A key that occurs several times occurs once afterwards, because the last one counts. A new key
 * goes below a comment that shows it (`#KEY=...`), else to the end.
 *
 * A change is shown by its keys, and with a Secret among the values nothing else of the file.
 *
 * @example
 * keyValue('/etc/default/grub', { set: { GRUB_TIMEOUT: 0, GRUB_CMDLINE_LINUX: 'console=tty0 quiet' } })
 * keyValue('/etc/sysconfig/app', { set: { TOKEN: token }, remove: ['DEBUG'] })
 * keyValue('/etc/default/app', { set: { PATH: '$PATH:/opt/app/bin' }, quotes: 'double' })
 *
 * Defaults: `create` true, mode `'0644'` for a new file (with a Secret `'0600'`), otherwise what the file has.
 * Refused: a quotation mark without its end, with the line; a symbolic link; no UTF-8 text; more than 1 MiB or 50,000 lines.
 * Unknown: the file comes with something earlier, and its content is not known.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting; systemd.exec(5), `EnvironmentFile=`.
 */
export function keyValue(path: string, options: KeyValueOptions): Resource {
  const { name, options: given } = read(path, options)
  const { set = {}, quotes = 'auto', ...more } = given
  const settings: Settings = Object.fromEntries(
    Object.entries(set).map(([key, value]) => [key, settingOf(value, quotes)]),
  )
  return make(name, { ...more, set: settings })
}

function settingOf(value: string | number | boolean | Secret, quotes: 'auto' | 'double' | 'none') {
  const change = (given: string) =>
    quotes === 'auto' ? given : meaning(quotes === 'none' ? given : `"${given.replaceAll(/["\\]/g, '\\$&')}"`)
  return typeof value === 'object' ? value.map(change) : change(String(value))
}

const FORMAT: Format = {
  name: 'keyValue',
  called: 'file of keys and values',
  parse: parseKeyValue,
  put: (given, [key = ''], value) =>
    putKeyValue(given, String(key), typeof value === 'string' ? value : JSON.stringify(value)),
  drop: (given, [key = '']) => dropKeyValue(given, String(key)),
}

const make = keysKind(FORMAT)

const KEY = /^[A-Za-z_][\w.-]*$/
const words = (given: string) => !/[\r\0]/.test(given)

const read = resourceOptions<KeyValueOptions>()(
  'keyValue',
  (path) => absolute('keyValue', path),
  () => ({
    set: record(
      'keys and their values',
      either(
        'a text, a Secret, a number, true or false',
        secretText('a text', words),
        z.union([z.number(), z.boolean()]),
      ),
    ).optional(),
    remove: list('a list of keys', text('the name of a key', KEY)).optional(),
    create: flag().optional(),
    quotes: oneOf(['auto', 'double', 'none']).optional(),
    ...ofFileOptions(),
  }),
  ({ set = {}, remove = [] }, given) => [
    ...Object.keys(set)
      .filter((key) => !KEY.test(key))
      .map((key) => ({ what: 'set', expected: 'keys of letters, digits and "_"', got: JSON.stringify(key) })),
    ...remove
      .filter((key) => set[key] !== undefined)
      .map((key) => ({ what: key, expected: 'either set or removed', got: 'both' })),
    !given.has('set') && !given.has('remove') ? { expected: 'given set or remove', got: 'neither' } : undefined,
  ],
)
