import { sh, type Sh } from '../../../sh/quote.ts'
import { allAfter } from '../../kit/text.ts'

/**
 * Exits with 0 where the host knows an account, from whatever source. The applets of busybox have no getent.
 *
 * Source: id(1), getent(1), group(5).
 */
export function knowsAccount(type: 'user' | 'group', name: string): Sh {
  if (type === 'user') return sh`id -u -- ${name} >/dev/null 2>&1`
  const line = `^${name.replaceAll(/[.[\]*^$\\]/g, '\\$&')}:`
  return sh`{ getent group ${name} >/dev/null 2>&1 || grep -q ${line} /etc/group 2>/dev/null; }`
}

/** Prints `lacks TYPE NAME` where it does not. A number needs no account. */
export function askLacking(type: 'user' | 'group', name: string): Sh[] {
  if (name === '' || /^\d+$/.test(name)) return []
  return [sh`${knowsAccount(type, name)} || echo ${`lacks ${type} ${name}`}`]
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
