import { namesIn, textOf } from './files.ts'
import { labError } from '../model.ts'
import { run } from './run.ts'
import path from 'node:path'

export interface Source {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
}

/** This machine's distribution, and how its apt reaches the package archive. Lab hosts need both for a working apt. */
export interface Archive {
  readonly id: string
  readonly codename: string
  readonly architecture: string
  readonly sources: readonly Source[]
  /** Lines for a file in apt.conf.d. */
  readonly settings: string
  readonly proxy: string
  /** The machine's own certificate authorities: file name to PEM text. */
  readonly authorities: Readonly<Record<string, string>>
}

const ownComponents = ['main', 'contrib', 'non-free', 'non-free-firmware', 'restricted', 'universe', 'multiverse']
const authorityDirectory = '/usr/local/share/ca-certificates'

/** apt-get replaces `$(FIELD)`, see indextargets in apt-get(8). */
const format = ['REPO_URI', 'RELEASE', 'CODENAME', 'COMPONENT', 'ORIGIN'].map((field) => `$(${field})`).join(' ')

/**
 * Reads the sources that apt itself uses. This program has no list of archives.
 *
 * @throws {RolecallError} when apt knows no archive of the distribution that runs here.
 */
export function readArchive(): Promise<Archive> {
  archive ??= askApt()
  return archive
}

/** Cached, because apt takes most of a second, and both hosts and mirror need the answer. */
let archive: Promise<Archive> | undefined

async function askApt(): Promise<Archive> {
  const release = (await textOf('/etc/os-release')) ?? ''
  const id = /^ID="?([^"\n]*)/m.exec(release)?.[1] ?? ''
  const codename = /^VERSION_CODENAME="?([^"\n]*)/m.exec(release)?.[1] ?? ''
  const [targets, settings, architecture, files] = await Promise.all([
    run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']),
    run('apt-config', ['dump']),
    run('dpkg', ['--print-architecture']),
    namesIn(authorityDirectory),
  ])
  const names = files.filter((name) => name.endsWith('.crt')).sort()
  const authorities = await Promise.all(
    names.map(async (name) => [name, (await textOf(path.join(authorityDirectory, name))) ?? ''] as const),
  )
  const sources = readSources(targets, id, codename)
  if (!sources.some((source) => source.suite === codename)) {
    throw labError(`apt on this machine has no archive of ${id} ${codename} to build the lab's hosts from`, {
      expected: `a source with the suite ${codename}`,
      got: sources.map((source) => source.suite).join(', ') || 'none',
      hint: 'add it to /etc/apt/sources.list.d and run apt-get update',
    })
  }
  return {
    id,
    codename,
    architecture: architecture.trim(),
    sources,
    settings: readSettings(settings),
    proxy: /^Acquire::http::Proxy "(.*)";$/m.exec(settings)?.[1] ?? '',
    authorities: Object.fromEntries(authorities),
  }
}

/**
 * The distribution's own sources, without those of other vendors. The origin of a source is known only after its lists
 * were fetched. Then the origin decides.
 * A source that calls its suite `stable` is taken by its codename.
 */
export function readSources(targets: string, id: string, codename: string): readonly Source[] {
  const bySuite = new Map<string, { uri: string; suite: string; components: string[] }>()
  for (const line of targets.split('\n')) {
    const [uri = '', release = '', named = '', component = '', origin = ''] = line.split(' ')
    const suite = named === '' || named.startsWith('$') ? release : named
    const foreign = origin !== '' && !origin.startsWith('$') && origin.toLowerCase() !== id
    if (!/^https?:/.test(uri) || foreign || !ownComponents.includes(component)) continue
    if (suite !== codename && !suite.startsWith(`${codename}-`)) continue
    const key = `${uri} ${suite}`
    const source = bySuite.get(key) ?? { uri, suite, components: [] }
    if (!source.components.includes(component)) source.components.push(component)
    bySuite.set(key, source)
  }
  return [...bySuite.values()]
}

/**
 * How this machine's apt reaches the archive (proxies, time limits, checks of dates). Left out are its hooks, which call programs that a lab host does not
 * have, and its settings for extra indexes and for storing indexes.
 */
export function readSettings(dump: string): string {
  const reach = /^Acquire::(?!IndexTargets|CompressionTypes|Changelogs|GzipIndexes|cdrom)\S+ ".+";$/
  return dump
    .split('\n')
    .filter((line) => reach.test(line))
    .map((line) => `${line}\n`)
    .join('')
}
