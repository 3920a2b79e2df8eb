import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { quote, raw, sh, type Sh } from '../../sh/quote.ts'
import { unsetPrivate } from '../commands/as-user.ts'
import type { Refused, Step, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { text, whole } from '../kit/options/option-types.ts'
import type { Tool } from '../kit/tool-kind.ts'

export const postgres: Tool = {
  program: 'psql',
  broughtBy: /^postgresql(\d+)?(-server|-\d+)?$/,
  hint: 'postgresql',
  unit: 'postgresql',
}

/** The name that a prediction gives to unnamed tables and other objects that come with a database. */
export const CONTENTS = 'contents of a postgres database'

/** What a prediction calls that a role comes to own a database. Its name is `ownedBy`. */
export const OWNER = 'owner of a postgres database'

/** A database and its owner, as one name. */
export function ownedBy(role: string, database: string): string {
  return `${database}\n${role}`
}

/** The databases that a new server has. */
const OWN_DATABASES = ['postgres', 'template0', 'template1']

/** Whether every server has this database from its beginning. */
export function isOwnDatabase(name: string): boolean {
  return OWN_DATABASES.includes(name)
}

/**
 * Whether every server has this role from its beginning: its superuser, and the predefined ones. No other may begin with `pg_`.
 *
 * Source: PostgreSQL, "Predefined Roles" and initdb.
 */
export function isOwnRole(name: string): boolean {
  return name === 'postgres' || name.startsWith('pg_')
}

/** An identifier of SQL. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text of SQL. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/**
 * psql as the superuser of the server, over its local socket; SQL comes on standard input. Names mean what the server itself has under them: who owns a database may
 * have put functions, operators and views of the same names there, and have set where names are looked for, and the superuser would run these.
 *
 * Source: PostgreSQL, "Schemas", "The System Catalog Schema" and "Usage Patterns"; ALTER DATABASE, whose settings those of a connection override.
 */
export function psql(database: string, port: number | undefined): Sh {
  const at = port === undefined ? '' : ` -p ${port}`
  const command = `PGOPTIONS='-c search_path=pg_catalog' exec psql -XAtq -F '|' -v ON_ERROR_STOP=1${at} -d ${quote(connection(database))}`
  return sh`cd /; ${unsetPrivate}; ${ofThisHost}; su -s /bin/sh postgres -c ${command}`
}

/** In the environment of a host another server may be named for its users. A directory in PGHOST is where the socket is. */
const ofThisHost: Sh = raw('unset PGHOSTADDR PGSERVICE PGUSER; case ${PGHOST-} in /*) ;; *) unset PGHOST;; esac')

/**
 * A database as psql takes it. A bare name with `=` in it, or one like a URL, would be a connection to wherever the name says.
 *
 * Source: PostgreSQL, libpq, "Connection Strings": keywords and values.
 */
function connection(database: string): string {
  return `dbname='${database.replaceAll(/['\\]/g, '\\$&')}'`
}

/** Loads a dump from standard input, all of it or nothing, as the owner of the database. */
export function loader(database: string, port: number | undefined, isArchive: boolean, owner: string | undefined): Sh {
  const at = port === undefined ? '' : ` -p ${port}`
  const options = quote(`-c role=${(owner ?? 'postgres').replaceAll(/[\\ ]/g, '\\$&')}`)
  const command = isArchive
    ? `exec pg_restore${at} --exit-on-error --single-transaction --no-owner -d ${quote(connection(database))}`
    : `exec psql -Xq -v ON_ERROR_STOP=1 --single-transaction${at} -d ${quote(connection(database))}`
  return sh`cd /; ${unsetPrivate}; ${ofThisHost}; su -s /bin/sh postgres -c ${`PGOPTIONS=${options} ${command}`}`
}

/** Asks, and says `# silent` with psql's words where the server does not answer. A database that is not there is told as `# no database`. */
export function asks(database: string, port: number | undefined, sql: string): Sh {
  return sh`said=$( (printf '%s\n' ${sql} | { ${psql(database, port)}; }) 2>&1 ) && printf '%s\n' "$said" || case $said in
*'database "'*'does not exist'*) echo '# no database';;
*) echo "# silent $said";; esac`
}

/** A name that is one column of a row, whoever has chosen the name: no line break in it, and nothing that divides columns. */
export function column(name: string): string {
  return `replace(to_json(${name}::text)::text, '|', E'\\\\u007c')`
}

/** What `column` gave. */
export function nameIn(text: string): string {
  if (!/^".*"$/.test(text)) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

/** Asks which of these roles are not there: rows of `no role` and a name. */
export function missingRoles(names: readonly string[]): string {
  if (names.length === 0) return ''
  const rows = names.map((name) => `(${literal(name)})`).join(', ')
  return `select 'no role', ${column('w.n')} from (values ${rows}) w(n) where w.n not in (select rolname from pg_roles);`
}

/** The names in rows that begin with a word. */
export function namesAfter(word: string, lines: readonly string[]): string[] {
  return lines.flatMap((line) => (line.startsWith(`${word}|`) ? [nameIn(line.slice(word.length + 1))] : []))
}

/** What is missing of these, once all that is pending has happened: one that a command may make is unknown. */
export function missingLater(
  of: 'postgres role' | 'postgres database',
  wanted: readonly string[],
  missing: readonly string[],
  prediction: Prediction,
): readonly string[] | Unknown {
  const command = prediction.command()
  const left: string[] = []
  for (const name of wanted) {
    const pending = prediction.objects.get(of, name)
    if (pending === undefined ? !missing.includes(name) : pending.exists) continue
    if (pending === undefined && command !== undefined)
      return {
        unknown: `whether there is a ${of.replace('postgres ', '')} ${name} is known only after ${command.from}`,
      }
    left.push(name)
  }
  return left.length === missing.length && left.every((name) => missing.includes(name)) ? missing : left
}

/** Refuses what rests on a role that is not there. */
export function noRole(name: string): Refused {
  return { refused: `there is no role ${name}`, hint: `put postgresUser('${name}') before this resource` }
}

/** A step of SQL. Passwords go as verifiers only, and everything by standard input. */
export function sqlStep(summary: string, database: string, port: number | undefined, sql: string): Step {
  return { summary, sh: psql(database, port), stdin: Buffer.from(`${sql}\n`) }
}

/** A name of a role, a database or another object. */
export function objectName(kind: string) {
  return (given: unknown): string => {
    if (typeof given === 'string' && /^[^\0\r\n|]{1,63}$/.test(given)) return given
    throw invalidOption(`name of ${kind}`, 'a name of 1 to 63 characters', describeValue(given))
  }
}

export const identifier = (expected = 'a name') => text(expected, /^[^\0\r\n|]{1,63}$/)
export const portOption = () => whole('1 to 65535', 1, 65_535)

const ITERATIONS = 4096

/**
 * The verifier that the server keeps of a password, so that the password itself never leaves this machine. Its salt follows from both, so that the same
 * wish makes the same step.
 *
 * Source: RFC 5802; PostgreSQL, `pg_authid.rolpassword`: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
 */
export function verifierOf(role: string, password: string): string {
  const salt = createHash('sha256').update(`${role}\0${password}`).digest().subarray(0, 16)
  return scram(password, salt, ITERATIONS)
}

/** The server names the number of rounds. Its default is 4,096 (scram_iterations); a million take less than a second. */
const MOST_ITERATIONS = 1_000_000

/** Whether a password is the one of a verifier. One with more rounds than `MOST_ITERATIONS` is replaced. */
export function isPassword(role: string, password: string, verifier: string): boolean {
  const [, rounds, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? []
  const iterations = Number(rounds)
  if (rounds !== undefined && salt !== undefined)
    return (
      iterations >= 1 &&
      iterations <= MOST_ITERATIONS &&
      scram(password, Buffer.from(salt, 'base64'), iterations) === verifier
    )
  return (
    verifier ===
    `md5${createHash('md5')
      .update(password + role)
      .digest('hex')}`
  )
}

function scram(password: string, salt: Uint8Array, iterations: number): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`
}
