import { Argument, Command } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'
import { withInventory, withConnectionOptions, type RunFlags } from '../run-options.ts'
import type { InitFlags } from './init.ts'

const PARTS = ['role', 'kind', 'lab'] as const
type Part = (typeof PARTS)[number]

/** `rolecall init [DIR]`, `rolecall init role|kind|lab NAME` */
export function initCommand(): Command {
  return new Command('init')
    .summary('a new project, or one more role, kind or lab')
    .description(
      'Creates a project: inventory, a role with its test, a playbook, and settings for editor, linter and GitHub. Overwrites nothing.\n' +
        'With role, kind or lab and a name, adds this part to the present project.',
    )
    .argument('[directory]', 'where (default: here), or role, kind, lab')
    .argument('[name]', 'the name of the role, kind or lab')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      examples(
        ['rolecall init my-site', 'a project in my-site'],
        ['rolecall init role web-server', 'roles/web-server.ts with its test'],
        ['rolecall init kind timezone', 'kinds/timezone.ts'],
        ['rolecall init lab web', 'lab/lab.ts with hosts web-01 and web-02'],
      ),
    )
    .action(async (directory: string | undefined, name: string | undefined, flags: InitFlags) => {
      const { initPart, initProject } = await import('./init.ts')
      if (isPart(directory) && name !== undefined) return initPart(directory, name)
      if (isPart(directory) || name !== undefined)
        throw new RolecallError({
          code: 'usage',
          message: isPart(directory)
            ? `a name for the ${directory} is missing`
            : `${directory ?? ''} is neither role, kind nor lab`,
          expected: 'rolecall init DIRECTORY, or rolecall init role|kind|lab NAME',
          hint: isPart(directory) ? `rolecall init ${directory} my-${directory}` : 'rolecall init --help has examples',
        })
      await initProject(directory, flags)
    })
}

function isPart(text: string | undefined): text is Part {
  return PARTS.some((part) => part === text)
}

/** `rolecall schema` */
export function schemaCommand(): Command {
  return withInventory(new Command('schema'))
    .summary('JSON schemas and types for completion in an editor')
    .description(
      'Writes JSON schemas of group_vars, host_vars and hosts.yml, maps them in the settings of the editor, and writes rolecall-env.d.ts,\n' +
        'which makes a play on unknown hosts a type error. Loads every playbook.',
    )
    .addHelpText('after', examples(['rolecall schema', 'again when roles or hosts change']))
    .action(async (flags: RunFlags) => (await import('./schema.ts')).writeSchemas(flags))
}

/** `rolecall doctor` */
export function doctorCommand(): Command {
  return withConnectionOptions(withInventory(new Command('doctor')))
    .summary('problems of this machine, the project and its hosts, with a fix for each')
    .description(
      'Checks Node, ssh, keys, the agent, known_hosts, the inventory and each host, and prints a line for each, with a fix. Changes nothing.',
    )
    .addArgument(new Argument('[host]', 'only these hosts (default: all)'))
    .option('--json', 'as data')
    .addHelpText('after', examples(['rolecall doctor', 'everything'], ['rolecall doctor node-01', 'one host']))
    .action(async (host: string | undefined, flags: RunFlags) => (await import('./doctor.ts')).doctor(host, flags))
}
