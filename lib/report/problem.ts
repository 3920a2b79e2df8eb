import type { Place, Problem } from '../errors.ts'
import { neutral } from '../gate/neutral.ts'
import { folded } from './fold.ts'
import type { Paint } from './text/paint.ts'
import { hang, wrap } from './text/width.ts'
import { counted, oneLine } from './text/words.ts'

/**
 * A problem as lines: its place and message, then expected, got and hint in columns, then the host's output.
 *
 * @example
 * inventory/group_vars/dns.yml:3:5  dns-server.listen is not an IPv4 address
 *   expected  an IPv4 address
 *   got       "10.10.50"
 *   hint      write all four numbers
 */
export function problemLines(problem: Problem, paint: Paint, columns = Infinity): string[] {
  const { expected, got, hint, output } = problem
  const details = [['expected', expected] as const, ['got', got] as const, ['hint', hint] as const].flatMap(
    ([word, text]) => detail(word, text, paint, columns),
  )
  const said = output === undefined || output.trim() === '' ? [] : neutral(output).trimEnd().split('\n')
  return [
    ...wrap(headline(problem, paint), columns),
    ...details,
    // Output of a host is not wrapped; the terminal breaks it.
    ...said.map((line) => `  ${paint.dim('|')} ${line}`),
  ]
}

/** Problems of a request, each with its place, and their number at the end. */
export function problemsText(problems: readonly Problem[], paint: Paint, columns = Infinity): string {
  const once = folded(problems)
  return joined(
    once,
    paint,
    columns,
    once.length > 1 ? [`${counted(once.length, 'problem')}. No host was touched.`] : [],
  )
}

/** Problems of work by hand, which may have been done on other hosts. The role and the resource of such work are placeholders, so they are left out. */
export function handProblemsText(problems: readonly Problem[], paint: Paint): string {
  return joined(folded(problems.map(bare)), paint, Infinity, [])
}

function bare({ role: _role, resource: _resource, ...problem }: Problem): Problem {
  return problem
}

function joined(problems: readonly Problem[], paint: Paint, columns: number, count: readonly string[]): string {
  const blocks = problems.map((problem) => problemLines(problem, paint, columns).join('\n'))
  const isLong = problems.some(({ expected, got, hint, output }) => expected ?? got ?? hint ?? output)
  return [...blocks, ...count].join(isLong ? '\n\n' : '\n')
}

/** `inventory/hosts.yml:3:5`, as editors and terminals understand it. */
export function placeText({ file, line, column }: Place): string {
  return [file, line, column].filter((part) => part !== undefined).join(':')
}

function headline(problem: Problem, paint: Paint): string {
  const { place, host, role, resource, message } = problem
  const where = [
    ...(place === undefined ? [] : [placeText(place)]),
    ...[host, role].filter((part) => part !== undefined),
    // The message may name the resource already.
    ...(resource === undefined || isNamed(resource, message) ? [] : [resource]),
  ]
  const sentence = oneLine(message)
  return where.length === 0 ? `${paint.failed('error:')} ${sentence}` : `${paint.failed(where.join('  '))}  ${sentence}`
}

/** The resource's full name or, for a command, the command. */
function isNamed(resource: string, message: string): boolean {
  const name = resource.slice(resource.indexOf(':') + 1)
  return message.includes(resource) || (name.includes(' ') && message.includes(name))
}

function detail(word: string, text: string | undefined, paint: Paint, columns: number): string[] {
  if (text === undefined || text === '') return []
  const [first = '', ...others] = neutral(text).split('\n')
  return [
    ...hang(`  ${paint.dim(word.padEnd(8))}  `, first, columns),
    ...others.flatMap((line) => hang('            ', line, columns)),
  ]
}
