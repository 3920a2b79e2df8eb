import type { Place, Problem } from '../errors.ts'
import { neutral } from '../gate/neutral.ts'
import type { Paint } from './paint.ts'
import { counted, oneLine } from './words.ts'

/**
 * A problem as lines: its place and sentence, what was expected, got and can be done, aligned, and what the host said.
 *
 * @example
 * inventory/group_vars/dns.yml:3:5  dns-server.listen is not an IPv4 address
 *   expected  an IPv4 address
 *   got       "10.10.50"
 *   hint      write all four numbers
 */
export function problemLines(problem: Problem, paint: Paint): string[] {
  const { expected, got, hint, output } = problem
  const details = [...detail('expected', expected, paint), ...detail('got', got, paint), ...detail('hint', hint, paint)]
  const said = output === undefined || output.trim() === '' ? [] : neutral(output).trimEnd().split('\n')
  return [headline(problem, paint), ...details, ...said.map((line) => `  ${paint.dim('|')} ${line}`)]
}

/** Problems of a request: each with its place, and how many there are at the end. */
export function problemsText(problems: readonly Problem[], paint: Paint): string {
  const blocks = problems.map((problem) => problemLines(problem, paint).join('\n'))
  const isLong = problems.some(({ expected, got, hint, output }) => expected ?? got ?? hint ?? output)
  const count = problems.length > 1 ? [`${counted(problems.length, 'problem')}. No host was touched.`] : []
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
    // A sentence may name it itself.
    ...(resource === undefined || message.includes(resource) ? [] : [resource]),
  ]
  const sentence = oneLine(message)
  return where.length === 0 ? `${paint.failed('error:')} ${sentence}` : `${paint.failed(where.join('  '))}  ${sentence}`
}

function detail(word: string, text: string | undefined, paint: Paint): string[] {
  if (text === undefined || text === '') return []
  const [first = '', ...others] = neutral(text).split('\n')
  return [`  ${paint.dim(word.padEnd(8))}  ${first}`, ...others.map((line) => `            ${line}`)]
}
