import { posix } from 'node:path'

/** Whether readers of a file do something; `perhaps`: some do, and the file's name does not say which ones read it. */
type Sure = 'yes' | 'no' | 'perhaps'

/** How a program reads its INI files, where programs differ. */
export interface Dialect {
  /** A value goes on in the next line after a backslash. */
  readonly backslash: Sure
  /** A value goes on in lines that are indented deeper than its key. */
  readonly indent: Sure
  /** A comment may follow a value; it begins with one of `marks`. */
  readonly behind: Sure
  readonly marks: string
  /** A colon separates a key from its value as well. */
  readonly colon: Sure
  /** The name of a key or section as the program compares it. */
  readonly same: (name: string) => string
}

const exactly = (name: string) => name
const smallLetters = (name: string) => name.toLowerCase()
const plain = { backslash: 'no', indent: 'no', behind: 'no', marks: '', colon: 'no', same: exactly } as const

/**
 * Source: systemd.syntax(7); smb.conf(5); the PHP manual, parse_ini_file; the MySQL manual, Using Option Files; git-config(1);
 * Python's configparser; dnf.conf(5); Desktop Entry Specification 1.5.
 */
export const dialects = {
  systemd: { ...plain, backslash: 'yes' },
  samba: { ...plain, backslash: 'yes', same: (name: string) => name.toLowerCase().replaceAll(/\s/g, '') },
  php: { ...plain, behind: 'yes', marks: ';' },
  mysql: { ...plain, behind: 'yes', marks: '#', same: (name: string) => name.replaceAll('-', '_') },
  git: { ...plain, backslash: 'yes', behind: 'yes', marks: '#;', same: smallLetters },
  python: { ...plain, indent: 'yes', colon: 'yes', same: smallLetters },
  supervisor: { ...plain, indent: 'yes', behind: 'yes', marks: ';', colon: 'yes', same: smallLetters },
  dnf: { ...plain, indent: 'yes' },
  desktop: plain,
  /** Nobody knows: what could be read in two ways is refused. */
  unknown: { backslash: 'perhaps', indent: 'perhaps', behind: 'perhaps', marks: '#;', colon: 'perhaps', same: exactly },
} as const satisfies Record<string, Dialect>

export type DialectName = keyof typeof dialects

const UNITS =
  /\.(service|socket|timer|mount|automount|target|path|slice|scope|swap|network|netdev|link|nspawn|dnssd|container|volume|kube|pod|build)$/

/** By the name and the directory of a file. */
const NAMES: readonly (readonly [RegExp, DialectName])[] = [
  [UNITS, 'systemd'],
  [/\/systemd\/([^/]+\/)*[^/]+\.conf$/, 'systemd'],
  [/\/smb\.conf$|\/samba\/[^/]+\.conf$/, 'samba'],
  [/\/(php[^/]*|\.user)\.ini$|\/php\d*(\/[^/]+)*\/[^/]+\.(ini|conf)$|\/php-fpm(\.d\/[^/]+)?\.conf$/, 'php'],
  [/\/\.?my\.cnf$|\/(mysql|mariadb|my\.cnf\.d)\/([^/]+\/)*[^/]+\.cnf$|\/my\.cnf\.d\/[^/]+$/, 'mysql'],
  [/\/(\.?gitconfig|\.gitmodules)$|\/(\.git|git|[^/]+\.git)\/config$/, 'git'],
  [/\/supervisord?\.conf$|\/supervisor(d\.d|\/conf\.d)?\/[^/]+\.(conf|ini)$/, 'supervisor'],
  [/\.repo$|\/(dnf|yum)\.conf$/, 'dnf'],
  [/\/(setup\.cfg|tox\.ini|pip\.conf|pytest\.ini|mypy\.ini|\.flake8|\.pylintrc|\.pypirc)$/, 'python'],
  [/\.(desktop|directory)$/, 'desktop'],
]

/** The dialect of a file, as far as its name says which program reads it. */
export function dialectOf(path: string): DialectName {
  const name = posix.normalize(path)
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown'
}
