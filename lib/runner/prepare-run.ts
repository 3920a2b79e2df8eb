import type { Inventory } from '../inventory/inventory.ts'
import { extraNames } from '../inventory/variables/extra.ts'
import { openProjectInventory } from '../playbook/load/inventory.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { likelyTypos } from '../playbook/variables/unread.ts'
import { environmentSecrets } from '../vault/environment-secrets.ts'
import { withSecrets } from '../vault/repository-secrets.ts'
import { readableConnection } from './hosts/readable-connection.ts'
import { nothingToDo } from './nothing-to-do.ts'
import { checkRun } from './journal/repeated-options.ts'
import { requireAnswers } from './order/batches.ts'
import { requireWithheld } from './journal/run-header.ts'
import type { RunOptions } from './run-options.ts'
import { askedExtras } from './units/questions.ts'
import { selectorOf } from './units/selection.ts'
import { unitsOf, type Unit } from './units/units.ts'

/** The work of a run, known before any host is touched. */
export interface PreparedRun {
  readonly inventory: Inventory
  readonly units: readonly Unit[]
  /** The `onFailure` roles of plays, which begin only where a play fails. None unless the run applies. */
  readonly recoveries: readonly Unit[]
  /** Arguments of `-e` made from the answers to questions. Those without secrets are recorded; a resumed run asks for the others again. */
  readonly keptAnswers: readonly string[]
}

/**
 * Reads the inventory, asks the questions, and makes the units: which role runs on which host. Throws a RolecallError with all problems of the
 * request.
 */
export async function prepareRun(playbook: Playbook, options: RunOptions): Promise<PreparedRun> {
  checkRun(playbook, options)
  const { mode, extra = [], limit, ask, resume, onNotes } = options
  if (resume) requireWithheld(resume, extra)
  const { secrets = environmentSecrets() } = options
  const open = inventoryOpener(options, extra, secrets)
  const opened = await withSecrets(secrets, open)
  onNotes?.([...opened.notes, ...likelyTypos(opened, playbook, extraNames(extra))])
  const isSelected = selectorOf(playbook, options)
  const isWanted: Parameters<typeof askedExtras>[2] = ({ role }, play, at) => isSelected(role, play, at)
  const answers = await askedExtras(playbook, opened, isWanted, { limit, ask })
  const answered = answers.map((answer) => answer.extra)
  opened.accept(answered)
  const { inventory, units } = await withSecrets(secrets, async (round) => {
    const inventory = round === 0 ? opened : await open()
    if (round > 0) inventory.accept(answered)
    const units = unitsOf(playbook, inventory, options)
    if (mode === 'apply' && options.confirm === undefined) requireAnswers(units.filter(isPlanned))
    // Passwords of connections are secrets too.
    for (const { host } of units) readableConnection(host)
    return { inventory, units }
  })
  secrets.settle()
  const planned = units.filter(isPlanned)
  if (planned.length === 0) onNotes?.([nothingToDo(playbook, options)])
  return {
    inventory,
    units: planned,
    recoveries: mode === 'apply' ? units.filter((unit) => !isPlanned(unit)) : [],
    keptAnswers: answers.flatMap((answer) => (answer.isSecret ? [] : [answer.extra])),
  }
}

/** Whether a unit runs in any case, and not only after a failure. */
function isPlanned({ isRecovery }: Unit): boolean {
  return isRecovery !== true
}

function inventoryOpener(
  { inventory = 'inventory', passwords, source }: RunOptions,
  extra: readonly string[],
  secrets: NonNullable<RunOptions['secrets']>,
) {
  // Shared between all reads of the inventory, so that each inventory program runs once.
  const once = {}
  return () =>
    openProjectInventory(inventory, {
      extra,
      secrets,
      once,
      ...(passwords === undefined ? {} : { passwords }),
      ...(source?.file === undefined ? {} : { playbookFile: source.file }),
    })
}
