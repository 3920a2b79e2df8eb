import { Command } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'

interface ReportFlags {
  readonly output?: string
  readonly junit?: string
  readonly github?: boolean
}

/** `rolecall report [RUN]` */
export function reportCommand(): Command {
  return new Command('report')
    .summary('a run as one HTML file, as JUnit, or for GitHub')
    .description(
      'Writes what a run did: as one HTML file that needs no network, as the XML of JUnit, or as annotations and a step summary of GitHub Actions. ' +
        'Diffs are in it when the run was given --diff.',
    )
    .argument('[run]', 'as `rolecall runs` shows it, or the end of that; default the last one')
    .option('-o, --output <file>', 'write one HTML file', outputFile)
    .option('--junit <file>', 'write the XML of JUnit', outputFile)
    .option('--github', 'print annotations, and append to the file that $GITHUB_STEP_SUMMARY names')
    .addHelpText(
      'after',
      examples(
        ['rolecall report -o run.html', 'the last run'],
        ['rolecall report 9c41 -o run.html', 'the run that ends so'],
        ['rolecall report --junit run.xml --github', 'in a workflow, after apply'],
      ),
    )
    .action(async (run: string | undefined, { output, junit, github = false }: ReportFlags) => {
      if (output === undefined && junit === undefined && !github)
        throw new RolecallError({
          code: 'usage',
          message: 'nothing says what to write',
          expected: '-o FILE, --junit FILE or --github',
          hint: 'rolecall report -o run.html; rolecall runs show prints a run here',
        })
      const { writeReports } = await import('../history/write-reports.ts')
      writeReports(run, { output, junit, github })
    })
}
