import type { RunEvent } from '../events.ts'
import { folded } from './fold.ts'
import { emptyProgress, take } from './run-progress.ts'
import { duration, MODE_WORDS } from './text/words.ts'

/**
 * Failures as annotations of GitHub Actions, at their places in the project's files.
 *
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; escapes as in github.com/actions/toolkit, command.ts.
 */
export function githubAnnotations(events: readonly RunEvent[]): string[] {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  return folded(tally.problems).map(({ message, place, host, role, hint, output }) => {
    const properties = [
      ...(place === undefined ? [] : [`file=${property(place.file)}`]),
      ...(place?.line === undefined ? [] : [`line=${place.line}`]),
      ...(place?.column === undefined ? [] : [`col=${place.column}`]),
      `title=${property([role, host].filter((part) => part !== undefined).join(' on ') || 'Rolecall')}`,
    ]
    const text = [message, hint, output].filter((part) => part !== undefined && part !== '').join('\n')
    return `::error ${properties.join(',')}::${data(text)}`
  })
}

/** The Markdown summary of a step of GitHub Actions: the numbers of each host, and failures. */
export function githubSummary(events: readonly RunEvent[]): string {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  const { summary, mode, playbook } = tally
  const rows = Object.entries(summary?.hosts ?? {}).map(
    ([name, { ok, changed, failed, unreachable }]) =>
      `| ${markdownText(name)} | ${ok} | ${changed} | ${failed} | ${unreachable ? 'not reached' : ''} |`,
  )
  const failures = folded(tally.problems).map(
    ({ message, host, role }) =>
      `- ${markdownText([role, host].filter((part) => part !== undefined).join(' on '))}: ${markdownText(message)}`,
  )
  const title = `## ${summary?.ok === true ? '✓' : '✗'} ${markdownText(playbook)} ${MODE_WORDS[mode].done} in ${duration(summary?.durationMs ?? 0)}`
  return [
    title,
    '',
    `| Host | ok | ${MODE_WORDS[mode].changed} | failed | |`,
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...(failures.length > 0 ? ['', '### Failed', '', ...failures] : []),
    '',
  ].join('\n')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Escapes Markdown and HTML in a text. */
export function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, (mark) => `&#${mark.charCodeAt(0)};`).replaceAll(/\s+/g, ' ')
}
