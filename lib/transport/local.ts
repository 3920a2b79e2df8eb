import { connectPrograms } from './programs.ts'
import type { Connection } from './transport.ts'

/** The controller itself: commands run as child processes. */
export function connectLocal(): Connection {
  return connectPrograms((command, isForAnother) => ['/bin/sh', ['-c', command], environment(isForAnother)])
}

/** What any account may know, about as sudo keeps it. Everything else in the environment may be secret. */
const OPEN =
  /^(HOME|PATH|SHELL|USER|LOGNAME|TERM|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|PWD|SHLVL|[a-z]+_proxy|[A-Z]+_PROXY)$/

/**
 * The environment of a command. What is not for other accounts is left out for a shell of another account. For a shell of our own it is named in
 * `ROLECALL_PRIVATE`, because single commands of that shell may run as another account; see `unsetPrivate`.
 *
 * Source: sudoers(5), env_reset and env_keep.
 */
function environment(isForAnother: boolean): NodeJS.ProcessEnv {
  const own = Object.keys(process.env).filter((name) => isPrivate(name, process.env[name] ?? ''))
  if (!isForAnother)
    return { ...process.env, ROLECALL_PRIVATE: own.filter((name) => /^[A-Za-z_]\w*$/.test(name)).join(' ') }
  const hidden = new Set(own)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.has(name)))
}

/** The address of a proxy may hold a password. */
function isPrivate(name: string, value: string): boolean {
  return !OPEN.test(name) || (/_proxy$/i.test(name) && value.includes('@'))
}
