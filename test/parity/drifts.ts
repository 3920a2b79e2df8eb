import type { Resource } from '../../lib/index.ts'
import { absolutePathsOf, createsOf, editsWhatIsThere, namesOf, unitOf } from './reading.ts'
import * as how from './ways.ts'
import type { Way, Ways } from './ways.ts'

/** Something that can go wrong with a host. */
export interface Drift extends Way {
  readonly thing: string
  readonly sort: string
  /** The role edits what is there. What others had written, and is lost now, is for nobody to guess. */
  readonly theirs: boolean
}

/** What a command or a kind of the site's own looks after is known to its role alone. */
const BY_NAME: Readonly<Record<string, readonly [thing: string, ways: Ways]>> = {
  'exec:certificate authority': ['/opt/certs', how.AUTHORITY],
  'dockerBridge:docker0': ['docker0', how.BRIDGE],
  'harborProject:public': ['public', how.PROJECT],
}

/** Kinds that edit what is in a file, and so must be able to read it. */
const STRUCTURED = ['jsonFile', 'yamlFile', 'iniFile', 'keyValue', 'sshdConfig']

/** What can happen to what a resource looks after. */
export function driftsOf(resource: Resource): Drift[] {
  const { kind, name, id } = resource
  const theirs = STRUCTURED.includes(kind) || editsWhatIsThere(resource)
  const of = (things: readonly string[], ways: Ways) =>
    things.flatMap((thing) =>
      Object.entries(ways).flatMap(([sort, each]) => each.map((way) => ({ thing, sort, theirs, ...way }))),
    )
  const [thing, ways] = BY_NAME[id] ?? []
  if (thing !== undefined && ways !== undefined) return of([thing], ways)
  switch (kind) {
    case 'pkg':
      return of(namesOf(resource), how.PACKAGE)
    case 'service':
      return of(unitOf(resource), how.UNIT)
    case 'dir':
      return of([name], how.DIRECTORY)
    case 'link':
      return of([name], how.LINK)
    case 'user':
      return of([name], how.USER)
    case 'group':
      return of([name], how.GROUP)
    case 'hostname':
      return of(['/etc/hostname'], how.HOSTNAME)
    case 'absent':
      return of([name], how.BACK)
    case 'exec':
      return of(createsOf(resource), how.MADE)
    case 'postgresUser':
      return of([name], how.POSTGRES_USER)
    case 'postgresDatabase':
      return of([name], how.POSTGRES_DATABASE)
    case 'postgresExtension':
      return of([name], how.POSTGRES_EXTENSION)
    case 'git':
      return of([name], how.WORK_TREE)
    case 'sysctl':
      return [...of([name], how.KERNEL_SETTING), ...of(absolutePathsOf(resource), how.FILE)]
    case 'nftables':
      return of([name], how.RULES)
    case 'kubeObject':
      return of([name], how.OBJECTS)
    case 'harborLogs':
      return of([name], how.MADE)
    case 'harborInstall':
      return of([name], how.INSTALLED)
    case 'dockerCompose':
    case 'dockerContainer':
      return of([name], how.CONTAINER)
    default:
      return of(absolutePathsOf(resource), STRUCTURED.includes(kind) ? how.READABLE : how.FILE)
  }
}
