import type { NextCommands } from '../report/next-steps.ts'
import { nameOf, selectionIn, typedExtra } from '../runner/journal/request.ts'
import type { SavedPlan } from '../runner/plan/plan-file.ts'
import type { RunOptions } from '../runner/run.ts'
import type { VaultOptions } from './vault/vault-options.ts'

/** The commands that may follow a run. */
export function nextCommands(playbook: string, options: RunOptions, vault: VaultOptions = {}): NextCommands {
  return { resume: (run) => `rolecall resume ${run}`, apply: commandWith('apply', playbook, options, vault) }
}

/** The command that plans again, for the same hosts and roles. */
export function planAgain({ request }: Pick<SavedPlan, 'request'>, file: string): string {
  const { playbook, inventory, extra, withheld } = request
  const given = [...extra, ...withheld.map((name) => `${name}=`)]
  const check = commandWith('check', playbook, { inventory, ...selectionIn(request), extra: given })
  return `${check} --out ${quotedWord(file)}`
}

/** The command that does the rest of a plan whose apply did not come to its end. Its secrets must be given again. */
export function applyAgain({ request }: Pick<SavedPlan, 'request'>, file: string): string {
  return ['rolecall apply', quotedWord(file), ...request.withheld.map((name) => typedExtra(name))].join(' ')
}

/** Values of `-e` may be secret, so only their names are shown. */
function commandWith(
  verb: 'apply' | 'check',
  playbook: string,
  {
    inventory,
    limit,
    roles,
    tags,
    skipTags,
    startAt,
    extra,
  }: Pick<RunOptions, 'inventory' | 'limit' | 'roles' | 'tags' | 'skipTags' | 'startAt' | 'extra'>,
  { vaultId = [], vaultPasswordFile = [], askVaultPass }: VaultOptions = {},
): string {
  const option = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, quotedWord(value)])
  return [
    `rolecall ${verb}`,
    quotedWord(playbook),
    ...pathsIn(inventory).flatMap((path) => option('-i', path)),
    ...option('-l', limit),
    ...(roles ?? []).flatMap((role) => option('--role', role)),
    ...(tags === undefined || tags.length === 0 ? [] : option('--tags', tags.join(','))),
    ...(skipTags === undefined || skipTags.length === 0 ? [] : option('--skip-tags', skipTags.join(','))),
    ...option('--start-at', startAt),
    ...(extra ?? []).map((given) => (given.startsWith('@') ? `-e ${quotedWord(given)}` : typedExtra(nameOf(given)))),
    ...vaultId.flatMap((id) => option('--vault-id', id)),
    ...vaultPasswordFile.flatMap((file) => option('--vault-password-file', file)),
    ...(askVaultPass === true ? ['--ask-vault-pass'] : []),
  ].join(' ')
}

function pathsIn(inventory: RunOptions['inventory'] = 'inventory'): readonly string[] {
  const paths = typeof inventory === 'string' ? [inventory] : inventory
  return paths.length === 1 && paths[0] === 'inventory' ? [] : paths
}

/** A word, quoted for a shell if necessary. */
export function quotedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
