import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import { RolecallError } from '../../errors.ts'
import type { PlanFlags } from '../plans/make-plan.ts'
import { policyFiles } from '../plans/policy-files.ts'
import { span } from '../plans/span.ts'
import { withRunOptions } from '../run-options.ts'

/** `rolecall check PLAYBOOK` */
export function checkCommand(): Command {
  return withRunOptions(new Command('check'))
    .summary('show what apply would change; changes nothing')
    .description('Shows what apply would change on which host, and why. Changes nothing on any host.')
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .option('--exit-code', 'exit with 3 if something would change')
    .option('--out <file>', 'save the plan for rolecall apply FILE (the name ends with .plan)', outputFile)
    .option('--expires <span>', 'how long the plan is valid: 30m, 12h, 7d (default: 24h)', span)
    .option('--watch', 'repeat the check whenever a file of the project is saved, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        ['rolecall check site', 'every host of playbooks/site.ts'],
        ['rolecall check site --diff -l node-01', 'one host, with the changes inside files'],
        ['rolecall check site --out site.plan', 'saves the plan for somebody to approve'],
        ['rolecall check site --exit-code --json', 'for a nightly job that looks for drift'],
      ),
    )
    .action(async (playbook: string, flags: PlanFlags) => {
      const { out, expires, watch = false } = flags
      if (expires !== undefined && out === undefined)
        throw new RolecallError({
          code: 'usage',
          message: '--expires limits how long a saved plan is valid, and no plan is saved',
          hint: '--out FILE.plan saves one',
        })
      if (watch) return await (await import('../checking/watch.ts')).watchCheck(process.argv.slice(2))
      if (out === undefined && policyFiles(process.cwd()).length > 0)
        return await (await import('../plans/make-plan.ts')).checkAgainstPolicies(playbook, flags)
      if (out === undefined) return await (await import('../execute-run.ts')).runMode('check', playbook, flags)
      if (!out.endsWith('.plan'))
        throw new RolecallError({
          code: 'usage',
          message: `the name of a plan ends with .plan, and ${out} does not`,
          hint: `--out ${out}.plan`,
        })
      await (await import('../plans/make-plan.ts')).savePlan(playbook, { ...flags, out })
    })
}
