import type { Mode } from '../events.ts'
import type { Note } from '../inventory/graph/notes.ts'
import type { AskedPasswords } from '../inventory/variables/asked.ts'
import type { Question } from './units/questions.ts'
import type { PastRun } from './journal/run-history.ts'
import type { RepositorySecrets } from '../vault/repository-secrets.ts'
import type { RunObserver } from './plan/observer.ts'
import type { HandWork } from './by-hand/hand-work.ts'

export interface RunOptions {
  readonly mode: Mode
  /** Directories with inventories, files, or hosts with commas; what a later one says counts over an earlier one. Default: `inventory`. */
  readonly inventory?: string | readonly string[]
  /** Told once, before anything is run, what a person should know of the inventory. Default: nobody is. */
  readonly onNotes?: (notes: readonly Note[]) => void
  /** An inventory pattern that narrows every play. */
  readonly limit?: string
  /** Only these roles. */
  readonly roles?: readonly string[]
  /** Only plays, roles and parts of roles with one of these tags. */
  readonly tags?: readonly string[]
  /** No plays, roles and parts of roles with one of these tags. What has a tag of both lists is left out. */
  readonly skipTags?: readonly string[]
  /** Only what stands at this role, or behind it, in the order of the playbook. A play before it is waited for by nobody. */
  readonly startAt?: string
  /** Arguments of `-e`: `role.variable=value` or `@file.yml`. They win over everything. */
  readonly extra?: readonly string[]
  /** Passwords for hosts for which the inventory has none. */
  readonly passwords?: AskedPasswords
  /**
   * Asks somebody for the value of a variable that is declared as `asked` and that nothing sets. It is called before any host is touched,
   * one question after the other. Default: nobody can be asked, and such a variable is an error.
   */
  readonly ask?: (question: Question) => Promise<string>
  /**
   * Asks somebody whether a play with `pause: 'ask'` goes on with its next batch. Default: nobody can be asked, and an apply of such a play in several batches is refused before
   * any host is touched.
   */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Hosts at work at the same time. Default: 20. */
  readonly concurrency?: number
  /** Hosts whose key nobody knows yet are believed, and remembered. A changed key never is. */
  readonly acceptNewHostKeys?: boolean
  /** Seconds to wait for another run that is at work on a host; Infinity: until it is free. Default 0: such a host is refused. */
  readonly wait?: number
  /** Where the run is journalled, one file a run; false: nowhere. Default: `.rolecall/runs`. */
  readonly journal?: string | false
  /** Also journal what changes inside files. Default false: files hold more than anybody knows. Events have it in any case. */
  readonly diff?: boolean
  /**
   * What the playbook was loaded from, so that `rolecall resume` can load it again; default: its name. `group_vars` and `host_vars` beside its
   * file are read.
   */
  readonly source?: { readonly name: string; readonly digest?: string; readonly file?: string }
  /** Goes on from an earlier run: what that one had finished is only asked whether it still is so. Give its `request` as well. */
  readonly resume?: PastRun
  /**
   * Nothing is run on a host before this is fulfilled; hosts are connected meanwhile. When it is rejected, `run` throws its error, and
   * no host was touched. Default: nothing to wait for.
   */
  readonly readyWhen?: Promise<unknown>
  /**
   * What opens secrets in the repository. Default: passwords of Ansible Vault from the environment and ansible.cfg, keys of age from where SOPS
   * looks for them.
   *
   * @internal
   */
  readonly secrets?: RepositorySecrets
  /**
   * Looks on, and may keep the run or a change from being made.
   *
   * @internal
   */
  readonly observer?: RunObserver
  /**
   * Done on each host in place of what the playbook says there.
   *
   * @internal
   */
  readonly byHand?: HandWork
  /** Ends the run: what runs on hosts is ended with all its children, and the summary says what was done. */
  readonly signal?: AbortSignal
}
