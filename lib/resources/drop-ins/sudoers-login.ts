import { sh, type Sh } from '../../sh/quote.ts'
import type { Refused, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { textOf } from '../kit/bytes.ts'

/** The account that this run logged in as, and what sudo's files say of it. Only where sudo asked for no password, and none is there to be given. */
export interface SudoLogin {
  readonly user: string
  /** Its own name, number and groups, as sudoers writes them, and `ALL`. */
  readonly words: readonly string[]
  /** Every file in the order in which sudo reads them, with the lines that may be about the account. */
  readonly files: readonly { readonly path: string; readonly lines: readonly string[] }[]
}

/**
 * Prints the account that called sudo, when sudo was called with `-n`, and the lines of all files that are no comments. The shell that asks is sudo's child.
 *
 * Source: sudo(8) (`SUDO_USER`), sudoers(5): files of a directory are read in the order of their bytes, those with a dot or `~` at the end are not.
 */
export const askLogin: Sh = sh`[ -z "$SUDO_USER" ] || [ "$(id -u)" != 0 ] || { c=$(tr '\\0' ' ' <"/proc/$PPID/cmdline" 2>/dev/null); case \${c%% -- *} in *'sudo '*'-n '*) echo "login $SUDO_USER"; echo "word ALL"; echo "word $SUDO_USER"; echo "word #$(id -u "$SUDO_USER")"; id -Gn "$SUDO_USER" | tr ' ' '\\n' | sed 's/^/word %/'
(LC_ALL=C; export LC_ALL; for f in /etc/sudoers /etc/sudoers.d/*; do case \${f##*/} in *.*|*~) continue;; esac
[ -f "$f" ] || continue; echo "file $f"; sed -e ':a' -e '/\\\\$/{N;s/\\\\\\n//;ba' -e '}' -e '/^[[:space:]]*\\(#[^0-9]\\|#*$\\)/d' -e 's/^/line /' "$f"; done);;
esac; }`

export function readLogin(said: readonly string[]): SudoLogin | undefined {
  const all = (mark: string) =>
    said.filter((each) => each.startsWith(`${mark} `)).map((each) => each.slice(mark.length + 1))
  const [user] = all('login')
  if (user === undefined) return undefined
  const files: { path: string; lines: string[] }[] = []
  for (const each of said) {
    if (each.startsWith('file ')) files.push({ path: each.slice(5), lines: [] })
    else if (each.startsWith('line ')) files.at(-1)?.lines.push(each.slice(5))
  }
  return { user, words: all('word'), files }
}

/** Applies the files that earlier resources write and remove. */
export function predictLogin(login: SudoLogin, prediction: Prediction): SudoLogin | Unknown {
  const main = prediction.paths.get('/etc/sudoers')
  const pending = [
    ...(main === undefined ? [] : [{ path: '/etc/sudoers', ...main }]),
    ...prediction.paths.below('/etc/sudoers.d'),
  ]
  let later = login
  for (const { path, state, from } of pending) {
    if (state.type === 'file' && state.content === undefined) return { unknown: `what ${from} writes into ${path}` }
    later = withFile(later, path, state.type === 'file' ? textOf(state.content ?? new Uint8Array()) : undefined)
  }
  return later
}

/** With another text in a file, or without the file. */
export function withFile(login: SudoLogin, path: string, text: string | undefined): SudoLogin {
  const others = login.files.filter((file) => file.path !== path)
  if (text === undefined) return { ...login, files: others }
  const lines = text
    .replaceAll(/\\\r?\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#(?!\d)/.test(line))
  const [main, rest] = [others.filter(isMain), others.filter((file) => !isMain(file))]
  const own = { path, lines }
  const drops = (isMain(own) ? rest : [...rest, own]).toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)),
  )
  return { ...login, files: [...(isMain(own) ? [own] : main), ...drops] }
}

const isMain = ({ path }: { readonly path: string }) => path === '/etc/sudoers'

/** What sudo says of a shell for the account: the last line that fits decides (sudoers(5)). */
export type Verdict = 'without a password' | 'with a password' | 'refused' | 'unknown'

export function verdictOf({ words, files }: SudoLogin): Verdict {
  let verdict: Verdict = 'refused'
  for (const line of files.flatMap(({ lines }) => lines)) {
    // Aliases and `!authenticate` may be about the account as well.
    if (/^\s*(?:User_Alias|Defaults.*!\s*authenticate)/.test(line)) return 'unknown'
    const [, who = '', runas, commands = ''] =
      /^\s*((?:\\.|[^\s\\,])+(?:\s*,\s*(?:\\.|[^\s\\,])+)*)\s+[^=]+=\s*(?:\(([^)]*)\))?\s*(.*)$/s.exec(line) ?? []
    const names = who.split(/\s*,\s*/).map((name) => name.replaceAll(/\\(.)/g, '$1'))
    if (!names.some((name) => words.includes(name))) continue
    if (runas !== undefined && !/^\s*(?:root|ALL|#0)?\s*(?::|,|$)/.test(runas)) continue
    const shell = /^(.*?)(?:^|[\s,:])(?:ALL|(?:\/usr)?\/bin\/sh)\s*(?:,|$)/s.exec(commands)
    if (shell === null) continue
    const tags = shell[1]?.match(/\b(?:NO)?PASSWD\b/g) ?? []
    verdict = tags.at(-1) === 'NOPASSWD' ? 'without a password' : 'with a password'
  }
  return verdict
}

/** Why a file with this text, or none, would lock out the account that this run logged in as. */
export function lockout(login: SudoLogin, path: string, text: string | undefined): Refused | undefined {
  if (verdictOf(login) !== 'without a password') return undefined
  const later = verdictOf(withFile(login, path, text))
  if (later === 'without a password' || later === 'unknown') return undefined
  const what = later === 'refused' ? 'would refuse' : 'would ask for a password of'
  return {
    refused: `sudo ${what} ${login.user} then, the account that this run logged in as: the next run could not get in`,
    hint: `noPassword: true in a rule for ${login.user}, or ansible_become_password in the inventory (-K) first`,
  }
}
