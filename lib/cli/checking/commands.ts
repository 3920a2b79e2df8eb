import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import { withRunOptions } from '../run-options.ts'
import type { DriftFlags } from './show-drift.ts'
import type { TestFlags } from './test-role.ts'

/** `rolecall drift PLAYBOOK` */
export function driftCommand(): Command {
  return withRunOptions(new Command('drift'))
    .summary('what is not as wanted, and since when')
    .description(
      'Checks, keeps the check in the journal, and compares it with those before it: what differs, since when, and what does not any more.\n' +
        'Meant for a schedule, each time with the same options. It ends with 3 when something differs.',
    )
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .option('-o, --output <file>', 'also write the report of the check as one HTML file', outputFile)
    .addHelpText(
      'after',
      examples(['rolecall drift site', 'for a person'], ['rolecall drift site --json', 'for a nightly job']),
    )
    .action(async (playbook: string, flags: DriftFlags) => (await import('./show-drift.ts')).showDrift(playbook, flags))
}

/** `rolecall test ROLE` */
export function testCommand(): Command {
  return withRunOptions(new Command('test'))
    .summary('put a role through check, apply, apply and verify on the lab')
    .description(
      'Puts a role through check, apply, a second apply that must change nothing, and verify, on the hosts of the lab that is up, or those of -i.',
    )
    .argument('<role>', 'a name in roles/')
    .option('--junit <file>', 'write the result as JUnit XML', outputFile)
    .option('--name <lab>', 'another lab than the default one')
    .addHelpText(
      'after',
      examples(
        ['rolecall lab up node-01 && rolecall test web-server', 'on a throwaway host'],
        ['rolecall test web-server -l node-01 --junit web.xml', 'on one host, for continuous integration'],
      ),
    )
    .action(async (role: string, flags: TestFlags) => (await import('./test-role.ts')).testRole(role, flags))
}
