import type { AptRepository, RepositoryOptions, YumRepository } from './repository.ts'
import { wrong } from './path.ts'

/** The text of a source of apt. Source: sources.list(5), DEB822-STYLE FORMAT. */
export function aptSource(apt: AptRepository, key: string | undefined): string {
  const fields = {
    Types: 'deb',
    URIs: words(apt.uris),
    Suites: words(apt.suites),
    Components: words(apt.components ?? []),
    Architectures: words(apt.architectures ?? []),
    'Signed-By': key ?? '',
    Trusted: apt.trusted === true ? 'yes' : '',
  }
  const said = Object.entries(fields).filter(([, value]) => value !== '')
  return said.map(([field, value]) => `${field}: ${value}\n`).join('')
}

/** The text of a repository of dnf and yum, whose key is at `keyPath` unless dnf fetches it. Source: dnf.conf(5), REPO OPTIONS. */
export function yumSource(name: string, yum: YumRepository, keyPath: string): string {
  const { gpgkey } = yum
  const key = isFetched(gpgkey) ? gpgkey.url : `file://${keyPath}`
  return `[${name}]
name=${yum.description ?? name}
baseurl=${yum.baseurl}
enabled=1
gpgcheck=${(yum.gpgcheck ?? true) ? 1 : 0}
${gpgkey === undefined ? '' : `gpgkey=${key}\n`}`
}

type FetchedKey = Extract<YumRepository['gpgkey'], { readonly sha256?: never }>

/** dnf fetches it itself. */
export function isFetched(gpgkey: YumRepository['gpgkey']): gpgkey is FetchedKey {
  return typeof gpgkey === 'object' && gpgkey.sha256 === undefined
}

/** Checks what a person wrote. */
export function checkValues(id: string, { apt, yum, state = 'present' }: RepositoryOptions): void {
  if (state === 'absent') return
  if (apt === undefined && yum === undefined) throw wrong(id, 'apt, yum, or both', 'neither')
  if (apt !== undefined && apt.key === undefined && apt.trusted !== true)
    throw wrong(`apt of ${id}`, 'a key, or trusted: true', 'neither')
  if (yum !== undefined && yum.gpgkey === undefined && yum.gpgcheck !== false)
    throw wrong(`yum of ${id}`, 'a gpgkey, or gpgcheck: false', 'neither')
  if (isFetched(yum?.gpgkey) && !/^(https|file):/.test(yum.gpgkey.url))
    throw wrong(`gpgkey of ${id}`, 'a sha256 beside a url that is not https', yum.gpgkey.url)
  const { uris = [], suites = [], components = [], architectures = [] } = apt ?? {}
  const wordLists = { uris, suites, components, architectures }
  for (const [what, value] of Object.entries(wordLists)) {
    for (const word of typeof value === 'string' ? [value] : value)
      if (!/^[^\s\p{Cc}]+$/u.test(word)) throw wrong(`${what} of ${id}`, 'words without blanks', JSON.stringify(word))
  }
  for (const [what, value] of Object.entries({
    baseurl: yum?.baseurl,
    description: yum?.description,
    gpgkey: isFetched(yum?.gpgkey) ? yum.gpgkey.url : undefined,
  }))
    if (value !== undefined && !/^[^\p{Cc}]+$/u.test(value))
      throw wrong(`${what} of ${id}`, 'one line', JSON.stringify(value))
}

function words(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(' ')
}
