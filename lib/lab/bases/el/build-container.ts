import { lstatSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { replaceAtomically, textOf } from '../../machine/files.ts'
import { merged, readStatus } from './dpkg.ts'
import { dropped, type ElWorld } from './packages.ts'
import { repositories } from './release.ts'
import { fileName, rpmsOf, specOf, type Contents, type Rpm } from './spec.ts'

/** The directory in the container where packages are built. */
export const buildDirectory = '/root/rpms'

const unwanted = new RegExp(
  [
    '/usr/share/(doc|man|locale|lintian|bug|apport|fish|zsh|vim|bash-completion|doc-base|menu)/',
    '/etc/(apparmor.d|init.d|ufw|ppp|insserv.conf.d|cron.daily|cron.d|dpkg|apt)/',
    '/etc/network/if-',
    '/usr/lib/(dpkg|apt)/',
  ].join('|'),
)

/**
 * Reads which files Debian's packages installed in the container, and writes the spec of the rpm packages to make of these files.
 *
 * @param site the directory of the two layers: `root`, the host's disk so far, and `container` above it
 */
export async function writeBuildPlan(site: string, architecture: string, world: ElWorld): Promise<void> {
  const layers = ['container', 'root'].map((layer) => path.join(site, layer))
  const at = path.join(site, 'container', buildDirectory)
  const debs = readStatus((await textOf(path.join(site, 'container/var/lib/dpkg/status'))) ?? '')
  const inBase = readStatus((await textOf(path.join(site, 'root/var/lib/dpkg/status'))) ?? '')
  const links = readLinks((await textOf(path.join(at, 'alternatives'))) ?? '')
  const known = new Map<string, FileKind>()
  const kindOf = (file: string): FileKind => {
    const kind = known.get(file) ?? look(layers, file)
    known.set(file, kind)
    return kind
  }
  const lists = await readLists(
    layers,
    [...debs.keys()].filter((name) => !dropped.includes(name)),
  )
  const rpms = rpmsOf(world.packages, debs, contentsOf(lists, links, kindOf))

  await mkdir(path.join(at, 'lists'), { recursive: true })
  for (const rpm of rpms) {
    await replaceAtomically(path.join(at, 'lists', rpm.name), `${rpm.lines.join('\n')}\n`)
    for (const file of rpm.files ?? []) {
      await mkdir(path.dirname(path.join(at, 'own', file.path)), { recursive: true })
      await replaceAtomically(path.join(at, 'own', file.path), file.text)
    }
  }
  const all = [...lists.values()].flat().filter((file) => !unwanted.test(file) && kindOf(file) !== 'gone')
  const pairs = (of: (rpm: Rpm) => Readonly<Record<string, string>> | undefined): string =>
    rpms.flatMap((rpm) => Object.entries(of(rpm) ?? {}).map(([to, from]) => `${to}\t${from}\n`)).join('')
  const named = (rpm: Rpm): string => `${rpm.repository}/${fileName(rpm, architecture)}`
  const isInBase = ({ name, of }: Rpm): boolean =>
    !world.installedForReal.includes(name) && of.some(({ deb }) => inBase.has(deb))
  const lines = (of: readonly Rpm[]): string => of.map((rpm) => `${repositories}/${named(rpm)}\n`).join('')
  const texts = {
    spec: specOf(rpms, `${buildDirectory}/lists`),
    taken: [...new Set(all)].map((file) => `.${file}\0`).join(''),
    copies: pairs(({ copies }) => copies),
    links: [...links].map(([link, to]) => `${link}\t${to}\n`).join('') + pairs((rpm) => rpm.links),
    dirs: rpms.flatMap(({ dirs = [] }) => dirs.map((dir) => `${dir.path}\n`)).join(''),
    files: rpms.map((rpm) => `${named(rpm)}\n`).join(''),
    inBase: lines(rpms.filter(isInBase)),
    forReal: lines(rpms.filter(({ name }) => world.installedForReal.includes(name))),
  }
  for (const [name, text] of Object.entries(texts)) await replaceAtomically(path.join(at, name), text)
}

type FileKind = 'dir' | 'file' | 'gone'

function look(layers: readonly string[], file: string): FileKind {
  for (const layer of layers) {
    const found = lstatSync(path.join(layer, file), { throwIfNoEntry: false })
    if (found) return found.isDirectory() ? 'dir' : found.isCharacterDevice() ? 'gone' : 'file'
  }
  return 'gone'
}

/** For each package the paths that dpkg lists for it. */
async function readLists(
  layers: readonly string[],
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (const layer of layers) {
    const info = path.join(layer, 'var/lib/dpkg/info')
    for (const file of await readdir(info)) {
      const name = /^([^:]+)(?::[^.]+)?\.list$/.exec(file)?.[1]
      if (name === undefined || found.has(name) || !names.includes(name)) continue
      const text = await readFile(path.join(info, file), 'utf8')
      found.set(
        name,
        text
          .split('\n')
          .filter((line) => line !== '' && line !== '/.')
          .map(merged),
      )
    }
  }
  return found
}

/** Lines of a link and its target. Debian's links through /etc/alternatives become direct links. */
function readLinks(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('/usr/share/'))
  return new Map(lines.map((line) => line.split('\t')).map(([link = '', to = '']) => [merged(link), merged(to)]))
}

/** The listed paths that exist and are wanted. A directory shared by several packages belongs to none. Pure except for `kindOf`. */
export function contentsOf(
  lists: ReadonlyMap<string, readonly string[]>,
  links: ReadonlyMap<string, string>,
  kindOf: (file: string) => FileKind,
): Contents {
  const times = new Map<string, number>()
  for (const paths of lists.values()) for (const each of new Set(paths)) times.set(each, (times.get(each) ?? 0) + 1)
  const of = (kind: 'dir' | 'file') =>
    new Map(
      [...lists].map(([deb, paths]) => {
        const known = new Set(paths)
        const led = kind === 'file' ? [...links].filter(([, to]) => known.has(to)).map(([link]) => link) : []
        const own = [...known].filter((each) => kindOf(each) === kind && (kind === 'file' || times.get(each) === 1))
        return [deb, [...new Set([...own, ...led])].filter((each) => !unwanted.test(each))] as const
      }),
    )
  return { files: of('file'), dirs: of('dir') }
}
