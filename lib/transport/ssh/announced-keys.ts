import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { keyType, knownHostsLine, matches, nameOf, parseLine, type KnownHosts, type KnownKey } from '../known-hosts.ts'
import { isLoopback } from './host-keys.ts'
import { keyNameOf, type SshTarget } from './target.ts'

/** The keys that a host has announced and proven to have. */
interface Announcement {
  readonly host: string
  readonly port: number
  /** The key by which it was recognised. */
  readonly used: Buffer
  readonly keys: readonly Buffer[]
  readonly isHashed: boolean
}

/** Milliseconds for which announcements are collected, so that the files are read and written once for many hosts. */
const GATHER_MS = 100

const gathered = new Map<string, { readonly files: readonly string[]; readonly announcements: Announcement[] }>()

/**
 * Adds the keys that a host has proven to have, and removes those that it no longer has, if UpdateHostKeys says so and the key that identified the
 * host is in a file of the user.
 */
export function learnAnnouncedKeys(
  target: SshTarget,
  known: KnownHosts,
  used: Buffer,
  proven: readonly Buffer[],
): void {
  const { settings } = target
  if (!settings.updatesHostKeys || (settings.isLoopbackUnchecked && isLoopback(settings.hostName))) return
  const named = settings.algorithms.hostKey
  const isAccepted = (type: string) =>
    named === undefined ||
    named.includes(type) ||
    (type === 'ssh-rsa' && named.some((name) => name.startsWith('rsa-sha2-')))
  const keys = proven.filter((key) => isAccepted(keyType(key)))
  const { host, port } = keyNameOf(target)
  if (!keys.some((key) => key.equals(used)) || known.hasExactly(host, port, keys)) return
  const files = settings.knownHostsFiles
  const key = files.join('\0')
  const announcement = { host, port, used, keys, isHashed: settings.hashKnownHosts }
  const before = gathered.get(key)
  if (before !== undefined) return void before.announcements.push(announcement)
  gathered.set(key, { files, announcements: [announcement] })
  setTimeout(() => writeAnnounced(key), GATHER_MS)
}

function writeAnnounced(key: string): void {
  const { files = [], announcements = [] } = gathered.get(key) ?? {}
  gathered.delete(key)
  const texts = files.map(textOf)
  for (const [at, text] of withAnnouncedKeys(texts, announcements).entries()) {
    const path = files[at]
    if (path !== undefined && text !== texts[at]) replaceFile(path, text)
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Like ssh(1), keeps the old content in FILE.old. A file that cannot be written stays as it is, and the next run tries again. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`
  try {
    const file = realpathSync(path)
    writeFileSync(fresh, text, { encoding: 'latin1', mode: 0o600, flag: 'wx' })
    rmSync(`${file}.old`, { force: true })
    linkSync(file, `${file}.old`)
    renameSync(fresh, file)
  } catch {
    rmSync(fresh, { force: true })
  }
}

interface Line {
  readonly text: string
  readonly file: number
  readonly entry: KnownKey | undefined
  isGone: boolean
}

/**
 * The texts of the user's known_hosts files after hosts have announced their keys: new keys are added to the first file, and keys that a host no
 * longer has are removed. Like ssh(1), changes nothing for a host with marked lines, patterns or long lists of names, or if one of the keys is also
 * on file under another name.
 *
 * Source: clientloop.c of OpenSSH, client_input_hostkeys; hostfile.c, hostfile_replace_entries.
 */
export function withAnnouncedKeys(texts: readonly string[], announcements: readonly Announcement[]): readonly string[] {
  const lines = texts.flatMap((whole, file) =>
    whole.split('\n').map((text): Line => ({ text, file, entry: parseLine(text, '')[0], isGone: false })),
  )
  const known = new KnownLines(lines)
  const added = announcements.flatMap((announcement) => applied(announcement, known))
  return texts.map((_, file) => {
    const kept = lines.filter((line) => line.file === file && !line.isGone).map(({ text }) => text)
    const text = kept.join('\n')
    if (file > 0 || added.length === 0) return text
    return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${added.join('')}`
  })
}

/** Marks the lines to remove, and returns the lines to add. */
function applied({ host, port, used, keys, isHashed }: Announcement, known: KnownLines): readonly string[] {
  const own = known.named(nameOf(host, port))
  const isOffered = ({ key }: KnownKey) => keys.some((each) => each.equals(key))
  const isOwn = (entry: KnownKey) => own.some((each) => each.entry === entry)
  const isUnder = (list: readonly (Line & { readonly entry: KnownKey })[], key: Buffer) =>
    list.some(({ entry }) => entry.key.equals(key))
  if (!isUnder(own, used)) return []
  if (own.some(({ entry: { marker, hosts } }) => marker !== undefined || /[*?]|,.*,/.test(hosts))) return []
  const old = own.filter(({ entry }) => !isOffered(entry)).map(({ entry }) => entry.key)
  if ([...keys, ...old].some((key) => known.isElsewhere(key, isOwn))) return []
  if (old.length === 0 && keys.every((key) => isUnder(own, key))) return []
  // All keys go into the first file.
  const kept = own.filter(({ file, entry }) => file === 0 && isOffered(entry))
  for (const line of own) line.isGone = !kept.includes(line)
  return keys
    .filter((key) => !isUnder(kept, key))
    .map((key) => {
      known.add(key)
      return knownHostsLine(host, port, key, isHashed)
    })
}

/** Lines by name and by key, so that a thousand lines need not be searched for each of a thousand hosts. */
class KnownLines {
  readonly #byName = new Map<string, (Line & { readonly entry: KnownKey })[]>()
  readonly #others: (Line & { readonly entry: KnownKey })[] = []
  readonly #byKey = new Map<string, KnownKey[]>()
  readonly #added = new Set<string>()

  constructor(lines: readonly Line[]) {
    const push = <T>(map: Map<string, T[]>, key: string, value: T) => {
      const before = map.get(key)
      if (before === undefined) map.set(key, [value])
      else before.push(value)
    }
    for (const line of lines) {
      if (!hasEntry(line)) continue
      const { hosts, key } = line.entry
      push(this.#byKey, key.toString('base64'), line.entry)
      if (/[|*?!]/.test(hosts)) this.#others.push(line)
      else for (const name of new Set(hosts.toLowerCase().split(','))) push(this.#byName, name, line)
    }
  }

  /** The lines of all files, in order. */
  named(name: string): readonly (Line & { readonly entry: KnownKey })[] {
    return [
      ...(this.#byName.get(name) ?? []),
      ...this.#others.filter(({ entry }) => matches(entry.hosts, name)),
    ].filter(({ isGone }) => !isGone)
  }

  /** Whether a key is on a line that is not the host's own, or was just added for another host. */
  isElsewhere(key: Buffer, isOwn: (entry: KnownKey) => boolean): boolean {
    const name = key.toString('base64')
    return this.#added.has(name) || (this.#byKey.get(name) ?? []).some((entry) => !isOwn(entry))
  }

  add(key: Buffer): void {
    this.#added.add(key.toString('base64'))
  }
}

function hasEntry(line: Line): line is Line & { readonly entry: KnownKey } {
  return line.entry !== undefined
}
