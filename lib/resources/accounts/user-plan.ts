import { unlockSteps } from './account-locks.ts'
import { ACCOUNT_PATHS } from './account-prediction.ts'
import { lines, raw, sh } from '../../sh/quote.ts'
import type { Plan, Refused, Step } from '../kit/kind.ts'
import {
  create,
  differences,
  digest,
  join,
  leave,
  makeHome,
  removeHome as homeRemoval,
  type UserHave,
  type UserWant,
} from './user-steps.ts'

/** What brings an account to how it should be. What one of the tools would stop at half-way is refused before anything is done. */
export function planUser(want: UserWant, have: UserHave): Plan | Refused {
  const plan = want.state === 'absent' ? removal(want, have) : presence(want, have)
  if ('refused' in plan || plan.steps.length === 0) return plan
  // The tools go from one file to the next, and only then to the home.
  const steps = plan.steps.map((step) => ({ ...step, changesOnly: ACCOUNT_PATHS }))
  return { ...plan, steps: [...unlockSteps(have.tools ? have.locks : []), ...steps] }
}

function removal({ name, removeHome }: UserWant, have: UserHave): Plan | Refused {
  if (have.fields === undefined) return { steps: [] }
  if (!have.local)
    return {
      refused: `user ${name} does not come from /etc/passwd, so it cannot be removed here`,
      hint: 'remove it where it comes from, such as LDAP; `getent passwd` and /etc/nsswitch.conf say what the host asks',
    }
  const stays = heldBack(name, have) ?? (removeHome === true ? homeHeldBack(name, have) : undefined)
  if (stays !== undefined) return stays
  const account = sh`${raw(have.tools ? 'userdel' : 'deluser')} ${name} || exit 1`
  const { leaving, fields } = have
  const home = leaving?.homeOwner === undefined ? '' : (fields[5] ?? '')
  const rest = removeHome === true ? [homeRemoval(home, leaving?.mail?.path)] : []
  return {
    steps: [
      { summary: `remove user ${name}${removeHome === true ? ' and its home' : ''}`, sh: lines(account, ...rest) },
    ],
  }
}

/** usermod and userdel do not touch the number or home of an account with running processes; busybox's deluser does not ask. */
function heldBack(name: string, { tools, processes }: UserHave): Refused | undefined {
  const [first, ...others] = tools ? processes : []
  if (first === undefined) return undefined
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const hint = first.unit.endsWith('.service')
    ? `put service('${first.unit.replace(/\.service$/, '')}', { running: false }) before this resource`
    : `end it first: pkill -u ${name}`
  return { refused: `user ${name} is busy: process ${first.id} (${first.name})${more}`, hint }
}

function homeHeldBack(name: string, { fields = [], leaving }: UserHave): Refused | undefined {
  const home = fields[5] ?? ''
  if (leaving?.mail !== undefined && leaving.mail.owner !== fields[2])
    return {
      refused: `the mail of user ${name} cannot be removed with it: ${leaving.mail.path} is not owned by ${name}`,
      hint: `put absent('${leaving.mail.path}') before this resource, or leave removeHome out`,
    }
  if (leaving?.homeOwner === undefined) return undefined
  const why = leaving.homeIsLink
    ? 'a symbolic link'
    : leaving.mounted !== undefined
      ? `in use: something is mounted at ${leaving.mounted}`
      : leaving.readOnly !== undefined
        ? `on a read-only file system, ${leaving.readOnly}`
        : leaving.homeShared.length > 0
          ? `the home of ${leaving.homeShared.join(', ')} too, or has it in it`
          : leaving.homeOwner === fields[2]
            ? undefined
            : `not owned by ${name}`
  return why === undefined
    ? undefined
    : {
        refused: `the home of user ${name} cannot be removed with it: ${home} is ${why}`,
        hint: `leave removeHome out, and use absent('${home}', { recursive: true }) if it may be removed`,
      }
}

function presence(want: UserWant, have: UserHave): Plan | Refused {
  const { name, uid } = want
  const exists = have.fields !== undefined
  const [lacking] = have.lacks
  if (lacking !== undefined)
    return {
      refused: `user ${name} is to be in group ${lacking}, which the host does not know`,
      hint: `put group('${lacking}') before this resource`,
    }
  if (have.taken !== undefined && have.taken !== name && have.fields?.[2] !== String(uid))
    return { refused: `uid ${uid ?? ''} belongs to user ${have.taken}` }
  const homeless = noHome(want, have)
  if (homeless !== undefined) return homeless
  const memberships = membershipChanges(want, have)
  if ('refused' in memberships) return memberships
  const account = exists ? accountChange(want, have) : [create(want, have)]
  if ('refused' in account) return account
  const password = passwordStep(want, have)
  const steps = [...account, ...membershipSteps(want, have, memberships), ...homeStep(want, have), ...listOf(password)]
  if (steps.length > 0 && exists && !have.local)
    return {
      refused: `user ${name} does not come from /etc/passwd, so it cannot be changed here`,
      hint: `change it where it comes from, such as LDAP; a group of this host takes it by \`gpasswd -a ${name} GROUP\``,
    }
  return { steps, ...(password === undefined ? {} : { changes: [{ hidden: `the password hash of ${name}` }] }) }
}

function listOf(step: Step | undefined): readonly Step[] {
  return step === undefined ? [] : [step]
}

/** Groups that the user is not in and should be, and the other way round. */
interface MembershipChanges {
  readonly missing: readonly string[]
  readonly extra: readonly string[]
}

function membershipChanges(want: UserWant, have: UserHave): MembershipChanges | Refused {
  const { name, groups } = want
  const missing = groups.filter((each) => !have.groups.includes(each))
  const extra =
    want.onlyTheseGroups === true
      ? have.groups.filter((each) => each !== have.primary && each !== want.group && !groups.includes(each))
      : []
  const foreign = [...missing, ...extra].find((each) => have.elsewhere.includes(each))
  if (foreign === undefined || (have.fields !== undefined && !have.local)) return { missing, extra }
  return {
    refused: `user ${name} cannot be ${missing.includes(foreign) ? 'put into' : 'taken out of'} group ${foreign} here: the group does not come from /etc/group`,
    hint: 'change who is in it where it comes from, such as LDAP; `getent group` and /etc/nsswitch.conf say what the host asks',
  }
}

/** The step that changes the entry of an account, if it differs. */
function accountChange(want: UserWant, have: UserHave): readonly Step[] | Refused {
  const { name } = want
  const changes = differences(want, have)
  if (changes.length === 0) return []
  const words = changes.map(({ say }) => say).join(', ')
  if (!have.tools) return { refused: `user ${name} is to have ${words}, and this host has no usermod to change it` }
  const isHeld = changes.some(({ flags }) => ['-u', '-d'].includes(flags[0] ?? ''))
  const stays = isHeld ? heldBack(name, have) : undefined
  if (stays !== undefined) return stays
  return [
    {
      summary: `change user ${name}: ${words}`,
      sh: sh`usermod ${changes.flatMap(({ flags }) => flags)} ${name}`,
    },
  ]
}

function membershipSteps({ name }: UserWant, have: UserHave, { missing, extra }: MembershipChanges): readonly Step[] {
  const exists = have.fields !== undefined
  const steps: Step[] = []
  // useradd puts a new user into its groups itself.
  if (missing.length > 0 && (exists || !have.tools))
    steps.push({ summary: `add ${name} to ${missing.join(', ')}`, sh: join(name, missing, have) })
  if (exists && extra.length > 0)
    steps.push({
      summary: `remove ${name} from ${extra.join(', ')}`,
      sh: lines(...extra.map((each) => leave(name, each, have))),
    })
  return steps
}

/** The step that makes the home of an existing account. A new account gets its home with it. */
function homeStep(want: UserWant, have: UserHave): readonly Step[] {
  const home = want.home ?? have.fields?.[5] ?? ''
  const isDue = have.fields !== undefined && want.createHome === true && !have.homeIsThere && home !== ''
  return isDue ? [{ summary: `create ${home}`, sh: makeHome(want.name, home) }] : []
}

/** The step that sets the password, if it differs and may be set. */
function passwordStep({ name, password, updatePassword }: UserWant, have: UserHave): Step | undefined {
  if (password === undefined || digest(password) === have.passwordDigest) return undefined
  if (have.fields !== undefined && updatePassword === false) return undefined
  return {
    summary: `set the password of ${name}`,
    sh: sh`chpasswd -e`,
    stdin: Buffer.from(`${name}:${password.reveal()}\n`),
  }
}

/** useradd makes the account first, and stops at the home then. */
function noHome(want: UserWant, have: UserHave): Refused | undefined {
  const { newHome } = have
  const isWanted = makesHome(want, have)
  if (newHome === undefined || !isWanted || newHome.type === 'dir') return undefined
  const { path, above } = newHome
  if (newHome.type === 'other')
    return {
      refused: `the home of user ${want.name} cannot be made: ${path} is not a directory`,
      hint: `remove ${path}, or choose another home`,
    }
  if (newHome.blocked)
    return {
      refused: `the home of user ${want.name} cannot be made: ${above} is not a directory`,
      hint: `remove ${above}, or choose another home`,
    }
  if (newHome.lord !== undefined)
    return {
      refused: `the home of user ${want.name} cannot be made safely: ${newHome.lord === 'root' ? 'others' : newHome.lord} can change ${above}`,
      hint: 'choose a home in a directory that only root can change',
    }
  if (newHome.readOnly !== undefined)
    return {
      refused: `the home of user ${want.name} cannot be made: ${path} is on a read-only file system, ${newHome.readOnly}`,
      hint: 'choose another home, or set createHome: false',
    }
  return undefined
}

/** A new user gets a home unless it is the system's; one that is there gets it again only when that is asked for. */
export function makesHome({ createHome, system }: UserWant, { fields, homeIsThere }: UserHave): boolean {
  return fields === undefined ? (createHome ?? system !== true) : createHome === true && !homeIsThere
}
