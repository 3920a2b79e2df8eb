import { InvalidArgumentError, Option, type Command } from 'commander'
import { gather } from './gather.ts'
import { withVaultOptions, type VaultOptions } from './vault/vault-options.ts'

/** The options that check, apply and verify share, as commander parses them. */
export interface RunFlags extends VaultOptions {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly role?: readonly string[]
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly startAt?: string
  readonly extra?: readonly string[]
  readonly concurrency?: number
  readonly diff?: boolean
  readonly json?: boolean
  /** How often `-v` was given. */
  readonly verbose?: number
  readonly quiet?: boolean
  readonly timestamps?: boolean
  readonly acceptNewHostKeys?: boolean
  readonly exitCode?: boolean
  /** Seconds to wait for locked hosts; true: until they are free. */
  readonly wait?: number | true
  /** False (`--no-types`): types are not checked. */
  readonly types?: boolean
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
  readonly keyPassphraseFile?: string
}

/** Adds the options that select hosts and roles and set values. */
export function withSelection(command: Command): Command {
  return withInventory(command)
    .option('-l, --limit <pattern>', 'only hosts of this pattern: node-01, dns, "docker:!node-04"', named('host'))
    .option('--role <name>', 'only this role; may be given several times', gather)
    .option('--tags <tags>', 'only plays, roles and parts with one of these tags: web,dns', splitAtCommas)
    .option('--skip-tags <tags>', 'no plays, roles and parts with one of these tags', splitAtCommas)
    .option('--start-at <role>', 'only this role and those after it in the playbook')
}

/** The selection options as run options. */
export function selectionOf({ limit, role, tags, skipTags, startAt }: RunFlags) {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(role === undefined ? {} : { roles: role }),
    ...(tags === undefined ? {} : { tags }),
    ...(skipTags === undefined ? {} : { skipTags }),
    ...(startAt === undefined ? {} : { startAt }),
  }
}

/** Adds the options for the inventory and for values. */
export function withInventory(command: Command): Command {
  return withVaultOptions(command)
    .addOption(
      new Option(
        '-i, --inventory <path>',
        'a directory, a file, or hosts with commas (h1,h2,); may be given several times (default: "inventory")',
      ).argParser(gather),
    )
    .addOption(
      new Option(
        '-e, --extra <role.variable=value>',
        'a value that wins over all others, or @FILE; may be given several times',
      ).argParser(gather),
    )
}

/** The path or paths given with `-i`. */
export function pathsOf(given: readonly string[] = []): string | readonly string[] {
  return given.length > 1 ? given : (given[0] ?? 'inventory')
}

/** Adds all options of a run. */
export function withRunOptions(command: Command): Command {
  return withExecutionOptions(withSelection(command))
}

/** Adds the options for how a run is executed and shown, but not for what it runs. */
export function withExecutionOptions(command: Command): Command {
  return withConnectionOptions(command)
    .option('--diff', 'show the changes inside files')
    .option('--json', 'one event a line, for machines; the last one is the summary')
    .addOption(
      new Option(
        '-v, --verbose',
        'also show resources that are ok, and the output of steps; -vv: also connections, and the duration of each change',
      )
        .argParser((_, before: number | undefined) => (before ?? 0) + 1)
        .conflicts('quiet'),
    )
    .option('-q, --quiet', 'show only failures, and at the end changes and totals')
    .option('--timestamps', 'the time before each line of a log')
    .option('--no-types', 'do not check the types of the playbook and its roles first')
}

/** Adds the options for connecting to hosts. */
export function withConnectionOptions(command: Command): Command {
  return command
    .option('--concurrency <number>', 'hosts at work at the same time (default: 20)', wholeNumber)
    .option('-k, --ask-pass', 'ask for the SSH password, for hosts without one in the inventory')
    .option('-K, --ask-become-pass', 'ask for the password of sudo or su, for hosts without one in the inventory')
    .option('--key-passphrase-file <path>', 'a file with the passphrase of private keys, or a program that prints it')
    .option('--accept-new-host-keys', 'accept unknown host keys, and add them to known_hosts')
    .option(
      '--wait [seconds]',
      'wait for hosts that another run is using, until they are free or for this time',
      wholeNumber,
    )
}

function splitAtCommas(value: string, before: readonly string[] | undefined): readonly string[] {
  const tags = value.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]))
  named('tag')(tags.join(','))
  return [...(before ?? []), ...tags]
}

/** Refuses an empty value, for instance from an unset shell variable: it would select everything. */
function named(what: string): (value: string) => string {
  return (value) => {
    if (value.trim() === '') throw new InvalidArgumentError(`Expected a ${what}, got an empty value.`)
    return value
  }
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  return Number(value)
}
