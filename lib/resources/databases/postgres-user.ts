import { Secret } from '../../secret.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { flag, list, oneOf, secretText, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import {
  asks,
  column,
  ident,
  identifier,
  isOwnRole,
  isPassword,
  literal,
  missingLater,
  missingRoles,
  nameIn,
  namesAfter,
  noRole,
  objectName,
  portOption,
  postgres,
  sqlStep,
  verifierOf,
} from './postgres.ts'

export interface PostgresUserOptions {
  readonly password?: string | Secret
  /** Whether the password of a role that is there is set again when it differs. Default true. */
  readonly updatePassword?: boolean
  /** May log in. Default true. */
  readonly login?: boolean
  readonly superuser?: boolean
  readonly createDb?: boolean
  readonly createRole?: boolean
  readonly replication?: boolean
  readonly inherit?: boolean
  readonly bypassRls?: boolean
  /** -1: as many as the server takes. */
  readonly connectionLimit?: number
  /** A time such as `2027-01-01`, or `infinity`. */
  readonly validUntil?: string
  /** Roles that it is a member of; others stay as they are. */
  readonly memberOf?: readonly string[]
  readonly state?: 'present' | 'absent'
  readonly port?: number
}

export interface PostgresUserWant extends Omit<PostgresUserOptions, 'state'> {
  readonly name: string
  readonly state: 'present' | 'absent'
}

interface Role {
  readonly flags: Readonly<Record<string, boolean>>
  readonly connectionLimit: number
  readonly isValidUntil: boolean
  readonly verifier: string
  readonly memberOf: readonly string[]
}

interface State {
  readonly role: Role | undefined
  /** Roles of `memberOf` that are not there. */
  readonly missing: readonly string[]
  /** Roles of `memberOf` that are members of this one. */
  readonly circle: readonly string[]
}

/** Options, columns of pg_authid, and words of SQL. */
const FLAGS = [
  ['login', 'rolcanlogin', 'LOGIN'],
  ['superuser', 'rolsuper', 'SUPERUSER'],
  ['createDb', 'rolcreatedb', 'CREATEDB'],
  ['createRole', 'rolcreaterole', 'CREATEROLE'],
  ['replication', 'rolreplication', 'REPLICATION'],
  ['inherit', 'rolinherit', 'INHERIT'],
  ['bypassRls', 'rolbypassrls', 'BYPASSRLS'],
] as const

/**
 * A role of the PostgreSQL server on the host, asked for and changed by psql as the user postgres over the local socket.
 *
 * The password is compared with the verifier that the server keeps, and set as a verifier (SCRAM-SHA-256): it never leaves this machine, and is in no log
 * of the server. What is left out is not managed; a new role may log in.
 *
 * Prediction: with a pending package of PostgreSQL there is no role yet but `postgres`. Refused: a role of `memberOf` that is not there, and that nothing pending makes; a host
 * without psql, a server that does not answer. A role that owns
 * something does not go: the error has the server's words.
 *
 * @example
 * postgresUser('app', { password: secret(password) })
 * postgresUser('readers', { login: false })
 * postgresUser('anna', { memberOf: ['readers'], validUntil: '2027-01-01' })
 *
 * Source: PostgreSQL, CREATE ROLE, pg_authid; RFC 5802.
 */
export function postgresUser(name: string, options: PostgresUserOptions = {}): Resource {
  const { name: role, options: given } = read(name, options)
  const { state = 'present', login = true, ...others } = given
  return make(role, { name: role, login, ...others, state })
}

const read = resourceOptions<PostgresUserOptions>()('postgresUser', objectName('postgresUser'), () => ({
  password: secretText('a password, best a Secret', (given) => given !== '' && !/[\0\r\n]/.test(given)).optional(),
  updatePassword: flag().optional(),
  login: flag().optional(),
  superuser: flag().optional(),
  createDb: flag().optional(),
  createRole: flag().optional(),
  replication: flag().optional(),
  inherit: flag().optional(),
  bypassRls: flag().optional(),
  connectionLimit: whole('a whole number, -1 or more', -1, 262_143).optional(),
  validUntil: text(
    'a time such as 2027-01-01, or infinity',
    /^(-?infinity|\d{4}-\d\d-\d\d([ T][\w:+. -]+)?)$/,
  ).optional(),
  memberOf: list('a list of roles', identifier()).optional(),
  state: oneOf(['present', 'absent']).optional(),
  port: portOption().optional(),
}))

const make = toolKind<PostgresUserWant, State>({
  name: 'postgresUser',
  tool: () => postgres,
  probe: ({ name, port, validUntil, memberOf = [] }) =>
    asks(
      'postgres',
      port,
      `select 'role', ${FLAGS.map(([, column]) => column).join(', ')}, rolconnlimit, ${validUntil === undefined ? 'true' : `coalesce(rolvaliduntil = ${literal(validUntil)}::timestamptz, false)`}, coalesce(rolpassword, '') from pg_authid where rolname = ${literal(name)};
select 'member', ${column('r.rolname')} from pg_auth_members m join pg_authid r on r.oid = m.roleid join pg_authid u on u.oid = m.member where u.rolname = ${literal(name)} order by r.rolname;
${missingRoles(memberOf)}
${askCircle(name, memberOf)}`,
    ),
  read(_, { lines }) {
    const rows = lines.map((line) => line.split('|'))
    const row = rows.find(([word]) => word === 'role')
    const [missing, circle] = [namesAfter('no role', lines), namesAfter('circle', lines)]
    if (row === undefined) return { role: undefined, missing, circle }
    const rest = row.slice(1 + FLAGS.length)
    return {
      missing,
      circle,
      role: {
        flags: Object.fromEntries(FLAGS.map(([key], at) => [key, row[at + 1] === 't'])),
        connectionLimit: Number(rest[0]),
        isValidUntil: rest[1] === 't',
        verifier: rest[2] ?? '',
        memberOf: rows.flatMap(([word, name = '']) => (word === 'member' ? [nameIn(name)] : [])),
      },
    }
  },
  fresh: ({ name, validUntil, memberOf = [] }) => ({
    role: name === 'postgres' ? superuser(validUntil) : undefined,
    missing: memberOf.filter((group) => !isOwnRole(group)),
    circle: [],
  }),
  isAbsence: ({ state }) => state === 'absent',
  mayComeAlong: ({ name }) => name !== 'postgres' && isOwnRole(name),
  plan(want, { role, missing: [missing], circle: [member] }) {
    if (want.state === 'absent') return steps(want, role)
    if (missing !== undefined) return noRole(missing)
    return member === undefined
      ? steps(want, role)
      : {
          refused: `the role ${member} is a member of ${want.name}, which cannot be a member of it as well`,
          hint: `take ${member} out of ${want.name} by hand: REVOKE`,
        }
  },
  effects: ({ name, state }) => [{ type: 'object', of: 'postgres role', name, exists: state === 'present' }],
  predict({ name, memberOf = [] }, before, prediction) {
    const missing = missingLater('postgres role', memberOf, before.missing, prediction)
    if ('unknown' in missing) return missing
    const state = missing === before.missing ? before : { ...before, missing }
    const made = prediction.objects.get('postgres role', name)
    if (made === undefined) return state
    return made.exists ? { unknown: `how ${made.from} leaves the role ${name}` } : { ...state, role: undefined }
  },
})

/** The role that initdb makes: it may do anything, for ever, and has no password. */
function superuser(validUntil: string | undefined): Role {
  return {
    flags: Object.fromEntries(FLAGS.map(([key]) => [key, true])),
    connectionLimit: -1,
    isValidUntil: validUntil === undefined,
    verifier: '',
    memberOf: [],
  }
}

/** Which of these roles are members of the one that is to be a member of them, directly or through others. */
function askCircle(name: string, memberOf: readonly string[]): string {
  if (memberOf.length === 0) return ''
  const rows = memberOf.map((group) => `(${literal(group)})`).join(', ')
  return `select 'circle', ${column('w.n')} from (values ${rows}) w(n) where exists (
with recursive above(id) as (select oid from pg_authid where rolname = w.n union select m.roleid from pg_auth_members m join above on m.member = above.id)
select from above join pg_authid a on a.oid = above.id where a.rolname = ${literal(name)});`
}

function steps(want: PostgresUserWant, role: Role | undefined): Step[] {
  const { name, state, port } = want
  if (state === 'absent')
    return role === undefined ? [] : [sqlStep(`drop role ${name}`, 'postgres', port, `DROP ROLE ${ident(name)};`)]
  const password = want.password instanceof Secret ? want.password.reveal() : want.password
  const isOther =
    password !== undefined &&
    (role === undefined || (want.updatePassword !== false && !isPassword(name, password, role.verifier)))
  const flags = FLAGS.flatMap(([key, , word]) => {
    const wanted = want[key]
    return wanted === undefined || role?.flags[key] === wanted ? [] : [wanted ? word : `NO${word}`]
  })
  const { connectionLimit, validUntil, memberOf = [] } = want
  const attributes = [
    ...flags,
    ...(connectionLimit === undefined || role?.connectionLimit === connectionLimit
      ? []
      : [`CONNECTION LIMIT ${connectionLimit}`]),
    ...(validUntil === undefined || role?.isValidUntil === true ? [] : [`VALID UNTIL ${literal(validUntil)}`]),
  ]
  const secret = isOther ? [`PASSWORD ${literal(verifierOf(name, password))}`] : []
  const groups = memberOf.filter((group) => role === undefined || !role.memberOf.includes(group))
  const grants = groups.map((group) => `GRANT ${ident(group)} TO ${ident(name)};`)
  if (role !== undefined && attributes.length + secret.length + groups.length === 0) return []
  const verb = role === undefined ? 'CREATE' : 'ALTER'
  const own =
    role === undefined || attributes.length + secret.length > 0
      ? [`${verb} ROLE ${ident(name)} ${[...attributes, ...secret].join(' ')};`]
      : []
  const said = [...attributes, ...(isOther ? ['its password'] : []), ...groups.map((group) => `member of ${group}`)]
  const summary = role === undefined ? `create role ${name}` : `change role ${name}: ${said.join(', ')}`
  return [sqlStep(summary, 'postgres', port, ['BEGIN;', ...own, ...grants, 'COMMIT;'].join('\n'))]
}
