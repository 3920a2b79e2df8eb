import type { Secret } from '../../secret.ts'
import { editKind, editWant, ofFileOptions, reveal, type EditOptions, type EditWant } from './edit.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { either, pattern, secretText, value } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from './path/path.ts'

export interface ReplaceOptions extends Omit<
  EditOptions,
  'insertAfter' | 'insertBefore' | 'firstMatch' | 'create' | 'state'
> {
  /** What is replaced, everywhere. It sees the whole text: `^` and `$` are those of the text unless the flag `m` is set. */
  readonly match: RegExp
  /** The replacement: a text, in which `$1`, `$<name>` and `$&` are parts of the match and `$$` is a dollar; or a function of the match and its groups. */
  readonly by: string | Secret | ((...match: string[]) => string)
  /** Only after the first match of this, ... */
  readonly from?: RegExp
  /** ... and before the first match of this that comes then. */
  readonly to?: RegExp
}

export type ReplaceWant = EditWant &
  Pick<ReplaceOptions, 'match' | 'by'> & { readonly from?: RegExp | undefined; readonly to?: RegExp | undefined }

/**
 * Every match of a regular expression in a text file is replaced. Where nothing matches, all is as wanted.
 *
 * The result must be one in which nothing is left to replace: an expression that matches what it has written would change the file at every run, and is refused.
 * `from` and `to` bound the part that is looked at; where one of them is not found, nothing is replaced.
 * `^` and `$` are the ends of the text, unless the expression has the flag `m`: with it, those of each line.
 * The resource is named `PATH#EXPRESSION`.
 *
 * @example
 * replace('/etc/app.conf', { match: /^listen .*$/gm, by: 'listen 8080' })
 * replace('/etc/apache2/ports.conf', { match: /Listen 80$/m, by: 'Listen 8080', validate: 'apachectl -t -f {}' })
 * replace('/etc/hosts', { match: /(\s)old\.example\.com\b/g, by: '$1new.example.com', backup: true })
 *
 * Refused: no such file; a replacement that matches again; `^` or `$` without the flag `m`, where nothing matches but a line would; `\1` for a part of the match; a symbolic link; no UTF-8 text; more than 1 MiB.
 * Unknown: no such file, and a package that is still to come may bring it.
 *
 * Source: ECMA-262, 22.2 RegExp, run where Rolecall runs.
 */
export function replace(path: string, options: ReplaceOptions): Resource {
  const { name, options: given } = read(path, options)
  const { match, by, from, to } = given
  if (typeof by === 'string' && by.search(OF_PYTHON) >= 0 && groupsIn(match) > 0)
    throw invalidOption(
      `by of replace:${name}`,
      'a text in which $1, $<name> and $& are parts of the match',
      JSON.stringify(by),
      `write '${by.replaceAll(OF_PYTHON, partOf)}'; a backslash that is meant comes from a function: () => '...'`,
    )
  const want = editWant(name, given, false, typeof by === 'object')
  return make(`${name}#${match.source}`, { ...want, match, by, from, to })
}

/** How Python and sed name a part of the match: `\1`, `\g<name>`. JavaScript would write it literally. */
const OF_PYTHON = /\\(?:([1-9])|g<(\w+)>)/g

function partOf(_: string, digit: string | undefined, name = ''): string {
  return digit !== undefined || /^\d+$/.test(name) ? `$${digit ?? name}` : `$<${name}>`
}

/** How many groups an expression has. */
function groupsIn({ source, flags }: RegExp): number {
  return (new RegExp(`${source}|`, flags).exec('')?.length ?? 1) - 1
}

const read = resourceOptions<ReplaceOptions>()(
  'replace',
  (path) => absolute('replace', path),
  () => ({
    match: pattern(),
    by: either(
      'a text, a Secret or a function that gives a text',
      secretText('a text'),
      value<(...match: string[]) => string>('a function', (given) => typeof given === 'function'),
    ),
    from: pattern().optional(),
    to: pattern().optional(),
    ...ofFileOptions(),
  }),
)

const make = editKind<ReplaceWant>({
  name: 'replace',
  edit: (want, live) => replaceIn(live, want),
  summary: ({ match, by }) =>
    typeof by === 'string' ? `replace ${String(match)} by ${JSON.stringify(by)}` : `replace ${String(match)}`,
  isSecret: ({ by }) => typeof by === 'object',
  declarations: ({ path, match, by }) => [[`text that matches ${String(match)} of`, by, path]],
})

/** The text with every match replaced. What it gave, it gives again; else it is refused. */
export function replaceIn(
  live: string,
  want: Pick<ReplaceWant, 'path' | 'match' | 'by' | 'from' | 'to'>,
): string | Refused {
  const text = once(live, want)
  const blind = [want.match, want.from, want.to].find((each) => each !== undefined && matchesByLine(each, live))
  if (text === live && blind !== undefined)
    return {
      refused: `${String(blind)} matches nothing in ${want.path}, but would match a line of it: without the flag m, ^ and $ are the ends of the text`,
      hint: `write ${String(new RegExp(blind.source, `${blind.flags}m`))}`,
    }
  if (once(text, want) === text) return text
  return {
    refused: `what replaces ${String(want.match)} in ${want.path} matches again: every run would change the file`,
    hint: 'make the expression such that it does not match the result, as by a look-ahead (?!...)',
  }
}

/** An expression with anchors, whose author meant lines: it matches nothing as it is, but does with the flag m. */
function matchesByLine({ source, flags }: RegExp, live: string): boolean {
  if (flags.includes('m') || !/[$^]/.test(source)) return false
  const plain = flags.replaceAll(/[gy]/g, '')
  return !new RegExp(source, plain).test(live) && new RegExp(source, `${plain}m`).test(live)
}

function once(
  live: string,
  { match, by, from: after, to: before }: Pick<ReplaceWant, 'match' | 'by' | 'from' | 'to'>,
): string {
  const [from, to] = bounds(live, after, before)
  if (from === undefined || to === undefined) return live
  const every = new RegExp(match.source, `${match.flags.replaceAll(/[gy]/g, '')}g`)
  const part = live.slice(from, to)
  const done =
    typeof by === 'function'
      ? part.replaceAll(every, (...all: unknown[]) => by(...groupsOf(all)))
      : part.replaceAll(every, reveal(by))
  return live.slice(0, from) + done + live.slice(to)
}

/** The match and its groups, without the position, the text and the map of names that come after them. */
function groupsOf(all: readonly unknown[]): string[] {
  const end = all.findIndex((each) => typeof each === 'number')
  return all.slice(0, end).map((each) => (typeof each === 'string' ? each : ''))
}

function bounds(live: string, after: RegExp | undefined, before: RegExp | undefined): readonly [number?, number?] {
  const begin =
    after === undefined ? undefined : new RegExp(after.source, after.flags.replaceAll(/[gy]/g, '')).exec(live)
  if (begin === null) return []
  const from = begin === undefined ? 0 : begin.index + begin[0].length
  const end =
    before === undefined
      ? undefined
      : new RegExp(before.source, before.flags.replaceAll(/[gy]/g, '')).exec(live.slice(from))
  if (end === null) return []
  return [from, end === undefined ? live.length : from + end.index]
}
