import type { Mode, RunEvent } from '../events.ts'
import type { Playbook } from '../playbook/playbook.ts'

export interface RunOptions {
  readonly mode: Mode
  /** A directory with `hosts.yml`, or one file. Default: `inventory`. */
  readonly inventory?: string
  /** An inventory pattern that narrows every play. */
  readonly limit?: string
  /** Only these roles. */
  readonly roles?: readonly string[]
  /** Only plays and roles with one of these tags. */
  readonly tags?: readonly string[]
  /** Arguments of `-e`: `role.variable=value` or `@file.yml`. They win over everything. */
  readonly extra?: readonly string[]
  /** Hosts at work at the same time. Default: 20. */
  readonly concurrency?: number
  /** Hosts whose key nobody knows yet are believed, and remembered. A changed key never is. */
  readonly acceptNewHostKeys?: boolean
  /** Where the run is journalled, one file a run; false: nowhere. Default: `.rolecall/runs`. */
  readonly journal?: string | false
  /** Ends the run: what runs on hosts is ended with all its children, and the summary says what was done. */
  readonly signal?: AbortSignal
}

/**
 * Runs a playbook and tells what happens, event by event; the last one is the summary.
 *
 * Throws a Refusal before the first event, and before any host is touched, when the request itself is wrong.
 * What goes wrong on hosts is told in events and never thrown.
 *
 * @example
 * for await (const event of run(site, { mode: 'check', limit: 'dns' }))
 *   if (event.type === 'resource' && event.status === 'change') console.log(event.host, event.resource)
 */
// eslint-disable-next-line require-yield, @typescript-eslint/require-await
export async function* run(playbook: Playbook, options: RunOptions): AsyncGenerator<RunEvent, void, undefined> {
  throw new Error(`cannot ${options.mode} ${playbook.name} yet`)
}
