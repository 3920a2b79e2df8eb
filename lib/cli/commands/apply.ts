import { Command } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'
import type { ApplyFlags } from '../plans/apply-plan.ts'
import { policyFiles } from '../plans/policy-files.ts'
import { withRunOptions } from '../run-options.ts'

/** `rolecall apply PLAYBOOK` */
export function applyCommand(): Command {
  return withRunOptions(new Command('apply'))
    .summary('bring hosts to the state that the playbook describes')
    .description(
      'Brings hosts to the state that the playbook describes. Resources that are as wanted are left alone, so apply can be repeated\n' +
        'at any time, also after an interruption. A failed host stops; the others continue.',
    )
    .argument('<playbook>', 'a name in playbooks/, such as site, a path, or a saved plan (site.plan)')
    .option('--ask', 'show the changes, and ask before making them')
    .option('-y, --yes', 'answer yes to that, and to questions between batches')
    .option('--allow-unknown', 'with a plan: also make changes that the plan lists as unknown')
    .option('--all-or-nothing', 'with a plan: change no host if any host differs from the plan')
    .addHelpText(
      'after',
      examples(
        ['rolecall apply site', 'every host of playbooks/site.ts'],
        ['rolecall apply site --role dns-server -l node-01', 'one role on one host'],
        ['rolecall apply site --ask', 'shows the plan, and asks'],
        ['rolecall apply site.plan', 'what rolecall check site --out site.plan saved'],
        ['rolecall apply site -e dns-server.listen=10.10.50.50', 'with a value for this run only'],
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
    message: `${option} is an option for saved plans, and this is a playbook`,
    expected: 'a saved plan: a name that ends with .plan',
    hint: 'rolecall check PLAYBOOK --out FILE.plan saves one',
  })
}
