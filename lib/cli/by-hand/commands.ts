import { Command, InvalidArgumentError } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'
import { withInventory, withConnectionOptions, type RunFlags } from '../run-options.ts'
import type { CommandFlags } from './run-command.ts'
import type { CopyFlags } from './copy.ts'
import type { LoginFlags } from './login.ts'

/** `rolecall run COMMAND` */
export function runCommandCommand(): Command {
  return withConnectionOptions(withInventory(new Command('run')))
    .summary('one command on some hosts, by hand')
    .description(
      'Runs a command on hosts, at the same time. Output of a single host is passed on; for several hosts, equal outputs are shown once.\n' +
        'The command is a line of shell. The journal records it, and resume does not repeat it.',
    )
    .argument('<command...>', "one word is a line of shell: 'df -h / | tail -1'")
    .option('-l, --limit <pattern>', 'on these hosts; all means every host')
    .option('-u, --user <name>', 'as this user of the host; needs root there')
    .option('--stream', 'print each line at once, with the name of its host')
    .option('--deadline <seconds>', 'time limit on each host, in seconds (default: 3600)', seconds)
    .option('-q, --quiet', 'only what fails')
    .option('--json', 'one event a line, for machines; the last one is the summary')
    .addHelpText(
      'after',
      examples(
        ["rolecall run 'uptime' -l web", 'on every host of the group web'],
        ["rolecall run 'tail -f /var/log/syslog' -l web --stream", 'prints lines at once'],
        ['rolecall run \'psql -c "select 1"\' -l db --user postgres', 'as another user'],
      ),
    )
    .action(async (words: string[], flags: CommandFlags) => {
      const { limit } = flags
      if (limit === undefined)
        throw new RolecallError({
          code: 'usage',
          message: 'no hosts are given',
          expected: '-l PATTERN, such as -l web or -l node-01',
          hint: '-l all means every host of the inventory',
        })
      await (await import('./run-command.ts')).runCommand(words, limit, flags)
    })
}

/** `rolecall facts HOST` */
export function factsCommand(): Command {
  return withConnectionOptions(withInventory(new Command('facts')))
    .summary('the facts of a host: system, hardware, network')
    .description(
      'Connects to hosts and shows their facts: those that `host` in a role has, and those of `details`. Changes nothing.',
    )
    .argument('<host>', 'a host, a group or another pattern')
    .option('--json', 'as data, by host')
    .addHelpText(
      'after',
      examples(['rolecall facts node-01', 'one host'], ['rolecall facts all --json', 'all, as data']),
    )
    .action(async (host: string, flags: RunFlags) => (await import('./ask-hosts.ts')).showFacts(host, flags))
}

/** `rolecall ping [PATTERN]` */
export function pingCommand(): Command {
  return withConnectionOptions(withInventory(new Command('ping')))
    .summary('whether hosts can be connected to and changed')
    .description(
      'Connects to hosts, logs in, becomes the user that the inventory names, and measures one round trip. Changes nothing.',
    )
    .argument('[host]', 'a host, a group or another pattern (default: all)')
    .option('--json', 'as data, by host')
    .addHelpText('after', examples(['rolecall ping', 'every host'], ['rolecall ping web', 'a group']))
    .action(async (host: string | undefined, flags: RunFlags) =>
      (await import('./ask-hosts.ts')).ping(host ?? 'all', flags),
    )
}

/** `rolecall ssh HOST` */
export function sshCommand(): Command {
  return withInventory(new Command('ssh'))
    .summary('a shell on a host, or one command there')
    .description(
      'Logs in to a host with the settings of the inventory, by the program ssh (or docker, podman, machinectl). The exit code is that of the shell.',
    )
    .argument('<host>', 'a host of the inventory')
    .argument('[command...]', 'a command to run there, after --')
    .option('-b, --become', 'as the user that runs become')
    .addHelpText(
      'after',
      examples(
        ['rolecall ssh node-01', 'a shell'],
        ['rolecall ssh node-01 -b', 'a shell of root'],
        ['rolecall ssh node-01 -- uptime', 'one command'],
      ),
    )
    .action(async (host: string, command: string[], flags: LoginFlags) =>
      (await import('./login.ts')).logIn(host, command, flags),
    )
}

/** `rolecall copy FROM TO` */
export function copyCommand(): Command {
  return withConnectionOptions(withInventory(new Command('copy')))
    .summary('a file or a directory to hosts, or a file from them')
    .description(
      'Copies a file or a directory to hosts, or a file from hosts. Each file is replaced in one step, and equal files are left alone. From several hosts,\n' +
        'each file is written to a directory with the name of its host.',
    )
    .argument('<from>', 'a path, or PATTERN:/PATH')
    .argument('<to>', 'a path, or PATTERN:/PATH')
    .option('--mode <digits>', "of files on hosts (default: the file's own)")
    .option('--owner <name>', 'of files on hosts (default: unchanged; for new files the user who writes them)')
    .option('--group <name>', 'the same for the group')
    .option('--json', 'one event a line, for machines')
    .addHelpText(
      'after',
      examples(
        ['rolecall copy app.conf web:/etc/app.conf', 'to each host of the group web'],
        ['rolecall copy web:/var/log/app.log logs/', 'logs/HOST/app.log of each'],
      ),
    )
    .action(async (from: string, to: string, flags: CopyFlags) => (await import('./copy.ts')).copy(from, to, flags))
}

function seconds(value: string): number {
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number of seconds.')
  return Number(value)
}
