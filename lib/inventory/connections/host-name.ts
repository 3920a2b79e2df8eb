import type { Place, Problem } from '../../errors.ts'
import { readHostPattern } from '../patterns/host-pattern.ts'
import type { Report } from '../parse.ts'
import { isSettingName } from './settings.ts'

/** Characters that names must not have: those of patterns, and those of paths. */
const UNFIT = /[\s,:&![\]*?~/\\]/

export interface NamedHosts {
  readonly names: readonly string[]
  readonly port?: number
}

/** The host or the range of hosts that a word names. Reports invalid names. */
export function hostNames(word: string, place: () => Place, report: Report): NamedHosts {
  const pattern = readHostPattern(word)
  if ('wrong' in pattern) {
    report({
      code: 'inventory',
      message: `the host range "${word}" is wrong: ${pattern.wrong}`,
      place: place(),
      expected: 'a range such as [01:05], [a:c] or [1:10:2]',
      got: word,
      hint: /\[\w+-\w+\]/.test(word)
        ? `a range has a colon: ${word.replace(/\[(\w+)-(\w+)\]/, '[$1:$2]')}`
        : 'write the range so, or each host on a line of its own',
    })
    return { names: [] }
  }
  const first = pattern.names[0] ?? ''
  const wrong = hostNameProblem(first, place)
  if (wrong === undefined) return pattern
  report(wrong)
  return { names: [] }
}

/** The problem with a host's name that is no pattern, if there is one. An IPv6 address is fine. */
export function hostNameProblem(name: string, place: () => Place): Problem | undefined {
  if (name.includes(':') && !/[^\da-fA-F:.]|:$/.test(name)) return undefined
  if (name === 'all' || name === 'ungrouped') {
    return {
      code: 'inventory',
      place: place(),
      message: `a host cannot be called "${name}"`,
      hint: `"${name}" is always a group; give the host another name`,
    }
  }
  if (isSettingName(name)) {
    return {
      code: 'inventory',
      place: place(),
      message: `the connection variable ${name} is among the hosts`,
      expected: 'the name of a host',
      hint: `indent ${name} under its host; if it is for all hosts of the group, put it under vars:`,
    }
  }
  return shapeProblem('host', name, place)
}

/** The problem with a group's name, if there is one. */
export function groupNameProblem(name: string, place: () => Place): Problem | undefined {
  return shapeProblem('group', name, place)
}

function shapeProblem(what: string, name: string, place: () => Place): Problem | undefined {
  const unfit = UNFIT.exec(name)?.[0]
  if (unfit === undefined && name !== '' && !name.startsWith('-') && !/^\.+$/.test(name)) return undefined
  return {
    code: 'inventory',
    message: `"${name}" cannot be the name of a ${what}`,
    place: place(),
    expected: 'letters, digits, dots, dashes and underscores',
    got: unfit === undefined ? `"${name}"` : `a name with ${JSON.stringify(unfit)} in it`,
    hint: name.endsWith(':')
      ? `leave the colon at the end out; if the file is YAML, its name ends with .yml`
      : `give the ${what} a name without the characters of patterns and paths`,
  }
}
