import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { knownRoleNames, playbookNames } from '../../playbook/load/find.ts'
import { nearest } from '../../text/nearest.ts'
import { projectAbove } from '../project-directory.ts'
import { COMMANDS } from './other-tools/commands.ts'
import { OPTIONS } from './other-tools/options.ts'
import { SUBCOMMANDS } from './other-tools/subcommands.ts'

/** Suggestions for an unknown command: one with a similar name, or the equivalent of a command of another program. */
export function commandHint(word: string, parent: Command): string | undefined {
  const known = parent.createHelp().visibleCommands(parent)
  const words = parent.parent === null ? COMMANDS : SUBCOMMANDS.get(parent.name())
  const elsewhere = words?.get(word)
  if (parent.name() === 'plan' && nearest(word, ['show']).length === 0)
    return 'rolecall check PLAYBOOK shows what apply would change; rolecall plan show FILE shows a saved plan'
  return (
    elsewhere ??
    fileHint(word) ??
    (parent.parent === null ? playbookHint(word) : undefined) ??
    meant(
      nearest(
        word,
        known.map((command) => command.name()),
      ),
    )
  )
}

/** `ansible-playbook site.yml`, `pyinfra inventory.py deploy.py`: a file in place of a command. */
function fileHint(word: string): string | undefined {
  if (word.endsWith('.ts'))
    return 'rolecall apply PLAYBOOK runs a playbook; rolecall check PLAYBOOK shows what it would change'
  if (!/\.(ya?ml|py|tf|j2|ini|cfg)$/.test(word)) return undefined
  return 'playbooks are TypeScript: rolecall apply PLAYBOOK runs one; docs/from-ansible.md translates playbooks of Ansible'
}

/** `rolecall site`: the name of a playbook in place of a command. */
function playbookHint(word: string): string | undefined {
  const project = projectAbove(process.cwd())
  const isPlaybook =
    /^[\w-]+$/.test(word) && project !== undefined && existsSync(join(project, 'playbooks', `${word}.ts`))
  return isPlaybook
    ? `${word} is a playbook: rolecall check ${word} shows what it would change, rolecall apply ${word} makes the changes`
    : undefined
}

/** The option as it was typed, if another program has such an option: commander parses `-var` as `-v` and an unknown `-ar`. */
export function optionAsTyped(word: string, args: readonly string[]): string {
  if (!/^-[^-]/.test(word)) return word
  return args.find((each) => OPTIONS.has(flagOf(each)) && each.endsWith(word.slice(1))) ?? word
}

/** The same for an option of a command. `args`: all that was typed. */
export function optionHint(word: string, command: Command, args: readonly string[] = []): string | undefined {
  if (command.parent === null) {
    const behind = optionOfCommand(flagOf(word), command, args)
    if (behind !== undefined) return behind
  }
  const flag = flagOf(word)
  const takesHost = command.registeredArguments.some((argument) => argument.name() === 'host')
  if (takesHost && /^(-l|--limit)$/.test(flag)) return `the host is an argument here: rolecall ${command.name()} HOST`
  const known = command.options.flatMap(({ long }) => long ?? [])
  // Every letter may be a short option, so a similar one is no useful suggestion.
  const own = wordOfOthers(flag, command) ?? (flag.startsWith('--') ? meant(nearest(flag, known)) : undefined)
  return own ?? optionOfOthers(flag, command) ?? (flag.startsWith('--') ? commandAsOption(flag, command) : undefined)
}

/** The equivalent of an option of another program. `use --json` helps only with a command that has this option. */
function wordOfOthers(flag: string, command: Command): string | undefined {
  const equivalent = OPTIONS.get(flag)
  if (equivalent === undefined || typeof equivalent === 'string') return equivalent
  return hasOption(command, equivalent.option) ? equivalent.words : undefined
}

function hasOption({ options }: Command, flag: string): boolean {
  return options.some(({ short, long }) => short === flag || long === flag)
}

/** `rolecall explain --json`: an option that only other commands have. */
function optionOfOthers(flag: string, command: Command): string | undefined {
  const isKnown = rootOf(command).commands.some((each) => hasOption(each, flag))
  const names = namesOf(command).join(' ')
  return isKnown && names !== ''
    ? `${flag} is an option of other commands: rolecall ${names} --help shows those of this one`
    : undefined
}

/** `rolecall --limit web apply site`: the option of a command before the command. */
function optionOfCommand(flag: string, root: Command, args: readonly string[]): string | undefined {
  if (flag === '-v') return 'rolecall --version prints the version; rolecall apply PLAYBOOK -v shows more of a run'
  const named = root.commands.find((each) => args.includes(each.name()))
  const has = (each: Command) => hasOption(each, flag)
  if (named === undefined)
    return root.commands.some(has) ? `options come after the command: rolecall apply PLAYBOOK ${flag}` : undefined
  return has(named) ? `options come after the command: rolecall ${named.name()} ... ${flag}` : undefined
}

function flagOf(word: string): string {
  return word.split('=', 1)[0] ?? word
}

/** `--chek`, `--verify`: an option of another program, a misspelt option, or the name of a command. */
function commandAsOption(flag: string, command: Command): string | undefined {
  const [elsewhere] = nearest(flag, [...OPTIONS.keys()])
  if (elsewhere !== undefined) return wordOfOthers(elsewhere, command)
  const root = rootOf(command)
  const names = root
    .createHelp()
    .visibleCommands(root)
    .map((each) => each.name())
  const [name] = names.includes(flag.slice(2)) ? [flag.slice(2)] : nearest(flag.slice(2), names)
  return name === undefined ? undefined : `${name} is a command: rolecall ${name} --help shows its usage`
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent)
}

function meant(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}

/** `rolecall check`, `rolecall explain motd.text`: how the command is written, and what its missing word may be here. */
export function missingWordHint(word: string, command: Command, names: string): string {
  const words = command.registeredArguments.map((each) => {
    const name = `${each.name().toUpperCase()}${each.variadic ? '...' : ''}`
    return each.required ? name : `[${name}]`
  })
  const project = projectAbove(process.cwd()) ?? process.cwd()
  const found = word === 'playbook' ? playbookNames(project) : word === 'role' ? knownRoleNames(project) : []
  const here = found.length === 0 ? '' : `; here there ${found.length === 1 ? 'is' : 'are'} ${inShort(found)}`
  const hosts = word === 'host' ? '; rolecall list hosts shows the names' : ''
  const choices = command.registeredArguments.find((each) => each.name() === word)?.argChoices
  const which = choices === undefined ? '' : `, with one of ${choices.join(', ')}`
  return `write rolecall ${names}${words.join(' ')}${here}${hosts}${which}`
}

const MOST_NAMES = 8

function inShort(names: readonly string[]): string {
  return names.length > MOST_NAMES ? `${names.slice(0, MOST_NAMES).join(', ')}, ...` : names.join(', ')
}

/** `rolecall runs 9c41`, `rolecall apply site web-01`: an argument too many. */
export function extraWordHint(command: Command, args: readonly string[]): string | undefined {
  const name = namesOf(command).join(' ')
  if (name === 'runs') return 'rolecall runs show RUN shows the details of a run'
  const words = argumentsOf(command, args)
  const [first = ''] = words
  const extra = words[command.registeredArguments.length]
  if (extra === undefined) return undefined
  if (extra.endsWith('.plan')) return `a saved plan takes the place of the playbook: rolecall apply ${extra}`
  if (/^[\w.-]+=/.test(extra) && hasOption(command, '--extra')) return `variables follow -e: -e ${extra}`
  const argument = command.registeredArguments[0]?.name()
  if (argument === 'host') return `several hosts are one word: rolecall ${name} ${words.join(',')}`
  if (argument !== 'playbook' || !hasOption(command, '--limit')) return undefined
  const project = projectAbove(process.cwd()) ?? process.cwd()
  if (playbookNames(project).includes(extra)) return `one playbook at a time: rolecall ${name} ${first}, then ${extra}`
  return `hosts follow -l: rolecall ${name} ${first} -l ${extra}`
}

/** The words of a command line that are neither the command, nor options, nor values of options. */
function argumentsOf(command: Command, args: readonly string[]): string[] {
  const words = args.slice(namesOf(command).length)
  const isValue = (at: number) => {
    const option = command.options.find(({ short, long }) => [short, long].includes(words[at - 1] ?? ''))
    return option?.required === true
  }
  return words.filter((word, at) => !word.startsWith('-') && !isValue(at))
}

/** `['lab', 'ssh']` */
export function namesOf(command: Command): string[] {
  return command.parent === null ? [] : [...namesOf(command.parent), command.name()]
}
