import type { Secret } from '../../secret.ts'
import { editKind, editOptions, editWant, placeOf, reveal, type EditOptions, type EditWant } from './edit.ts'
import type { Resource } from '../kit/kind.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { pattern, secretText } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from './path/path.ts'
import { insert, join, matches, split } from '../kit/text.ts'

export interface LineOptions extends EditOptions {
  /** The line, without its end. */
  readonly line: string | Secret
  /** Which lines it replaces. Tried on each line without its end. */
  readonly match?: RegExp
  readonly state?: 'present'
}

export interface NoLineOptions extends Omit<EditOptions, 'insertAfter' | 'insertBefore' | 'firstMatch' | 'create'> {
  /** No line may be this one, ... */
  readonly line?: string | Secret
  /** ... and none may match this. */
  readonly match?: RegExp
  readonly state: 'absent'
}

export type LineWant = EditWant & { readonly line?: string | Secret | undefined; readonly match?: RegExp | undefined }

/**
 * One line of a text file.
 *
 * Without `match`: the line is there. With `match`: it is there once and no other line matches; it takes the place of the
 * first one that did, and further ones are removed. So a second run finds nothing to do, whatever the expression.
 * With `state: 'absent'` no line is the line or matches. Line ends (CRLF too), a missing last one and a byte order mark are kept.
 * The resource is named `PATH#LINE`, so that a file may have many.
 *
 * @example
 * line('/etc/hosts', { line: '10.10.50.50 node-01', match: /\snode-01$/ })
 * line('/etc/ssh/sshd_config', { line: 'PermitRootLogin no', match: /^#?\s*PermitRootLogin\s/, validate: 'sshd -t -f {}' })
 * line('/etc/hosts.allow', { line: 'sshd: 10.0.0.0/8', insertAfter: /^# local/, firstMatch: true })
 * line('/etc/fstab', { state: 'absent', match: /\sswap\s/ })
 *
 * Refused: no such file (without `create`), a symbolic link, no UTF-8 text, more than 1 MiB.
 * Unknown: no such file, and a package that is still to come may bring it.
 *
 * Source: POSIX.1-2017, 3.206 Line; ECMAScript regular expressions, run where Rolecall runs.
 */
export function line(path: string, options: LineOptions | NoLineOptions): Resource {
  const { name, options: given } = read(path, options)
  const { line, match } = given
  const secret = line !== undefined && typeof line !== 'string'
  const label = (secret ? undefined : line) ?? match?.source ?? 'secret'
  const want = editWant(name, given, given.state === 'absent', secret)
  return lineKind(`${name}#${label}`, { ...want, line, match })
}

const read = resourceOptions<LineOptions | NoLineOptions>()(
  'line',
  (path) => absolute('line', path),
  () => ({
    line: secretText('one line without its end; for more there is block()', (given) => !/[\r\n\0]/.test(given), {
      got: (given) => (typeof given === 'object' || typeof given === 'string' ? 'several' : undefined),
    }).optional(),
    match: pattern().optional(),
    ...editOptions(),
  }),
  (options, given) => [...placeOf(options, given), lineOrMatch(options, given)],
)

function lineOrMatch(
  { state }: { readonly state?: 'present' | 'absent' },
  given: ReadonlySet<string>,
): OptionProblem | undefined {
  if (given.has('line') || (state === 'absent' && given.has('match'))) return undefined
  if (!given.has('match')) return { expected: 'given a line or what it matches', got: 'neither' }
  const hint = "to remove the lines that match, set state: 'absent'"
  return { expected: 'given the line that takes the place of what matches', got: 'match alone', hint }
}

const lineKind = editKind<LineWant>({
  name: 'line',
  edit: (want, live) => editLine(live, want),
  summary: ({ line, match }) =>
    typeof line === 'string' ? line : line === undefined ? `lines like ${String(match)}` : 'a secret line',
  isSecret: ({ line }) => typeof line === 'object',
})

/** The text with the line in it, or with none such. What `editLine` gave, it gives again. */
export function editLine(
  live: string,
  want: Pick<LineWant, 'line' | 'match' | 'absent' | 'after' | 'before' | 'firstMatch'>,
): string {
  const lines = split(live)
  const text = want.line === undefined ? undefined : reveal(want.line)
  const isLike = want.match === undefined ? () => false : matches(want.match)
  const hits = lines.filter((line) => line.text === text || isLike(line))
  if (want.absent || text === undefined)
    return hits.length === 0 ? live : join(lines.filter((line) => !hits.includes(line)))
  if (hits.length === 0) return join(insert(lines, [text], want))
  const exact = hits.find((line) => line.text === text)
  if (exact !== undefined && want.match === undefined) return live
  const kept = exact ?? hits[0]
  return join(lines.flatMap((line) => (line === kept ? [{ ...line, text }] : hits.includes(line) ? [] : [line])))
}
