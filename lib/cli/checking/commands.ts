import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import { withRunOptions } from '../run-options.ts'
import type { DriftFlags } from './show-drift.ts'
import type { TestFlags } from './test-role.ts'

/** `rolecall drift PLAYBOOK` */
export function driftCommand(): Command {
  return withRunOptions(new Command('drift'))
    .summary('the differences from the playbook, and since when')
    .description(
      'Checks, records the check in the journal, and compares it with earlier ones: new differences, older ones, and resolved ones.\n' +
        'Meant for a schedule, always with the same options. Exits with 3 if there is a difference.',
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
    .summary('run check, apply, apply and verify of a role on the lab')
    .description(
      'Runs check, apply, a second apply that must change nothing, and verify of a role, on the hosts of the lab or on those of -i.',
    )
    .argument('<role>', 'a name in roles/')
    .option('--junit <file>', 'write the result as JUnit XML', outputFile)
    .option('--name <lab>', 'the name of the lab, if not the default one')
    .addHelpText(
      'after',
      examples(
        ['rolecall lab up node-01 && rolecall test web-server', 'on a throwaway host'],
        ['rolecall test web-server -l node-01 --junit web.xml', 'on one host, for continuous integration'],
      ),
    )
    .action(async (role: string, flags: TestFlags) => (await import('./test-role.ts')).testRole(role, flags))
}
