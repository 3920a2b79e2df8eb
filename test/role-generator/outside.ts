import { posix } from 'node:path'
import { namesOf } from './build.ts'
import { LANGUAGE_TREES } from './grammar-languages.ts'
import { ownsTree, pathsOf, Places } from './places.ts'
import { ACCOUNTS, differences, type Entry, type Snapshot } from './snapshot.ts'
import { optionsOf, resourcesOf, type Case, type ResourceSpec } from './spec.ts'

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
  const accounts = new Set(resources.flatMap(accountsOf))
  for (const resource of resources)
    for (const path of pathsOf(resource))
      for (const place of places.of(path)) {
        named.add(place)
        if (ownsTree(resource)) trees.add(place)
        if (optionsOf(resource)['backup'] === true) kept.add(place)
        if (['dir', 'exec', 'tree', 'git', 'mount'].includes(resource.make))
          for (const parent of above(place)) parents.add(parent)
      }
  // A further name of a file that is named: what it is and whose it is has the file, and not the name.
  const files = new Set([...named].flatMap((path) => inodeOf(before.get(path))))
  const books = booksOf(resources)
  return differences(before, after).flatMap(({ path, from, to }) => {
    // What a tool has fetched before it failed is not fetched again.
    if (/^\/root\/\.(npm|cache)(\/|$)/.test(path)) return []
    // Which other units go along is said by the units.
    if (path.startsWith('unit ')) return []
    const [, server] = /^database (\w+):/.exec(path) ?? []
    if (server !== undefined && resources.some(({ make }) => make.startsWith(server))) return []
    const isNamed = named.has(path) || [...trees].some((tree) => path.startsWith(`${tree}/`))
    const isParent = from === 'nothing' && to.startsWith('dir 755 0 0') && parents.has(path)
    const isBackup = /\.\d{8}T\d{6}~$/.test(path) && kept.has(path.replace(/\.[^.]*~$/, ''))
    const isSameFile = inodeOf(before.get(path)).some(
      (inode) => files.has(inode) && inode === inodeOf(after.get(path))[0],
    )
    const isBook = books.some((prefix) => path === prefix || path.startsWith(prefix))
    if (ACCOUNTS.includes(path)) return strangers(path, accounts, before.get(path)?.text, after.get(path)?.text)
    return isNamed || isParent || isBackup || isBook || isSameFile ? [] : [`${path} was ${from}, is ${to}`]
  })
}

function inodeOf(entry: Entry | undefined): string[] {
  return entry?.is.startsWith('file ') === true ? [entry.at.split(' ')[0] ?? ''] : []
}

function isAmong(changed: ReadonlySet<string>, resource: ResourceSpec): boolean {
  const { make, args } = resource
  const [first] = args
  const name = Array.isArray(first) ? first.join(',') : typeof first === 'string' ? first : ''
  if (namesOf(resource).some((each) => changed.has(each))) return true
  return [...changed].some((each) => each.startsWith(`${make}:${name}`) || each === `${make}:${posix.normalize(name)}`)
}

function above(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}

/** Accounts that a resource names. */
function accountsOf({ make, args }: ResourceSpec): string[] {
  if (make === 'pkg') return ['trialuser']
  return ['user', 'group', 'passwordAging'].includes(make) && typeof args[0] === 'string' ? [args[0]] : []
}

/** Lines of a list of accounts that have changed although they are about others. Who is in a group is said of the user. */
function strangers(path: string, named: ReadonlySet<string>, before = '', after = ''): string[] {
  const isGroup = path.endsWith('/group') || path.endsWith('/gshadow')
  const others = (text: string) =>
    text.split('\n').flatMap((line) => {
      const fields = line.split(':')
      if (named.has(fields[0] ?? '')) return []
      const members = (fields.at(-1) ?? '').split(',').filter((name) => !named.has(name))
      return [isGroup ? [...fields.slice(0, -1), members.join(',')].join(':') : line]
    })
  const [was, is] = [others(before), others(after)]
  return [
    ...was.filter((line) => !is.includes(line)).map((line) => `${path} no longer has ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `${path} has got ${line}`),
  ]
}

/** Where the tools of some kinds keep books, and what the packages of the generator bring. */
function booksOf(resources: readonly ResourceSpec[]): string[] {
  const makes = new Set(resources.map(({ make }) => make))
  const accounts = [...ACCOUNTS.map((path) => `${path}-`), '/etc/.pwd.lock', '/var/mail/', '/var/spool/mail/']
  const packages = [
    '/var/lib/',
    '/var/cache/',
    '/etc/ld.so',
    '/etc/trial',
    '/usr/share/trial',
    '/etc/systemd/',
    '/etc/apt/',
  ]
  return [
    ...(['user', 'group', 'passwordAging', 'pkg'].some((make) => makes.has(make)) ? accounts : []),
    ...(['service', 'timer'].some((make) => makes.has(make)) ? ['/etc/systemd/system/'] : []),
    ...(makes.has('sysctl') ? ['/etc/sysctl.d/90-rolecall-'] : []),
    ...(makes.has('mount') ? ['/etc/fstab'] : []),
    // What a command in the background prints.
    ...(makes.has('exec') ? ['/var/lib/rolecall'] : []),
    ...(makes.has('caTrust') ? ['/etc/ssl/certs', '/etc/ca-certificates', '/usr/local/share/ca-certificates'] : []),
    ...(makes.has('linger') ? ['/var/lib/systemd/linger'] : []),
    ...(makes.has('debconf') ? ['/var/cache/debconf/'] : []),
    ...(makes.has('alternatives') ? ['/var/lib/dpkg/alternatives/', '/etc/alternatives/'] : []),
    ...(makes.has('dpkgDivert') ? ['/var/lib/dpkg/diversions'] : []),
    ...[...makes].flatMap((make) => LANGUAGE_TREES[make] ?? []),
    ...(makes.has('hostname') ? ['/etc/hostname'] : []),
    ...(['pkg', 'packageFile', 'upgrade', 'repository'].some((make) => makes.has(make)) ? packages : []),
  ]
}
