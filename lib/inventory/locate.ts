import { dirname, join } from 'node:path'
import { Refusal } from '../errors.ts'
import { kindOf, missing, namesIn, unreadable } from './files.ts'
import { nearest } from '../text/nearest.ts'

export interface Location {
  /** The file with the hosts and groups. */
  readonly hostsFile: string
  /** The directory in which group_vars and host_vars are looked for. */
  readonly directory: string
}

const HOSTS_FILES = ['hosts.yml', 'hosts.yaml']

/** Finds the files of an inventory from the path of its directory or of its one file. */
export function locate(path: string): Location {
  const kind = kindOf(path)
  if (kind === 'file') return { hostsFile: path, directory: dirname(path) }
  if (kind === 'missing') throw new Refusal(missing(path))
  if (kind !== 'directory') throw new Refusal(unreadable(path, 'inventory', kind.error))

  const names = namesIn(path)
  if ('error' in names) throw new Refusal(unreadable(path, 'inventory', names.error))
  const [found, another] = HOSTS_FILES.filter((name) => names.includes(name))
  if (found !== undefined && another === undefined) return { hostsFile: join(path, found), directory: path }
  const about = { code: 'inventory', place: { file: path }, expected: 'one file hosts.yml' } as const
  if (another !== undefined) {
    throw new Refusal({
      ...about,
      message: `${path} has both a hosts.yml and a hosts.yaml`,
      got: 'two',
      hint: 'put what they say into one of them and remove the other',
    })
  }
  throw new Refusal({ ...about, message: `${path} has no hosts.yml`, got: listed(names), hint: hintFor(names) })
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'an empty directory' : names.slice(0, 8).join(', ')
}

function hintFor(names: readonly string[]): string {
  if (names.includes('hosts') || names.includes('hosts.ini')) {
    return 'an INI inventory is not read; let Ansible convert it: ansible-inventory -i FILE --list --yaml > hosts.yml'
  }
  const near = nearest('hosts.yml', names)[0]
  return near === undefined
    ? 'create it, or name another inventory with -i PATH'
    : `did you mean to call ${near} hosts.yml?`
}
