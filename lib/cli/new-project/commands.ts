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
      'Makes a project: inventory, a role with its test, a playbook, and what the editor, the linter and GitHub need. Nothing is overwritten.\n' +
        'With role, kind or lab and a name it makes that in the project it is called in.',
    )
    .argument('[directory]', 'where (default: here), or role, kind, lab')
    .argument('[name]', 'of the role, kind or lab')
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
    .summary('what an editor needs to complete variables, hosts and groups')
    .description(
      'Writes JSON schemas of group_vars, host_vars and hosts.yml, maps them in the settings of the editor, and writes rolecall-env.d.ts,\n' +
        'with which a play on hosts that are not there is a type error. It loads every playbook.',
    )
    .addHelpText('after', examples(['rolecall schema', 'again when roles or hosts change']))
    .action(async (flags: RunFlags) => (await import('./schema.ts')).writeSchemas(flags))
}

/** `rolecall doctor` */
export function doctorCommand(): Command {
  return withConnectionOptions(withInventory(new Command('doctor')))
    .summary('what this machine, the project and its hosts lack, with the cure')
    .description(
      'Looks at Node, ssh, keys, the agent, known_hosts, the inventory and each host: a line each, with the cure. Nothing is changed.',
    )
    .addArgument(new Argument('[host]', 'only these hosts (default: all)'))
    .option('--json', 'as data')
    .addHelpText('after', examples(['rolecall doctor', 'everything'], ['rolecall doctor node-01', 'one host']))
    .action(async (host: string | undefined, flags: RunFlags) => (await import('./doctor.ts')).doctor(host, flags))
}
