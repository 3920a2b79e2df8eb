import { pathsOf, Places } from './places.ts'
import { differences, type Snapshot } from './snapshot.ts'
import { resourcesOf, type Case } from './spec.ts'

/** Kinds whose files hold something else each time that they are made. */
const MADE = ['privateKey', 'certificate', 'certificateRequest', 'sshKeyPair', 'htpasswd', 'knownHosts', 'filesystem']

/** What is not the same after two ways to what a case wants, as sentences. What can be otherwise each time is left out. */
export function unlike(spec: Case, wanted: Snapshot, found: Snapshot): string[] {
  const places = new Places(spec, wanted, found)
  const among = (makes: readonly string[]) =>
    new Set(
      resourcesOf(spec)
        .filter(({ make }) => makes.includes(make))
        .flatMap((resource) => pathsOf(resource).flatMap((path) => [...places.of(path)])),
    )
  const beforehand = spec.setup.filter((line) => /openssl (genpkey|req)|ssh-keygen|mkfs/.test(line))
  const keys = new Set(
    beforehand.flatMap((line) =>
      [...line.matchAll(/(?:-out|-f|mkfs\.\w+ -q) (\S+?);?(?= |$)/g)].flatMap(([, path = '']) => [path, `${path}.pub`]),
    ),
  )
  // crontab(1) writes on top when it has installed one.
  const crontabs = spec.setup.flatMap((line) =>
    [...line.matchAll(/crontab -u (\w+)/g)].map(([, user = '']) => `/var/spool/cron/crontabs/${user}`),
  )
  const [made, cloned] = [
    new Set([...among(MADE), ...crontabs, ...[...keys].flatMap((path) => [...places.of(path)])]),
    // Also by the other name of a place that is mounted there.
    new Set([...among(['git'])].map(baseOf)),
  ]
  return differences(wanted, found).flatMap(({ path, from, to }) => {
    // What can be made again at any time may be made otherwise; an old copy is named by the moment in which it was made.
    if (/^\/var\/(cache|lib\/apt\/lists)\//.test(path) || /\.\d{8}T\d{6}~$/.test(path)) return []
    // What stood there before a tool last wrote: in which steps it came to the same is chance.
    if (/^\/(var\/lib\/dpkg\/[\w-]+-old|etc\/(passwd|group|shadow|gshadow|subuid|subgid)-)$/.test(path)) return []
    // Keys of the host, which a line of the start makes.
    if (path.startsWith('/etc/ssh/ssh_host_')) return []
    // Of SIGKILL no trap hears; a boot empties the place.
    if (/^\/run\/rolecall\.\w{6}(\/|$)/.test(path) && from === 'nothing') return []
    // What a command in the background printed is kept until somebody has waited for it: who was killed has not.
    if (path.startsWith('/var/lib/rolecall')) return []
    const [tree = '', inside] = path.split('/.git/')
    if (inside !== undefined && cloned.has(baseOf(tree))) return []
    // Python writes down when it has compiled a source, npm when it has asked.
    if (/\.pyc$|^\/root\/\.(npm|cache)\//.test(path)) return []
    if (made.has(path) && withoutContent(from) === withoutContent(to)) return []
    return [`${path} is ${to}, not ${from}`]
  })
}

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** A file by its mode and owner alone. */
function withoutContent(is: string): string {
  return is.startsWith('file ') ? is.slice(0, is.lastIndexOf(' ')) : is
}
