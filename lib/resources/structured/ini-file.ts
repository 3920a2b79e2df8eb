import { dialectOf, dialects, type DialectName } from './ini-dialect.ts'
import { dropIni, parseIni, putIni, sureOfIni } from './ini-text.ts'
import type { Resource } from '../kit/kind.ts'
import { list, oneOf, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from '../files/path/path.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import { keysKind } from './structured.ts'
import { keysOptions, wrongKeys, type Format, type KeysOptions } from './key-options.ts'
import { revealed, isList, isSettings, type KeyPath, type Setting, type Settings } from '../kit/tree.ts'

/** What one key says: a list is a key that occurs several times, `null` one without `=`. */
export type IniValue =
  | Exclude<Setting, readonly Setting[] | Settings>
  | readonly Exclude<Setting, readonly Setting[] | Settings>[]

export interface IniOptions extends Omit<KeysOptions, 'set' | 'remove'> {
  /** Keys and their values by section; those above all sections are under `''`. A key that is `undefined` is left as it is. */
  readonly set?: Readonly<Record<string, Readonly<Record<string, IniValue | undefined>> | undefined>>
  /** What may not be there: a text is a whole section, a pair a key of one. */
  readonly remove?: readonly (string | readonly [section: string, key: string])[]
  /**
   * Which program's rules hold for comments after values and for values over several lines: `systemd`, `samba`, `php`, `mysql`, `git`,
   * `python` (configparser), `supervisor`, `dnf`, `desktop` or `unknown`. Default: by the name of the file, such as `smb.conf`,
   * `php.ini`, `my.cnf`, `.gitconfig`, `*.service`, `*.repo`; any other is `unknown`.
   */
  readonly dialect?: DialectName
}

/**
 * Keys of an INI file, such as a systemd unit, a yum repository, a .desktop file. Comments, order, blank lines stay.
 *
 * `true` is written as `true`. A key that is set to one value occurs once: further lines of it go. A list is written as several
 * lines of the same key, as systemd has them. A new key goes below the last one of its section and takes its blanks around `=`; a new
 * section goes to the end. Names are compared to the letter. A change is shown by its keys, and with a Secret among the values
 * nothing else of the file.
 *
 * Programs differ in what goes on in the next line (after a backslash, or indented deeper) and in what is a comment after a value: `dialect`.
 * A value that goes on is replaced as a whole, a comment after a value stays. No line is touched that is not of a named key: where a line
 * can be read in two ways, and the change would touch it, the file is refused with that line.
 *
 * @example
 * iniFile('/etc/yum.repos.d/epel.repo', { set: { epel: { enabled: 1, baseurl: mirror } }, remove: [['epel', 'metalink']] })
 * iniFile('/etc/systemd/system/app.service.d/env.conf', { set: { Service: { Environment: ['A=1', 'B=2'] } } })
 * iniFile('/etc/sysconfig/app', { set: { '': { TOKEN: token } } })                 // no sections; a Secret
 *
 * Defaults: `create` true, mode `'0644'` for a new file (with a Secret `'0600'`), otherwise what the file has.
 * Refused: a header without its closing bracket, with the line; a line that may be a key or a part of the value above, a value that may end
 * with a comment, a key that is there under another spelling, or without `=`; a value with a line break, with blanks at its ends or a backslash at its
 * end; a symbolic link; no UTF-8 text; more than 1 MiB or 30,000 lines; a key that is both set and removed.
 * Unknown: the file comes with something earlier, and its content is not known.
 *
 * Source: systemd.syntax(7), smb.conf(5), php.ini of the PHP manual, git-config(1), dnf.conf(5), Desktop Entry Specification 1.5.
 */
export function iniFile(path: string, options: IniOptions): Resource {
  const { name, options: given } = read(path, options)
  const { set = {}, dialect = dialectOf(name), ...more } = given
  const make = makers.get(dialect) ?? keysKind(iniFormatOf(dialect))
  return make(name, { ...more, set: texts(set) })
}

const SECTIONS = 'sections, with their keys and values'
const REMOVED = 'a list of sections, or of pairs [section, key]'

const read = resourceOptions<IniOptions>()(
  'iniFile',
  (path) => absolute('iniFile', path),
  () => ({
    ...keysOptions(),
    set: value<NonNullable<IniOptions['set']>>(SECTIONS, isPlain).optional(),
    remove: list(REMOVED, value<NonNullable<IniOptions['remove']>[number]>(REMOVED, isRemoved)).optional(),
    dialect: oneOf(Object.keys(dialects) as DialectName[]).optional(),
  }),
  ({ set = {}, remove = [] }) => [
    remove.some((key) => key === '')
      ? {
          what: 'remove',
          expected: 'sections with a name, or keys by section',
          got: 'what has no section, as a whole',
        }
      : undefined,
    ...wrongKeys({ refuses }, { set: texts(set), remove }),
  ],
)

function isRemoved(given: unknown): boolean {
  if (!Array.isArray(given)) return typeof given === 'string'
  return given.length === 2 && given.every((part) => typeof part === 'string')
}

function texts(set: NonNullable<IniOptions['set']>): Settings {
  return Object.fromEntries(
    Object.entries(set).map(([section, keys]) => [section, isPlain(keys) ? mapped(keys as Settings) : keys]),
  )
}

/** An INI file holds texts only: `1` is `'1'`. */
function mapped(keys: Settings): Settings {
  const one = (value: Setting): Setting =>
    typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : value
  const each = (value: Setting): Setting => {
    if (!isList(value)) return one(value)
    // A key that occurs once reads as a list of one.
    return value.length === 1 ? one(value[0] ?? null) : value.map(one)
  }
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, value === undefined ? undefined : each(value)]),
  )
}

/** How INI files of one dialect are read and edited. */
export function iniFormatOf(name: DialectName): Format {
  const dialect = dialects[name]
  return {
    name: 'iniFile',
    called: 'INI',
    parse: (text) => parseIni(text, dialect),
    put: (text, path, value) => putIni(text, path.map(String), value, dialect),
    drop: (text, path) => dropIni(text, path.map(String), dialect),
    sure: (text, path) => sureOfIni(text, path.map(String), dialect),
    refuses,
  }
}

function refuses(path: KeyPath, setting: Setting): string | undefined {
  const [section = '', key] = path.map(String)
  if (path.length === 0) return undefined
  const unquoted = section.replaceAll(/"(?:\\.|[^"\\])*"/g, '')
  if (/[\r\n\0]/.test(section) || unquoted.includes(']') || section.trim() !== section)
    return 'in a section whose name has no bracket, line break or outer blanks'
  if (key === undefined) return isSettings(setting) ? undefined : 'keys and their values'
  if (!/^[^\s=[#;\\][^=\r\n\0]*$/.test(key) || key.trimEnd() !== key)
    return 'a key without "=", line breaks and outer blanks'
  if (path.length === 2 && isList(setting))
    return setting.length === 0 ? 'at least one value; to have none, remove the key' : undefined
  if (isList(setting) || isSettings(setting)) return 'a text, a number, true, false, null or a list of these'
  const value = revealed(setting)
  if (typeof value !== 'string') return undefined
  return /[\r\n\0]/.test(value) || value.trim() !== value || value.endsWith('\\')
    ? 'without line breaks, without blanks at its ends and without a backslash at its end'
    : undefined
}

/** One for each dialect, so that what was read last of a file is at hand for the next resource of it. */
const makers = new Map((Object.keys(dialects) as DialectName[]).map((name) => [name, keysKind(iniFormatOf(name))]))
