import { readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'

/** The account on this machine that this process runs as. */
export interface Account {
  readonly name: string
  /** As the system knows it, whatever HOME says. */
  readonly home: string
  readonly uid: number
  /** False for a user id that has no account. */
  readonly isKnown: boolean
}

let account: Account | undefined

/**
 * The account that this process runs as. A container may run as a user id that has none (`docker run --user 4321`, OpenShift): its name is then that of USER
 * or LOGNAME, or else the number, and its home that of `homeDirectory`.
 *
 * @example thisAccount().name   // 'ops'
 */
export function thisAccount(): Account {
  return (account ??= known() ?? unnamed())
}

/**
 * Where this user's own files are: HOME, else the home directory of the account. The root directory where there is neither, as Docker has it.
 *
 * @example join(homeDirectory(), '.ssh')   // '/home/ops/.ssh'
 */
export function homeDirectory(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}

function known(): Account | undefined {
  try {
    const { username: name, homedir: home, uid } = userInfo()
    return { name, home, uid, isKnown: true }
  } catch {
    return undefined
  }
}

function unnamed(): Account {
  const { USER: user, LOGNAME: login } = process.env
  const uid = process.getuid?.() ?? -1
  const [name = String(uid)] = [user, login].filter((each) => each !== undefined && each !== '')
  return { name, home: homeDirectory(), uid, isKnown: false }
}

/**
 * The home directory of an account in /etc/passwd. Undefined: there is no such account.
 *
 * @example homeOf('root')   // '/root'
 */
export function homeOf(name: string): string | undefined {
  const account = thisAccount()
  if (account.isKnown && account.name === name) return account.home
  try {
    const accounts = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
    return accounts.find(([each]) => each === name)?.[5]
  } catch {
    return undefined
  }
}
