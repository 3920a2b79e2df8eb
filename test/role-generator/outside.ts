import { posix } from 'node:path'
import { ownsTree, pathsOf, Places } from './places.ts'
import { differences, type Snapshot } from './snapshot.ts'
import { optionsOf, resourcesOf, type Case } from './spec.ts'

/**
 * What changed although no resource names it. `changed`: names of the resources that the run told as changed (`file:/etc/motd`);
 * what others name may not change either.
 */
export function outside(
  spec: Case,
  before: Snapshot,
  after: Snapshot,
  changed: ReadonlySet<string>,
): readonly string[] {
  const places = new Places(spec, before, after)
  const resources = resourcesOf(spec).filter((resource) => isAmong(changed, resource))
  const named = new Set<string>()
  const trees = new Set<string>()
  const parents = new Set<string>()
  const kept = new Set<string>()
  for (const resource of resources)
    for (const path of pathsOf(resource))
      for (const place of places.of(path)) {
        named.add(place)
        if (ownsTree(resource)) trees.add(place)
        if (optionsOf(resource)['backup'] === true) kept.add(place)
        if (['dir', 'exec'].includes(resource.make)) for (const parent of above(place)) parents.add(parent)
      }
  const also = systemFiles(resources.map(({ make }) => make))
  return differences(before, after).flatMap(({ path, from, to }) => {
    const isNamed = named.has(path) || [...trees].some((tree) => path.startsWith(`${tree}/`))
    const isParent = from === 'nothing' && to.startsWith('dir 755 0 0') && parents.has(path)
    const isBackup = /\.\d{8}T\d{6}~$/.test(path) && kept.has(path.replace(/\.[^.]*~$/, ''))
    const isSystem = also.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
    return isNamed || isParent || isBackup || isSystem ? [] : [`${path} was ${from}, is ${to}`]
  })
}

function isAmong(changed: ReadonlySet<string>, { make, args }: { make: string; args: readonly unknown[] }): boolean {
  const name = String(args[0])
  return [...changed].some((each) => each.startsWith(`${make}:${name}`) || each === `${make}:${posix.normalize(name)}`)
}

function above(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}

/** What the tools of some kinds keep books in. */
function systemFiles(makes: readonly string[]): string[] {
  const accounts = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].flatMap((name) => [
    `/etc/${name}`,
    `/etc/${name}-`,
  ])
  return makes.some((make) => ['user', 'group'].includes(make)) ? [...accounts, '/etc/.pwd.lock'] : []
}
