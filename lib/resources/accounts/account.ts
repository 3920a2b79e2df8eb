import { raw, sh, type Sh } from '../../sh/quote.ts'
import { text, whole } from '../kit/options/option-types.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

/** Source: useradd(8), CAVEATS: at most 32 characters, a `$` at the end included. */
const NAME = /^(?!.{33})[A-Za-z_][\w.-]*\$?$/
const NAME_WORDS = 'at most 32 letters, digits, ".", "_" or "-", and no digit first'

/** A name that useradd(8) and groupadd(8) of every family take; a number would be looked up as an id. */
export function accountName(what: string, name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  throw invalidOption(what, NAME_WORDS, describeValue(name))
}

/** The name of an account as an option. */
export const accountOption = () => text(NAME_WORDS, NAME)

/** The number of an account as an option. */
export const idOption = () => whole('a whole number from 0 to 4294967294', 0, 2 ** 32 - 2)

/** One field of /etc/passwd as an option: it cannot hold what separates fields and lines (passwd(5)). */
export const fieldOption = () => text('without ":" and control characters', isField)

export function isField(given: string): boolean {
  return !/[:\p{Cc}]/u.test(given)
}

/** `look passwd NAME` and `look group ID`: through all name services, or in the file where getent is missing (busybox). */
export const look: Sh = raw(`look() {
if command -v getent >/dev/null 2>&1; then getent "$1" "$2"; else
while IFS= read -r l || [ -n "$l" ]; do r=\${l#*:*:}; case $l in "$2:"*) printf '%s\\n' "$l"; return;; esac
[ "\${r%%:*}" != "$2" ] || { printf '%s\\n' "$l"; return; }; done <"/etc/$1"; return 2; fi; }`)

/** Says which tools there are, and whether an entry that was found is in the file itself. */
export function probeAccount(file: 'passwd' | 'group', name: string, id: number | undefined, tool: string): Sh {
  return sh`${look}
e=$(look ${file} ${name}) && { echo "entry $e"; [ -z "$(sed -n ${`/^${name.replaceAll(/[.$]/g, '\\$&')}:/p`} ${`/etc/${file}`})" ] || echo local; }
command -v ${tool} >/dev/null 2>&1 && echo tools
${id === undefined ? raw(':') : sh`if t=$(look ${file} ${id}); then echo "taken $t"; else ${next}; fi`}`
}

/** The numbers that the next user and the next group get, where nobody says which. Source: useradd(8), UID_MIN and UID_MAX of login.defs(5). */
const next: Sh = raw(
  `awk -F: 'FNR == 1 { f++; n[f] = 1000 } $3 >= n[f] && $3 < 60000 { n[f] = $3 + 1 } END { print "next " n[1] " " n[2] }' /etc/passwd /etc/group`,
)

/** What `probeAccount` found. */
export interface Entry {
  /** The fields of its line; undefined when there is none. */
  readonly fields?: readonly string[] | undefined
  /** It is in the host's own file, where tools can change it. */
  readonly local: boolean
  /** shadow's tools (useradd, groupadd, ...) are there; else busybox's (adduser, addgroup, ...) are taken. */
  readonly tools: boolean
  /** Whose the wanted number is now. */
  readonly taken?: string | undefined
  /** What the next user and the next group get, where the wanted number is nobody's. */
  readonly next?: readonly number[] | undefined
}

export function readEntry(lines: readonly string[]): Entry {
  const find = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  return {
    fields: find('entry')?.split(':'),
    local: lines.includes('local'),
    tools: lines.includes('tools'),
    taken: find('taken')?.split(':')[0],
    next: find('next')?.split(' ').map(Number),
  }
}
