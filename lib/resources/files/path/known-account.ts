import { lines, sh, type Sh } from '../../../sh/quote.ts'
import { allAfter } from '../../kit/text.ts'
import type { Account } from './path.ts'

/** An account of the host: several names may share one number. */
export interface KnownAccount {
  readonly type: 'user' | 'group'
  readonly name: string
  readonly id: string
}

/**
 * Prints `known TYPE NAME NUMBER`, or `lacks TYPE NAME`, whatever source the host has its accounts from. A number needs no account. The applets of busybox have no
 * getent.
 *
 * Source: id(1), getent(1), group(5).
 */
export function askAccount(type: 'user' | 'group', name: string): Sh[] {
  if (name === '' || /^\d+$/.test(name)) return []
  const line = `^${name.replaceAll(/[.[\]*^$\\]/g, '\\$&')}:`
  const number =
    type === 'user'
      ? sh`n=$(id -u -- ${name} 2>/dev/null)`
      : sh`n=$(getent group ${name} 2>/dev/null) || n=$(grep ${line} /etc/group 2>/dev/null); n=\${n#*:*:}; n=\${n%%:*}`
  return [
    lines(
      number,
      sh`if [ -n "$n" ]; then echo ${`known ${type} ${name}`} "$n"; else echo ${`lacks ${type} ${name}`}; fi`,
    ),
  ]
}

/** What such lines say of the accounts that are there. */
export function readKnown(said: readonly string[]): KnownAccount[] {
  return allAfter(said, 'known').flatMap((rest) => {
    const [, type, name, id] = /^(user|group) (.+) (\d+)$/s.exec(rest) ?? []
    if (name === undefined || id === undefined) return []
    return [{ type: type === 'user' ? ('user' as const) : ('group' as const), name, id }]
  })
}

/** The owner and group of what was seen, by the wanted name where that has the same number. */
export function asWanted<Seen extends { readonly owner?: Account | undefined; readonly group?: Account | undefined }>(
  seen: Seen,
  known: readonly KnownAccount[],
): Seen {
  const named = (type: 'user' | 'group', have: Account | undefined) => {
    const wanted = known.find((each) => each.type === type && each.id === have?.id)
    return wanted === undefined ? have : { name: wanted.name, id: wanted.id }
  }
  return { ...seen, owner: named('user', seen.owner), group: named('group', seen.group) }
}

/** An account that the host does not know. */
export interface LackingAccount {
  readonly type: 'user' | 'group'
  readonly name: string
}

/** What such lines say. */
export function readLacking(said: readonly string[]): LackingAccount[] {
  return allAfter(said, 'lacks').flatMap((rest) => {
    const [, type, name] = /^(user|group) (.+)$/s.exec(rest) ?? []
    return name === undefined ? [] : [{ type: type === 'user' ? ('user' as const) : ('group' as const), name }]
  })
}
