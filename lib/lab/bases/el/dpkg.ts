/** A Debian package in dpkg's status file. */
export interface Deb {
  readonly name: string
  readonly version: string
  readonly summary: string
  /** Every clause with its alternatives: `a | b` is `['a', 'b']`. Versions are left out: all come from one archive. */
  readonly depends: readonly (readonly string[])[]
  readonly provides: readonly string[]
}

/** Reads the installed packages from the text of /var/lib/dpkg/status. Pure. */
export function readStatus(text: string): ReadonlyMap<string, Deb> {
  const debs = new Map<string, Deb>()
  for (const stanza of text.split('\n\n')) {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    if (!field('Status').endsWith(' installed')) continue
    const clauses = [field('Pre-Depends'), field('Depends')].flatMap((list) => (list === '' ? [] : list.split(',')))
    debs.set(field('Package'), {
      name: field('Package'),
      version: field('Version'),
      summary: field('Description'),
      depends: clauses.map((clause) => clause.split('|').map(nameIn)),
      provides: field('Provides').split(',').map(nameIn),
    })
  }
  return debs
}

/** The package named by a dependency such as `libc6 (>= 2.34)` or `python3:any`. */
function nameIn(relation: string): string {
  return relation.trim().replace(/[ :(].*$/, '')
}

/** On disk /bin is a link to /usr/bin, but packages still list /bin. */
export function merged(path: string): string {
  return path.replace(/^\/(?:bin|sbin|lib|lib32|lib64|libx32)(?=\/|$)/, '/usr$&')
}
