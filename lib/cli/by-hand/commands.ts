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
      'Runs a command on hosts, at the same time. Of one host both streams are passed on; of several, equal outputs are shown once.\n' +
        'The command is a line for the host’s sh. It is in the journal, and is not repeated by resume.',
    )
    .argument('<command...>', "one word is a line of shell: 'df -h / | tail -1'")
    .option('-l, --limit <pattern>', 'on these hosts; all for every one')
    .option('-u, --user <name>', 'as this user of the host; it takes root to become somebody')
    .option('--stream', 'each line as it comes, with the name of its host')
    .option('--deadline <seconds>', 'seconds that it may take on a host (default: 3600)', seconds)
    .option('-q, --quiet', 'only what fails')
    .option('--json', 'one event a line, for machines; the last one is the summary')
    .addHelpText(
      'after',
      examples(
        ["rolecall run 'uptime' -l web", 'on every host of the group web'],
        ["rolecall run 'tail -f /var/log/syslog' -l web --stream", 'lines as they come'],
        ['rolecall run \'psql -c "select 1"\' -l db --user postgres', 'as another user'],
      ),
    )
    .action(async (words: string[], flags: CommandFlags) => {
      const { limit } = flags
      if (limit === undefined)
        throw new RolecallError({
          code: 'usage',
          message: 'no hosts are named',
          expected: '-l PATTERN, such as -l web or -l node-01',
          hint: '-l all means every host of the inventory',
        })
      await (await import('./run-command.ts')).runCommand(words, limit, flags)
    })
}

/** `rolecall facts HOST` */
export function factsCommand(): Command {
  return withConnectionOptions(withInventory(new Command('facts')))
    .summary('what is known of a host: system, hardware, network')
    .description(
      'Connects to hosts and shows their facts, as `host` in a role has them, and what `details` gives. Nothing is changed.',
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
    .summary('whether hosts can be reached and worked on')
    .description(
      'Connects to hosts, logs in, becomes whom the inventory says, and measures one round trip. Nothing is changed.',
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
      'Logs in to a host as the inventory says, by the program ssh (or docker, podman, machinectl). The exit code is that of the shell.',
    )
    .argument('<host>', 'a host of the inventory')
    .argument('[command...]', 'what to run there, after --')
    .option('-b, --become', 'as the user whom runs become')
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
      'Copies a file or a directory to hosts, whole or not at all, or a file from hosts. What is the same already is left alone. From several hosts\n' +
        'each file goes to a directory with the host’s name.',
    )
    .argument('<from>', 'a path, or PATTERN:/PATH')
    .argument('<to>', 'a path, or PATTERN:/PATH')
    .option('--mode <digits>', "of files on hosts (default: the file's own)")
    .option('--owner <name>', 'of what is copied to hosts (default: as it is there; for new files who writes them)')
    .option('--group <name>', 'the same for the group')
    .option('--json', 'one event a line, for machines')
    .addHelpText(
      'after',
      examples(
        ['rolecall copy app.conf web:/etc/app.conf', 'to every host of the group web'],
        ['rolecall copy web:/var/log/app.log logs/', 'logs/HOST/app.log of each'],
      ),
    )
    .action(async (from: string, to: string, flags: CopyFlags) => (await import('./copy.ts')).copy(from, to, flags))
}

function seconds(value: string): number {
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number of seconds.')
  return Number(value)
}
