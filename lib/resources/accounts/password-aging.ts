import { sh } from '../../sh/quote.ts'
import { accountName } from './account.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { flag, text, value, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

export interface PasswordAgingOptions {
  /** Days after which the password must be changed; `never`. */
  readonly maximumDays?: number | 'never'
  /** Days before which it may not be changed. */
  readonly minimumDays?: number
  /** Days before its end from which the user is warned. */
  readonly warningDays?: number
  /** Days after its end after which the account is locked; `never`. */
  readonly inactiveDays?: number | 'never'
  /** The day on which the account ends, `2027-01-31`; `never`. */
  readonly expires?: string
  /** The password lets nobody in (`!` before it). Keys still do. */
  readonly locked?: boolean
}

export interface PasswordAgingWant extends PasswordAgingOptions {
  readonly user: string
}

/** The fields of shadow(5) that chage sets; -1 where there is nothing. */
const FIELDS = ['minimumDays', 'maximumDays', 'warningDays', 'inactiveDays', 'expires'] as const
type Field = (typeof FIELDS)[number]
const OPTION: Readonly<Record<Field, string>> = {
  minimumDays: '-m',
  maximumDays: '-M',
  warningDays: '-W',
  inactiveDays: '-I',
  expires: '-E',
}

interface State {
  readonly fields: Readonly<Record<Field, number>> | undefined
  readonly isLocked: boolean
  /** It is locked and has no password. */
  readonly isBare: boolean
  readonly hasTools: boolean
  /** What a user gets who is made now; undefined where that is not known. */
  readonly ofNewUsers?: Readonly<Record<Field, number>> | undefined
}

/**
 * When the password of a user must be changed, when the account ends, and whether the password is locked. What is left out stays as it is.
 *
 * @example
 * passwordAging('ada', { maximumDays: 90, warningDays: 14 })
 * passwordAging('contractor', { expires: '2027-01-31' })
 * passwordAging('root', { locked: true })
 *
 * Refused: a user that /etc/shadow does not have, unless one is to come; a host without chage.
 *
 * Source: chage(1), shadow(5), passwd(1).
 */
export function passwordAging(user: string, options: PasswordAgingOptions): Resource {
  const { name, options: given } = read(user, options)
  return make(name, { user: name, ...given })
}

const days = () => whole('whole days, at least 0', 0, 99999)
const orNever = () =>
  value<number | 'never'>(
    'whole days, or "never"',
    (given) => given === 'never' || (Number.isInteger(given) && Number(given) >= 0 && Number(given) < 100_000),
  )

const read = resourceOptions<PasswordAgingOptions>()(
  'passwordAging',
  (name) => {
    accountName('passwordAging', name)
    return String(name)
  },
  () => ({
    maximumDays: orNever().optional(),
    minimumDays: days().optional(),
    warningDays: days().optional(),
    inactiveDays: orNever().optional(),
    expires: text('a day such as "2027-01-31", or "never"', isDay).optional(),
    locked: flag().optional(),
  }),
  (_, given) => [given.size === 0 ? { expected: 'given at least one option', got: 'none' } : undefined],
)

function isDay(given: string): boolean {
  if (given === 'never') return true
  const time = Date.parse(`${given}T00:00:00Z`)
  return /^\d{4}-\d\d-\d\d$/.test(given) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(given)
}

const DAY = 24 * 60 * 60 * 1000

const make = kind<PasswordAgingWant, State>({
  name: 'passwordAging',
  // The password itself is not printed: only whether it begins with the sign of a locked one.
  probe: ({ user }) => sh`command -v chage >/dev/null 2>&1 && command -v usermod >/dev/null 2>&1 && echo tools
while IFS=: read -r n p _ a b c d e _; do [ "$n" = ${user} ] || continue
echo "fields $a:$b:$c:$d:$e"; case $p in !*) echo locked;; esac; case $p in ! | !!*) echo bare;; esac; exit 0; done </etc/shadow 2>/dev/null
grep -E '^(PASS_MIN_DAYS|PASS_MAX_DAYS|PASS_WARN_AGE)[[:space:]]' /etc/login.defs 2>/dev/null | sed 's/^/rule /'
grep -E '^(INACTIVE|EXPIRE)=' /etc/default/useradd 2>/dev/null | sed 's/=/ /; s/^/rule /'; :`,
  read(_, { lines }) {
    const line = lines.find((each) => each.startsWith('fields '))?.slice(7)
    const numbers = line?.split(':').map((each) => (each === '' ? -1 : Number(each)))
    const [minimumDays = -1, maximumDays = -1, warningDays = -1, inactiveDays = -1, expires = -1] = numbers ?? []
    return {
      fields: numbers === undefined ? undefined : { minimumDays, maximumDays, warningDays, inactiveDays, expires },
      isLocked: lines.includes('locked'),
      isBare: lines.includes('bare'),
      ...(numbers === undefined ? { ofNewUsers: rulesIn(lines) } : {}),
      hasTools: lines.includes('tools'),
    }
  },
  plan: planned,
  predict({ user }, have, prediction) {
    if (prediction.empty) return have
    const hasTools =
      have.hasTools || prediction.packages.installed().some(({ name }) => /^(passwd|shadow-utils)$/.test(name))
    const account = prediction.accounts.get('user', user)
    if (account?.exists === false) return { ...have, hasTools, fields: undefined }
    if (account !== undefined && have.fields === undefined) {
      const { aging } = account.entry ?? {}
      const isSure = RULES.every((path) => prediction.paths.get(path) === undefined)
      if (aging === undefined || have.ofNewUsers === undefined || (aging.limits !== 'none' && !isSure))
        return { unknown: `how long the password of ${user} holds is known only after ${account.from}` }
      const fields = aging.limits === 'none' ? NO_LIMITS : have.ofNewUsers
      return { ...have, hasTools, fields, isLocked: aging.isLocked, isBare: account.entry?.passwordDigest === '' }
    }
    const given = account?.entry?.passwordDigest
    if (have.isBare && given !== undefined && given !== '') return { ...have, hasTools, isBare: false }
    return hasTools === have.hasTools ? have : { ...have, hasTools }
  },
})

function planned(want: PasswordAgingWant, { fields, isLocked, isBare, hasTools }: State): Step[] | Refused {
  const { user, locked } = want
  if (fields === undefined)
    return {
      refused: `/etc/shadow has no user ${user}`,
      hint: `put user('${user}') before this resource; the password of a user from elsewhere, such as LDAP, is changed there`,
    }
  // usermod would leave it as it is: nobody may log in without a password.
  if (locked === false && isLocked && isBare)
    return {
      refused: `${user} has no password that could be unlocked`,
      hint: `give it one before: user('${user}', { password })`,
    }
  const due = FIELDS.flatMap((field) => {
    const wanted = numberOf(want[field])
    // No limit is written as nothing, and by many tools as 99999.
    const isSame = wanted === fields[field] || (field === 'maximumDays' && wanted === -1 && fields[field] >= 99_999)
    return wanted === undefined || isSame ? [] : [{ field, wanted }]
  })
  if ((due.length > 0 || (locked !== undefined && locked !== isLocked)) && !hasTools)
    return {
      refused: 'this host has no chage or usermod',
      hint: 'put the package that brings them before this resource',
    }
  return [
    ...(due.length === 0
      ? []
      : [
          {
            summary: `set ${due.map(({ field }) => `${WORDS[field]} ${String(want[field])}`).join(', ')} of ${user}`,
            sh: sh`chage ${due.flatMap((each) => [OPTION[each.field], String(each.wanted)])} -- ${user}`,
          },
        ]),
    ...(locked === undefined || locked === isLocked
      ? []
      : [
          {
            summary: `${locked ? 'lock' : 'unlock'} the password of ${user}`,
            sh: sh`usermod ${locked ? '-L' : '-U'} -- ${user}`,
          },
        ]),
  ]
}

/** What useradd follows. */
const RULES = ['/etc/login.defs', '/etc/default/useradd']

const NO_LIMITS = { minimumDays: -1, maximumDays: -1, warningDays: -1, inactiveDays: -1, expires: -1 }

/** What a new user gets. Source: login.defs(5), useradd(8). */
function rulesIn(lines: readonly string[]): State['fields'] {
  const rules = new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^rule (\w+)\s+(\S+)\s*$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    }),
  )
  const rule = (name: string) => Number(rules.get(name) ?? -1)
  const expires = rules.get('EXPIRE')
  const fields = {
    minimumDays: rule('PASS_MIN_DAYS'),
    maximumDays: rule('PASS_MAX_DAYS'),
    warningDays: rule('PASS_WARN_AGE'),
    inactiveDays: rule('INACTIVE'),
    expires: expires === undefined ? -1 : isDay(expires) ? (numberOf(expires) ?? Number.NaN) : Number.NaN,
  }
  return Object.values(fields).some(Number.isNaN) ? undefined : fields
}

const WORDS: Readonly<Record<Field, string>> = {
  minimumDays: 'minimum days',
  maximumDays: 'maximum days',
  warningDays: 'warning days',
  inactiveDays: 'inactive days',
  expires: 'end of the account',
}

function numberOf(given: number | string | undefined): number | undefined {
  if (given === undefined || typeof given === 'number') return given
  if (given === 'never') return -1
  return Math.round(Date.parse(`${given}T00:00:00Z`) / DAY)
}
