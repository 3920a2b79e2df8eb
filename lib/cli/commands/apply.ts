import { Command } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'
import type { ApplyFlags } from '../plans/apply-plan.ts'
import { policyFiles } from '../plans/policy-files.ts'
import { withRunOptions } from '../run-options.ts'

/** `rolecall apply PLAYBOOK` */
export function applyCommand(): Command {
  return withRunOptions(new Command('apply'))
    .summary('make hosts as the playbook says')
    .description(
      'Makes hosts as the playbook says. What is so already is left alone, so it can be run again at any time,\n' +
        'also after it was interrupted. A host that fails stops there; the others go on.',
    )
    .argument('<playbook>', 'a name in playbooks/, such as site, a path, or a saved plan (site.plan)')
    .option('--ask', 'show what would change, and ask before that is done')
    .option('-y, --yes', 'answer yes to that, and to questions between batches, where nobody can be asked')
    .option('--allow-unknown', 'with a plan: also make what comes of what it calls unknown')
    .option('--all-or-nothing', 'with a plan: change nothing anywhere when a host is not as it was')
    .addHelpText(
      'after',
      examples(
        ['rolecall apply site', 'every host of playbooks/site.ts'],
        ['rolecall apply site --role dns-server -l node-01', 'one role on one host'],
        ['rolecall apply site --ask', 'shows the plan, and asks'],
        ['rolecall apply site.plan', 'what rolecall check site --out site.plan saved'],
        ['rolecall apply site -e dns-server.listen=10.10.50.50', 'with a value for this time only'],
      ),
    )
    .action(async (playbook: string, flags: ApplyFlags) => {
      if (playbook.endsWith('.plan')) return await (await import('../plans/apply-plan.ts')).applyPlan(playbook, flags)
      const isPlanned = flags.ask === true || flags.yes === true || policyFiles(process.cwd()).length > 0
      if (flags.allOrNothing === true) refuseWithoutPlan('--all-or-nothing')
      if (flags.allowUnknown === true && !isPlanned) refuseWithoutPlan('--allow-unknown')
      if (isPlanned) return await (await import('../plans/ask.ts')).applyAsked(playbook, flags)
      await (await import('../execute-run.ts')).runMode('apply', playbook, flags)
    })
}

/** These options do nothing for a playbook. Ignoring one would look as if it had worked. */
function refuseWithoutPlan(option: string): never {
  throw new RolecallError({
    code: 'usage',
    message: `${option} says how a saved plan is applied, and this is a playbook`,
    expected: 'a saved plan: a name that ends with .plan',
    hint: 'rolecall check PLAYBOOK --out FILE.plan saves one',
  })
}
