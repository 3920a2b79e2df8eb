import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import { RolecallError } from '../../errors.ts'
import type { PlanFlags } from '../plans/make-plan.ts'
import { span } from '../plans/span.ts'
import { withRunOptions } from '../run-options.ts'

/** `rolecall check PLAYBOOK` */
export function checkCommand(): Command {
  return withRunOptions(new Command('check'))
    .summary('say what apply would change; changes nothing')
    .description('Says what apply would change on which host, and why. Nothing on any host is changed.')
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .option('--exit-code', 'end with 3 when something would change')
    .option('--out <file>', 'save the plan there, for rolecall apply FILE (a name that ends with .plan)', outputFile)
    .option('--expires <span>', 'how long the plan may be applied: 30m, 12h, 7d (default: 24h)', span)
    .option('--watch', 'check again whenever a file of the project was saved, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        ['rolecall check site', 'every host of playbooks/site.ts'],
        ['rolecall check site --diff -l node-01', 'one host, with what changes inside files'],
        ['rolecall check site --out site.plan', 'saves the plan for somebody to approve'],
        ['rolecall check site --exit-code --json', 'for a nightly job that looks for drift'],
      ),
    )
    .action(async (playbook: string, flags: PlanFlags) => {
      const { out, expires, watch = false } = flags
      if (expires !== undefined && out === undefined)
        throw new RolecallError({
          code: 'usage',
          message: '--expires says how long a saved plan may be applied, and none is saved',
          hint: '--out FILE.plan saves one',
        })
      if (watch) return await (await import('../checking/watch.ts')).watchCheck(process.argv.slice(2))
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
