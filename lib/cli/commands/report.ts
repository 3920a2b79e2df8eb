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
      'Writes a report of a run: as one HTML file that needs no network, as JUnit XML, or as annotations and a step summary of GitHub Actions. ' +
        'The report has diffs if the run had the option --diff.',
    )
    .argument('[run]', 'the id of a run or its last characters (default: the last run)')
    .option('-o, --output <file>', 'write one HTML file', outputFile)
    .option('--junit <file>', 'write JUnit XML', outputFile)
    .option('--github', 'print annotations, and append to the file that $GITHUB_STEP_SUMMARY names')
    .addHelpText(
      'after',
      examples(
        ['rolecall report -o run.html', 'the last run'],
        ['rolecall report 9c41 -o run.html', 'the run whose id ends with 9c41'],
        ['rolecall report --junit run.xml --github', 'in a workflow, after apply'],
      ),
    )
    .action(async (run: string | undefined, { output, junit, github = false }: ReportFlags) => {
      if (output === undefined && junit === undefined && !github)
        throw new RolecallError({
          code: 'usage',
          message: 'no report format is given',
          expected: '-o FILE, --junit FILE or --github',
          hint: 'rolecall report -o run.html; rolecall runs show prints a run here',
        })
      const { writeReports } = await import('../history/write-reports.ts')
      writeReports(run, { output, junit, github })
    })
}
