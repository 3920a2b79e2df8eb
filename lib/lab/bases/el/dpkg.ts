/** A Debian package as dpkg's status file has it. */
export interface Deb {
  readonly name: string
  readonly version: string
  readonly summary: string
  /** Every clause with its alternatives: `a | b` is `['a', 'b']`. Versions are left out: all come from one archive. */
  readonly depends: readonly (readonly string[])[]
  readonly provides: readonly string[]
}

/** Reads /var/lib/dpkg/status: what is installed. Pure. */
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

/** `libc6 (>= 2.34)` and `python3:any` name a package. */
function nameIn(relation: string): string {
  return relation.trim().replace(/[ :(].*$/, '')
}

/** Debian's root has /usr/bin and the like alone; its packages still say /bin. */
export function merged(path: string): string {
  return path.replace(/^\/(?:bin|sbin|lib|lib32|lib64|libx32)(?=\/|$)/, '/usr$&')
}
