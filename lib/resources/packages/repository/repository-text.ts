import type { AptRepository, YumRepository } from './repository-types.ts'

/** The text of a source of apt. Source: sources.list(5), DEB822-STYLE FORMAT. */
export function aptSource(apt: AptRepository, key: string | undefined): string {
  const fields: Readonly<Record<string, string | undefined>> = {
    ...(apt.enabled === false ? { Enabled: 'no' } : {}),
    Types: words(apt.types ?? 'deb'),
    URIs: words(apt.uris),
    Suites: words(apt.suites),
    Components: words(apt.components ?? []),
    Architectures: words(apt.architectures ?? []),
    'Signed-By': key ?? '',
    Trusted: apt.trusted === true ? 'yes' : '',
    ...apt.fields,
  }
  const said = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return said.map(([field, value]) => `${field}: ${value ?? ''}\n`).join('')
}

/** The text of a repository of dnf and yum, whose key is at `keyPath` unless dnf fetches it. Source: dnf.conf(5), REPO OPTIONS. */
export function yumSource(name: string, yum: YumRepository, keyPath: string): string {
  const { gpgkey } = yum
  const key = isFetched(gpgkey) ? gpgkey.source : `file://${keyPath}`
  const options: Readonly<Record<string, string | undefined>> = {
    name: yum.description ?? name,
    baseurl: yum.baseurl === undefined ? undefined : words(yum.baseurl),
    metalink: yum.metalink,
    mirrorlist: yum.mirrorlist,
    enabled: yum.enabled === false ? '0' : '1',
    gpgcheck: (yum.gpgcheck ?? true) ? '1' : '0',
    gpgkey: gpgkey === undefined ? undefined : key,
    repo_gpgcheck: yum.repoGpgcheck === undefined ? undefined : yum.repoGpgcheck ? '1' : '0',
    exclude: yum.exclude?.join(' '),
    includepkgs: yum.includepkgs?.join(' '),
    priority: yum.priority === undefined ? undefined : String(yum.priority),
    ...yum.settings,
  }
  const said = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [`${option}=${value}\n`],
  )
  return `[${name}]\n${said.join('')}`
}

type FetchedKey = Exclude<YumRepository['gpgkey'], string | Uint8Array | undefined>

/** dnf fetches it itself. */
export function isFetched(gpgkey: YumRepository['gpgkey']): gpgkey is FetchedKey {
  return typeof gpgkey === 'object' && !(gpgkey instanceof Uint8Array) && gpgkey.sha256 === undefined
}

function words(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(' ')
}
