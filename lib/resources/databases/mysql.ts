import { sh, type Sh } from '../../sh/quote.ts'
import type { Step } from '../kit/kind.ts'
import type { Tool } from '../kit/tool-kind.ts'

export const mysql: Tool = {
  program: 'mysql',
  also: 'mariadb',
  broughtBy:
    /^((mariadb|mysql|default-mysql|mysql-community|percona-server)(-(server|client).*|$)|MariaDB-(server|client))/,
  hint: 'mariadb-server',
  unit: 'mariadb',
}

/** A name of SQL. */
export function name(text: string): string {
  return `\`${text.replaceAll('`', '``')}\``
}

/** A text of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/**
 * mysql as root of the server over its local socket; SQL comes on standard input. `--binary-mode`: a line of a dump is SQL, and none is a command of the client, which
 * `\! PROGRAM` is otherwise. `--local-infile=0`: what answers at the socket is given no file that root may read. `--host`: it is the server of this host, whatever `MYSQL_HOST` says.
 *
 * Source: MySQL, "mysql Client Options"; MariaDB, "mariadb Command-Line Client".
 */
export const client = (socket: string | undefined, database?: string): Sh =>
  sh`$(command -v mysql || echo mariadb) --no-defaults --host=localhost --local-infile=0 --binary-mode --batch --skip-column-names --raw --user=root ${socket === undefined ? [] : [`--socket=${socket}`]} ${database === undefined ? [] : [`--database=${database}`]}`

/** Asks, and says `# silent` with the client's words where the server does not answer. */
export function asks(socket: string | undefined, sql: string): Sh {
  return sh`said=$(printf '%s\n' ${sql} | ${client(socket)} 2>&1) && printf '%s\n' "$said" || case $said in
*'ERROR 1141 '* | *'ERROR 1133 '*) ;;
*) echo "# silent $said";; esac`
}

/** A step of SQL. Passwords go as checksums only, and everything by standard input. */
export function sqlStep(summary: string, socket: string | undefined, sql: string): Step {
  return { summary, sh: client(socket), stdin: Buffer.from(`${sql}\n`) }
}
