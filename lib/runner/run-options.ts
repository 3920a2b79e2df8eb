import type { Mode } from '../events.ts'
import type { Note } from '../inventory/graph/notes.ts'
import type { AskedPasswords } from '../inventory/variables/asked-passwords.ts'
import type { Question } from './units/questions.ts'
import type { PastRun } from './journal/past-run.ts'
import type { RepositorySecrets } from '../vault/repository-secrets.ts'
import type { RunObserver } from './plan/observer.ts'
import type { HandWork } from './by-hand/hand-work.ts'

export interface RunOptions {
  readonly mode: Mode
  /** Inventories: directories, files, or hosts with commas; a later one overrides an earlier one. Default: `inventory`. */
  readonly inventory?: string | readonly string[]
  /** Called before anything runs, with notes on the inventory, and with a note if there is nothing to do. Default: notes are dropped. */
  readonly onNotes?: (notes: readonly Note[]) => void
  /** An inventory pattern that narrows every play. */
  readonly limit?: string
  /** Only these roles. */
  readonly roles?: readonly string[]
  /** Only plays, roles and parts of roles with one of these tags. */
  readonly tags?: readonly string[]
  /** No plays, roles and parts of roles with one of these tags, even if `tags` selects them. */
  readonly skipTags?: readonly string[]
  /** Only this role and those after it in the order of the playbook. Plays before it block nothing. */
  readonly startAt?: string
  /** Arguments of `-e`: `role.variable=value` or `@file.yml`. They override everything. */
  readonly extra?: readonly string[]
  /** Passwords for hosts for which the inventory has none. */
  readonly passwords?: AskedPasswords
  /**
   * Asks a person for the value of a variable that is declared as `asked` and that nothing sets. Called before any host is touched, one question
   * after the other. Default: nobody can be asked, and such a variable is an error.
   */
  readonly ask?: (question: Question) => Promise<string>
  /**
   * Asks a person whether a play with `pause: 'ask'` goes on with its next batch. Default: nobody can be asked, and an apply of such a play in
   * several batches is refused before any host is touched.
   */
  readonly confirm?: (question: string) => Promise<boolean>
  /** How many hosts run at the same time. Default: 20. */
  readonly concurrency?: number
  /** Unknown host keys are accepted and remembered. A changed key never is. */
  readonly acceptNewHostKeys?: boolean
  /** Seconds to wait for another run that has locked a host; Infinity: until it is free. Default 0: such a host is refused. */
  readonly wait?: number
  /** The directory of journals, one file for each run; false: none. Default: `.rolecall/runs`. */
  readonly journal?: string | false
  /** Also records changes inside files in the journal. Default false: files may hold secrets that nobody declared. Events always have them. */
  readonly diff?: boolean
  /**
   * The path of the playbook, so that `rolecall resume` can load it again; default: its name. `group_vars` and `host_vars` beside it are read.
   */
  readonly source?: { readonly name: string; readonly digest?: string; readonly file?: string }
  /** Resumes an earlier run: units that it finished are only checked. Pass its `request` as well. */
  readonly resume?: PastRun
  /**
   * Nothing runs on a host before this is fulfilled; hosts are connected meanwhile. If it is rejected, `run` throws its error and no host is touched.
   * Default: no wait.
   */
  readonly readyWhen?: Promise<unknown>
  /**
   * Keys to secrets in the repository. Default: Ansible Vault passwords from the environment and ansible.cfg, and age keys from where SOPS looks for
   * them.
   *
   * @internal
   */
  readonly secrets?: RepositorySecrets
  /**
   * Observes the run, and may stop it or a change.
   *
   * @internal
   */
  readonly observer?: RunObserver
  /**
   * Work that is done on each host instead of the playbook's roles.
   *
   * @internal
   */
  readonly byHand?: HandWork
  /** Aborts the run: everything that runs on hosts is ended with all its children, and the summary says what was done. */
  readonly signal?: AbortSignal
}
