import { isIPv6 } from 'node:net'
import type { Problem } from '../errors.ts'
import type { Report } from './parse.ts'
import { expandRange } from './range.ts'
import { isSettingName } from './settings.ts'
import { standsAt } from './tree.ts'
import type { Entry } from './tree.ts'

/** What patterns are made of, and what would make a path of a name. */
const UNFIT = /[\s,:&![\]*?~/\\]/

/** The hosts that a key under `hosts:` names: one, or the members of a range. Reports a name that cannot be one. */
export function hostNames(entry: Entry, report: Report): readonly string[] {
  const bare = /^\[(.*)\]$/.exec(entry.key)?.[1] ?? entry.key
  if (isIPv6(bare)) return [bare]
  const expansion = expandRange(entry.key)
  if ('wrong' in expansion) {
    report({
      code: 'inventory',
      message: `the host range "${entry.key}" is wrong: ${expansion.wrong}`,
      place: standsAt(entry),
      expected: 'a range such as [01:05], [a:c] or [1:10:2]',
      got: entry.key,
    })
    return []
  }
  const wrong = hostNameProblem(expansion.names[0] ?? '', entry)
  if (wrong === undefined) return expansion.names
  report(wrong)
  return []
}

function hostNameProblem(name: string, entry: Entry): Problem | undefined {
  const about = { code: 'inventory', place: standsAt(entry) } as const
  if (name === 'all' || name === 'ungrouped') {
    return {
      ...about,
      message: `a host cannot be called "${name}"`,
      hint: `"${name}" is always a group; give the host another name`,
    }
  }
  if (isSettingName(name)) {
    return {
      ...about,
      message: `the connection variable ${name} stands among the hosts`,
      expected: 'the name of a host',
      hint: `indent ${name} under its host; if it is for all hosts of the group, put it under vars:`,
    }
  }
  const port = /^([^:]+):(\d+)$/.exec(name)
  if (port !== null) {
    return {
      ...about,
      message: `the host name "${name}" has a port in it`,
      expected: 'a host name',
      hint: `write "${port[1] ?? ''}:" and under it "ansible_port: ${port[2] ?? ''}"`,
    }
  }
  return shapeProblem('host', name, entry)
}

/** What is wrong with the name of a group, if anything. */
export function groupNameProblem(entry: Entry): Problem | undefined {
  return shapeProblem('group', entry.key, entry)
}

function shapeProblem(what: string, name: string, entry: Entry): Problem | undefined {
  const unfit = UNFIT.exec(name)?.[0]
  if (unfit === undefined && name !== '' && !name.startsWith('-') && !/^\.+$/.test(name)) return undefined
  return {
    code: 'inventory',
    message: `"${name}" cannot be the name of a ${what}`,
    place: standsAt(entry),
    expected: 'letters, digits, dots, dashes and underscores',
    got: unfit === undefined ? `"${name}"` : `a name with ${JSON.stringify(unfit)} in it`,
    hint: `give the ${what} a name that a pattern and a file can bear`,
  }
}
